"""The image is built from the Dockerfile and run as an engine would: a numeric user, a read-only root, process 1."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest

import portal
from tests.deploy.composed import MAIN, read
from tests.deploy.image import Image, built_image, stop, wait_until_answering
from tests.real_parts.servers import free_port

pytestmark = pytest.mark.real("buildah", "container-base", "container-wheels")

MOST_MEGABYTES: Final = 240
"""What the portal and its packages may take in the image, unpacked; the base comes on top."""


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    with built_image() as image:
        yield image


@contextmanager
def serving(image: Image, data: Path, **settings: str) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    port = free_port()
    process = image.start(*image.command, data=data, env={"PORTAL_PORT": str(port), **settings})
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            wait_until_answering(client, process)
            yield client, process
    finally:
        if process.poll() is None:
            stop(process, "SIGKILL")


def test_image_declares_what_an_engine_needs(image: Image) -> None:
    says = image.declares
    assert (says["User"], says["Entrypoint"], says["Cmd"]) == ("10001:10001", ["portal"], ["serve"])
    assert (says["StopSignal"], list(says["ExposedPorts"])) == ("SIGTERM", ["8000/tcp"])
    assert says["Healthcheck"]["Test"][0] == "CMD"
    labels = {name.removeprefix("org.opencontainers.image."): text for name, text in says["Labels"].items()}
    assert (labels["version"], labels["licenses"]) == (portal.__version__, "MIT")


def test_portal_works_when_root_cannot_be_written(image: Image, tmp_path: Path) -> None:
    with serving(image, tmp_path, PORTAL_TIME_ZONE="Europe/Berlin") as (client, process):
        ready = client.get("/readyz")
        assert ready.status_code == 200, ready.text
        assert "does not answer" not in ready.text
        assert client.get("/").status_code == 200
        assert client.get("/privacy").status_code == 200
        assert (tmp_path / "portal.db").is_file()
        code, said = stop(process)
    assert code == 0, said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("place", "writable"),
    [("/opt/portal/x", False), ("/usr/local/bin/x", False), ("/tmp/x", True), ("/var/lib/portal/x", True)],  # noqa: S108
)
def test_only_data_and_temporary_folder_are_written(image: Image, tmp_path: Path, place: str, writable: bool) -> None:  # noqa: FBT001
    code, said = image.run("touch", place, data=tmp_path)
    assert (code == 0) is writable, said


def test_user_has_no_capability_and_no_name(image: Image, tmp_path: Path) -> None:
    code, said = image.run("sh", "-c", "id -u; grep -E '^Cap(Prm|Eff)' /proc/self/status; id -un", data=tmp_path)
    assert code != 0
    lines = said.splitlines()
    assert (lines[0], {line.split()[1] for line in lines[1:3]}) == ("10001", {"0" * 16})


def test_health_check_tells_answering_from_not(image: Image, tmp_path: Path) -> None:
    check = image.declares["Healthcheck"]["Test"][1:]
    with serving(image, tmp_path) as (client, process):
        port = {"PORTAL_PORT": str(client.base_url.port)}
        assert image.run(*check, data=tmp_path, env=port) == (0, "")
        assert stop(process)[0] == 0
    assert image.run(*check, data=tmp_path, env=port)[0] != 0


def test_health_check_passes_when_the_database_is_away(image: Image, tmp_path: Path) -> None:
    check = image.declares["Healthcheck"]["Test"][1:]
    away = f"postgresql://portal:secret@127.0.0.1:{free_port()}/portal"
    with serving(image, tmp_path, PORTAL_DATABASE_URL=away) as (client, _):
        assert "does not answer" in client.get("/readyz").text
        assert client.get("/").status_code == 200
        assert image.run(*check, data=tmp_path, env={"PORTAL_PORT": str(client.base_url.port)}) == (0, "")


def test_image_holds_no_build_tool_and_no_cache(image: Image, tmp_path: Path) -> None:
    # The stand-in's own Debian package of wheels is not what the Dockerfile makes.
    files = [path for path in image.files() if not path.is_relative_to("/usr/share/python-wheels")]
    tools = {"cc", "gcc", "g++", "make", "ld", "as", "pip", "pip3", "uv", "hatchling", "git", "curl", "wget"}
    assert [path for path in files if path.name in tools and path.parent.name in {"bin", "sbin"}] == []
    assert [
        path for path in files if re.search(r"/(?:pip|hatchling|setuptools)(?:-[\d.]+\.dist-info)?/", str(path))
    ] == []
    assert [path for path in files if path.suffix == ".whl" or "/.cache/" in str(path)] == []
    assert [path for path in files if path.is_relative_to("/src") or path.name == "requirements.txt"] == []
    assert image.run("python", "-m", "pip", "--version", data=tmp_path)[0] != 0
    assert not (image.root / "etc" / "pip.conf").exists()


def test_python_files_are_compiled(image: Image) -> None:
    package = image.root / "opt/portal/lib/python3.11/site-packages/portal"
    sources = [path for path in package.rglob("*.py") if "_parts" not in path.parts]
    assert sources
    missing = [path for path in sources if not list((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))]
    assert missing == []


def test_image_is_small(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    answer = subprocess.run(
        ["du", "-sm", "--apparent-size", image.root / "opt/portal"], capture_output=True, text=True, check=True
    )
    megabytes = int(answer.stdout.split()[0])
    with capsys.disabled():
        print(f"\nthe portal and its packages take {megabytes} MB in the image")  # noqa: T201 - the measurement
    assert 20 < megabytes < MOST_MEGABYTES


def test_migration_and_maintenance_run_as_compose_says(image: Image, tmp_path: Path) -> None:
    services = read(MAIN)["services"]
    code, said = image.run(*image.declares["Entrypoint"], *services["migrate"]["command"], data=tmp_path)
    assert (code, said) == (0, "The database is up to date now.\n")
    service = services["maintenance"]
    command = [part.replace("$$", "$") for part in [*service["entrypoint"], *service["command"]]]
    process = image.start(*command, data=tmp_path)
    assert process.stdout
    assert process.stdout.readline().startswith("Removed 0 visits")
    assert stop(process)[0] == 0
