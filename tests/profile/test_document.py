from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date
from typing import Any, cast

import pytest

from portal.keys import ApiKey
from portal.profile.model import CredentialScheme, Endpoints, ExtraVariable, Model, ModelIdRule, Tier, Toggle
from tests.profile.documents import document, only_problem, problems_of, read

ENV = {"name": "EXTRA", "value": "1", "why": "because"}
WRONG_VALUES: list[tuple[dict[str, Any], str, str, str]] = [
    # the change, the place, what is wrong, the remedy
    ({"name": ""}, "name", "is empty", "write a text"),
    ({"name": "  "}, "name", "is empty", "write a text"),
    ({"name": "x" * 61}, "name", "61 characters", "60 or fewer"),
    ({"name": "a\u2028b"}, "name", "line break", "on one line"),
    ({"name": "a\x1bb"}, "name", "control", "remove it"),
    ({"name": "a\u202eb"}, "name", "control", "remove it"),
    ({"name": 5}, "name", "must be a text, not a number", 'name = "5"'),
    ({"name": None}, "name", "is missing", 'name = "My gateway"'),
    ({"base_url": None}, "base_url", "is missing", 'base_url = "https://api.example.com"'),
    ({"base_url": "https://x.io/v1"}, "base_url", "https://x.io/v1/v1/messages", 'write "https://x.io"'),
    ({"base_url_includes_version": "yes"}, "base_url_includes_version", "must be true or false", "without quotes"),
    ({"credential": None}, "credential", "is missing", 'credential = "bearer"'),
    ({"credential": "beerer"}, "credential", '"beerer" is not known', "did you mean bearer?"),
    ({"credential": "x_api_key"}, "credential", "is not known", "did you mean x-api-key?"),
    ({"credential": "zzz"}, "credential", "is not known", "use one of: bearer, x-api-key"),
    ({"key__pattern": "("}, "key.pattern", "not a regular expression", "write something simple"),
    ({"key__hint": "a\nb"}, "key.hint", "line break", "on one line"),
    ({"key": "sk-"}, "key", "cannot be a text", "a table [key]"),
    ({"headers__x y": "a"}, 'headers."x y"', "not a header name", "hyphens"),
    ({"headers__x:y": "a"}, 'headers."x:y"', "not a header name", "hyphens"),
    ({"headers__": "a"}, 'headers.""', "not a header name", "hyphens"),
    ({"headers__" + "x" * 101: "a"}, "headers." + "x" * 101, "too long", "100"),
    ({"headers__Authorization": "a"}, "headers.Authorization", "overruled", 'credential = "bearer"'),
    ({"headers__X-API-Key": "a"}, "headers.X-API-Key", "beside the credential", 'credential = "x-api-key"'),
    ({"headers__Host": "a"}, "headers.Host", "HTTP client", "remove it"),
    ({"headers__x": ""}, "headers.x", "is empty", "write a text"),
    ({"headers__x": "a\nb: c"}, "headers.x", "line break", "on one line"),
    ({"headers__x": "a\tb"}, "headers.x", "control", "remove it"),
    ({"headers__x": "ü"}, "headers.x", "non-ASCII", "ASCII"),
    ({"headers__x": " a"}, "headers.x", "begins or ends with a blank", "remove it"),
    ({"headers__x": "{kee}"}, "headers.x", '"{kee}"', "write {key}"),
    ({"headers__x": "{ key }"}, "headers.x", '"{ key }"', "write {key}"),
    ({"headers__x": "{account}"}, "headers.x", '"{account}"', "write it out"),
    ({"headers__x": "Bearer YOUR-API-KEY"}, "headers.x", "YOUR-API-KEY", "written {key}"),
    ({"headers__x": 1}, "headers.x", "must be a text, not a number", 'x = "1"'),
    ({"headers": []}, "headers", "cannot be a list", "a table [headers]"),
    ({"models": None}, "models", "is missing", "[models.opus]"),
    ({"models__opus": None}, "models.opus", "is missing", "[models.opus]"),
    ({"models__sonnet": None}, "models.sonnet", "is missing", "[models.sonnet]"),
    ({"models__haiku": None}, "models.haiku", "is missing", "[models.haiku]"),
    ({"models__haiku": "small-1"}, "models.haiku", "cannot be a text", "[models.haiku]"),
    ({"models__opus__id": None}, "models.opus.id", "is missing", "id = "),
    ({"models__opus__id": ""}, "models.opus.id", "is empty", "write a text"),
    ({"models__opus__id": "a b"}, "models.opus.id", "cannot be a model id", "use letters"),
    ({"models__opus__label": None}, "models.opus.label", "is missing", "label = "),
    ({"models__opus__use": "x" * 201}, "models.opus.use", "201 characters", "200 or fewer"),
    ({"models__fable": {"id": "x"}}, "models.fable.label", "is missing", "label = "),
    ({"models__more": {"id": "x", "label": "X"}}, "models.more", "cannot be a table", "[[models.more]]"),
    ({"models__more": [{"id": "ä", "label": "X"}]}, "models.more #1.id", "cannot be a model id", "use letters"),
    ({"models__default": "opsu"}, "models.default", "is not known", "did you mean opus?"),
    ({"models__default": "fable"}, "models.default", "no [models.fable]", 'default = "sonnet"'),
    ({"models__id_rule": "doted"}, "models.id_rule", "is not known", "did you mean dotted?"),
    ({"env": [{**ENV, "value": 1}]}, "env #1.value", "must be a text, not a number", 'write it in quotes: value = "1"'),
    ({"env": [{**ENV, "value": True}]}, "env #1.value", "not a truth value", 'value = "true"'),
    ({"env": [{**ENV, "value": 1.5}]}, "env #1.value", "not a number", 'value = "1.5"'),
    ({"env": [{**ENV, "value": date(2026, 1, 2)}]}, "env #1.value", "not a date", 'value = "2026-01-02"'),
    ({"env": [{**ENV, "value": [1]}]}, "env #1.value", "cannot be a list", "value = "),
    ({"env": [{**ENV, "value": ""}]}, "env #1.value", "Windows keeps no empty variables", "write a value"),
    ({"env": [{**ENV, "value": "a\rb"}]}, "env #1.value", "line break", "on one line"),
    ({"env": [{**ENV, "value": "x" * 1001}]}, "env #1.value", "1001 characters", "1000 or fewer"),
    ({"env": [{**ENV, "value": "{key}"}]}, "env #1.value", "{key}", "remove it"),
    ({"env": [{**ENV, "value": "YOUR-API-KEY"}]}, "env #1.value", "YOUR-API-KEY", "remove it"),
    ({"env": [{**ENV, "why": ""}]}, "env #1.why", "is empty", "write a text"),
    ({"env": [ENV, {**ENV, "name": "2X"}]}, "env #2.name", "not a variable name", "capital letters"),
    ({"env": [{**ENV, "name": "lower"}]}, "env #1.name", "not a variable name", "capital letters"),
    ({"env": [{**ENV, "name": "A\n"}]}, "env #1.name", "not a variable name", "capital letters"),
    ({"env": [ENV, ENV]}, "env #2.name", '"EXTRA" is already in this file', "remove one"),
    ({"env": {"EXTRA": "1"}}, "env", "cannot be a table", "[[env]]"),
    ({"recommended__timeout_ms": 0}, "recommended.timeout_ms", "0 is out of range", "1 to 2147483647"),
    ({"recommended__timeout_ms": 2**31}, "recommended.timeout_ms", "out of range", "1 to 2147483647"),
    ({"recommended__timeout_ms": "5"}, "recommended.timeout_ms", "whole number", "without quotes"),
    ({"recommended__timeout_ms": True}, "recommended.timeout_ms", "whole number", "timeout_ms = 600000"),
    ({"recommended__timeout_ms": 1.5}, "recommended.timeout_ms", "whole number", "timeout_ms = 600000"),
    ({"recommended__toggles": ["nobetas"]}, "recommended.toggles #1", "not known", "did you mean no-betas?"),
    ({"recommended__toggles": "no-betas"}, "recommended.toggles", "cannot be a text", 'toggles = ["no-betas"]'),
    ({"links__docs": "/docs"}, "links.docs", "does not begin with https://", "write https://"),
    ({"links__docs": "http://x.io"}, "links.docs", "http", "write https://"),
    ({"links__support": "mailto:a@x.io"}, "links.support", "uses mailto:", "https://"),
    ({"brand__accent": "teal"}, "brand.accent", "not a colour of the form #rrggbb", "#0f766e"),
    ({"brand__accent": "#fff"}, "brand.accent", "not a colour of the form #rrggbb", "#0f766e"),
    ({"brand__accent": "#12345\uff16"}, "brand.accent", "not a colour of the form #rrggbb", "#0f766e"),
    ({"brand__name": ""}, "brand.name", "is empty", "write a text"),
    ({"brand__logo": 1}, "brand.logo", "path of a file", 'logo = "logo.svg"'),
    ({"endpoints__models": "yes"}, "endpoints.models", "must be true or false", "without quotes"),
    ({"credental": "bearer"}, "credental", "no such setting", "did you mean credential?"),
    ({"timeout": 5}, "timeout", "no such setting", "did you mean recommended.timeout_ms?"),
    ({"zzzzzz": 5}, "zzzzzz", "no such setting", "use one of: name,"),
    ({"zz\nzz": 5}, '"zz\\nzz"', "no such setting", "use one of: name,"),
    ({"key__patern": "x"}, "key.patern", "no such setting", "did you mean pattern?"),
    ({"models__opuss": {}}, "models.opuss", "no such setting", "did you mean opus?"),
    ({"models__opus__lable": "x"}, "models.opus.lable", "no such setting", "did you mean label?"),
    ({"models__more": [{"id": "x", "label": "X", "uses": ""}]}, "models.more #1.uses", "no such setting", "use?"),
    ({"env": [{**ENV, "reason": ""}]}, "env #1.reason", "no such setting", "name, value, why"),
    ({"recommended__toggle": []}, "recommended.toggle", "no such setting", "did you mean toggles?"),
    ({"links__doc": ""}, "links.doc", "no such setting", "did you mean docs?"),
    ({"brand__base_url": ""}, "brand.base_url", "no such setting", "top of the file"),
    ({"endpoints__model": True}, "endpoints.model", "no such setting", "did you mean models?"),
]


