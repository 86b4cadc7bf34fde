"""The steps follow the chosen address and header; the operator's own stand in no text for somebody who chose others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from portal.diagnosis.actions import Do
from portal.diagnosis.commands import ShownCommands, render_step
from portal.diagnosis.load import load_catalogue
from portal.diagnosis.model import Catalogue, Step
from portal.diagnosis.room import Portal
from portal.profile.model import CredentialScheme, GatewayProfile, Region
from portal.snippets.choices import Choices
from portal.snippets.query import query_for
from portal.snippets.targets import Shell
from tests.diagnosis.samples import visitors
from tests.snippets.samples import PLAIN, X_API_KEY

EU = "https://eu.example.com:8443/llm"
REGIONAL = replace(PLAIN, regions=(Region("eu", "Europe", EU), Region("us", "America", "https://us.example.com")))
TOKEN, API_KEY = "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(REGIONAL)


def shown(
    catalogue: Catalogue, profile: GatewayProfile, **chosen: object
) -> Iterator[tuple[Choices, Step, ShownCommands]]:
    for visitor in visitors(profile):
        choices = replace(visitor, **chosen)  # type: ignore[arg-type]
        for step in catalogue.steps.values():
            if step.when.admits(choices):
                portal = Portal("https://portal.example.com", query_for(choices, profile))
                yield choices, step, render_step(step, choices, profile, portal)


def texts(step: ShownCommands) -> str:
    sentences = [step.instruction, step.expect, step.message, step.undo]
    blocks = [*step.blocks, *step.undo_blocks]
    return "\n".join(
        [str(one) for one in (*sentences, *(block.does for block in blocks)) if one] + [block.text for block in blocks]
    )


def test_no_step_names_the_operators_address_when_a_region_is_chosen(catalogue: Catalogue) -> None:
    regional = 0
    for choices, step, done in shown(catalogue, REGIONAL, region="eu"):
        said = texts(done)
        assert "gateway.example.com" not in said, (step.id, choices.target)
        regional += EU in said or "eu.example.com" in said
    assert regional > 500


def test_scripts_are_asked_for_the_region_and_the_header_that_are_chosen(catalogue: Catalogue) -> None:
    found = set()
    chosen = {"region": "eu", "credential": CredentialScheme.X_API_KEY}
    for choices, step, done in shown(catalogue, REGIONAL, **chosen):
        for block in (*done.blocks, *done.undo_blocks):
            if "portal.example.com/" in block.text:
                assert "region=eu" in block.text, (step.id, choices.target)
                assert "auth=x-api-key" in block.text, (step.id, choices.target)
                found.add(block.text.partition("portal.example.com/")[2].partition("?")[0])
    assert found == {"apply.sh", "apply.ps1", "doctor.sh", "doctor.ps1"}


@pytest.mark.parametrize(
    ("profile", "credential"),
    [(REGIONAL, CredentialScheme.X_API_KEY), (X_API_KEY, CredentialScheme.BEARER)],
    ids=["x-api-key chosen", "bearer chosen"],
)
def test_steps_use_the_variable_of_the_chosen_header(
    catalogue: Catalogue, profile: GatewayProfile, credential: CredentialScheme
) -> None:
    mine, other = (API_KEY, TOKEN) if credential is CredentialScheme.X_API_KEY else (TOKEN, API_KEY)
    removed = asked = 0
    for choices, step, done in shown(catalogue, profile, credential=credential):
        if step.id == "remove-leftover-key":
            assert mine not in done.blocks[-1].text
            removed += other in done.blocks[-1].text
        if step.id == "blank-leftover-key":
            assert f'"{other}": ""' in done.blocks[-1].text
        for action, block in zip(step.actions, done.blocks, strict=False):
            if action.do is Do.ASK_GATEWAY:
                header = "x-api-key" if credential is CredentialScheme.X_API_KEY else "Authorization"
                wrong = "Authorization" if credential is CredentialScheme.X_API_KEY else "x-api-key"
                assert header in block.text, (step.id, choices.target)
                assert wrong not in block.text, (step.id, choices.target)
                assert other not in block.text, (step.id, choices.target)
                asked += 1
    assert removed > 20
    assert asked > 20


def test_no_step_expects_a_line_that_the_chosen_header_never_prints(catalogue: Catalogue) -> None:
    """With a key in `ANTHROPIC_API_KEY`, `/status` says `API key: …` (measured with 2.1.197 and 2.1.330)."""
    for _, step, done in shown(catalogue, REGIONAL, credential=CredentialScheme.X_API_KEY):
        assert f"Auth token: {API_KEY}" not in texts(done), step.id
    for _, step, done in shown(catalogue, X_API_KEY, credential=CredentialScheme.BEARER):
        assert f"API key: {TOKEN}" not in texts(done), step.id


def test_editor_gets_the_chosen_address_and_header(catalogue: Catalogue) -> None:
    chosen = {"region": "eu", "credential": CredentialScheme.X_API_KEY}
    documents = {
        block.text
        for choices, step, done in shown(catalogue, REGIONAL, **chosen)
        if step.id == "tell-vscode" and choices.target.shell is Shell.ZSH
        for block in done.blocks
        if block.text.startswith("{")
    }
    assert documents
    for document in documents:
        assert EU in document
        assert API_KEY in document
