"""Ids are called by their titles where people read, and stay ids where programs do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from portal.admin.stats import simulated
from portal.admin.stats.names import CODES, Names, code
from portal.admin.stats.visits import Check, Step, Visit
from portal.diagnosis.load import load_catalogue
from portal.diagnosis.model import Catalogue
from portal.journeys.vocabulary import StepOutcome, Verdict
from portal.keycheck.verdict_kinds import VerdictCode
from portal.profile.load import load_profile
from portal.words import Text, _
from tests.admin.stats.visiting import write
from tests.support.operators import app_of, desk_of, sign_in
from tests.support.pages import one, parse, words
from tests.support.portal import running_portal

PROFILE = load_profile("tokenbay")
CATALOGUE = load_catalogue(PROFILE)
GONE = "gone-with-an-old-catalogue"


@pytest.fixture
async def operator(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """An operator, and a visit with ids of today's catalogue, of the operator's own entries and of an older one."""
    async with running_portal(database_url=f"sqlite:///{tmp_path / 'portal.db'}") as client:
        await sign_in(client)
        state = app_of(client).state
        state.catalogue = with_own(state.catalogue, _("The coffee machine of {gateway} is empty"))
        start = desk_of(client).now() - 60_000
        symptoms = ("rejected-401", "own-symptom", GONE)
        visit = Visit(
            id="a-visit",
            cell=("windows", "cmd", "user", "native", "-", "en"),
            began=start,
            reached=(start, None, None, None, None),
            checks=(Check(start, Verdict.FAILED, "rejected", "claude-sonnet-4.6"),),
            steps=tuple(Step(name, "look-from-outside", StepOutcome.SHOWN, start, start) for name in symptoms),
            diagnosed=("leftover-api-key", GONE),
            nothing_helped=symptoms,
        )
        others = [replace(visit, id=f"visit-{number}", diagnosed=(), nothing_helped=()) for number in range(4)]
        await write(desk_of(client).database, [visit, *others])
        yield client


def with_own(catalogue: Catalogue, title: Text) -> Catalogue:
    """The catalogue and an operator's own symptom."""
    own = replace(next(iter(catalogue.symptoms.values())), id="own-symptom", title=title)
    return replace(catalogue, symptoms={**catalogue.symptoms, own.id: own})


@pytest.mark.anyio
async def test_tables_say_titles_and_keep_the_ids(operator: httpx.AsyncClient) -> None:
    page = parse((await operator.get("/admin")).text)
    title = str(CATALOGUE.symptoms["rejected-401"].title)
    shown = {row.get("data-id"): words(row) for row in page.cssselect("[aria-labelledby=title-unresolved] th[data-id]")}
    assert shown == {
        "rejected-401": f"Nothing helped: {title.replace('`', '')}",
        "own-symptom": "Nothing helped: The coffee machine of TokenBay is empty",
        GONE: f"Nothing helped: {GONE}",
    }
    known = {row.get("data-id"): words(row) for row in page.cssselect("[aria-labelledby=title-help] th[data-id]")}
    assert known["leftover-api-key"] == "an old ANTHROPIC_API_KEY is still set"
    assert known[GONE] == GONE
    assert known["own-symptom"] == "The coffee machine of TokenBay is empty"
    checks = {row.get("data-id"): words(row) for row in page.cssselect("[aria-labelledby=title-checks] th[data-id]")}
    assert checks == {"rejected": "Key not accepted", "claude-sonnet-4.6": "claude-sonnet-4.6"}
    assert words(one(page, f'[data-symptom="{GONE}"][data-step="look-from-outside"] th')) == f"look-from-outside {GONE}"
    files = (await operator.get("/admin/stats.json")).json()["rows"]
    items = {row["item"] for row in files}
    assert {"rejected-401", "own-symptom", GONE, "leftover-api-key", "rejected"} <= items


@pytest.mark.anyio
async def test_version_is_asked_for_when_one_is_recorded_only(operator: httpx.AsyncClient) -> None:
    assert parse((await operator.get("/admin")).text).cssselect("#filter-client") == []
    start = desk_of(operator).now() - 60_000
    cell = ("windows", "cmd", "user", "native", "2.1", "en")
    await write(desk_of(operator).database, [Visit("b-visit", cell, start, (start, None, None, None, None))])
    field = one(parse((await operator.get("/admin")).text), "#filter-client")
    assert [option.get("value") for option in field] == ["", "2.1"]


def test_every_entry_has_a_name_without_open_fields() -> None:
    called = Names(CATALOGUE, PROFILE)
    names = [
        *map(called.symptom, CATALOGUE.symptoms),
        *map(called.cause, CATALOGUE.causes),
        *map(called.step, CATALOGUE.steps),
    ]
    assert all(name.known for name in names)
    assert [str(name.text) for name in names if "{" in str(name.text)] == []
    assert not any(name.known for name in (called.symptom(GONE), called.cause(GONE), called.step(GONE), code(GONE)))


def test_every_code_of_a_key_check_has_a_name() -> None:
    assert CODES.keys() == set(VerdictCode)
    assert len({str(text) for text in CODES.values()}) == len(CODES)


def test_demo_speaks_of_what_there_is() -> None:
    for symptom, steps in simulated.HELP.items():
        offered = set(CATALOGUE.symptoms[symptom].causes)
        assert simulated.BEHIND[symptom] in offered
        assert [step for step, _ in steps if not offered & set(CATALOGUE.steps[step].causes)] == []
    assert set(CODES) >= set(simulated.CAUSES)
