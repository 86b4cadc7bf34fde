from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import portal
from portal.server import STOP_SECONDS
from portal.setting_checks import check_trusted_proxies
from portal.settings import Settings, _secret_fields
from tests.deploy.caddy import CADDYFILE
from tests.deploy.composed import DOMAIN, MAIN, OVERRIDE, checkout, prepared, read, resolved, run_there
from tests.real_parts.parts import ROOT

SCHEMA = Path(__file__).with_name("compose.schema.json")
OURS = ("portal", "migrate", "maintenance")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared(tmp_path_factory.mktemp("compose"))


@pytest.fixture(scope="module")
def full(place: Path) -> dict[str, Any]:
    return resolved(place, MAIN)


@pytest.fixture(scope="module")
def single(place: Path) -> dict[str, Any]:
    return resolved(place, MAIN, OVERRIDE)


def without_values(variable: str) -> str:
    """A setting as the portal knows it: without the prefix, and without `_FILE` where that names a secret."""
    secret = _secret_fields().get(variable)
    return secret or variable.removeprefix("PORTAL_").lower()


@pytest.mark.parametrize("name", [MAIN, OVERRIDE])
def test_files_follow_the_specification(name: str) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    problems = [
        f"{error.json_path}: {error.message}" for error in jsonschema.Draft7Validator(schema).iter_errors(read(name))
    ]
    assert problems == []


def test_schema_refuses_what_the_specification_does_not_know() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    broken = read(MAIN)
    broken["services"]["portal"]["restarts"] = "always"
    assert list(jsonschema.Draft7Validator(schema).iter_errors(broken))


def test_schema_is_the_one_that_the_readme_names() -> None:
    readme = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(SCHEMA.read_bytes()).hexdigest() in readme


