from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft7Validator

from portal.keys import PLACEHOLDER
from portal.profile.load import load_profile, preset_names
from portal.profile.model import GatewayProfile, Toggle
from portal.snippets.choices import Choices
from portal.snippets.places import LOCAL_SETTINGS, PROJECT_SETTINGS, USER_SETTINGS, managed_settings
from portal.snippets.settings_json import SCHEMA_URL, downloadable_file, settings_files
from portal.snippets.targets import Platform, Scope, Shell, Target
from portal.snippets.variables import environment
from tests.real_parts.plugin import real_part
from tests.snippets.samples import HOSTILE, PLAIN, X_API_KEY, choose

_PROFILES = [PLAIN, X_API_KEY, HOSTILE, *map(load_profile, preset_names())]
_FILE_SCOPES = [Scope.USER, Scope.LOCAL, Scope.PROJECT, Scope.MANAGED]

every_profile = pytest.mark.parametrize("profile", _PROFILES, ids=lambda profile: profile.slug)
every_file_scope = pytest.mark.parametrize("scope", _FILE_SCOPES)


def _choose(profile: GatewayProfile, scope: Scope, *toggles: Toggle) -> Choices:
    return replace(choose(Target(Platform.LINUX, Shell.BASH, scope), profile), toggles=frozenset(toggles))


@every_profile
@every_file_scope
def test_file_is_plain_strict_json(profile: GatewayProfile, scope: Scope) -> None:
    for file in settings_files(_choose(profile, scope, *Toggle), profile):
        assert file.text.isascii()
        assert file.text.startswith("{\n")
        assert file.text.endswith("}\n")
        assert not file.text.endswith("\n\n")
        document = json.loads(file.text)
        assert next(iter(document)) == "$schema"
        assert document["$schema"] == SCHEMA_URL
        assert all(type(value) is str for value in document["env"].values())
        assert "\n".join(file.lines) + "\n" == file.text


@every_profile
@every_file_scope
def test_files_together_hold_every_variable_once_and_in_order(profile: GatewayProfile, scope: Scope) -> None:
    choices = _choose(profile, scope, *Toggle)
    expected = {variable.name: variable.value for variable in environment(choices, profile)}
    seen: dict[str, str] = {}
    for file in settings_files(choices, profile):
        env = json.loads(file.text)["env"]
        assert not env.keys() & seen.keys()
        assert list(env) == [name for name in expected if name in env]
        seen |= env
    assert seen == expected


@every_profile
@every_file_scope
def test_key_stands_in_a_private_file_only(profile: GatewayProfile, scope: Scope) -> None:
    files = settings_files(_choose(profile, scope), profile)
    assert [file.private for file in files if PLACEHOLDER in file.text] == [True]
    assert not any(file.admin and file.private for file in files)
    if len(files) == 2:
        private = json.loads(files[1].text)["env"]
        assert set(private) <= {profile.credential.variable, "ANTHROPIC_CUSTOM_HEADERS"}
        assert "ANTHROPIC_CUSTOM_HEADERS" not in json.loads(files[0].text)["env"]


@pytest.mark.parametrize(
    ("scope", "places"),
    [
        (Scope.TERMINAL, []),
        (Scope.STARTUP, []),
        (Scope.USER, [USER_SETTINGS]),
        (Scope.LOCAL, [LOCAL_SETTINGS]),
        (Scope.PROJECT, [PROJECT_SETTINGS, LOCAL_SETTINGS]),
        (Scope.MANAGED, [managed_settings(Platform.LINUX), USER_SETTINGS]),
    ],
)
def test_every_scope_has_its_files(scope: Scope, places: list[object]) -> None:
    assert [file.place for file in settings_files(_choose(PLAIN, scope), PLAIN)] == places


@pytest.mark.parametrize(
    ("toggles", "keys"),
    [
        ((), {}),
        ((Toggle.NO_WEBFETCH_CHECK,), {"skipWebFetchPreflight": True}),
        ((Toggle.NO_AUTO_MODE,), {"permissions": {"disableAutoMode": "disable"}}),
        ((Toggle.NO_BETAS, Toggle.NO_TRAFFIC, Toggle.DISCOVERY), {}),
        (tuple(Toggle), {"skipWebFetchPreflight": True, "permissions": {"disableAutoMode": "disable"}}),
    ],
)
@every_file_scope
def test_toggles_that_are_keys_stand_in_the_first_file(
    scope: Scope, toggles: tuple[Toggle, ...], keys: dict[str, object]
) -> None:
    first, *others = (json.loads(file.text) for file in settings_files(_choose(PLAIN, scope, *toggles), PLAIN))
    assert {name: value for name, value in first.items() if name not in {"$schema", "env"}} == keys
    assert all(set(other) == {"$schema", "env"} for other in others)


@pytest.mark.parametrize("scope", list(Scope))
def test_download_is_the_scopes_first_file_or_the_users_own(scope: Scope) -> None:
    choices = _choose(PLAIN, scope)
    files = settings_files(choices, PLAIN)
    first = downloadable_file(choices, PLAIN)
    assert first == (files or settings_files(_choose(PLAIN, Scope.USER), PLAIN))[0]
    for file in files:
        assert downloadable_file(choices, PLAIN, file.place.name) == file
    assert downloadable_file(choices, PLAIN, "passwd") is None


@pytest.mark.real("shared-facts")
@every_profile
@every_file_scope
def test_file_is_valid_by_the_published_schema(profile: GatewayProfile, scope: Scope) -> None:
    path = real_part("shared-facts").path / "schema" / "claude-code-settings.schema.json"
    schema: dict[str, Any] = json.loads(path.read_text())
    validator = Draft7Validator(schema)
    for file in settings_files(_choose(profile, scope, *Toggle), profile):
        assert not list(validator.iter_errors(json.loads(file.text)))
