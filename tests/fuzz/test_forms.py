"""Fuzzed forms, and fuzzed queries of the pages around the guide: 10,000 with `ONBOARDING_TEST_FUZZ=all`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.fuzz import known
from tests.fuzz.asking import FORM, Asked, ask, how_many, tell
from tests.fuzz.judging import Clock, troubles
from tests.fuzz.nasty import VALUES, Fields, Nastiness
from tests.support.operators import add_account, app_of, sign_in
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

OWN = [FORM, (b"sec-fetch-site", b"same-origin")]
SYMPTOM = "/troubleshoot/authentication-failed"
FORMS: dict[str, tuple[Fields, int]] = {
    "/key-check": (known.KEY_CHECK, 2),
    "/key-check/live": (known.KEY_CHECK, 2),
    "/troubleshoot/diagnose": (known.DIAGNOSE, 6),
    "/troubleshoot/{symptom}": (known.ANSWER, 3),
    "/troubleshoot/{symptom}/{step}": (known.ANSWER, 4),
    "/journey/verified": (known.CHOICES, 2),
    "/admin/login": (known.SIGN_IN, 2),
    "/admin/logout": (known.SIGN_OUT, 1),
}
"""Path -> the fields of its form, and how often it is asked beside the others."""

PAGES = ("/troubleshoot", "/troubleshoot/{symptom}", "/privacy", "/admin/login", "/admin", "/admin/audit",
         "/admin/stats.csv", "/admin/stats.json", "/admin/definitions", "/admin/oidc/callback")  # fmt: skip


@pytest.fixture
async def fuzzed(tmp_path: Path) -> AsyncIterator[tuple[object, bytes, dict[str, str]]]:
    """An application with a database of its own, an operator's cookie, and a symptom and a step that exist."""
    many = 1_000_000
    settings: dict[str, Any] = {
        "key_checks_per_minute": 10_000,
        "key_checks_per_minute_in_total": many,
        "key_checks_at_once": 100,
    }
    async with running_portal(database_url=SecretStr(f"sqlite:///{tmp_path}/fuzz.db"), **settings) as portal:
        app = app_of(portal)
        await add_account(portal)
        cookie = await sign_in(portal)
        catalogue = app.state.catalogue
        symptom = next(
            s
            for s in catalogue.symptoms.values()
            if any(set(s.causes) & set(t.causes) for t in catalogue.steps.values())
        )
        step = next(t for t in catalogue.steps.values() if set(symptom.causes) & set(t.causes))
        yield app, f"operator={cookie}".encode(), {"symptom": symptom.id, "step": step.id}


