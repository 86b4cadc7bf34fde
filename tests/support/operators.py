"""Signing in as an operator in tests: accounts and sessions made in the portal's own database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from portal.admin import accounts, audit, sessions
from portal.admin.services import AdminServices
from portal.admin.vocabulary import Action
from tests.support.portal import running_portal

PASSWORD = "kettle-orbit-mango"
HERE = {"sec-fetch-site": "same-origin"}


def app_of(client: httpx.AsyncClient) -> FastAPI:
    """The application behind the client of `running_portal`."""
    app = client._transport.app  # type: ignore[attr-defined]
    assert isinstance(app, FastAPI)
    return app


def desk_of(client: httpx.AsyncClient) -> AdminServices:
    found = app_of(client).state.admin
    assert isinstance(found, AdminServices)
    return found


def set_clock(client: httpx.AsyncClient, now: Callable[[], int]) -> None:
    """Let the operator's side of this portal live in another time."""
    app_of(client).state.admin = replace(desk_of(client), now=now)


async def sign_in(client: httpx.AsyncClient, name: str = "anna") -> str:
    """Let this client be signed in as this operator; the value of its cookie. Makes no request, checks no password."""
    desk = desk_of(client)
    async with desk.database.writing() as connection:
        await accounts.add(connection, name, "none", desk.now())
        found = await accounts.with_login(connection, name)
        assert found
        token = await sessions.start(connection, found.operator.id, desk.now(), desk.lifetimes)
    cookie = desk.signer.sign(sessions.PURPOSE, token)
    client.cookies.set("operator", cookie)
    return cookie


async def add_account(client: httpx.AsyncClient, name: str = "Anna", password: str = PASSWORD) -> None:
    desk = desk_of(client)
    password_hash = await desk.passwords.hashed(password)
    async with desk.database.writing() as connection:
        assert await accounts.add(connection, name, password_hash, desk.now())


async def disable(client: httpx.AsyncClient, name: str) -> None:
    desk = desk_of(client)
    async with desk.database.writing() as connection:
        assert await accounts.set_disabled(connection, name, desk.now())


async def post_sign_in(
    client: httpx.AsyncClient, name: str = "anna", password: str = PASSWORD, **more: str
) -> httpx.Response:
    """Send the form as a browser does."""
    return await client.post("/admin/login", data={"name": name, "password": password, **more}, headers=HERE)


async def audit_of(client: httpx.AsyncClient) -> list[tuple[Action, str | None]]:
    """What was done, oldest first."""
    async with desk_of(client).database.reading() as connection:
        return [(entry.action, entry.name) for entry in reversed(await audit.page(connection))]


@asynccontextmanager
async def operated_portal(address: str, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """The portal on a migrated database, with the account Anna."""
    async with running_portal(database_url=SecretStr(address), **settings) as client:
        await add_account(client)
        yield client
