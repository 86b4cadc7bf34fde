"""PURE: owns the report to support: a text that the visitor reads, copies and sends themselves, or does not.

It holds nothing that the page does not show, no key (what was pasted is masked), and no address of the visitor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from portal.diagnosis.model import Step, Symptom
from portal.profile.model import base_url_for
from portal.snippets.dialects import Language
from portal.snippets.guide import Block, BlockKind
from portal.troubleshooting.forms import Answers, Carried
from portal.troubleshooting.views import Place
from portal.words import _

_KEY_END: Final = re.compile(r"\*{3}[^\x00-\x7f]{0,3}[A-Za-z0-9_.~+/=-]{1,4}")
"""What masking leaves of a key, so that its owner knows it again; whoever gets the report needs none of it."""


def support_report(place: Place, symptom: Symptom, steps: Sequence[Step], answers: Answers, carried: Carried) -> Block:
    """What somebody who helps wants to know first, in English, whatever language the page has: ids and values."""
    choices, profile = place.setup.choices, place.profile
    target, given = choices.target, place.setup.platform_given
    lines = [
        f"gateway: {profile.name}",
        f"base URL: {base_url_for(profile, choices.region)}",
        f"machine: {f'{target.platform}, {target.shell}' if given else 'not chosen'}",
        f"settings: {target.scope if given else 'not chosen'}",
        f"installed with: {choices.install if given else 'not chosen'}",
        f"model: {choices.models[choices.default_tier]}",
        f"client version: {carried.client or '(what `claude --version` prints)'}",
        f"key check: {carried.key_check or 'not run from here; step 2 of the guide has one'}",
        f"symptom: {symptom.id}",
        "steps:",
        *_steps(place, steps, answers),
    ]
    if carried.seen:
        lines += ["what was pasted (keys masked, the last part):", *_indented(carried.seen)]
    else:
        lines += ["what it says:", "  (put the error here, without keys)"]
    return Block(
        kind=BlockKind.BUNDLE,
        text="\n".join(lines),
        language=Language.PLAIN,
        does=_("What support wants to know. Read it before you send it: it holds no key."),
    )


def _steps(place: Place, steps: Sequence[Step], answers: Answers) -> Iterable[str]:
    if not answers:
        yield "  none tried yet"
    for step in steps:
        if step.id in answers:
            yield f"  {step.id}: {answers[step.id].value.replace('_', ' ')} ({place.say(step.instruction)})"


def _indented(text: str) -> Iterable[str]:
    return (f"  {_KEY_END.sub('***', line)}".rstrip() for line in text.strip().splitlines())
