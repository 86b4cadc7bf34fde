"""Catalogues and visitors to try the steps with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Final

from portal.diagnosis.commands import ShownCommands, render_step
from portal.diagnosis.load import load_catalogue
from portal.diagnosis.model import Catalogue, Step
from portal.diagnosis.room import Portal
from portal.profile.model import GatewayProfile
from portal.snippets.choices import Choices
from portal.snippets.targets import INSTALLS, Scope, Shell, all_targets
from tests.snippets.samples import HOSTILE, PLAIN, X_API_KEY, choose

PORTAL: Final = Portal("https://portal.example.com", "os=macos&shell=zsh")
PROFILES: Final = {"plain": PLAIN, "x-api-key": X_API_KEY, "hostile": HOSTILE}


@cache
def catalogue_for(name: str) -> Catalogue:
    return load_catalogue(PROFILES[name])


def visitors(profile: GatewayProfile, *shells: Shell) -> Iterator[Choices]:
    """Every legal target; every way to install once for each shell and platform."""
    for target in all_targets():
        if shells and target.shell not in shells:
            continue
        for install in INSTALLS[target.platform]:
            if target.scope is Scope.USER or install is INSTALLS[target.platform][0]:
                yield replace(choose(target, profile), install=install)


def every_step(name: str, *shells: Shell) -> Iterator[tuple[Choices, Step, ShownCommands]]:
    """Each step for each visitor for whom it is meant, as it is shown."""
    profile = PROFILES[name]
    for choices in visitors(profile, *shells):
        for step in catalogue_for(name).steps.values():
            if step.when.admits(choices):
                yield choices, step, render_step(step, choices, profile, PORTAL)
