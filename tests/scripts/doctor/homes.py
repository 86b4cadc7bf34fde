"""Prepared homes: a folder that is somebody's home, a system around it, and a run of the doctor in it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from portal.scripts.doctor import render_doctor_sh
from tests.profile.documents import read
from tests.scripts.doctor.report import Report, parse_report

URL: Final = "https://api.example.com"
KEY: Final = "sk-gw-RightRightRight0123456789abcdef"
OLD_KEY: Final = "sk-ant-api03-LeftOverLeftOver0123456789wxyz"
GOOD: Final[Mapping[str, str]] = {
    "ANTHROPIC_BASE_URL": URL,
    "ANTHROPIC_AUTH_TOKEN": KEY,
    "ANTHROPIC_MODEL": "sonnet",
    "ANTHROPIC_DEFAULT_OPUS_MODEL": "big-1",
    "ANTHROPIC_DEFAULT_SONNET_MODEL": "middle-1",
    "ANTHROPIC_DEFAULT_HAIKU_MODEL": "small-1",
}
CLAUDE: Final = '#!/bin/sh\n[ "$1" = --version ] && echo "2.1.330 (Claude Code)"\nexit 0\n'
CORE_TOOLS: Final = (
    *("awk", "cat", "grep", "head", "iconv", "ln", "mktemp", "od", "readlink"),
    *("rm", "sed", "sleep", "timeout", "tr", "uname"),
)


def settings(**changes: str | None) -> str:
    """A settings.json with the good variables, changed: `NAME="value"`, None removes."""
    merged = {**GOOD, **changes}
    env = {name: value for name, value in merged.items() if value is not None}
    return json.dumps({"env": env}, indent=2, ensure_ascii=False) + "\n"


def exports(**values: str) -> str:
    return "".join(f"export {name}='{value}'\n" for name, value in values.items())


@dataclass(frozen=True, slots=True)
class Prepared:
    """What lies where: paths below the home, below the project (`./…`) or below the system (`/…`)."""

    files: Mapping[str, str | bytes] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    login_shell: str = "/bin/bash"
    claude: Sequence[str] = (CLAUDE,)
    profile: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    code: int
    output: str
    report: Report

    @property
    def first(self) -> tuple[str, str]:
        """Id and place of the finding that is named first; the people's part must agree."""
        finding = self.report.findings[0]
        assert f" 1. {finding.place}" in self.output
        return finding.id, finding.place


@dataclass(frozen=True, slots=True)
class House:
    """A prepared home on disk; a run has no other environment than what the home says."""

    prepared: Prepared
    top: Path

    @property
    def home(self) -> Path:
        return self.top / "Users" / "wilhelmina"

    @property
    def project(self) -> Path:
        return self.home / "project"

    @property
    def system(self) -> Path:
        return self.top / "system"

    @property
    def tools(self) -> Path:
        return self.top / "tools"

    def build(self) -> House:
        self.project.mkdir(parents=True)
        for name, content in self.prepared.files.items():
            base = self.system if name.startswith("/") else self.project if name.startswith("./") else self.home
            path = base / name.removeprefix("./").removeprefix("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        for number, text in enumerate(self.prepared.claude):
            program = self.home / f".local/bin{number or ''}" / "claude"
            program.parent.mkdir(parents=True)
            program.write_text(text)
            program.chmod(0o755)
        self.add_tools(*CORE_TOOLS)
        return self

    def add_tools(self, *names: str, **renamed: Path) -> None:
        """Put programs of this machine on the run's PATH; `awk=path` puts one there under another name."""
        self.tools.mkdir(exist_ok=True)
        found = {name: Path(path) for name in names if (path := shutil.which(name))}
        for name, program in {**found, **renamed}.items():
            (self.tools / name).unlink(missing_ok=True)
            (self.tools / name).symlink_to(program)

    def imitate(self, name: str, text: str) -> None:
        """Put a program of the given shell text on the run's PATH, for what another system would have."""
        (self.tools / name).unlink(missing_ok=True)
        (self.tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.tools / name).chmod(0o755)

    def environment(self) -> dict[str, str]:
        launchers = [str(self.home / f".local/bin{number or ''}") for number in range(len(self.prepared.claude))]
        return {
            "HOME": str(self.home),
            "PATH": ":".join([*launchers, str(self.tools)]),
            "SHELL": self.prepared.login_shell,
            "USER": "wilhelmina",
            "LOGNAME": "wilhelmina",
            "TMPDIR": str(self.top),
            **{name: value.replace("$HOME", str(self.home)) for name, value in self.prepared.env.items()},
        }

    def start(
        self,
        *options: str,
        shell: str = "dash",
        text: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """The doctor (or `text`) as `curl … | sh` runs it: the script is standard input."""
        return subprocess.run(
            [shutil.which(shell) or "sh", "-s", "--", "--root", str(self.system), *options],
            input=script(**self.prepared.profile) if text is None else text,
            env=self.environment(),
            cwd=self.project,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def ask(self, *, offline: bool = True, shell: str = "dash", text: str | None = None) -> Answer:
        result = self.start(*(["--offline"] if offline else []), shell=shell, text=text)
        assert result.stderr == ""
        answer = Answer(result.returncode, result.stdout, parse_report(result.stdout))
        assert answer.code == (1 if answer.report.findings else 0)
        return answer


@cache
def _script(changes: tuple[tuple[str, Any], ...]) -> str:
    return render_doctor_sh(read(**dict(changes)))


def script(**changes: Any) -> str:
    return _script(tuple(sorted(changes.items())))


def prepare(top: Path, prepared: Prepared) -> House:
    top.mkdir(parents=True, exist_ok=True)
    return House(prepared, top).build()
