"""A password is found nowhere afterwards: in no answer, no log line, and no byte of the database."""

from __future__ import annotations

import logging
from pathlib import Path

import httpx
import pytest

from portal.admin import accounts
from tests.support.operators import desk_of, operated_portal, post_sign_in

pytestmark = pytest.mark.anyio

CANARY = "canary-kettle-orbit"
WRONG = "canary-wrong-mango"


def told(answer: httpx.Response) -> str:
    return f"{answer.reason_phrase}\n{answer.headers}\n{answer.text}"


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_password_is_in_no_answer_log_or_file(
    database_address: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("portal").setLevel(logging.DEBUG)
    everything = ""
    async with operated_portal(database_address) as client:
        desk = desk_of(client)
        stored = await desk.passwords.hashed(CANARY)
        async with desk.database.writing() as connection:
            await accounts.add(connection, "eva", stored, desk.now())
        for name, password in (("eva", CANARY), ("eva", WRONG), (CANARY, CANARY), (WRONG, "x")):
            answer = await post_sign_in(client, name, password)
            everything += told(answer) if name == "eva" else ""  # a name is shown again in its field
        token = client.cookies["operator"].partition(".")[0]
        everything += told(await client.get("/admin/audit")) + told(await client.get("/admin/login"))
        everything = everything.replace(f"operator={token}", "")  # the cookie itself
        files = bytes_below(tmp_path)
    assert b"argon2id" in files
    assert "argon2" not in everything
    for secret in (CANARY, WRONG):
        assert secret not in everything + caplog.text
        assert secret.encode() not in files
    assert token not in caplog.text + everything
    assert token.encode() not in files


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_password_is_in_no_log_when_the_code_breaks(
    database_address: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def break_it(_self: object, password: str, _stored: str | None) -> None:
        raise RuntimeError(f"cannot check {password}")

    monkeypatch.setattr("portal.admin.passwords.Passwords.check", break_it)
    async with operated_portal(database_address, raise_app_exceptions=False) as client:
        answer = await post_sign_in(client, "anna", CANARY)
    assert answer.status_code == 500
    assert CANARY not in told(answer) + caplog.text
