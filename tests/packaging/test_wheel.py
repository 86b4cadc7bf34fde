from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import httpx
import pytest

import portal
from tests.real_parts.parts import ROOT
from tests.real_parts.servers import free_port

START_SECONDS: Final = 30.0


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, built with the locked build tool and no network."""
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an empty environment with the wheel in it; its dependencies are lent by the tests' own one."""
    folder = tmp_path_factory.mktemp("installed")
    run([sys.executable, "-m", "venv", "--without-pip", str(folder)], cwd=folder)
    python = folder / "bin" / "python"
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(python)]
    run([*uv, str(wheel)], cwd=folder)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    (site_packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


def run(command: list[str], *, cwd: Path) -> str:
    answer = subprocess.run(command, cwd=cwd, env=clean(), capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def clean() -> dict[str, str]:
    """The environment without what would lead Python back to this tree."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PORTAL_", "COV"))}


@contextmanager
def serving(command: list[str], *, cwd: Path) -> Iterator[httpx.Client]:
    port = free_port()
    with (
        (cwd / "serve.log").open("w+") as log,
        subprocess.Popen([*command, "--port", str(port)], cwd=cwd, env=clean(), stdout=log, stderr=log) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        try:
            deadline = time.monotonic() + START_SECONDS
            while time.monotonic() < deadline and process.poll() is None:
                with suppress(httpx.TransportError):
                    client.get("/")
                    break
                time.sleep(0.05)
            else:
                log.seek(0)
                pytest.fail(f"the portal does not answer:\n{log.read()}")
            yield client
        finally:
            process.terminate()


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("templates", "portal/_parts/templates"),
        ("static", "portal/_parts/static"),
        ("migrations", "portal/_parts/migrations"),
        ("portal", "portal"),
    ],
)
def test_wheel_holds_every_file_of(wheel: Path, here: str, there: str) -> None:
    files = (path for path in (ROOT / here).rglob("*") if path.is_file() and path.suffix != ".pyc")
    expected = {f"{there}/{path.relative_to(ROOT / here).as_posix()}" for path in files}
    assert expected, f"{here}/ is empty"
    assert expected - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_wheel_holds_presets_and_nothing_foreign(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.startswith("portal/profile/presets/") and name.endswith(".toml") for name in names)
    assert {name.split("/")[0] for name in names} == {"portal", f"onboarding_portal-{portal.__version__}.dist-info"}


def test_command_runs_from_any_folder_when_installed(installed: Path, tmp_path: Path) -> None:
    assert portal.__version__ in run([str(installed / "portal"), "--version"], cwd=tmp_path)
    run([str(installed / "portal"), "serve", "--help"], cwd=tmp_path)
    used = run([str(installed / "python"), "-c", "import portal.paths as p; print(p.TEMPLATES)"], cwd=tmp_path)
    assert Path(used.strip()).is_relative_to(installed.parent)


def test_portal_serves_pages_and_static_files_when_installed(installed: Path, tmp_path: Path) -> None:
    with serving([str(installed / "portal"), "serve"], cwd=tmp_path) as client:
        page = client.get("/")
        assert (page.status_code, page.headers["content-type"].split(";")[0]) == (200, "text/html")
        assert client.get("/readyz").json()["status"] == "ready"


@pytest.mark.real("package-index")
def test_pip_installs_the_project_when_the_environment_is_empty(tmp_path: Path) -> None:
    run([sys.executable, "-m", "venv", str(tmp_path / "empty")], cwd=tmp_path)
    command = tmp_path / "empty" / "bin"
    run([str(command / "python"), "-m", "pip", "install", "--quiet", str(ROOT)], cwd=tmp_path)
    assert portal.__version__ in run([str(command / "portal"), "--version"], cwd=tmp_path)
