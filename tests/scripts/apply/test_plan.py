"""The plan: what the guide's files say, as orders; the key check of the portal; nothing for one terminal."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from portal.gateway.access import access_for
from portal.gateway.outgoing import request_headers, sent_model_id
from portal.keys import PLACEHOLDER, ApiKey
from portal.profile.load import load_profile, preset_names
from portal.profile.model import Toggle
from portal.scripts.plan import Keeper, plan_for
from portal.snippets.choices import recommended_choices
from portal.snippets.settings_json import settings_files
from portal.snippets.targets import Scope, all_targets
from tests.scripts.apply.reference import apply_merge

FILE_TARGETS = [target for target in all_targets() if target.scope not in {Scope.TERMINAL, Scope.STARTUP}]


@pytest.mark.parametrize("preset", preset_names())
def test_orders_make_the_very_files_of_the_guide(preset: str) -> None:
    profile = load_profile(preset)
    for target in FILE_TARGETS:
        choices = replace(recommended_choices(profile, target.platform), target=target, toggles=frozenset(Toggle))
        plan = plan_for(choices, profile)
        for file, planned in zip(settings_files(choices, profile), plan.files, strict=True):
            merged = apply_merge(None, [order.line for order in planned.orders])
            assert merged.data.decode() == file.text
            assert (PLACEHOLDER in file.text) == (planned.keeper is Keeper.PRIVATE)


@pytest.mark.parametrize("preset", preset_names())
def test_key_check_is_the_request_of_the_portal(preset: str) -> None:
    profile = load_profile(preset)
    choices = recommended_choices(profile)
    check = plan_for(choices, profile).check
    headers = request_headers(access_for(profile, ApiKey(PLACEHOLDER))) | {"user-agent": "onboarding-portal-apply"}
    assert dict(check.headers) == headers
    assert check.url == f"{profile.base_url}/v1/messages?beta=true"
    assert check.model == sent_model_id(choices.models[choices.default_tier])
    assert json.loads(check.body)["model"] == check.model


def test_terminal_scope_has_no_plan() -> None:
    profile = load_profile("tokenbay")
    target = next(target for target in all_targets() if target.scope is Scope.TERMINAL)
    with pytest.raises(ValueError, match="terminal"):
        plan_for(replace(recommended_choices(profile), target=target), profile)


def test_shared_files_lose_the_key_and_no_file_keeps_a_way_past_the_gateway() -> None:
    profile = load_profile("tokenbay")
    for target in FILE_TARGETS:
        choices = replace(recommended_choices(profile, target.platform), target=target)
        for file in plan_for(choices, profile).files:
            dropped = {order.name for order in file.orders if not order.value}
            if file.keeper is not Keeper.PRIVATE:
                assert "ANTHROPIC_AUTH_TOKEN" in dropped
            if file.keeper is not Keeper.PRIVATE or target.scope is not Scope.MANAGED:
                assert "CLAUDE_CODE_USE_BEDROCK" in dropped
