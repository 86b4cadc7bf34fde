from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from tests.real_parts.servers import free_port, serve


async def greet(scope: Scope, receive: Receive, send: Send) -> None:
    """A bare application without lifespan."""
    assert scope["type"] == "http"
    await PlainTextResponse(f"hello {scope['path']}")(scope, receive, send)


def test_serve_answers_when_entered_and_is_gone_when_left() -> None:
    with serve(greet) as url, httpx.Client(trust_env=False) as client:
        assert client.get(f"{url}/you").text == "hello /you"
    with httpx.Client(trust_env=False) as client, pytest.raises(httpx.ConnectError):
        client.get(url)


def test_serve_runs_two_applications_at_once() -> None:
    with serve(greet) as one, serve(greet) as two, httpx.Client(trust_env=False) as client:
        assert one != two
        assert {client.get(one).status_code, client.get(two).status_code} == {200}


def test_serve_says_so_when_the_application_does_not_start() -> None:
    @asynccontextmanager
    async def broken(_: FastAPI) -> AsyncIterator[None]:
        raise OSError("no database")
        yield

    with pytest.raises(RuntimeError, match="ended while starting"), serve(FastAPI(lifespan=broken)):
        pass


def test_free_port_can_be_listened_on() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as listener:
        assert listener.getsockname()[1] > 0
