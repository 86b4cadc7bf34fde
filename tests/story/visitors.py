"""Visitors of the story: what each does on the pages, in a browser or by the same requests, noted in their ledger."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Final, cast

import httpx
from lxml.html import HtmlElement
from playwright.sync_api import Browser, Page, expect

from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from tests.browser.doing import choose
from tests.story.ledger import Between, Check, Ledger
from tests.support.pages import one, parse

MINUTE: Final = 60_000
LATE: Final = 2_000
"""How much later than it happened the portal may note what a page tells it, in milliseconds: the way there."""

ENDINGS: Final = {
    Behaviour.GOOD: ("passed", "accepted"),
    Behaviour.JSON_ONLY: ("warning", "not-streamed"),
    Behaviour.REJECTED: ("failed", "rejected"),
    Behaviour.OUT_OF_CREDIT: ("failed", "out-of-credit"),
    Behaviour.MODEL_UNKNOWN: ("failed", "model-unknown"),
}
"""Key of the simulated gateway -> the verdict that it deserves."""

TEXTS: Final = {
    "zsh: command not found: claude": "command-not-found",
    "API Error: 402 insufficient credit": "out-of-credit",
    "bananas and apples": None,
}
"""What visitors paste, and the cause behind it."""

_SONNET: Final = "claude-sonnet-4.6"
_numbers = count(1)


@dataclass(frozen=True)
class Plan:
    """What so many visitors do, one after the other.

    Attributes:
        kinds: what the page's script tells, with how many minutes ago it was when the visitor goes on.
        checks: the keys that are checked, by what the gateway does with them.
        model: typed instead of the proposed one.
        paste: a text to look at.
        symptom: whose steps are opened; `answers` is what is said about them from the first on.
        works: whether the visitor says that the client works.
        help_only: whether a visitor with a browser sees the help pages only.

    """

    number: int
    os: str
    shell: str
    kinds: tuple[tuple[str, int], ...] = ()
    checks: tuple[Behaviour, ...] = ()
    model: str = ""
    paste: str = ""
    symptom: str = ""
    answers: tuple[str, ...] = ()
    works: bool = False
    help_only: bool = False
    headers: dict[str, str] = field(default_factory=dict)


def now() -> int:
    """In milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def address() -> str:
    """Another one for each visitor, as a proxy would tell it."""
    number = next(_numbers)
    return f"10.{number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"


