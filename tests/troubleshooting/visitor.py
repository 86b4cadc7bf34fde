"""What a visitor does on the help pages, in words that the tests share; without JavaScript, by forms."""

from __future__ import annotations

import httpx
from lxml.html import HtmlElement
from sqlalchemy import select

from portal.db import Database
from portal.journeys.models import Outcome
from tests.support.pages import one, parse

PAGE = "/troubleshoot/rejected-401?os=linux&shell=bash"


def steps(page: HtmlElement) -> list[str]:
    return [str(step.get("data-step")) for step in page.cssselect("#steps .try[data-step]")]


def opened(page: HtmlElement) -> list[str]:
    return [str(fold.getparent().get("data-step")) for fold in page.cssselect("#steps details[name=step][open]")]


def answered(page: HtmlElement) -> dict[str, str]:
    return {str(s.get("data-step")): str(s.get("data-answer")) for s in page.cssselect("#steps [data-answer]")}


def form_fields(page: HtmlElement, form: str = "answer") -> dict[str, str]:
    fields = page.cssselect(f"#{form} input[type=hidden]")
    return {str(field.get("name")): str(field.get("value")) for field in fields}


async def press(client: httpx.AsyncClient, page: HtmlElement, step: str, outcome: str, **headers: str) -> HtmlElement:
    """Press a button below a step, as a browser without JavaScript does."""
    button = one(page, f'#steps [data-step="{step}"] button[value="{outcome}"]')
    assert button.get("form") == "answer"
    answer = await client.post(
        str(button.get("formaction")), data={**form_fields(page), "outcome": outcome}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    return parse(answer.text)


async def open_page(client: httpx.AsyncClient, address: str = PAGE, **headers: str) -> HtmlElement:
    answer = await client.get(address, headers=headers)
    assert answer.status_code == 200
    return parse(answer.text)


async def outcomes(address: str) -> list[tuple[str, str, str]]:
    database = Database(address)
    async with database.reading() as connection:
        rows = (await connection.execute(select(Outcome.symptom, Outcome.step, Outcome.outcome))).all()
    await database.close()
    return sorted((symptom, step, outcome) for symptom, step, outcome in rows if outcome != "shown")
