"""Fixtures: a portal with one account, on each kind of database, and one without any."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from tests.support.operators import operated_portal
from tests.support.portal import running_portal


@pytest.fixture
async def operated(database_address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with operated_portal(database_address) as client:
        yield client


@pytest.fixture
async def portal(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The portal on a database of its own, without any account."""
    file = tmp_path / "nobody.db"
    shutil.copy(sqlite_template, file)
    async with running_portal(database_url=SecretStr(f"sqlite:///{file}")) as client:
        yield client
