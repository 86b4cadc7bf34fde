"""The merge against generated files: what it sets is set, everything else keeps its bytes; and how long it takes."""

from __future__ import annotations

import json
import random
import re
import statistics
from typing import Any, Final

import pytest
from playwright.sync_api import Page

from portal.keys import PLACEHOLDER
from tests.browser.merging import REFERENCE_PLAN, open_fold, reference_portal

__all__ = ["reference_portal"]  # a fixture, used by its name

pytestmark = pytest.mark.real("chromium")

DOCUMENTS: Final = 60
PLAN: Final = {**REFERENCE_PLAN, "ANTHROPIC_AUTH_TOKEN": PLACEHOLDER}
LAYOUTS: Final[list[dict[str, Any]]] = [
    {"indent": 2},
    {"indent": 4},
    {"indent": "\t"},
    {"indent": 1, "ensure_ascii": False},
    {},
    {"separators": (",", ":"), "ensure_ascii": False},
]
TEXTS: Final = ["", "é", "日本", "😀", '"', "\\", "// no comment", "a, }", "'", "“x”", "\u2028", "\x01", "YOUR-API-KEY"]

_MERGE: Final = """texts => {
  const { MARK, merge, planFor, plansOf } = window.portalMerge;
  const plans = plansOf(document.querySelectorAll('[data-snippet="file"]'));
  const plan = planFor(plans, plans[0], false);
  return texts.map((text) => merge(text, plan, new Set(), 'YOUR-API-KEY').text.replaceAll(MARK, 'YOUR-API-KEY'));
}"""

_TIMES: Final = """async text => {
  const field = document.getElementById('merge-text');
  const times = [];
  for (let round = 0; round < 5; round += 1) {
    const data = new DataTransfer();
    data.items.add(new File([text], 'settings.json'));
    const start = performance.now();
    field.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    document.getElementById('merged').textContent = '';
    while (!document.getElementById('merged').textContent) await new Promise((done) => setTimeout(done, 0));
    times.push(performance.now() - start);
  }
  return times;
}"""


def some_value(dice: random.Random, depth: int = 0) -> Any:
    kind = dice.randrange(9 if depth < 4 else 6)
    if kind == 6:
        return [some_value(dice, depth + 1)]
    if kind > 6:
        return {dice.choice(TEXTS) + str(n): some_value(dice, depth + 1) for n in range(dice.randrange(4))}
    return [True, None, dice.choice(TEXTS), 10**40 + 7, -1.5e-300, []][kind]


def some_file(dice: random.Random) -> str:
    document: dict[str, Any] = {f"{dice.choice(TEXTS)}{n}": some_value(dice) for n in range(dice.randrange(5))}
    if dice.random() < 0.75:
        names = dice.sample([*PLAN, "EDITOR", "日本", "A"], dice.randrange(7))
        document["env"] = {name: dice.choice(TEXTS) for name in names}
    if dice.random() < 0.5:
        document["permissions"] = {"allow": ["Bash"]} if dice.random() < 0.5 else {}
    items = [*document.items()]
    dice.shuffle(items)
    text = json.dumps(dict(items), **dice.choice(LAYOUTS)) + dice.choice(["", "\n"])
    return text.replace("\n", dice.choice(["\n", "\n", "\r\n"]))


def members(text: str, start: int = 0) -> list[tuple[str, str]]:
    """Name and raw value of every member of the object at `start`, read with the standard library's decoder."""
    decoder, blank, found = json.JSONDecoder(), re.compile(r"\s*"), []
    at = blank.match(text, text.index("{", start) + 1).end()  # type: ignore[union-attr]
    while text[at] != "}":
        name, at = decoder.raw_decode(text, at)
        at = text.index(":", at) + 1
        begin = blank.match(text, at).end()  # type: ignore[union-attr]
        _, at = decoder.raw_decode(text, begin)
        found.append((name, text[begin:at]))
        at = re.compile(r"\s*,?\s*").match(text, at).end()  # type: ignore[union-attr]
    return found


def untouched(text: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]], str]:
    """What no merge may change: other members of the top and of `env` with their bytes and order, and the ends."""
    top = members(text)
    env = members(dict(top).get("env", "{}"))
    ends = text[: text.index("{")] + text[text.rindex("}") :]
    return [m for m in top if m[0] != "env"], [m for m in env if m[0] not in PLAN], ends


def test_generated_files_are_merged_as_the_reference_says(guide: Page) -> None:
    open_fold(guide)
    dice = random.Random(20261123)  # noqa: S311 - repeatable, not secret
    files = [file for file in (some_file(dice) for _ in range(DOCUMENTS)) if json.loads(file)]
    results = guide.evaluate(_MERGE, files)
    assert len(files) > DOCUMENTS * 0.9
    for file, result in zip(files, results, strict=True):
        before = json.loads(file)
        assert json.loads(result) == {**before, "env": {**before.get("env", {}), **PLAN}}, file
        assert untouched(result) == untouched(file)
        order = [name for name, _ in members(file)]
        assert [name for name, _ in members(result)] == order + ([] if "env" in order else ["env"])
        assert set(re.findall(r"\r?\n", result)) <= (set(re.findall(r"\r?\n", file)) or {"\n"})
        assert ("\n" in result.strip()) == ("\n" in file.strip())
    assert guide.evaluate(_MERGE, results) == results


def test_new_lines_look_like_their_neighbours(guide: Page) -> None:
    open_fold(guide)
    dice = random.Random(7)  # noqa: S311 - repeatable, not secret
    for layout in LAYOUTS[:4]:
        document = {"a": some_value(dice), "env": {"B": "1", "ANTHROPIC_MODEL": "old"}, "c": {"d": [1]}}
        file = json.dumps(document, **layout)
        wanted = {**document, "env": {"B": "1", "ANTHROPIC_MODEL": "sonnet", **PLAN}}
        order = ["B", "ANTHROPIC_MODEL"]
        (result,) = guide.evaluate(_MERGE, [file])
        env = {name: json.loads(result)["env"][name] for name in json.loads(result)["env"]}
        assert list(env)[:2] == order
        assert result == json.dumps({**wanted, "env": env}, **layout)


@pytest.mark.parametrize("indent", [2, None], ids=["lines", "one-line"])
def test_large_file_is_merged_quickly(guide: Page, indent: int | None) -> None:
    open_fold(guide)
    allow = [f"Bash(some command number {n} with: arguments --and options)" for n in range(2600)]
    file = json.dumps({"permissions": {"allow": allow}, "env": {"A": 1}, "hooks": {}}, indent=indent)
    file += " " * (200_000 - len(file))
    times = guide.evaluate(_TIMES, file)
    print(f"\n{len(file) // 1000} KB: {statistics.median(times):.0f} ms, slowest {max(times):.0f} ms")  # noqa: T201
    assert statistics.median(times) < 200
