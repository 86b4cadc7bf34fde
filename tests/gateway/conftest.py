"""Wiring of the gateway tests: the event loop, one profile, and real sockets on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from types import MappingProxyType

import pytest

from portal.profile.model import Brand, CredentialScheme, GatewayProfile, Model, Tier

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[..., contextlib.AbstractAsyncContextManager[str]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def make_profile(
    base_url: str = "https://gateway.example",
    credential: CredentialScheme = CredentialScheme.BEARER,
    headers: dict[str, str] | None = None,
) -> GatewayProfile:
    return GatewayProfile(
        slug="test",
        name="Test Gateway",
        base_url=base_url,
        credential=credential,
        models={tier: Model(f"claude-{tier}-4.6", tier.title()) for tier in (Tier.OPUS, Tier.SONNET, Tier.HAIKU)},
        brand=Brand("Test"),
        headers=MappingProxyType(headers or {}),
    )


@pytest.fixture
def profile() -> GatewayProfile:
    return make_profile()


@pytest.fixture
def serve() -> Serve:
    """A raw TCP server on loopback around a handler; yields its base URL."""

    @contextlib.asynccontextmanager
    async def serving(handler: Handler, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await handler(reader, writer)
            except ConnectionError:
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        try:
            yield f"{'https' if context else 'http'}://127.0.0.1:{port}"
        finally:
            server.close()

    return serving


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