@pytest.mark.parametrize(("change", "place", "wrong", "remedy"), WRONG_VALUES)
def test_document_when_one_value_is_wrong(change: dict[str, Any], place: str, wrong: str, remedy: str) -> None:
    problem = only_problem(**change)
    assert problem.startswith(f"{place}: ")
    assert wrong in problem
    assert remedy in problem.split("; ", 1)[1]
    assert problem.isprintable()


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("ANTHROPIC_BASE_URL", "set base_url instead"),
        ("ANTHROPIC_AUTH_TOKEN", "set credential instead"),
        ("ANTHROPIC_API_KEY", "set credential instead"),
        ("ANTHROPIC_DEFAULT_OPUS_MODEL", "set [models.opus] instead"),
        ("ANTHROPIC_DEFAULT_SONNET_MODEL", "set [models.sonnet] instead"),
        ("ANTHROPIC_DEFAULT_HAIKU_MODEL", "set [models.haiku] instead"),
        ("ANTHROPIC_DEFAULT_FABLE_MODEL", "set [models.fable] instead"),
        ("ANTHROPIC_SMALL_FAST_MODEL", "set [models.haiku] instead"),
        ("ANTHROPIC_MODEL", "set models.default instead"),
        ("ANTHROPIC_CUSTOM_HEADERS", "set [headers] instead"),
        ("API_TIMEOUT_MS", "set recommended.timeout_ms instead"),
        ("CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS", '"no-betas" into recommended.toggles'),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", '"no-traffic" into recommended.toggles'),
        ("CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY", '"discovery" into recommended.toggles'),
        ("CLAUDE_CODE_DISABLE_ADAPTIVE_THINKING", '"no-adaptive-thinking" into recommended.toggles'),
        ("CLAUDE_CODE_MAX_CONTEXT_TOKENS", "set recommended.context_tokens instead"),
        ("CLAUDE_CODE_USE_BEDROCK", "remove it"),
    ],
)
def test_document_when_a_variable_has_a_better_place(name: str, remedy: str) -> None:
    problem = only_problem(env=[{**ENV, "name": name}])
    assert problem.startswith(f"env #1.name: {name} ")
    assert remedy in problem


