from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.profile.model import ModelIdRule
from portal.profile.model_ids import correct_model_id, is_model_id

DOTTED_AND_HYPHENATED = [
    ("claude-sonnet-4.6", "claude-sonnet-4-6"),
    ("claude-opus-4.8[1m]", "claude-opus-4-8[1m]"),
    ("claude-haiku-4.5-20251001", "claude-haiku-4-5-20251001"),
    ("claude-sonnet-4.5@20250929", "claude-sonnet-4-5@20250929"),
    ("claude-opus-4.1-2025-08-05", "claude-opus-4-1-2025-08-05"),
    ("claude-3.5-haiku-latest", "claude-3-5-haiku-latest"),
    ("claude-opus-4.10", "claude-opus-4-10"),
    ("anthropic/claude-sonnet-4.6", "anthropic/claude-sonnet-4-6"),
    ("~anthropic/claude-opus-4.8:beta", "~anthropic/claude-opus-4-8:beta"),
    ("us.anthropic.claude-sonnet-4.5-20250929-v1:0", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    ("region-1-2/Claude-Opus-4.8", "region-1-2/Claude-Opus-4-8"),
]
OBEYS_BOTH = [
    "claude-opus-4-20250514",
    "claude-sonnet-latest",
    "claude-opus-5",
    "us.anthropic.claude-opus-4-20250514-v1:0",
    "claude-opus-4-32k",
    "claude-opus-4[1m]",
]
OTHER_VENDORS = ["gemini-2-5-pro", "gpt-5.2", "glm-4-9b", "doubao-1-5-pro-32k-250115", "MiniMax-M2.7", "kimi-k2.5"]

ids = st.one_of(
    st.from_regex(r"([a-z]{1,5}[./])?claude(-[a-z]{1,4}|[-.@:][0-9]{1,8}|-v[0-9]:0){0,5}(\[1m\])?", fullmatch=True),
    st.text(alphabet="claude-.0123456789/:@v[1m]", max_size=40),
    st.text(max_size=40),
)
rules = st.sampled_from(ModelIdRule)


@pytest.mark.parametrize(("dotted", "hyphenated"), DOTTED_AND_HYPHENATED)
def test_correct_model_id_when_the_version_is_written_the_other_way(dotted: str, hyphenated: str) -> None:
    assert correct_model_id(hyphenated, ModelIdRule.DOTTED) == dotted
    assert correct_model_id(dotted, ModelIdRule.HYPHENATED) == hyphenated


@pytest.mark.parametrize(("dotted", "hyphenated"), DOTTED_AND_HYPHENATED)
def test_correct_model_id_when_the_id_obeys_its_rule(dotted: str, hyphenated: str) -> None:
    assert correct_model_id(dotted, ModelIdRule.DOTTED) is None
    assert correct_model_id(hyphenated, ModelIdRule.HYPHENATED) is None
    assert correct_model_id(dotted, ModelIdRule.FREE) is None
    assert correct_model_id(hyphenated, ModelIdRule.FREE) is None


@pytest.mark.parametrize("model_id", OBEYS_BOTH)
@pytest.mark.parametrize("rule", ModelIdRule)
def test_correct_model_id_when_there_is_a_date_or_no_second_number(model_id: str, rule: ModelIdRule) -> None:
    assert correct_model_id(model_id, rule) is None


@pytest.mark.parametrize("model_id", OTHER_VENDORS)
@pytest.mark.parametrize("rule", ModelIdRule)
def test_correct_model_id_when_the_model_is_not_claude(model_id: str, rule: ModelIdRule) -> None:
    assert correct_model_id(model_id, rule) is None


@given(ids, rules)
def test_correct_model_id_when_applied_twice(model_id: str, rule: ModelIdRule) -> None:
    corrected = correct_model_id(model_id, rule)
    if corrected is not None:
        assert corrected != model_id
        assert correct_model_id(corrected, rule) is None


@given(ids, rules)
def test_correct_model_id_when_compared_with_the_original(model_id: str, rule: ModelIdRule) -> None:
    corrected = correct_model_id(model_id, rule) or model_id
    assert corrected.replace("-", ".") == model_id.replace("-", ".")
    assert corrected.endswith("[1m]") == model_id.endswith("[1m]")


@given(ids, rules)
def test_correct_model_id_when_the_id_is_legal_keeps_it_legal(model_id: str, rule: ModelIdRule) -> None:
    assert is_model_id(correct_model_id(model_id, rule) or model_id) == is_model_id(model_id)


@pytest.mark.parametrize(
    "text",
    ["a", "claude-sonnet-4.6", "@cf/meta/llama+x", "a_b:c@d/e.f-g", "deepseek-flash[1m]", "x" * 128],
)
def test_is_model_id_when_made_of_its_characters(text: str) -> None:
    assert is_model_id(text)


@pytest.mark.parametrize(
    "text",
    ["", "a b", "a\n", "ä", "a$b", 'a"b', "a[1m][1m]", "[1m]", "a[2m]", "a[1m]b", "x" * 129, "x" * 125 + "[1m]"],
)
def test_is_model_id_when_something_else_is_in_it(text: str) -> None:
    assert not is_model_id(text)