def test_domain_is_asked_for_when_it_is_missing(place: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failure:
        resolved(place, MAIN, SITE_DOMAIN="")
    assert "prepare.sh" in failure.value.stderr


def test_every_variable_is_a_setting(full: dict[str, Any], single: dict[str, Any]) -> None:
    for services in (full["services"], single["services"]):
        for name in set(OURS) & services.keys():
            given = services[name]["environment"]
            assert {without_values(variable) for variable in given} - Settings.model_fields.keys() == set()
    assert full["services"]["portal"]["environment"]["PORTAL_PUBLIC_URL"] == f"https://{DOMAIN}"


def test_portal_starts_with_the_variables_of_the_file(
    place: Path, full: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in full["services"]["portal"]["environment"].items():
        monkeypatch.setenv(variable, value.replace("/run/secrets", str(place / "deploy/secrets")))
    settings = portal.settings.load_settings()
    assert settings.database_address.startswith("postgresql://portal:")
    assert settings.redis_url.get_secret_value().endswith("@counters:6379/0")
    assert len(settings.secrets[0]) == len(settings.metrics_token.get_secret_value()) == 64
    assert settings.oidc_client_secret.get_secret_value() == ""


def test_every_secret_comes_from_a_file_that_prepare_makes(place: Path, full: dict[str, Any]) -> None:
    for name in OURS:
        given = full["services"][name]
        files = {variable: value for variable, value in given["environment"].items() if variable.endswith("_FILE")}
        assert files.keys() == _secret_fields().keys()
        assert {value.removeprefix("/run/secrets/") for value in files.values()} == set(given["secrets"])
    for secret in full["secrets"].values():
        file = place / secret["file"]
        assert (file.is_file(), file.stat().st_mode & 0o777) == (True, 0o444)
    assert (place / "deploy/secrets").stat().st_mode & 0o777 == 0o700
    values = [file.read_text().strip() for file in (place / "deploy/secrets").iterdir() if file.stat().st_size]
    assert not [value for value in values if value in json.dumps(full)]


def prepare(place: Path, domain: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", "deploy/prepare.sh", domain]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)


def test_secrets_stay_when_they_are_prepared_again(place: Path) -> None:
    before = {file.name: file.read_bytes() for file in (place / "deploy/secrets").iterdir()}
    again = prepare(place, DOMAIN)
    assert (again.returncode, again.stderr) == (0, "")
    assert {file.name: file.read_bytes() for file in (place / "deploy/secrets").iterdir()} == before
    assert (place / ".env").read_text() == f"SITE_DOMAIN={DOMAIN}\n"


def test_nothing_is_prepared_when_env_names_another_domain(tmp_path: Path) -> None:
    place = checkout(tmp_path)
    (place / ".env").write_text(f"REPLICAS=4\nSITE_DOMAIN={DOMAIN}")
    refused = prepare(place, "other.example.com")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"SITE_DOMAIN={DOMAIN}, not other.example.com" in refused.stderr
    assert not (place / "deploy/secrets").exists()
    assert (place / ".env").read_text() == f"REPLICAS=4\nSITE_DOMAIN={DOMAIN}"
    assert f"Ready for {DOMAIN}" in prepare(place, DOMAIN).stdout


@pytest.mark.parametrize(
    "line", ['SITE_DOMAIN="{}"\n', "SITE_DOMAIN={}\r\n", "SITE_DOMAIN={} # ours\n", "SITE_DOMAIN='{}'"]
)
def test_domain_is_read_as_it_may_be_written(tmp_path: Path, line: str) -> None:
    place = checkout(tmp_path)
    (place / ".env").write_text(line.format(DOMAIN), newline="")
    assert prepare(place, DOMAIN).returncode == 0
    assert (place / ".env").read_bytes().decode() == line.format(DOMAIN)


def test_domain_gets_a_line_of_its_own_when_the_last_one_has_no_end(tmp_path: Path) -> None:
    place = checkout(tmp_path)
    (place / ".env").write_text("PORTAL_PROFILE=mine")
    assert prepare(place, DOMAIN).returncode == 0
    assert (place / ".env").read_text() == f"PORTAL_PROFILE=mine\nSITE_DOMAIN={DOMAIN}\n"


def test_domain_is_added_to_an_env_that_names_none(tmp_path: Path) -> None:
    place = checkout(tmp_path)
    (place / ".env").write_text("REPLICAS=4\nSITE_DOMAIN=\n")
    assert prepare(place, DOMAIN).returncode == 0
    assert resolved(place, MAIN)["services"]["portal"]["environment"]["PORTAL_PUBLIC_URL"] == f"https://{DOMAIN}"


def test_single_container_is_made_by_the_commands_of_the_readme(tmp_path: Path) -> None:
    text = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"(?s)## One container with SQLite\n\n```sh\n(.*?)```", text)
    *commands, last = block.splitlines()
    assert last == "docker compose up -d"
    place = checkout(tmp_path)
    for command in commands:
        run_there(place, command)
    services = resolved(place, MAIN, "compose.override.yml")
    for secret in services["services"]["portal"]["secrets"]:
        assert (place / services["secrets"][secret]["file"]).is_file()


@pytest.mark.parametrize("domain", ["", "https://start.example.com", "a b", "-x", "a..b", "$(id)"])
def test_what_is_no_domain_is_refused(tmp_path: Path, domain: str) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/prepare.sh").write_bytes((ROOT / "deploy/prepare.sh").read_bytes())
    command = ["sh", "deploy/prepare.sh", domain]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 2
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["deploy", "prepare.sh"]


def test_every_service_is_confined(full: dict[str, Any]) -> None:
    for name, service in full["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else []), name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}, name
        assert service["restart"] == ("no" if name == "migrate" else "unless-stopped"), name
        assert "privileged" not in service, name


def test_images_are_pinned_by_a_tag_for_every_machine(full: dict[str, Any]) -> None:
    for name, service in full["services"].items():
        assert re.fullmatch(r"[a-z/-]+:\d+(\.\d+)*(-\w+)?", service["image"]), name
    assert {full["services"][name]["image"] for name in OURS} == {f"onboarding-portal:{portal.__version__}"}
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f"\nARG VERSION={portal.__version__}\n" in dockerfile
    assert re.findall(r"(?m)^FROM (\S+)", dockerfile)[0] == "python:3.11-slim"


def test_database_and_counters_are_out_of_the_proxys_reach(full: dict[str, Any]) -> None:
    services = full["services"]
    assert {name: set(service["networks"]) for name, service in services.items()} == {
        "portal": {"front", "back", "scrape"},
        "migrate": {"back"},
        "maintenance": {"back"},
        "database": {"back"},
        "counters": {"back"},
        "proxy": {"front"},
    }
    assert full["networks"]["back"] == full["networks"]["scrape"] == {"internal": True}
    assert [name for name, service in services.items() if service.get("ports")] == ["proxy"]
    (subnet,) = full["networks"]["front"]["ipam"]["config"]
    trusted = services["portal"]["environment"]["PORTAL_TRUSTED_PROXIES"]
    assert check_trusted_proxies(trusted) == subnet["subnet"]


def test_services_start_in_order(full: dict[str, Any]) -> None:
    waits = {
        name: {other: how["condition"] for other, how in service.get("depends_on", {}).items()}
        for name, service in full["services"].items()
    }
    healthy, done = "service_healthy", "service_completed_successfully"
    assert waits == {
        "database": {},
        "counters": {},
        "migrate": {"database": healthy},
        "portal": {"migrate": done, "database": healthy, "counters": healthy},
        "maintenance": {"migrate": done},
        "proxy": {"portal": healthy},
    }
    assert "healthcheck" in full["services"]["database"]
    assert "healthcheck" in full["services"]["counters"]


def test_replicas_are_a_line_of_env_that_no_container_sees(tmp_path: Path) -> None:
    place = prepared(tmp_path)
    assert int(resolved(place, MAIN)["services"]["portal"]["deploy"]["replicas"]) == 2
    with (place / ".env").open("a", encoding="utf-8") as file:
        file.write("REPLICAS=4\n")
    services = resolved(place, MAIN)["services"]
    assert int(services["portal"]["deploy"]["replicas"]) == 4
    for service in services.values():
        assert "REPLICAS" not in service.get("environment", {})
        assert ".env" not in [file["path"] for file in service.get("env_file", [])]
    assert int(resolved(place, MAIN, OVERRIDE)["services"]["portal"]["deploy"]["replicas"]) == 1


def test_readme_names_every_variable_that_is_taken_from_env() -> None:
    lines = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8").splitlines()
    (named,) = [line for line in lines if line.startswith("| `.env` |")]
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", (ROOT / MAIN).read_text(encoding="utf-8")))
    assert set(re.findall(r"`([A-Z_]+)`", named)) == used


def test_answers_under_way_end_before_a_container_is_killed(full: dict[str, Any]) -> None:
    assert int(full["services"]["portal"]["stop_grace_period"].removesuffix("s")) > STOP_SECONDS
    assert f"try_duration {{$PATIENCE:{full['services']['portal']['stop_grace_period']}}}" in CADDYFILE.read_text()


def test_single_container_needs_nothing_else(single: dict[str, Any]) -> None:
    assert list(single["services"]) == ["portal"]
    service = single["services"]["portal"]
    assert not service.get("depends_on")
    assert (int(service["deploy"]["replicas"]), service["networks"]) == (1, ["front"])
    assert service["ports"] == ["127.0.0.1:8000:8000"]
    assert "data:/var/lib/portal" in service["volumes"]
    assert set(service["secrets"]) == {"metrics_token", "oidc_client_secret"}
    used = {name: value for name, value in service["environment"].items() if name.endswith("_FILE") and value}
    assert {value.removeprefix("/run/secrets/") for value in used.values()} == set(service["secrets"])
