"""Each engine alone gives the answer of the reference; `test_every_combination` runs them through `apply.sh`."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from portal.profile.load import load_profile
from portal.scripts.apply import engine_text
from portal.scripts.engines.merge import merge
from portal.scripts.plan import plan_for
from tests.scripts.apply.documents import documents
from tests.scripts.apply.machine import ENGINES, choose, make_machine, program
from tests.scripts.apply.reference import SCHEMA, apply_merge, body_of, request

FOLLOW_UPS: Final = 8
"""How many of them are merged a second time and taken back."""

WORKERS: Final = 2
FILES: Final = {"python3": "merge.py", "node": "merge.js", "jq": "merge.jq", "perl": "merge.pl"}
LANGUAGES: Final = {"python3": "python", "node": "javascript", "jq": "jq", "perl": "perl"}
OPTIONS: Final[dict[str, Sequence[str]]] = {"python3": ["-I", "-S"], "jq": ["-R", "-s", "-r", "-f"]}


def planned(gateway: str = "https://gateway.example") -> list[str]:
    profile = replace(load_profile("tokenbay"), base_url=gateway)
    return [order.line for order in plan_for(choose(), profile).files[0].orders]


def orders() -> list[str]:
    return [*planned(), "set . skipWebFetchPreflight true", 'set permissions d "x"', "look . model"]


def requests() -> Iterator[str]:
    for number, data in enumerate(documents()):
        body, created = body_of(data)
        yield request("apply", created, [SCHEMA, *orders()] if created == "empty" else orders(), b"", body)
        if number >= FOLLOW_UPS:
            continue
        first = apply_merge(data, orders())
        edited = first.data.replace(b'"sonnet"', b'"opus"')
        again = [order.replace("YOUR-API-KEY", "sk-other") for order in orders()]
        yield request("undo", "no", [], first.record, body_of(first.data)[0])
        yield request("undo", "no", [], first.record, body_of(edited)[0])
        yield request("apply", "no", again, first.record, body_of(edited)[0])


@pytest.mark.parametrize("engine", ENGINES)
def test_engine_answers_as_the_reference_does(engine: str, tmp_path: Path) -> None:
    path = tmp_path / FILES[engine]
    path.write_text(engine_text(LANGUAGES[engine]))
    command = [str(program(engine)), *OPTIONS.get(engine, []), str(path)]

    def ask(text: str) -> str:
        answer = subprocess.run(
            command, input=text.encode("ascii"), capture_output=True, check=True, env={}, timeout=60
        )
        return answer.stdout.decode("ascii")

    asked = list(requests())
    with ThreadPoolExecutor(WORKERS) as pool:
        wrong = [text for text, answer in zip(asked, pool.map(ask, asked), strict=True) if answer != merge(text)]
    assert len(asked) == 300 + 3 * FOLLOW_UPS
    assert not wrong


def test_next_engine_is_tried_when_one_is_broken(tmp_path: Path, gateway: str) -> None:
    machine = make_machine(tmp_path / "machine", gateway, "perl")
    machine.add_program("python3", "#!/bin/sh\necho 'xcrun: error: invalid active developer path' >&2\nexit 1\n")
    machine.add_program("node", "#!/bin/sh\necho portal-merge 1\necho document\n")
    machine.add_program("jq", "#!/bin/sh\ncat >/dev/null\n")
    machine.write_settings(b'{"a": 1}')
    assert machine.run("--no-check").returncode == 0
    assert b"ANTHROPIC_MODEL" in machine.settings.read_bytes()


def test_no_engine_leads_to_the_page_and_changes_nothing(tmp_path: Path, gateway: str) -> None:
    machine = make_machine(tmp_path / "machine", gateway, None)
    machine.write_settings(b'{"a": 1}')
    answer = machine.run("--no-check")
    assert answer.returncode == 6
    assert "https://portal.example/" in answer.stderr
    assert machine.settings.read_bytes() == b'{"a": 1}'


def test_python_engine_is_python_3_7() -> None:
    ast.parse(engine_text("python"), feature_version=(3, 7))


def test_javascript_engine_answers_osascript(tmp_path: Path) -> None:
    """osascript calls `run`, has no `require`, and reads through Foundation; here node plays it."""
    wrapper = """
        const [engine, request] = process.argv.slice(1).map((path) => require("fs").readFileSync(path, "latin1"));
        const string = { js: request };
        const $ = {
          NSFileHandle: { fileHandleWithStandardInput: { readDataToEndOfFile: "data" } },
          NSString: { alloc: { initWithDataEncoding: (data, code) => data === "data" && code === 5 && string } },
          NSISOLatin1StringEncoding: 5,
        };
        const context = { $, ObjC: { import: () => undefined } };
        console.log(require("vm").runInNewContext(engine + "\\nrun();", context));
    """
    text = request("apply", "no", orders(), b"", b'{"env": {"A": 1}}')
    (tmp_path / "engine").write_text(engine_text("javascript"))
    (tmp_path / "request").write_text(text)
    command = [str(program("node")), "-e", wrapper, str(tmp_path / "engine"), str(tmp_path / "request")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout == merge(text)