class Caller:
    """A visitor who sends what the page's forms and script send, over HTTP, and reads the pages that come."""

    def __init__(self, portal: str, plan: Plan) -> None:
        self.plan = plan
        self.ledger = Ledger(plan.os, plan.shell)
        self._query = f"os={plan.os}&shell={plan.shell}"
        self._http = httpx.Client(
            base_url=portal,
            headers={"x-forwarded-for": address(), "sec-fetch-site": "same-origin", **plan.headers},
            timeout=60,
        )

    def visit(self) -> Ledger:
        """Do everything that is planned."""
        with self._http:
            guide = parse(self._http.get(f"/?{self._query}").raise_for_status().text)
            self._tell()
            for turn, behaviour in enumerate(self.plan.checks):
                self._check(guide, behaviour, live=turn % 2 == 0)
            if self.plan.paste:
                self._paste()
            if self.plan.symptom:
                self._try_steps()
            if self.plan.works:
                began = now()
                self._send(one(guide, 'form[action="/journey/verified"]'), "/journey/verified")
                self.ledger.at("verified", (began, now()))
        return self.ledger

    def _tell(self) -> None:
        """What the page's script tells: `static/js/80-journey.js`."""
        events = []
        for kind, ago in self.plan.kinds:
            target = {"target": "apply"} if kind in {"copied", "downloaded"} else {}
            machine = {"platform": self.plan.os, "shell": self.plan.shell}
            name = secrets.token_hex(12)
            events.append({"id": name, "kind": kind, "ago_ms": ago * MINUTE, **machine, **target})
        if not events:
            return
        began = now()
        answer = self._http.post("/journey", json={"events": events})
        told = answer.status_code == 200
        assert told or (answer.status_code == 204 and self.plan.headers), answer.text
        stages = {"opened": "opened", "machine_chosen": "chosen", "copied": "taken", "downloaded": "taken"}
        for kind, ago in self.plan.kinds:
            if kind in stages:
                self.ledger.at(stages[kind], (began - ago * MINUTE, now() - ago * MINUTE))
            self.ledger.sought_help |= kind == "help_opened"

    def _check(self, guide: HtmlElement, behaviour: Behaviour, *, live: bool) -> None:
        verdict, cause = ENDINGS[behaviour]
        typed = {"sonnet": self.plan.model} if self.plan.model else {}
        began = now()
        text = self._send(
            one(guide, "#key-check-form"), f"/key-check{'/live' * live}", key=DEMO_KEYS[behaviour], **typed
        )
        ended = now()
        assert f'data-verdict="{cause}"' in text
        model = "other" if self.plan.model else _SONNET
        self.ledger.checks.append(Check(verdict, cause, model, (0, ended - began)))
        if verdict == "passed":
            self.ledger.at("passed", (began, ended))

    def _paste(self) -> None:
        page = parse(self._http.get(f"/troubleshoot?{self._query}").text)
        page = parse(self._send(one(page, "#paste"), "/troubleshoot/diagnose", text=self.plan.paste))
        found = [cause.get("data-cause") for cause in page.cssselect("#diagnosis [data-cause]")] or [None]
        self.ledger.diagnosed.append(found[0])
        assert self.ledger.diagnosed == [TEXTS[self.plan.paste]]

    def _try_steps(self) -> None:
        page = parse(self._http.get(f"/troubleshoot/{self.plan.symptom}?{self._query}").text)
        listed = [str(step.get("data-step")) for step in page.cssselect("#steps .try[data-step]")]
        step, shown_at = "", cast(Between | None, None)
        for index, said in enumerate(self.plan.answers):
            step = step if said == "undone" else listed[index]
            button = one(page, f'#steps [data-step="{step}"] button[value="{said}"]')
            began = now()
            page = parse(self._send(one(page, "#answer"), str(button.get("formaction")), outcome=said))
            moment = (began, now())
            for name in listed:
                self.ledger.steps.setdefault((self.plan.symptom, name), "shown")
            self.ledger.steps[self.plan.symptom, step] = "shown" if said == "undone" else said
            if said == "resolved" and shown_at:
                self.ledger.took[self.plan.symptom, step] = (moment[0] - shown_at[1] - 50, moment[1] - shown_at[0] + 50)
            shown_at = shown_at or moment
        answers = set(self.ledger.steps.values())
        if answers and answers <= {"not_resolved", "skipped"}:
            self.ledger.nothing_helped.add(self.plan.symptom)

    def _send(self, form: HtmlElement, to: str, **more: str) -> str:
        fields = {**dict(form.form_values()), **more}
        answer = self._http.post(to, data=fields)
        assert answer.status_code == 200, (to, answer.status_code, answer.text[-500:])
        return answer.text


