from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from portal.web.clients import RateLimit
from tests.support.operators import app_of
from tests.support.portal import running_portal


@pytest.fixture
async def help_desk(database_address: str) -> AsyncIterator[httpx.AsyncClient]:
    """The portal with an empty database of each kind, for many visitors who share this client's address."""
    async with running_portal(database_url=database_address) as client:
        app_of(client).state.help_lists = RateLimit(10_000, minutes=60)
        yield client
