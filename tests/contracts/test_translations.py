"""Every sentence goes through gettext: in a pseudo-language, no English word is left on any page."""

from __future__ import annotations

import re
from dataclasses import replace
from gettext import NullTranslations

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from portal.app import create_app
from portal.demo import demo_keys
from portal.diagnosis.load import load_catalogue
from portal.gateway.stages import ClientShape
from portal.guide.routes import GUIDE
from portal.guide.views import show_guide
from portal.keycheck.findings import Ending
from portal.keycheck.forms import read_key_check
from portal.keycheck.routes import KEY_CHECK
from portal.keycheck.views import Around, KeyCheckView, show_findings, show_unusable, show_wait
from portal.keys import CleanedKey, UnusableKey, parse_key
from portal.profile.load import load_profile
from portal.settings import Settings
from portal.snippets.query import parse_choices
from portal.snippets.targets import Target, all_targets
from portal.troubleshooting.forms import Carried
from portal.troubleshooting.help_page import show_help, show_problem
from portal.troubleshooting.routes import HELP, SYMPTOM
from portal.troubleshooting.setup import read_setup
from portal.troubleshooting.symptom_page import Progress, fitting_steps, show_symptom
from portal.troubleshooting.views import Place
from portal.troubleshooting.wording import EMPTY_TEXT
from portal.web.languages import Language
from portal.web.templating import Templates
from tests.contracts.test_house_rules import ROOT
from tests.keycheck.scripted import PROFILE
from tests.keycheck.test_conclusion import CASES
from tests.support.pages import parse

SENTENCE_ATTRIBUTES = ("alt", "aria-label", "title", "placeholder", "content")
NOT_SENTENCES = "code, pre, script, style, [translate=no], option[value^=claude], blockquote, datalist, .brand"


CODE_IN_ATTRIBUTES = r"[^\s:]*[/\\.~%][^\s:]*|\bclaude\b"
"""Paths and the command's name, which lose their back-ticks in attributes."""


class Pseudo(NullTranslations):
    """Turns every letter of a message into "ħ", fields excepted."""

    def gettext(self, message: str) -> str:
        parts = re.split(r"(\{\w+\}|%\(\w+\)s|`[^`]*`)", message)
        return "".join(part if index % 2 else re.sub(r"[A-Za-z]", "ħ", part) for index, part in enumerate(parts))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


class PseudoLanguages:
    """Stands in for `Languages`: one language, the pseudo one."""

    all = (Language("en", Pseudo()),)


def templates() -> Templates:
    profile = load_profile("tokenbay")
    app = create_app(Settings(), profile, demo_keys=demo_keys())
    services = app.state.services
    site = services.templates.site
    return Templates(site, PseudoLanguages(), services.assets)  # type: ignore[arg-type]


def english_left(html: str, names: set[str]) -> list[str]:
    page = parse(html)
    for element in page.cssselect(NOT_SENTENCES):
        element.drop_tree()
    texts = [text.strip() for text in page.itertext() if text.strip()]
    for name in SENTENCE_ATTRIBUTES:
        texts += [
            e.get(name, "")
            for e in page.cssselect(f"[{name}]")
            if not (e.tag == "meta" and e.get("name") != "description")
        ]
    for name in names:
        texts = [text.replace(name, "") for text in texts]
    texts = [re.sub(CODE_IN_ATTRIBUTES, "", text) for text in texts]
    return [text for text in texts if re.search(r"[A-Za-z]{2,}", text)]


@pytest.mark.parametrize("target", all_targets()[::5], ids=lambda t: f"{t.platform}-{t.shell}-{t.scope}")
def test_guide_has_no_untranslated_sentence(target: Target) -> None:
    profile = load_profile("tokenbay")
    query = [("os", target.platform), ("shell", target.shell), ("scope", target.scope), ("opus", "claude-x-4-1")]
    page = show_guide(parse_choices([*query, ("timeout_ms", "soon"), ("opt", "")], profile), profile, "http://x")
    html = templates().render(GUIDE, PseudoLanguages.all[0], page)
    operators_words = {model.use for model in profile.models.values()} | {
        profile.key_hint,
        profile.name,
        profile.base_url,
    }
    machine = {
        "claude-x-4-1",
        "claude-x-4.1",
        "claude-opus-4.8",
        "claude-sonnet-4.6",
        "claude-haiku-4.5",
        "YOUR-API-KEY",
    }
    keys = set(demo_keys())
    assert not english_left(html, {name for name in operators_words | machine | keys if name})


