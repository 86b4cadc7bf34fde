"""The files beside the compose file: the linter's view of the Dockerfile, its locks, and what is left out."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from tests.deploy.composed import prepared, read
from tests.packaging.test_lock_files import DEV, read_pins
from tests.real_parts.containers import base_image
from tests.real_parts.parts import CONTAINER_BASE, ROOT
from tests.real_parts.plugin import real_part
from tests.real_parts.servers import free_port

BUILD = ROOT / "requirements-build.txt"
HADOLINT = Path(sys.executable).with_name("hadolint")


def lint(dockerfile: str) -> str:
    return subprocess.run([HADOLINT, "-"], input=dockerfile, capture_output=True, text=True, check=False).stdout


def test_hadolint_finds_nothing() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert lint(text) == ""
    assert "hadolint ignore" not in text
    assert "DL3006" in lint(text.replace("python:3.11-slim", "python"))


def test_build_tools_are_locked_as_they_are_for_the_tests() -> None:
    pins = set(read_pins(BUILD))
    assert "://" not in BUILD.read_text(encoding="utf-8")
    assert pins - set(read_pins(DEV)) == set()
    required = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    assert required == [f"{pin.name}=={pin.version}" for pin in pins if pin.name == "hatchling"]


def test_stand_in_is_made_for_the_base_that_the_dockerfile_names() -> None:
    assert f"`{base_image()}`" in CONTAINER_BASE.lock.read_text(encoding="utf-8")


def test_build_sees_what_it_copies_and_nothing_else() -> None:
    copied = re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert "*" in lines
    assert {name for line in copied for name in line.split()} == allowed


def test_secrets_and_settings_of_an_operator_are_not_committed(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".gitignore", tmp_path)
    for command in (["init", "-q"], ["add", ".gitignore"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    names = ["deploy/secrets/secret_key", "deploy/portal.env", ".env", "compose.override.yml", "deploy/profiles/x.toml"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("secret")
    status = subprocess.run(
        ["git", "status", "--porcelain", "-uall"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert status.stdout == "A  .gitignore\n"


@pytest.mark.real("redis")
def test_counters_start_with_what_prepare_makes(tmp_path: Path) -> None:
    # Debian's Redis is the ancestor of what compose runs, and reads the same file and the same options.
    secrets = prepared(tmp_path) / "deploy" / "secrets"
    options = [str(part) for part in read("docker-compose.yml")["services"]["counters"]["command"][2:]]
    port = free_port()
    url = (secrets / "redis_url").read_text().strip().replace("counters:6379", f"127.0.0.1:{port}")
    command: list[str | Path] = [
        real_part("redis").path,
        secrets / "counters.conf",
        *options,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
    ]
    with (
        (tmp_path / "redis.log").open("wb") as log,
        subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log) as process,
        redis.Redis.from_url(url, decode_responses=True, retry=Retry(ConstantBackoff(0.1), 100)) as client,
        redis.Redis(port=port) as stranger,
    ):
        try:
            assert client.ping()
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "volatile-ttl"}
            with pytest.raises(redis.AuthenticationError):
                stranger.ping()
        finally:
            process.kill()
