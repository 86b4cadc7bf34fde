"""The sentences of the TOML files reach the translators; translations reach the visitor with their fields filled."""

from __future__ import annotations

import io
from gettext import NullTranslations

from portal.diagnosis.commands import render_step
from portal.diagnosis.load import CATALOGUE
from portal.diagnosis.messages import extract
from portal.diagnosis.room import Portal
from portal.snippets.choices import recommended_choices
from portal.words import say
from tests.diagnosis.samples import catalogue_for
from tests.snippets.samples import PLAIN


def _extracted() -> set[str]:
    with CATALOGUE.open("rb") as file:
        return {message for _, _, message, _ in extract(file, None, None, None)}


def test_every_sentence_is_extracted() -> None:
    catalogue = catalogue_for("plain")
    texts = [text for entry in catalogue.symptoms.values() for text in (entry.title, entry.shows)]
    for cause in catalogue.causes.values():
        texts += [cause.title, cause.explanation, *(note.text for note in cause.versions)]
    for step in catalogue.steps.values():
        texts += [step.instruction, step.expect, *([step.undo] if step.undo else [])]
        texts += [action.text for action in step.actions if action.text and action.text.msgid != "{base_url}"]
    assert len(texts) > 300
    assert {text.msgid for text in texts} <= _extracted()


def test_values_and_ids_are_not_extracted() -> None:
    extracted = _extracted()
    assert not {"{base_url}", "claude doctor", "log-out", "safe", "/logout", "{model}"} & extracted


def test_only_sentences_of_a_file_are_yielded() -> None:
    file = io.BytesIO(
        b'title = "A"\nid = "b"\n[[steps]]\nactions = [{ do = "message", text = "C {x}" }, { text = "{x}" }]\n'
    )
    assert [message for _, _, message, _ in extract(file, None, None, None)] == ["A", "C {x}"]


class _Shouting(NullTranslations):
    def gettext(self, message: str) -> str:
        return message.replace("Close", "CLOSE").replace("prints", "PRINTS")


def test_translations_are_filled_for_the_visitor() -> None:
    step = catalogue_for("plain").steps["open-new-terminal"]
    shown = render_step(step, recommended_choices(PLAIN), PLAIN, Portal(""))
    assert say(shown.instruction, _Shouting()).startswith("CLOSE")
    assert say(shown.expect, _Shouting()).startswith(f"It PRINTS `Anthropic base URL: {PLAIN.base_url}`")