@pytest.mark.parametrize(
    ("rule", "written", "corrected"),
    [
        ("dotted", "claude-sonnet-4-6", "claude-sonnet-4.6"),
        ("hyphenated", "anthropic/claude-sonnet-4.6[1m]", "anthropic/claude-sonnet-4-6[1m]"),
    ],
)
@pytest.mark.parametrize("place", ["models.opus.id", "models.fable.id", "models.more #1.id"])
def test_document_when_a_model_id_breaks_the_rule(rule: str, written: str, corrected: str, place: str) -> None:
    model = {"id": written, "label": "X"}
    change = {"models.opus.id": {"models__opus": model}, "models.fable.id": {"models__fable": model}}
    problem = only_problem(models__id_rule=rule, **change.get(place, {"models__more": [model]}))
    assert problem == f'{place}: "{written}" breaks id_rule = "{rule}"; write "{corrected}"'


def test_document_when_two_headers_differ_in_case_only() -> None:
    assert only_problem(headers={"X-Team": "a", "x-team": "b"}).startswith("headers.x-team: ")


def test_document_when_a_further_model_is_listed_twice() -> None:
    more = [{"id": "x", "label": "X"}, {"id": "y", "label": "Y"}, {"id": "x", "label": "Z"}]
    assert only_problem(models__more=more).startswith('models.more #3.id: "x" is already')


