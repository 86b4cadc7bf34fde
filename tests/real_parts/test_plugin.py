"""The rules about missing parts, proven on small pytest runs of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.real_parts.parts import PARTS, ROOT
from tests.real_parts.plugin import REQUIRE, real_part

EXAMPLE = """
import pytest
from tests.real_parts.plugin import real_part

@pytest.mark.real("bash")
def test_marked():
    assert real_part("bash").path.name == "bash"

@pytest.mark.real("bash", "zsh")
def test_missing_by_mark():
    pass

def test_missing_by_call():
    real_part("fish")

def test_without_parts():
    pass
"""


def run_example(folder: Path, source: str, *, required: bool) -> subprocess.CompletedProcess[str]:
    """Run pytest where bash is the only program, with the project's own configuration."""
    programs = folder / "bin"
    programs.mkdir()
    (programs / "bash").symlink_to(real_part("bash").path)
    (folder / "test_example.py").write_text(source)
    environment = {name: value for name, value in os.environ.items() if name != REQUIRE}
    options = ["-c", str(ROOT / "pyproject.toml"), f"--rootdir={folder}", "-p", "no:cacheprovider"]
    plugin = ["-p", "tests.real_parts.plugin", "-o", f"pythonpath={ROOT}"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, *plugin, str(folder / "test_example.py")],
        cwd=folder,
        env=environment | {"PATH": str(programs), "PYTHONPATH": str(ROOT)} | ({REQUIRE: "1"} if required else {}),
        capture_output=True,
        text=True,
        check=False,
    )


def table(output: str) -> dict[str, str]:
    lines = output.split("real parts ====")[1].splitlines()[1:]
    return {
        line.split()[0]: line.split(maxsplit=1)[1] for line in lines if line.split()[:1] and line.split()[0] in PARTS
    }


def test_missing_parts_skip_by_name_when_not_required(tmp_path: Path) -> None:
    answer = run_example(tmp_path, EXAMPLE, required=False)
    assert answer.returncode == 0, answer.stdout
    said = table(answer.stdout)
    assert said["bash"] == "ran 1 test"
    assert said["zsh"].startswith("missing: skipped 1 test; to get it: make real-parts (Debian: apt-get install zsh)")
    assert said["fish"].startswith("missing: skipped 1 test; to get it: make real-parts")
    assert said["chromium"] == "not used in this run"
    assert "the real part 'zsh' is missing; to get it: make real-parts" in answer.stdout


def test_missing_parts_fail_when_required(tmp_path: Path) -> None:
    answer = run_example(tmp_path, EXAMPLE, required=True)
    assert answer.returncode == 1, answer.stdout
    said = table(answer.stdout)
    assert said["bash"] == "ran 1 test"
    assert said["zsh"].startswith("missing: failed 1 test")
    assert said["fish"].startswith("missing: failed 1 test")


def test_optional_parts_skip_when_required(tmp_path: Path) -> None:
    # `parts` is told that this one is missing, because it may well be beside the tree.
    source = """
        import dataclasses
        from tests.real_parts.parts import PARTS
        from tests.real_parts.plugin import real_part

        def test_optional(monkeypatch):
            missing = dataclasses.replace(PARTS["shared-facts"], find=lambda: None)
            monkeypatch.setitem(PARTS, "shared-facts", missing)
            real_part("shared-facts")
        """
    answer = run_example(tmp_path, textwrap.dedent(source), required=True)
    assert "1 skipped" in answer.stdout.splitlines()[-1]
    assert table(answer.stdout)["shared-facts"].startswith("missing: skipped 1 test")


def test_unknown_names_end_the_run_when_marked(tmp_path: Path) -> None:
    answer = run_example(tmp_path, EXAMPLE.replace('"zsh"', '"csh"'), required=False)
    assert answer.returncode == 4
    assert "No such real part: 'csh' in" in answer.stderr + answer.stdout


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_shells_run_when_found(name: str) -> None:
    answer = subprocess.run([real_part(name).path, "-c", "echo hello"], capture_output=True, text=True, check=True)
    assert answer.stdout == "hello\n"


@pytest.mark.real("shared-facts")
def test_shared_facts_hold_the_settings_schema_when_found() -> None:
    assert (real_part("shared-facts").path / "schema" / "claude-code-settings.schema.json").is_file()


@pytest.mark.real("tree-sitter-powershell")
def test_powershell_grammar_parses_when_found() -> None:
    import tree_sitter  # noqa: PLC0415 - optional parts are imported by the tests that need them
    import tree_sitter_powershell  # noqa: PLC0415

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
    assert not parser.parse(b"$env:A = 'it''s'").root_node.has_error
    assert parser.parse(b"$env:A = 'it's'").root_node.has_error
