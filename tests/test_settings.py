from __future__ import annotations

import os
from pathlib import Path

import pytest

from portal.db import Database
from portal.errors import ConfigurationError
from portal.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("PORTAL_"):
            monkeypatch.delenv(name)


def test_settings_are_the_defaults_when_nothing_is_set() -> None:
    assert load_settings() == Settings()
    assert (Settings().secrets, Settings().retention_days) == ((), 90)
    assert (Settings().host, Settings().port, Settings().profile) == ("127.0.0.1", 8000, "tokenbay")


def test_option_wins_when_a_variable_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_PORT", "9000")
    assert load_settings().port == 9000
    assert load_settings({"port": 7000, "host": None}).port == 7000


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORTAL_PORT", "eighty", "PORTAL_PORT"),
        ("PORTAL_PORT", "70000", "PORTAL_PORT"),
        ("PORTAL_LOG_LEVEL", "loud", "PORTAL_LOG_LEVEL"),
        ("PORTAL_PUBLIC_URL", "start.example.com", "https://start.example.com"),
        ("PORTAL_PUBLIC_URL", "https://example.com/portal", "root of its host"),
        ("PORTAL_PUBLIC_URL", "https://example.com?", "root of its host"),
        ("PORTAL_PUBLIC_URL", 'https://a"b', "root of its host"),
        ("PORTAL_PUBLIC_URL", "https://example.com:99999", "port that does not exist"),
        ("PORTAL_HOST", "", "at least 1 character"),
        ("PORTAL_TRUSTED_PROXIES", "10.0.0.0/8, banana", "banana"),
        ("PORTAL_PROFIL", "x", "did you mean PORTAL_PROFILE?"),
        ("PORTAL_ZZZ", "x", "known are PORTAL_HOST"),
        ("PORTAL_DATABASE_URL", "mysql://me:hunter2@host/db", "sqlite:/// or postgresql://"),
        ("PORTAL_DATABASE_URL", "sqlite://", "sqlite:/// or postgresql://"),
        ("PORTAL_DATABASE_URL", "sqlite:///:memory:", "must name a file"),
        ("PORTAL_SECRET_KEY", "hunter2", "at least 16 characters"),
        ("PORTAL_SECRET_KEY", "hunter2,aaaaaaaaaaaaaaaaaaaa", "at least 16 characters"),
        ("PORTAL_SECRET_KEY_FILE", "/nowhere/hunter2", "PORTAL_SECRET_KEY_FILE names a file"),
        ("PORTAL_RETENTION_DAYS", "0", "PORTAL_RETENTION_DAYS"),
    ],
)
def test_one_sentence_says_what_is_wrong_when_a_setting_is_broken(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as error:
        load_settings()
    assert says in str(error.value)
    assert len(str(error.value).splitlines()) == 1
    assert "hunter2" not in str(error.value)


def test_option_is_named_as_an_option_when_it_is_broken() -> None:
    with pytest.raises(ConfigurationError, match="--log-level cannot be 'loud'"):
        load_settings({"log_level": "loud"})


def test_secrets_are_not_printed_when_settings_are() -> None:
    settings = Settings.model_validate(
        {"database_url": "postgresql://me:hunter2@host/db", "secret_key": "hunter2hunter2hunter2"}
    )
    assert "hunter2" not in f"{settings!r} {settings} {settings.model_dump_json()}"
    assert settings.database_address == "postgresql://me:hunter2@host/db"


def test_several_secrets_are_read_when_they_are_rotated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", f"{'n' * 20}, {'o' * 20}")
    assert load_settings().secrets == ("n" * 20, "o" * 20)


def test_secret_comes_from_a_file_when_the_variable_names_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("f" * 20 + "\n")
    monkeypatch.setenv("PORTAL_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert load_settings().secrets == ("f" * 20,)


def test_secret_is_asked_for_when_several_hosts_would_not_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", "postgresql://host/db")
    assert load_settings().secrets == ()
    monkeypatch.setenv("PORTAL_PUBLIC_URL", "https://start.example.com")
    with pytest.raises(ConfigurationError, match="PORTAL_SECRET_KEY is needed"):
        load_settings()
    monkeypatch.setenv("PORTAL_SECRET_KEY", "k" * 32)
    assert load_settings().secrets == ("k" * 32,)


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"STATE_DIRECTORY": "/var/lib/a b:/var/lib/b"}, "/var/lib/a b"),
        ({"XDG_STATE_HOME": "/x"}, "/x/onboarding-portal"),
        ({"HOME": "/home/me"}, "/home/me/.local/state/onboarding-portal"),
    ],
)
def test_database_is_in_the_state_folder_when_none_is_set(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str
) -> None:
    for name in ("STATE_DIRECTORY", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Database(Settings().database_address).file == Path(folder) / "portal.db"
