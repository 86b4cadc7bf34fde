from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.real_parts import advisories
from tests.real_parts.advisories import LOCKS, ROOT, Audit, audit, find_source


@pytest.mark.real("advisories")
@pytest.mark.parametrize("lock", LOCKS)
def test_nothing_is_known_against_the_locked_packages(lock: str) -> None:
    source = find_source()
    assert source
    assert audit(ROOT / lock, source) == Audit((), ())


def _answers(monkeypatch: pytest.MonkeyPatch, *outputs: str) -> None:
    left = list(outputs)

    def run(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 0, left.pop(0) if len(left) > 1 else left[0], "")

    monkeypatch.setattr("subprocess.run", run)
    find_source.cache_clear()


@pytest.fixture(autouse=True)
def forgotten() -> None:
    find_source.cache_clear()


@pytest.mark.parametrize(
    "output",
    [
        json.dumps({"dependencies": [{"name": "jinja2", "skip_reason": "not found on the index"}]}),
        json.dumps({"dependencies": [{"name": "jinja2", "version": "2.4.1", "vulns": []}]}),
        "",
    ],
    ids=["not-known", "no-advisories", "away"],
)
def test_source_does_not_count_when_it_has_nothing_against_a_weak_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], output: str
) -> None:
    _answers(monkeypatch, output)
    assert find_source() is None
    assert advisories.main() == 3
    assert "Nothing was audited" in capsys.readouterr().out
    find_source.cache_clear()


def test_audit_fails_when_a_package_is_weak_or_not_known(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    weak = {"name": "jinja2", "version": "2.4.1", "vulns": [{"id": "CVE-1"}]}
    _answers(
        monkeypatch,
        json.dumps({"dependencies": [weak]}),
        json.dumps({"dependencies": [{"name": "x", "skip_reason": "?"}]}),
    )
    assert advisories.main() == 1
    assert "x is not known to the source" in capsys.readouterr().out
    find_source.cache_clear()


def test_hashes_are_required_when_the_list_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        seen.append(command)
        return subprocess.CompletedProcess([], 0, '{"dependencies": []}', "")

    monkeypatch.setattr("subprocess.run", run)
    plain = tmp_path / "plain.txt"
    plain.write_text("a==1\n")
    for file in (ROOT / LOCKS[0], plain):
        assert audit(file, "osv") == Audit((), ())
    assert ["--require-hashes" in command for command in seen] == [True, False]
    assert all("--disable-pip" in command for command in seen)