def test_document_when_many_things_are_wrong_tells_all_at_once() -> None:
    problems = problems_of(
        name="",
        base_url="http://me@x.io/v1?a",
        credential="no",
        models__id_rule="dotted",
        models__opus={"id": "claude-opus-4-8"},
        models__haiku=None,
        models__default="fable",
        headers={"Authorization": "ü", "X": "1", "x": "1"},
        env=[{**ENV, "value": 1}, {**ENV, "why": "\n"}],
        brand__logo="logo.svg",
        brand__accent="red",
        surplus=1,
    )
    places = [problem.partition(": ")[0] for problem in problems]
    assert sorted(set(places)) == sorted(
        {
            *("name", "base_url", "credential", "models.opus.id", "models.opus.label", "models.haiku"),
            *("models.default", "headers.Authorization", "headers.x", "env #1.value", "env #2.why", "env #2.name"),
            *("brand.accent", "surplus"),
        },
    )
    assert places.count("base_url") == 4
    assert places.count("headers.Authorization") == 2


@pytest.mark.parametrize("broken", [{}, {"models": 1, "headers": 1, "env": 1}, {"models": {"more": 1, "id_rule": []}}])
@pytest.mark.parametrize("also", [{}, {"env": [1, {"name": []}], "headers": []}])
def test_document_when_tables_are_of_the_wrong_kind_gives_sentences(
    broken: dict[str, Any],
    also: dict[str, Any],
) -> None:
    problems = problems_of(**{**document(), **broken, **also}) if broken or also else ()
    assert all(": " in problem and "; " in problem for problem in problems), problems


