"""An option of the set-up does to the rehearsal what it does to the request of the real client, in both versions.

The rehearsal sends what a version sends for any model, so it may send more than this model gets, and never less.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portal.gateway.access import access_for
from portal.gateway.client_shape import RehearsalRequest, rehearsal
from portal.gateway.stages import ClientShape
from portal.keys import ApiKey
from portal.profile.model import Toggle
from portal.snippets.variables import TOGGLE_VARIABLES
from tests.gateway.conftest import make_profile
from tests.real_parts.claude import run_claude
from tests.real_parts.plugin import real_part
from tests.real_parts.servers import serve
from tests.real_parts.upstream import TinyUpstream

PARTS = {"claude": ClientShape.CURRENT, "claude-old": ClientShape.OLDER}
FIELDS = ("thinking", "context_management", "output_config", "tools")
MODEL = "claude-sonnet-4.6[1m]"

Said = tuple[set[str], set[str], bool]


def summary(body: dict[str, object], betas: str) -> Said:
    """The fields that matter, the beta names, and whether the billing line is there."""
    return {f for f in FIELDS if f in body}, set(betas.split(",")), "x-anthropic-billing" in json.dumps(body["system"])


def rehearsed(shape: ClientShape, *toggles: Toggle) -> Said:
    asked = RehearsalRequest(shape, MODEL, toggles=frozenset(toggles))
    made = rehearsal(access_for(make_profile("http://127.0.0.1:1"), ApiKey("sk-x")), asked)
    return summary(json.loads(made.body), made.headers["anthropic-beta"])


def sent(part: str, home: Path, *toggles: Toggle) -> Said:
    upstream = TinyUpstream()
    variables = [TOGGLE_VARIABLES[toggle] for toggle in toggles]
    with serve(upstream.app) as url:
        run_claude(
            real_part(part).path,
            *("-p", "hi"),
            home=home,
            env={"ANTHROPIC_BASE_URL": url, "ANTHROPIC_AUTH_TOKEN": "sk-x", "ANTHROPIC_MODEL": MODEL}
            | {variable.name: variable.value for variable in variables},
        )
    headers, body = upstream.asked[0]
    return summary(body, headers["anthropic-beta"])


@pytest.mark.real("claude", "claude-old")
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "toggle",
    [Toggle.NO_BETAS, Toggle.NO_THINKING, Toggle.NO_EFFORT, Toggle.NO_1M, Toggle.NO_ATTRIBUTION],
)
def test_option_changes_the_rehearsal_as_it_changes_the_client_s_request(
    part: str, toggle: Toggle, tmp_path: Path
) -> None:
    all_fields, all_betas, _ = rehearsed(PARTS[part])
    fields, betas, billing = rehearsed(PARTS[part], toggle)
    real_fields, real_betas, real_billing = sent(part, tmp_path, toggle)
    assert (real_fields - fields, real_betas - betas, real_billing) == (set(), set(), billing)
    assert not (all_fields - fields) & real_fields
    assert not (all_betas - betas) & real_betas
    if toggle is not Toggle.NO_EFFORT or part == "claude":  # an older client keeps it for models that it knows
        assert (fields, betas, billing) != rehearsed(PARTS[part])
