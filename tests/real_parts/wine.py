"""cmd.exe through Wine: scripts really run, and the registry really keeps what `reg add` writes.

Known limits of Wine 8: `setx` and `powershell` exit 0 and do nothing, so assert on effects, never on exit codes alone.
"""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from tests.real_parts.plugin import real_part

# Measured: Wine's cmd reads a script in the OEM code page and writes to a pipe in the ANSI one.
_SCRIPT_ENCODING: Final = "cp437"
_OUTPUT_ENCODING: Final = "cp1252"
_START_SECONDS: Final = 180
_VALUE = re.compile(r"^ {4}(?P<name>.+?) {4}REG_(?:EXPAND_)?SZ {4}(?P<value>.*)$")


@dataclass(frozen=True, slots=True)
class Wine:
    """A Windows of its own: a Wine prefix in a temporary folder."""

    program: Path
    prefix: Path
    home: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def user_folder(self) -> Path:
        """What Windows calls %USERPROFILE%, as a path of this machine."""
        users = self.prefix / "drive_c" / "users"
        return next(folder for folder in users.iterdir() if folder.name != "Public")

    def run_cmd(
        self,
        script: str,
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = 60,
    ) -> subprocess.CompletedProcess[str]:
        """Run the text as a .cmd file in a new cmd.exe (start it with `@echo off` to see output only).

        `env` is added to an environment that holds only what Wine needs; the working folder is `cwd`, else the user's
        folder. Commands, output and values may use the characters of the English code pages, nothing beyond.
        """
        name = f"script-{next(self._numbers)}.cmd"
        (self.prefix / "drive_c" / name).write_bytes("\r\n".join([*script.splitlines(), ""]).encode(_SCRIPT_ENCODING))
        answer = self._run(
            "cmd", "/d", "/c", f"C:\\{name}", env=env or {}, cwd=cwd or self.user_folder, timeout=timeout
        )
        return subprocess.CompletedProcess(
            answer.args,
            answer.returncode,
            answer.stdout.decode(_OUTPUT_ENCODING),
            answer.stderr.decode(_OUTPUT_ENCODING),
        )

    def user_environment(self) -> dict[str, str]:
        """The user's persistent variables (HKCU\\Environment), as a new process of Windows would see them."""
        answer = self.run_cmd("@reg query HKCU\\Environment")
        found = map(_VALUE.match, answer.stdout.splitlines())
        return {match["name"]: match["value"] for match in found if match}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Make the prefix (some ten seconds) and keep it awake, so that each script takes 0.1 s instead of 1.5."""
        try:
            self._run("wineboot", "-i", env={}, cwd=self.home, timeout=_START_SECONDS).check_returncode()
            with self._idle_cmd():
                yield
        finally:
            server = self.program.with_name("wineserver")
            subprocess.run([server, "-k", "-w"], env=self._environment(), capture_output=True, timeout=60, check=False)

    @contextmanager
    def _idle_cmd(self) -> Iterator[None]:
        """A cmd.exe that waits for input: without a program, Wine's services end and start again for every script."""
        with subprocess.Popen(
            [self.program, "cmd", "/d"],
            env=self._environment(),
            cwd=self.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as idle:
            try:
                yield
            finally:
                idle.kill()

    def _run(
        self,
        *arguments: str,
        env: Mapping[str, str],
        cwd: Path,
        timeout: float,
    ) -> subprocess.CompletedProcess[bytes]:
        # Files, not pipes: Wine's services inherit the output, and a pipe would stay open as long as they run.
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            answer = subprocess.run(
                [self.program, *arguments],
                env={**self._environment(), **env},
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                timeout=timeout,
                check=False,
            )
            output.seek(0)
            errors.seek(0)
            return subprocess.CompletedProcess(answer.args, answer.returncode, output.read(), errors.read())

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.program.parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "WINEPREFIX": str(self.prefix),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree=;mshtml=;winemenubuilder.exe=",
        }


@pytest.fixture(scope="session")
def _wine_prefix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wine]:
    folder = tmp_path_factory.mktemp("wine")
    prefix = Wine(real_part("wine").path, prefix=folder / "prefix", home=folder / "home")
    prefix.home.mkdir()
    try:
        with prefix.running():
            yield prefix
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # 700 MB, and pytest would keep three of them


@pytest.fixture
def wine(_wine_prefix: Wine) -> Wine:
    """The Windows of this run. What one test leaves in the registry, the next one sees: clean up."""
    return _wine_prefix