@pytest.mark.parametrize("symptom", ["rejected-401", "too-long", "editor-or-app"])
def test_help_has_no_untranslated_sentence(symptom: str) -> None:
    profile = load_profile("tokenbay")
    catalogue = load_catalogue(profile)
    place = Place(catalogue, profile, read_setup([("os", "macos"), ("shell", "zsh")], profile), "http://x")
    progress = Progress(fitting_steps(place, catalogue.symptoms[symptom]), {}, {})
    pages = [
        templates().render(
            SYMPTOM, PseudoLanguages.all[0], show_symptom(place, catalogue.symptoms[symptom], progress, Carried())
        ),
        templates().render(HELP, PseudoLanguages.all[0], show_help(place, Carried(), "leftover-api-key")),
        templates().render(HELP, PseudoLanguages.all[0], show_problem(place, Carried(), EMPTY_TEXT)),
    ]
    for html in pages:
        assert not english_left(html, {"TokenBay", "claude-sonnet-4.6", profile.base_url, *demo_keys()})


FORM = read_key_check([("key", "sk-x"), ("os", "linux"), ("shell", "bash")], PROFILE)


@pytest.mark.parametrize(
    "view",
    [show_wait(3, FORM), show_wait(1, FORM), show_wait(3, FORM, busy=True), show_wait(1, FORM, busy=True)],
    ids=["many", "one", "many busy", "one busy"],
)
def test_key_check_has_no_untranslated_sentence(view: KeyCheckView) -> None:
    html = templates().render(KEY_CHECK, PseudoLanguages.all[0], view)
    assert not english_left(html, {"TokenBay", *demo_keys()})


@pytest.mark.parametrize("ending", [None, *Ending])
@pytest.mark.parametrize("name", CASES)
def test_staged_check_has_no_untranslated_sentence(name: str, ending: Ending | None) -> None:
    assert isinstance(FORM.key, CleanedKey)
    state = replace(CASES[name][0], ending=ending)
    view = show_findings(state, Around(FORM, FORM.key, PROFILE))
    html = templates().render(KEY_CHECK, PseudoLanguages.all[0], view)
    models = {model.id for model in state.plan.models} | set(state.usable_ids)
    assert not english_left(html, {"TokenBay", PROFILE.name, "TLSv1.3", *ClientShape, *models, *demo_keys()})


@pytest.mark.parametrize("paste", ["", "YOUR-API-KEY", "a b", "x" * 5000])
def test_reasons_have_no_untranslated_sentence(paste: str) -> None:
    unusable = parse_key(paste)
    assert isinstance(unusable, UnusableKey)
    html = templates().render(KEY_CHECK, PseudoLanguages.all[0], show_unusable(unusable, FORM))
    assert not english_left(html, {"TokenBay", *demo_keys()})


def test_catalogue_template_has_every_sentence() -> None:
    found: set[str] = set()
    for folder, methods in (
        ("portal", [("**.py", "python"), ("diagnosis/*.toml", "portal.diagnosis.messages:extract")]),
        ("templates", [("**.html", "jinja2"), ("**.txt", "jinja2")]),
    ):
        for _, _, message, _, _ in extract_from_dir(str(ROOT / folder), methods):
            found.add(message if isinstance(message, str) else message[0])
    with (ROOT / "portal" / "locale" / "portal.pot").open("rb") as file:
        kept = {m.id if isinstance(m.id, str) else m.id[0] for m in read_po(file) if m.id}
    assert kept == found, "run `make messages`"
