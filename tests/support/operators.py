"""Signing in as an operator in tests: an account and a session made in the portal's own database."""

from __future__ import annotations

import httpx
from fastapi import FastAPI
from sqlalchemy import insert

from portal.admin import sessions
from portal.admin.models import Account
from portal.admin.services import AdminServices


def app_of(client: httpx.AsyncClient) -> FastAPI:
    """The application behind the client of `running_portal`."""
    app = client._transport.app  # type: ignore[attr-defined]
    assert isinstance(app, FastAPI)
    return app


def desk_of(client: httpx.AsyncClient) -> AdminServices:
    found = app_of(client).state.admin
    assert isinstance(found, AdminServices)
    return found


async def sign_in(client: httpx.AsyncClient, name: str = "anna") -> str:
    """Let this client be signed in as a new operator; the value of its cookie. Makes no request."""
    desk = desk_of(client)
    row = {"name": name, "login": name.lower(), "password_hash": "none", "created_at": desk.now()}
    async with desk.database.writing() as connection:
        made = await connection.execute(insert(Account).values(row).returning(Account.id))
        token = await sessions.begin(connection, made.scalar_one(), desk.now(), desk.lifetimes)
    cookie = desk.signer.sign(sessions.PURPOSE, token)
    client.cookies.set("operator", cookie)
    return cookie