def test_document_when_complete_becomes_the_profile() -> None:
    profile = read(
        base_url="https://api.example.com/anthropic//",
        key={"pattern": "sk-.+", "hint": "starts with sk-"},
        headers={"x-key": "{key}", "x-json": '{"a": 1}'},
        models__default="fable",
        models__id_rule="dotted",
        models__fable={"id": "claude-fable-1.0[1m]", "label": " Fable ", "use": "Tales"},
        models__more=[{"id": "big-1", "label": "Big again"}, {"id": "other", "label": "Other"}],
        env=[{"name": "EXTRA", "value": " ü $x ", "why": "because"}],
        recommended={"timeout_ms": 3000000, "toggles": ["no-betas", "discovery", "no-betas"]},
        links={"docs": "https://example.com/docs?x#y", "status": ""},
        brand={"name": "Ex", "accent": "#ABCDEF", "logo": "logo.svg"},
        endpoints={"models": False},
    )
    assert profile.slug == "example"
    assert profile.base_url == "https://api.example.com/anthropic"
    assert profile.credential is CredentialScheme.BEARER
    assert profile.model_id_rule is ModelIdRule.DOTTED
    assert profile.models[Tier.FABLE] == Model("claude-fable-1.0[1m]", "Fable", "Tales")
    assert profile.default_tier is Tier.FABLE
    assert [model.id for model in profile.offered()] == [
        "big-1",
        "middle-1",
        "small-1",
        "claude-fable-1.0[1m]",
        "other",
    ]
    assert profile.headers == {"x-key": "{key}", "x-json": '{"a": 1}'}
    assert profile.extra_env == (ExtraVariable("EXTRA", " ü $x ", "because"),)
    assert profile.timeout_ms == 3000000
    assert profile.toggles == {Toggle.NO_BETAS, Toggle.DISCOVERY}
    assert profile.links.docs == "https://example.com/docs?x#y"
    assert profile.brand.name == "Ex"
    assert profile.brand.accent == "#abcdef"
    assert profile.brand.logo is not None
    assert profile.endpoints == Endpoints(models=False)


def test_document_when_short_takes_the_defaults() -> None:
    profile = read()
    assert profile.brand.name == "Example"
    assert profile.default_tier is Tier.SONNET
    assert profile.model_id_rule is ModelIdRule.FREE
    assert set(profile.models) == {Tier.OPUS, Tier.SONNET, Tier.HAIKU}
    assert profile.timeout_ms is None
    assert profile.toggles == frozenset()


def test_profile_when_someone_tries_to_change_it() -> None:
    profile = read(headers={"x": "y"})
    with pytest.raises(FrozenInstanceError):
        profile.name = "Other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        cast("dict[str, str]", profile.headers)["x"] = "z"
    with pytest.raises(TypeError):
        cast("dict[Tier, Model]", profile.models)[Tier.OPUS] = profile.models[Tier.HAIKU]


def test_profile_when_the_document_changes_afterwards() -> None:
    headers = {"x": "y"}
    profile = read(headers=headers)
    headers["x"] = "z"
    assert profile.headers == {"x": "y"}


@pytest.mark.parametrize(
    ("pattern", "key", "expected"),
    [
        ("sk-[a-z]+", "sk-abc", True),
        ("sk-[a-z]+", "sk-abc1", False),
        ("sk-[a-z]+", "x" * 513, True),
        ("", "anything", True),
    ],
)
def test_profile_expects_when_it_has_a_key_pattern(pattern: str, key: str, expected: bool) -> None:  # noqa: FBT001
    assert read(key={"pattern": pattern}).expects(ApiKey(key)) is expected


def test_profile_blanks_when_an_operator_has_still_to_fill_them_in() -> None:
    profile = read(base_url="https://x.io/YOUR_ACCOUNT_ID/y", headers={"x": "Bearer YOUR_TOKEN YOUR_ACCOUNT_ID"})
    assert profile.blanks() == ("YOUR_ACCOUNT_ID", "YOUR_TOKEN")
    assert read().blanks() == ()