class Person:
    """A visitor with a real browser."""

    def __init__(self, browser: Browser, portal: str, plan: Plan) -> None:
        self.plan = plan
        self.ledger = Ledger(plan.os, plan.shell)
        self._context = browser.new_context(
            locale="en-GB",
            permissions=["clipboard-read", "clipboard-write"],
            extra_http_headers={"x-forwarded-for": address()},
        )
        self._portal = portal

    def visit(self) -> Ledger:
        """Do everything that is planned, on the screen."""
        page = self._context.new_page()
        if self.plan.help_only:
            page.goto(f"{self._portal}/troubleshoot?os={self.plan.os}&shell={self.plan.shell}")
            self._look_for_help(page)
            return self.ledger
        kinds = [kind for kind, _ in self.plan.kinds]
        self._opened_at = now()
        elsewhere = "linux" if self.plan.os != "linux" else "macos"
        page.goto(f"{self._portal}/?os={elsewhere if 'machine_chosen' in kinds else self.plan.os}")
        page.wait_for_selector("#choices[data-htmx-powered]", state="attached")
        self._touch(page)
        if "machine_chosen" in kinds:
            began = now()
            self._choose(page, "os", self.plan.os)
            self._at("chosen", began)
        if page.locator("#shell").input_value() != self.plan.shell:
            self._choose(page, "shell", self.plan.shell)
        if "copied" in kinds:
            began = now()
            page.locator("[data-copy]:visible").first.click()
            expect(page.locator("#announcer")).not_to_be_empty()
            self._at("taken", began)
        for behaviour in self.plan.checks:
            self._check(page, behaviour)
        if self.plan.works:
            began = now()
            page.get_by_role("button", name="It works").click()
            expect(page.locator("[data-verified=passed]")).to_have_count(1)
            self._at("verified", began)
        if self.plan.paste:
            self._seek_help(page)
        return self.ledger

    def leave(self) -> None:
        """Leave the page, which sends what is still to be sent."""
        self._context.pages[0].goto("about:blank")

    def close(self) -> None:
        """Close the browser's window; what it sent has arrived."""
        self._context.close()

    def _choose(self, page: Page, name: str, value: str) -> None:
        """Choose, and see the guide for it."""
        page.evaluate("window.seen = 0; document.addEventListener('htmx:after:swap', () => { window.seen += 1 })")
        choose(page, name, value)
        page.wait_for_function("window.seen > 0")

    def _touch(self, page: Page) -> None:
        """Press somewhere, as everybody does sooner or later, and go on when the answer has brought the cookie.

        What is posted before that, within the same second, would begin a visit of its own.
        """
        page.mouse.click(5, 5)
        deadline = now() + 20_000
        while not self._context.cookies():
            assert now() < deadline
            page.wait_for_timeout(20)
        self._at("opened", self._opened_at)

    def _at(self, stage: str, began: int) -> None:
        self.ledger.at(stage, (began, now() + LATE))

    def _check(self, page: Page, behaviour: Behaviour) -> None:
        verdict, cause = ENDINGS[behaviour]
        page.get_by_label("Paste your TokenBay key").fill(DEMO_KEYS[behaviour])
        began = now()
        page.get_by_role("button", name="Check key").click()
        expect(page.locator("#key-check")).to_have_attribute("data-verdict", cause)
        expect(page.locator("#key-check[aria-busy]")).to_have_count(0)
        self.ledger.checks.append(Check(verdict, cause, _SONNET, (0, now() - began)))
        if verdict == "passed":
            self._at("passed", began)

    def _seek_help(self, page: Page) -> None:
        page.wait_for_timeout(LATE)  # somebody tries the command before
        page.get_by_role("link", name="Help", exact=True).click()
        self._look_for_help(page)

    def _look_for_help(self, page: Page) -> None:
        page.wait_for_selector("#paste[data-htmx-powered]")
        page.get_by_label("Paste what you see").fill(self.plan.paste)
        page.get_by_role("button", name="Find the cause").click()
        cause = TEXTS[self.plan.paste]
        if cause:
            expect(page.locator("#diagnosis [data-cause]").first).to_have_attribute("data-cause", cause)
        else:
            expect(page.locator("#title-diagnosis")).to_be_visible()
        self.ledger.diagnosed.append(cause)
        if self.plan.answers:
            self._answer(page)

    def _answer(self, page: Page) -> None:
        (said,) = self.plan.answers
        step = page.locator("#diagnosis .try:has(> details[open])").first
        name = str(step.get_attribute("data-step"))
        for listed in page.locator("#diagnosis .try").evaluate_all("all => all.map((one) => one.dataset.step)"):
            self.ledger.steps[self.plan.symptom, listed] = "shown"
        if self.plan.help_only:  # a command that is copied here is no stage of the guide
            step.locator("[data-copy]").first.click()
            expect(page.locator("#announcer")).not_to_be_empty()
        step.locator(f"button[value={said}]").click()
        page.wait_for_url(f"**/troubleshoot/{self.plan.symptom}**")
        expect(page.locator(f'#steps [data-step="{name}"]')).to_have_attribute("data-answer", said)
        self.ledger.steps[self.plan.symptom, name] = said
