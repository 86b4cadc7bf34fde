"""Keys in a text that is pasted for a diagnosis are found nowhere afterwards: no page, log, database or memory."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from portal.web.page_cache import PageCache
from tests.contracts.test_canary import told
from tests.support.pages import parse
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

KEY = "sk-canary-0123456789abcdefghij"
REGION = {"HX-Request": "true", "HX-Request-Type": "partial"}
PASTES = [
    f"export ANTHROPIC_AUTH_TOKEN={KEY}\nFailed to authenticate. API Error: 401 invalid token {KEY}",
    f'{{"env": {{"ANTHROPIC_AUTH_TOKEN": "{KEY}", "ANTHROPIC_BASE_URL": "https://api.tokenbay.com/v1",}}}}',
    f"Authorization: Bearer {KEY}\nx-api-key: {KEY}",
    f"ANTHROPIC_API_KEY='{KEY}' claude -p hi\nHTTPS_PROXY=http://ada:{KEY}@proxy.example:3128",
    f"nothing that is known here, and {KEY}",
    "x" * 70_000 + f"\n{KEY}\nAPI Error: 401",
]


@pytest.fixture(autouse=True)
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    names = ("portal", "uvicorn", "asyncio", "aiosqlite", "sqlalchemy")
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def stored_in(folder: Path) -> bytes:
    """Every byte of the database, its write-ahead log included."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def paste(portal: httpx.AsyncClient, text: str, headers: dict[str, str]) -> str:
    """Paste, then answer a step and give up, carrying along whatever the pages carry; everything that was told."""
    answer = await portal.post("/troubleshoot/diagnose", data={"text": text, "os": "linux"}, headers=headers)
    everything = told(answer)
    tree = parse(answer.text)
    fields = {str(field.get("name")): str(field.get("value")) for field in tree.cssselect("#answer input")}
    for button in tree.cssselect("#diagnosis .answers button")[:2]:
        data = {**fields, "seen": fields.get("seen", text), "outcome": str(button.get("value"))}
        everything += told(await portal.post(str(button.get("formaction")), data=data, headers=headers))
    return everything


@pytest.mark.parametrize("headers", [{}, REGION], ids=["page", "region"])
async def test_pasted_key_is_in_no_answer_no_log_and_no_byte_of_the_database(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, headers: dict[str, str]
) -> None:
    file = tmp_path / "portal.db"
    everything = ""
    async with running_portal(database_url=f"sqlite:///{file}") as portal:
        for text in PASTES:
            everything += await paste(portal, text, headers)
        stored = stored_in(tmp_path)
        everything += told(await portal.get("/troubleshoot?os=linux"))
    stored += stored_in(tmp_path)
    assert everything.count("data-cause") > 3
    assert b"step_outcome" in stored
    for trace in ("canary", "0123456789abcdef", "ada:", "API Error", "nothing that is known"):
        assert trace.encode() not in stored, trace
        assert trace not in caplog.text, trace
    assert "canary" not in everything
    assert "0123456789abcdef" not in everything


async def test_pasted_key_is_in_no_answer_and_no_log_when_the_code_breaks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_it(text: str, _known: object) -> None:
        raise RuntimeError(f"reading {text} failed")

    monkeypatch.setattr("portal.troubleshooting.routes.diagnose", break_it)
    async with running_portal(raise_app_exceptions=False) as portal:
        answer = await portal.post("/troubleshoot/diagnose", data={"text": PASTES[0]})
    assert answer.status_code == 500
    assert "sk-canary" not in told(answer) + caplog.text
    assert "0123456789abcdef" not in told(answer) + caplog.text
    assert "API Error" not in caplog.text


async def test_pasted_text_is_not_kept_in_the_page_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[PageCache] = []
    start = PageCache.__init__

    def remember(self: PageCache, *arguments: object, **options: object) -> None:
        kept.append(self)
        start(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(PageCache, "__init__", remember)
    async with running_portal() as portal:
        await portal.get("/troubleshoot", headers={"Accept-Encoding": "identity"})
        for text in PASTES:
            await portal.post("/troubleshoot/diagnose", data={"text": text})
    (cache,) = kept
    everything = repr(cache._entries)
    assert "Paste what you see" in everything
    assert "canary" not in everything
    assert "401" not in everything.replace("(401)", "").replace("holds 401", "").replace("rejected-401", "")
