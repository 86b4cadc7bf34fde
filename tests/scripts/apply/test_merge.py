"""The reference merge: only what is planned differs, everything else keeps its bytes, and undo gives it all back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.scripts.engines.scan import scan
from tests.scripts.apply.documents import documents, settings
from tests.scripts.apply.reference import apply_merge, mask, undo_merge

SET = {"ANTHROPIC_BASE_URL": "https://gateway.example", "ANTHROPIC_AUTH_TOKEN": "sk-new", "ANTHROPIC_API_KEY": ""}
DROPPED = ("CLAUDE_CODE_USE_BEDROCK", "ANTHROPIC_SMALL_FAST_MODEL")
ORDERS = [
    *(f"set env {name} {json.dumps(value)}" for name, value in SET.items()),
    *(f"drop env {name}" for name in DROPPED),
    "set . skipWebFetchPreflight true",
    'set permissions disableAutoMode "disable"',
]


def load(data: bytes) -> Any:
    return json.loads(data.decode("utf-8-sig", "surrogatepass"))


def wanted(before: dict[str, Any]) -> dict[str, Any]:
    """What the orders mean, said with dictionaries."""
    env = {name: value for name, value in before.get("env", {}).items() if name not in DROPPED} | SET
    permissions = before.get("permissions", {}) | {"disableAutoMode": "disable"}
    return before | {"env": env, "skipWebFetchPreflight": True, "permissions": permissions}


@given(settings())
def test_only_planned_settings_differ_and_the_order_stays(data: bytes) -> None:
    before, after = load(data), load(apply_merge(data, ORDERS).data)
    expected = wanted(before)
    assert after == expected
    assert list(after) == list(expected)
    assert list(after["env"]) == list(expected["env"])


@given(settings())
def test_other_members_keep_their_bytes(data: bytes) -> None:
    after = apply_merge(data, ORDERS).data
    touched = {"env", "permissions", "skipWebFetchPreflight"}
    old, new = scan(mask(data)), scan(mask(after))
    kept = {m.name: data[m.key : m.end] for m in old.inside(None) if m.name not in touched}
    assert kept == {m.name: after[m.key : m.end] for m in new.inside(None) if m.name not in touched}


@given(settings())
def test_second_run_changes_nothing(data: bytes) -> None:
    first = apply_merge(data, ORDERS)
    second = apply_merge(first.data, ORDERS, first.record)
    assert not second.changed


@given(settings())
def test_undo_restores_every_touched_value(data: bytes) -> None:
    first = apply_merge(data, ORDERS)
    undone = undo_merge(first.data, first.record) if first.changed else first
    assert load(undone.data) == load(data)


@given(settings(), st.sampled_from([*SET, "OTHER"]), st.text(max_size=8))
def test_undo_leaves_later_edits_alone(data: bytes, name: str, value: str) -> None:
    first = apply_merge(data, ORDERS)
    edited = apply_merge(first.data, [f"set env {name} {json.dumps(value)}", "set . later [1]"])
    undone = load(undo_merge(edited.data, first.record).data) if first.changed else load(edited.data)
    assert undone["later"] == [1]
    before = load(data).get("env", {})
    if name in SET and value == SET[name]:
        assert undone.get("env", {}).get(name) == before.get(name)
    else:
        assert undone["env"][name] == value


@given(settings())
def test_undo_after_two_runs_goes_back_before_the_first(data: bytes) -> None:
    first = apply_merge(data, ORDERS)
    again = [order.replace("sk-new", "sk-newer") for order in ORDERS]
    second = apply_merge(first.data, [*again, 'set env API_TIMEOUT_MS "1"'], first.record)
    assert load(undo_merge(second.data, second.record).data) == load(data)


@given(st.binary(max_size=60) | st.text(alphabet='{}[]:,"0-1.eE+atrufnl\\ \n', max_size=24).map(str.encode))
def test_scanner_agrees_with_json_about_what_is_valid(data: bytes) -> None:
    try:
        json.loads(data.decode(), parse_constant=lambda name: int(f"not JSON: {name}"))
        valid = not data.startswith(b"\xef\xbb\xbf")
    except (ValueError, RecursionError):
        valid = False
    if valid:
        assert scan(mask(data)).error == -1
    elif not any(byte >= 0x80 for byte in data):
        assert scan(mask(data)).error >= 0


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ('{"a": 1,}', 8),
        ("", 0),
        ('{"a": 01}', 7),
        ('{"a": "x', 6),
        ("{'a': 1}", 1),
        ('{"a": 1} x', 9),
        ('{"a": [1,]}', 9),
        ('{"a": 1]', 7),
        ('{"a": "\\x"}', 6),
    ],
)
def test_position_of_the_error_is_the_first_wrong_token(text: str, at: int) -> None:
    assert scan(text).error == at


def test_new_file_is_the_document_of_the_guide() -> None:
    merged = apply_merge(None, ['set env A "1"', "set . skipWebFetchPreflight true"])
    schema = "https://json.schemastore.org/claude-code-settings.json"
    document = {"$schema": schema, "env": {"A": "1"}, "skipWebFetchPreflight": True}
    assert merged.data.decode() == json.dumps(document, indent=2) + "\n"
    assert undo_merge(merged.data, merged.record).removed


@pytest.mark.parametrize("number", range(0, 300, 7))
def test_undo_gives_the_very_bytes_back_when_only_values_changed_place(number: int) -> None:
    data = documents()[number]
    orders = [order for order in ORDERS if not order.startswith("drop")]
    first = apply_merge(data, orders)
    if not first.changed:
        return
    undone = undo_merge(first.data, first.record).data
    blank = not data.removeprefix(b"\xef\xbb\xbf").strip()
    assert undone == (b"" if blank else data.removeprefix(b"\xef\xbb\xbf")) or b"{}" in undone


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'{"env":{"ANTHROPIC_MODEL":1},"env":{"X":1}}', b'{"env":{"ANTHROPIC_MODEL":1},"env":{"X":1,"A":"1"}}'),
        (b'{"env": {"A": 1, "A": 2}}', b'{"env": {"A": 1, "A": "1"}}'),
        (
            b'{\n\t"env": {\n\t\t"B": 12345678901234567890\n\t}\n}',
            b'{\n\t"env": {\n\t\t"B": 12345678901234567890,\n\t\t"A": "1"\n\t}\n}',
        ),
        (b'{"\\u0065nv": {"\\u0041": 7}}', b'{"\\u0065nv": {"\\u0041": "1"}}'),
        (b'{\r\n  "x": 1\r\n}\r\n', b'{\r\n  "x": 1,\r\n  "env": {\r\n    "A": "1"\r\n  }\r\n}\r\n'),
        (b'{"x":1}', b'{"x":1,"env":{"A":"1"}}'),
        (b'{"x": 1}', b'{"x": 1, "env": {"A": "1"}}'),
    ],
)
def test_new_text_follows_the_layout_of_the_file(before: bytes, after: bytes) -> None:
    assert apply_merge(before, ['set env A "1"']).data == after
