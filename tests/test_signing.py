from __future__ import annotations

import stat
import threading
import time
from pathlib import Path

import pytest

from portal.signing import Signer, kept_secret

NEW, OLD = "n" * 20, "o" * 20


def test_value_comes_back_when_it_was_signed_here() -> None:
    signer = Signer((NEW,))
    assert signer.read("journey", signer.sign("journey", "v"), 60) == "v"


def test_value_is_refused_when_it_was_changed_or_is_for_something_else_or_old() -> None:
    signer = Signer((NEW,))
    signed = signer.sign("journey", "value")
    assert signer.read("session", signed, 60) is None
    assert signer.read("journey", signed.replace("value", "other"), 60) is None
    assert signer.read("journey", signed, -1) is None
    assert Signer((OLD,)).read("journey", signed, 60) is None
    for broken in ("", ".", "value", "é", signed + "x"):
        assert signer.read("journey", broken, 60) is None


def test_old_signature_is_read_when_the_secret_was_rotated() -> None:
    before, after = Signer((OLD,)), Signer((NEW, OLD))
    assert after.read("journey", before.sign("journey", "v"), 60) == "v"
    assert Signer((NEW,)).read("journey", after.sign("journey", "v"), 60) == "v"


def test_secret_is_kept_for_this_user_only_and_is_the_same_the_next_time(tmp_path: Path) -> None:
    file = tmp_path / "state" / "portal.secret"
    secret = kept_secret(file)
    assert len(secret) > 40
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept_secret(file) == secret
    assert [path.name for path in file.parent.iterdir()] == ["portal.secret"]


def test_secret_is_one_when_many_ask_at_once(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(kept_secret(tmp_path / "portal.secret"))) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert len(set(found)) == 1


def test_secret_is_for_this_process_and_not_printed_when_it_cannot_be_kept(caplog: pytest.LogCaptureFixture) -> None:
    secret = kept_secret(Path("/dev/null/portal.secret"))
    assert len(secret) > 40
    assert "PORTAL_SECRET_KEY" in caplog.text
    assert secret not in caplog.text


def test_derived_value_is_the_same_for_one_secret_only() -> None:
    derived = Signer((NEW, OLD)).derive("journey", "seed")
    assert len(derived) == 22
    assert derived == Signer((NEW,)).derive("journey", "seed")
    others = {Signer((OLD,)).derive("journey", "seed"), Signer((NEW,)).derive("other", "seed")}
    assert derived not in others | {Signer((NEW,)).derive("journey", "seed2")}


def test_value_is_read_when_it_was_signed_by_a_clock_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    signer, real = Signer((NEW,)), time.time
    with monkeypatch.context() as ahead:
        ahead.setattr(time, "time", lambda: real() + 86_400)
        signed = signer.sign("journey", "v")
    assert signer.read("journey", signed, 60) == "v"
    with monkeypatch.context() as later:
        later.setattr(time, "time", lambda: real() + 86_400 + 90)
        assert signer.read("journey", signed, 60) is None
