"""An operator's own symptoms, causes and steps: merged by id, and judged with the place in their file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from portal.app import create_app
from portal.cli import cli
from portal.diagnosis.commands import render_step
from portal.diagnosis.load import catalogue_problems, load_catalogue
from portal.diagnosis.model import Catalogue
from portal.diagnosis.room import Portal
from portal.errors import ProfileError
from portal.profile.load import load_profile
from portal.settings import Settings
from portal.snippets.choices import recommended_choices
from portal.snippets.targets import SHELLS, Platform, Scope, Shell, Target
from tests.profile.documents import problems_of, read

_SYMPTOM: dict[str, Any] = {
    "id": "badge-expired",
    "group": "refused",
    "title": "It says that your badge has expired",
    "shows": "The answer names your badge.",
    "says": ["BADGE_EXPIRED"],
    "causes": ["badge-expired", "key-rejected"],
}
_CAUSE: dict[str, Any] = {
    "id": "badge-expired",
    "title": "your badge is out of date",
    "explanation": "{gateway} ties each key to a badge.",
}
_STEP: dict[str, Any] = {
    "id": "renew-badge",
    "causes": ["badge-expired", "key-rejected"],
    "instruction": "Renew your badge at the desk.",
    "expect": "The next question is answered.",
    "minutes": 10,
    "risk": "safe",
    "link": "support",
    "actions": [{"do": "message", "text": "My badge has expired. My gateway is {base_url}."}],
}


def catalogue(**tables: Any) -> Catalogue:
    return load_catalogue(read(**tables))


def problem(**tables: Any) -> str:
    found = catalogue_problems(read(**tables))
    assert len(found) == 1, found
    return found[0]


def test_own_symptom_cause_and_step_are_added() -> None:
    merged = catalogue(symptoms=[_SYMPTOM], causes=[_CAUSE], steps=[_STEP], links={"support": "https://x.example.com"})
    choices = recommended_choices(read(), Platform.LINUX)
    steps = merged.steps_for(merged.symptoms["badge-expired"], choices)
    assert steps[0].id == "renew-badge"
    assert len(steps) > 3


def test_own_step_comes_before_the_portals_steps_of_its_cause() -> None:
    step = {**_STEP, "causes": ["key-rejected"]}
    merged = catalogue(steps=[step])
    choices = recommended_choices(read(), Platform.LINUX)
    assert merged.steps_against("key-rejected", choices)[0].id == "renew-badge"


def test_known_id_changes_what_is_written_and_keeps_the_rest() -> None:
    merged = catalogue(
        symptoms=[{"id": "rejected-401", "title": "Your badge number is refused"}],
        steps=[{"id": "make-new-key", "instruction": "Write to keys@example.com.", "link": "support"}],
    )
    plain = catalogue()
    assert str(merged.symptoms["rejected-401"].title) == "Your badge number is refused"
    assert merged.symptoms["rejected-401"].causes == plain.symptoms["rejected-401"].causes
    assert str(merged.steps["make-new-key"].instruction) == "Write to keys@example.com."
    assert merged.steps["make-new-key"].actions == plain.steps["make-new-key"].actions
    assert list(merged.symptoms) == list(plain.symptoms)


def test_own_link_is_shown_with_the_step() -> None:
    links = {"support": "https://help.example.com/claude"}
    profile = read(causes=[_CAUSE], symptoms=[_SYMPTOM], steps=[_STEP], links=links)
    step = load_catalogue(profile).steps["renew-badge"]
    choices = recommended_choices(profile)
    shown = render_step(step, choices, profile, Portal("https://p.example.com"))
    assert shown.link == "https://help.example.com/claude"
    assert str(shown.message) == f"My badge has expired. My gateway is {profile.base_url}."
    assert render_step(step, choices, read(), Portal("")).link == ""


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        (
            {"steps": [{**_STEP, "causes": ["key-reject"]}]},
            'steps #1.causes: there is no cause "key-reject"; did you mean key-rejected?',
        ),
        (
            {"steps": [{"id": "new-step"}]},
            "steps #1.causes: is missing, and there is no entry of this id to take it from; write it",
        ),
        (
            {"causes": [_CAUSE], "symptoms": [_SYMPTOM]},
            'causes #1: no step settles it; name it under "causes" of a table [[steps]]',
        ),
        (
            {"causes": [_CAUSE], "steps": [_STEP]},
            'causes #1: no symptom leads to it; name it under "causes" of a table [[symptoms]]',
        ),
        (
            {"steps": [{"id": "log-out", "instruction": "Ask {gatway}."}]},
            "steps #1.instruction: {gatway} is not known; use one of: ",
        ),
        ({"steps": [{"id": "log-out", "risk": "save"}]}, 'steps #1.risk: "save" is not known; did you mean safe?'),
        (
            {"steps": [{"id": "log-out", "platforms": ["window"]}]},
            'steps #1.platforms: "window" is not known; did you mean windows?',
        ),
        (
            {"steps": [{"id": "log-out", "actions": [{"do": "run", "line": "rm -rf ~; echo"}]}]},
            'steps #1.actions #1.line: "rm -rf ~; echo" is not the same in every shell',
        ),
        (
            {"steps": [{"id": "log-out", "actions": [{"do": "remove-variables", "names": ["A"]}]}]},
            'steps #1.actions #1.do: "remove-variables" is not known; did you mean remove-variable?',
        ),
        (
            {"steps": [{"id": "log-out", "actions": [{"do": "remove-variable", "names": ["A B"]}]}]},
            'steps #1.actions #1.names: "A B" is not the name of a variable; correct it',
        ),
        (
            {"steps": [{"id": "log-out", "actions": [{"do": "remove-variable", "names": ["ANTHROPIC_*"]}]}]},
            'steps #1.actions #1.names: "ANTHROPIC_*" stands for several variables; name each',
        ),
        (
            {"steps": [{"id": "log-out", "actions": [{"do": "settings-json"}]}]},
            "steps #1.actions #1.env: is missing, and keys too; write at least one of them",
        ),
        (
            {"steps": [{"id": "log-out", "actions": [{"do": "session", "line": "logout"}]}]},
            'steps #1.actions #1.line: "logout" does not begin with a slash',
        ),
        (
            {"causes": [{"id": "old-node", "versions": [{"text": "It fails.", "since": "2.1"}]}]},
            'causes #1.versions #1.since: "2.1" is not a version; write three numbers: since = "2.1.330"',
        ),
        (
            {"symptoms": [{"id": "hangs", "causes": ["timeout", "timeout"]}]},
            'symptoms #1.causes: "timeout" is named twice; remove one of the two',
        ),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(tables: dict[str, Any], message: str) -> None:
    found = catalogue_problems(read(**tables))
    assert found
    assert found[0].startswith(message), found


def test_a_step_that_changes_something_says_how_to_take_it_back() -> None:
    assert problem(causes=[_CAUSE], symptoms=[_SYMPTOM], steps=[{**_STEP, "risk": "careful"}]).startswith(
        "steps #1.undo:"
    )


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"steps": [{"id": "Log out"}]}, 'steps #1.id: "Log out" is not an id'),
        ({"steps": [{"instruction": "x"}]}, "steps #1.id: is missing; write "),
        (
            {"steps": [{"id": "log-out", "instructions": "x"}]},
            "steps #1.instructions: there is no such setting; did you",
        ),
        ({"steps": [{"id": "log-out", "minutes": 0}]}, "steps #1.minutes: 0 is out of range; write minutes from 1"),
        ({"steps": [{"id": "log-out", "minutes": "2"}]}, "steps #1.minutes: must be a whole number"),
        ({"steps": [{"id": "a"}, {"id": "a"}]}, 'steps #2.id: "a" is already in this file'),
        ({"symptoms": {"id": "x"}}, "symptoms: cannot be a table; write one table [[symptoms]]"),
        ({"causes": [{"id": "x", "title": "a\nb"}]}, "causes #1.title: contains a line break"),
        ({"steps": [{"id": "log-out", "actions": [{"line": "x"}]}]}, "steps #1.actions #1.do: is missing; write do ="),
    ],
)
def test_shape_is_judged_with_the_profile(tables: dict[str, Any], message: str) -> None:
    found = problems_of(**tables)
    assert found
    assert found[0].startswith(message), found


_FILE = """
name = "Example"
base_url = "https://api.example.com"
credential = "bearer"
[models.opus]
id = "big-1"
label = "Big"
[models.sonnet]
id = "middle-1"
label = "Middle"
[models.haiku]
id = "small-1"
label = "Small"
[[steps]]
id = "log-out"
risk = "{risk}"
"""


def test_profile_check_and_start_judge_own_entries(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(_FILE.replace("{risk}", "none"))
    answer = CliRunner().invoke(cli, ["profile", "check", str(path)])
    assert answer.exit_code == 1
    assert 'steps #1.risk: "none" is not known' in answer.output
    with pytest.raises(ProfileError, match=r"steps #1\.risk"):
        create_app(Settings(), load_profile(str(path)))
    path.write_text(_FILE.replace("{risk}", "safe"))
    assert CliRunner().invoke(cli, ["profile", "check", str(path)]).exit_code == 0


def test_entries_of_a_profile_are_frozen() -> None:
    profile = read(steps=[_STEP])
    (entry,) = profile.help.steps
    assert entry.number == 1
    with pytest.raises(TypeError):
        entry.fields["id"] = "x"  # type: ignore[index]
    assert isinstance(entry.fields["actions"], tuple)


def test_own_step_sets_a_variable_in_every_shell() -> None:
    action = {"do": "set-variable", "env": {"BADGE": "{host}"}}
    profile = read(steps=[{**_STEP, "causes": ["key-rejected"], "actions": [action]}])
    step = load_catalogue(profile).steps["renew-badge"]
    lines = {
        shell: render_step(
            step,
            replace(recommended_choices(profile, platform), target=Target(platform, shell, Scope.USER)),
            profile,
            Portal(""),
        )
        .blocks[0]
        .text
        for platform, shells in SHELLS.items()
        for shell in shells
    }
    assert lines[Shell.ZSH] == "export BADGE='api.example.com'"
    assert lines[Shell.FISH] == "set -gx BADGE 'api.example.com'"
    assert lines[Shell.POWERSHELL] == "$env:BADGE = 'api.example.com'"
    assert lines[Shell.CMD] == 'set "BADGE=api.example.com"'


def test_symptom_is_refused_when_a_machine_gets_only_dangerous_steps() -> None:
    feared = {**_STEP, "causes": ["badge-expired"], "risk": "dangerous", "undo": "It cannot be undone."}
    symptom = {**_SYMPTOM, "causes": ["badge-expired"]}
    found = problem(symptoms=[symptom], causes=[_CAUSE], steps=[feared])
    assert found.startswith("symptoms #1: for macos, ")
    assert "every step is dangerous" in found
    harmless = {**_STEP, "id": "ask", "causes": ["badge-expired"]}
    elsewhere = {**harmless, "platforms": ["macos", "windows", "wsl"]}
    assert "for linux, " in problem(symptoms=[symptom], causes=[_CAUSE], steps=[feared, elsewhere])
    assert "ask" in catalogue(symptoms=[symptom], causes=[_CAUSE], steps=[feared, harmless]).steps
