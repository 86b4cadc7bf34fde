from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.portal import running_portal


@pytest.fixture
async def help_desk(database_address: str) -> AsyncIterator[httpx.AsyncClient]:
    """The portal with an empty database of each kind."""
    async with running_portal(database_url=database_address) as client:
        yield client
