"""Fuzzed queries on the guide and its files: 100,000 with `ONBOARDING_TEST_FUZZ=all`, else a sample of them."""

from __future__ import annotations

import pytest

from tests.fuzz.asking import Asked, ask, how_many, tell
from tests.fuzz.judging import Clock, foreign_markup, troubles
from tests.fuzz.known import GUIDE
from tests.fuzz.nasty import CANARY, Nastiness
from tests.support.operators import app_of
from tests.support.pages import parse
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

REGION = [(b"hx-request", b"true"), (b"hx-request-type", b"partial")]
FILES = (
    "/settings.json",
    "/guide.md",
    "/guide.txt",
    "/apply.sh",
    "/apply.ps1",
    "/doctor.sh",
    "/doctor.ps1",
    "/llms.txt",
)


async def test_guide_stays_whole_when_its_query_is_fuzzed(capsys: pytest.CaptureFixture[str]) -> None:
    nastiness, clock, found, statuses = Nastiness(20261123), Clock(), list[str](), dict[int, int]()
    reflected = 0
    async with running_portal() as portal:
        app = app_of(portal)
        for number in range(how_many(sample=4_000, everything=100_000)):
            path = "/" if number % 4 else FILES[number // 4 % len(FILES)]
            asked = Asked(path, nastiness.query(GUIDE), headers=REGION if number % 3 else [])
            answer = await ask(app, asked)
            found += troubles(asked, answer)
            clock.note(f"{path}{' region' if asked.headers and path == '/' else ''}", asked, answer)
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
            reflected += CANARY.encode() in answer.body
        found += await clock.too_slow(lambda asked: ask(app, asked))
    tell(capsys, f"{clock}\nstatuses: {statuses}; the canary came back in {reflected}")
    assert found[:20] == []
    assert reflected > 200, "what is typed has to come back, or nothing was tried"


async def test_fuzzed_fields_are_those_that_the_guide_has() -> None:
    async with running_portal() as portal:
        page = parse((await portal.get("/?os=macos")).text)
    asked = {field.get("name") for field in page.cssselect("#choices [name]")}
    assert asked
    assert asked <= set(GUIDE)


@pytest.mark.parametrize(
    "markup",
    [
        f"<p><{CANARY}>",
        f"<p on{CANARY}=1>",
        f"<p {CANARY}>",
        f"<script>{CANARY}</script>",
        f'<a href="javascript:{CANARY}()">',
        f"<!-- {CANARY} -->",
        f'<a href="//{CANARY}.example/">',
    ],
)
def test_judge_finds_markup_when_it_was_not_escaped(markup: str) -> None:
    assert foreign_markup(f"<html><body><h1>ours</h1>{markup}</body></html>".encode())
    assert not foreign_markup(f"<html><body><h1 title='{CANARY}'>&lt;{CANARY}&gt;</h1></body></html>".encode())