async def test_forms_stay_whole_when_they_are_fuzzed(
    fuzzed: tuple[object, bytes, dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    app, cookie, names = fuzzed
    nastiness, clock, found, statuses = Nastiness(7), Clock(), list[str](), dict[str, dict[int, int]]()
    kinds = nastiness.chance.choices(
        list(FORMS), weights=[often for _, often in FORMS.values()], k=how_many(sample=1_000, everything=10_000)
    )
    for number, kind in enumerate(kinds):
        fields = FORMS[kind][0]
        body = nastiness.query(fields) if number % 10 else _multipart(nastiness, fields)
        headers = [*OWN[1:], FORM if number % 10 else (b"content-type", b"multipart/form-data; boundary=zq")]
        asked = Asked(
            kind.format(**names),
            nastiness.query(known.CHOICES) if number % 7 == 0 else b"",
            "POST",
            [*headers, (b"cookie", _cookie(nastiness, cookie, kind))],
            body,
            f"192.0.{number // 250 % 250}.{number % 250}",
        )
        answer = await ask(app, asked)
        found += troubles(asked, answer)
        clock.note(kind, asked, answer)
        seen = statuses.setdefault(kind, {})
        seen[answer.status] = seen.get(answer.status, 0) + 1
    found += await clock.too_slow(lambda asked: ask(app, asked))
    tell(capsys, f"{clock}\nstatuses: {statuses}")
    assert found[:20] == []
    assert all(200 in seen or 422 in seen or 401 in seen or 303 in seen for seen in statuses.values()), statuses


async def test_pages_around_stay_whole_when_their_query_is_fuzzed(
    fuzzed: tuple[object, bytes, dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    app, cookie, names = fuzzed
    nastiness, clock, found = Nastiness(11), Clock(), list[str]()
    fields = {**known.HELP, **known.STATISTICS}
    for number in range(how_many(sample=600, everything=6_000)):
        kind = PAGES[number % len(PAGES)]
        headers = [(b"cookie", cookie if kind.startswith("/admin") and "login" not in kind else b"visit=%ff;;=")]
        asked = Asked(kind.format(**names), nastiness.query(fields), headers=headers)
        answer = await ask(app, asked)
        found += troubles(asked, answer)
        clock.note(kind, asked, answer)
    found += await clock.too_slow(lambda asked: ask(app, asked))
    tell(capsys, str(clock))
    assert found[:20] == []


async def test_paths_stay_whole_when_they_are_fuzzed(fuzzed: tuple[object, bytes, dict[str, str]]) -> None:
    app, cookie, names = fuzzed
    found: list[str] = []
    for value in VALUES:
        text = value.decode("utf-8", "replace")
        places = ("/", "/static/", "/troubleshoot/", f"/troubleshoot/{names['symptom']}/", "/admin/", "/.well-known/")
        for path in (place + text[:2000] for place in places):
            for method in ("GET", "POST", "HEAD", "PATCH"):
                asked = Asked(path, b"", method, [*OWN, (b"cookie", cookie)], b"a=b")
                answer = await ask(app, asked)
                found += troubles(asked, answer)
    assert found[:20] == []


async def test_events_stay_whole_when_they_are_fuzzed(fuzzed: tuple[object, bytes, dict[str, str]]) -> None:
    app, _, _ = fuzzed
    nastiness, found, statuses = Nastiness(13), list[str](), set[int]()
    names = ("id", "kind", "ago_ms", "platform", "shell", "scope", "install", "target", "events")
    for number in range(how_many(sample=300, everything=3_000)):
        asked = Asked(
            "/journey",
            method="POST",
            headers=[(b"content-type", b"application/json"), OWN[1]],
            body=_events(nastiness, names),
            client=f"198.51.{number // 250}.{number % 250}",
        )
        answer = await ask(app, asked)
        found += troubles(asked, answer)
        statuses.add(answer.status)
    assert found[:20] == []
    assert {400, 422} <= statuses


def _events(nastiness: Nastiness, names: tuple[str, ...]) -> bytes:
    chance = nastiness.chance
    odd: list[Any] = [
        1e308,
        -1,
        2**70,
        None,
        True,
        [],
        {},
        [[]],
        {"a": {"b": []}},
        *(value.decode("latin-1") for value in VALUES),
    ]
    events = [
        {"id": "one", "kind": "copied", "ago_ms": 5} | {chance.choice(names): chance.choice(odd) for _ in range(2)}
        for _ in range(chance.choice((0, 1, 2, 51)))
    ]
    body = json.dumps({"events": events} if chance.random() < 0.8 else chance.choice(odd)).encode()
    match chance.randrange(8):
        case 0:
            return body[: chance.randrange(len(body) + 1)]
        case 1:
            return b"[" * 30_000
        case 2:
            return chance.choice(VALUES)
        case _:
            return body


def _multipart(nastiness: Nastiness, fields: Fields) -> bytes:
    parts = []
    for name, value in nastiness.pairs(fields):
        file = b'; filename="x"' if nastiness.chance.random() < 0.2 else b""
        parts.append(
            b'--zq\r\ncontent-disposition: form-data; name="' + name + b'"' + file + b"\r\n\r\n" + value + b"\r\n"
        )
    text = b"".join(parts) + b"--zq--\r\n"
    return text if nastiness.chance.random() < 0.9 else text[: nastiness.chance.randrange(len(text))]


def _cookie(nastiness: Nastiness, operator: bytes, kind: str) -> bytes:
    if kind == "/admin/logout":  # the session of the fixture stays
        return b"operator=" + nastiness.chance.choice(VALUES).replace(b"\r", b"").replace(b"\n", b"")[:500]
    return nastiness.chance.choice((b"", operator, b"visit=" + nastiness.chance.choice(VALUES)[:500], b"=;=;,"))
