"""A key that is sent to the key check is found nowhere afterwards: not in pages, headers, logs, or memory that stays.

The browser's half of this contract is in `tests/browser/`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import httpx
import pytest

from portal.app import create_app
from portal.gateway.access import Access
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.client import GatewayClient
from portal.gateway.fake import create_fake_gateway
from portal.logs import JsonLines, TextLines
from portal.profile.load import load_profile
from portal.settings import Settings
from portal.web.page_cache import PageCache
from tests.real_parts.servers import serve
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

REGION = {"HX-Request": "true", "HX-Request-Type": "partial"}
FLOWS: list[dict[str, str]] = [{}, REGION]
LIVE: tuple[str, dict[str, str]] = ("/key-check/live", {})


@pytest.fixture(autouse=True)
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    levels = {name: logging.getLogger(name).level for name in ("portal", "uvicorn", "asyncio", "limits")}
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def told(answer: httpx.Response) -> str:
    """Everything that an answer tells: status line, headers, body."""
    return f"{answer.reason_phrase}\n{answer.headers}\n{answer.text}"


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """What the log says at its most talkative, in each of its formats."""
    formats = (TextLines(), JsonLines())
    return "\n".join((caplog.text, *(lines.format(record) for lines in formats for record in caplog.records)))


@pytest.mark.parametrize(
    ("route", "headers"), [*(("/key-check", headers) for headers in FLOWS), LIVE], ids=["page", "region", "stream"]
)
async def test_key_is_in_no_answer_and_no_log_whatever_the_gateway_does(
    caplog: pytest.LogCaptureFixture, route: str, headers: dict[str, str]
) -> None:
    told_in_all = ""
    async with running_portal(key_checks_per_minute=1000) as portal:
        for key in DEMO_KEYS.values():
            told_in_all += told(await portal.post(route, data={"key": f' "{key}"\n'}, headers=headers))
        for path in ("/", "/guide.md", "/settings.json", "/llms.txt", "/healthz"):
            told_in_all += told(await portal.get(path))
    assert told_in_all.count("data-verdict") == len(DEMO_KEYS)
    assert not [key for key in DEMO_KEYS.values() if key in told_in_all + logged(caplog)]


@pytest.mark.parametrize("paste", ["sk-canary two words", "sk-canary-ключ", "sk-canary" + "x" * 5000])
async def test_paste_is_in_no_answer_and_no_log_when_it_is_no_key(caplog: pytest.LogCaptureFixture, paste: str) -> None:
    async with running_portal() as portal:
        page = await portal.post("/key-check", data={"key": paste}, headers=REGION)
        stream = await portal.post("/key-check/live", data={"key": paste})
    assert "sk-canary" not in told(page) + told(stream) + logged(caplog)


async def test_key_is_in_no_answer_and_no_log_when_a_rehearsal_runs(caplog: pytest.LogCaptureFixture) -> None:
    key = DEMO_KEYS[Behaviour.NO_THINKING]
    async with running_portal() as portal:
        answer = await portal.post("/key-check/live", data={"key": key, "rehearsal": "1"})
    assert "part-refused" in answer.text
    assert key not in told(answer) + logged(caplog)


async def test_key_is_in_no_event_and_no_log_when_the_code_breaks_in_the_middle_of_a_stream(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def break_it(_self: object, access: Access, model: str) -> None:
        secret = access.key.reveal()
        raise RuntimeError(f"the stream with {secret} for {model} failed")

    monkeypatch.setattr(GatewayClient, "probe_stream", break_it)
    key = DEMO_KEYS[Behaviour.GOOD]
    client = GatewayClient(transport=httpx.ASGITransport(create_fake_gateway()))
    heard = ""
    with serve(create_app(Settings(), load_profile("tokenbay"), client=client)) as url:
        async with (
            httpx.AsyncClient() as browser,
            browser.stream("POST", f"{url}/key-check/live", data={"key": key}) as answer,
        ):
            heard = str(answer.headers)
            with pytest.raises(httpx.RemoteProtocolError):  # noqa: PT012 - the error comes while listening
                async for text in answer.aiter_text():
                    heard += text
    assert "event: broken" in heard
    assert "event: end" not in heard
    assert "unexpected ExceptionGroup" in logged(caplog)
    assert key not in heard + logged(caplog)


async def test_key_is_in_no_answer_and_no_log_when_the_code_breaks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def break_it(_self: object, access: Access, model: str) -> None:
        secret = access.key.reveal()
        raise RuntimeError(f"the request with {secret} for {model} failed")

    monkeypatch.setattr(GatewayClient, "probe_message", break_it)
    async with running_portal(raise_app_exceptions=False) as portal:
        answer = await portal.post("/key-check", data={"key": "sk-canary-key"})
    assert answer.status_code == 500
    assert "sk-canary" not in told(answer) + logged(caplog)


async def test_key_is_not_kept_in_the_page_cache_when_it_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[PageCache] = []
    start = PageCache.__init__

    def remember(self: PageCache, *arguments: object, **options: object) -> None:
        kept.append(self)
        start(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(PageCache, "__init__", remember)
    key = DEMO_KEYS[Behaviour.GOOD]
    async with running_portal() as portal:
        await portal.get("/", headers={"Accept-Encoding": "identity"})
        await portal.post("/key-check", data={"key": key}, headers={"Accept-Encoding": "identity"})
    (cache,) = kept
    everything = repr(cache._entries)
    assert "Set up Claude Code" in everything
    assert key not in everything
