"""Fixtures: the whole portal in this process, in front of the simulated gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest

from portal.app import create_app
from portal.gateway.client import GatewayClient
from portal.gateway.fake import create_fake_gateway
from portal.profile.load import load_profile
from portal.profile.model import GatewayProfile
from portal.settings import Settings
from portal.web.readiness import KEPT_SECONDS

ADDRESS = "http://portal.test"

PortalFactory = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@asynccontextmanager
async def running_portal(
    profile: GatewayProfile | None = None, *, raise_app_exceptions: bool = True, **settings: object
) -> AsyncIterator[httpx.AsyncClient]:
    """The portal as an HTTP client sees it; its gateway is the simulated one, through the real client code."""
    # An ASGI transport hands a stream over when it is complete; without pauses that does not look like buffering.
    fake = create_fake_gateway(slow_seconds=0.5, event_seconds=0)
    gateway = GatewayClient(transport=httpx.ASGITransport(fake), total_seconds=0.3)
    named = {"allowed_hosts": "*", **settings}  # the client calls it portal.test, whatever its public address is
    app = create_app(Settings.model_validate(named), profile or load_profile("tokenbay"), client=gateway)
    transport = httpx.ASGITransport(app, raise_app_exceptions=raise_app_exceptions)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client,
    ):
        yield client


async def readiness(portal: httpx.AsyncClient) -> httpx.Response:
    """What `/readyz` says of now: what was found before is waited out."""
    await asyncio.sleep(KEPT_SECONDS)
    return await portal.get("/readyz")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def portal() -> AsyncIterator[httpx.AsyncClient]:
    async with running_portal() as client:
        yield client


@pytest.fixture
def tokenbay() -> GatewayProfile:
    return load_profile("tokenbay")
