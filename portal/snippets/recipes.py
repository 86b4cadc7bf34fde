"""Owns putting a guide together: (choices, gateway profile) -> `Guide`. Pure, and the same text every time."""

from __future__ import annotations

from portal.profile.model import GatewayProfile
from portal.snippets.choices import Choices
from portal.snippets.configure import configure_section, files_section, undo_section
from portal.snippets.guide import Guide
from portal.snippets.install import install_section, not_found_section
from portal.snippets.verify import verify_section


def write_guide(choices: Choices, profile: GatewayProfile) -> Guide:
    """Every text of one set-up. A shell that cannot carry a value gets a refusal with a remedy, not an error."""
    return Guide(
        choices=choices,
        install=install_section(choices),
        not_found=not_found_section(choices),
        configure=configure_section(choices, profile),
        files=files_section(choices, profile),
        verify=verify_section(choices, profile),
        undo=undo_section(choices, profile),
    )
