"""Fixtures: a portal with one account, on each kind of database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.operators import operated_portal


@pytest.fixture
async def operated(database_address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with operated_portal(database_address) as client:
        yield client
