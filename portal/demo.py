"""Owns the demo: the portal in front of the bundled simulated gateway, both on this machine, no internet needed."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import uvicorn

from portal.admin import accounts
from portal.admin.passwords import Passwords
from portal.admin.services import now_ms
from portal.db import Database
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.fake import create_fake_gateway
from portal.profile.model import GatewayProfile
from portal.words import Text, _

SLOW_SECONDS: Final = 25.0
"""How long the slow key waits: longer than the key check does, so that it shows what a time-out looks like."""

DEMO_OPERATOR: Final = "demo"

_MEANINGS: Final[dict[Behaviour, Text]] = {
    Behaviour.GOOD: _("works"),
    Behaviour.REJECTED: _("rejects the key, in Chinese"),
    Behaviour.REJECTED_ANTHROPIC: _("rejects the key, as Anthropic does"),
    Behaviour.OUT_OF_CREDIT: _("says that the credit is used up"),
    Behaviour.NOT_ALLOWED: _("does not allow it"),
    Behaviour.NOT_ALLOWED_MODEL: _("does not allow this model"),
    Behaviour.MODEL_UNKNOWN: _("does not know the model"),
    Behaviour.NO_CHANNEL: _("has no channel for the model (503)"),
    Behaviour.THROTTLED: _("asks to wait"),
    Behaviour.OVERLOADED: _("is overloaded"),
    Behaviour.FAILING: _("fails inside"),
    Behaviour.SLOW: _("answers too late"),
    Behaviour.HTML: _("answers with a web page"),
    Behaviour.REDIRECT: _("redirects to another address"),
    Behaviour.EMPTY: _("answers nothing"),
    Behaviour.FIREWALL: _("is behind a firewall that refuses"),
}


def demo_keys() -> dict[str, Text]:
    """Key -> what the simulated gateway does with it."""
    return {DEMO_KEYS[behaviour]: meaning for behaviour, meaning in _MEANINGS.items()}


def demo_profile(profile: GatewayProfile, gateway_address: str) -> GatewayProfile:
    """The profile with the simulated gateway's address, in every region: nothing leaves this machine."""
    return replace(
        profile,
        base_url=gateway_address,
        regions=tuple(replace(region, base_url=gateway_address) for region in profile.regions),
        key_pattern="",
        key_hint="starts with sk-demo-",
    )


def add_demo_operator(database_address: str) -> str:
    """Create the account `DEMO_OPERATOR` in the demo's own database; returns its password, new for each demo."""
    password = secrets.token_urlsafe(9)

    async def run() -> None:
        database = Database(database_address)
        password_hash = await Passwords().hashed(password)
        async with database.writing() as connection:
            await accounts.add(connection, DEMO_OPERATOR, password_hash, now_ms())
        await database.close()

    asyncio.run(run())
    return password


@contextmanager
def running_fake_gateway(profile: GatewayProfile) -> Iterator[str]:
    """Run the simulated gateway on a free loopback port, in a thread; yields its address."""
    app = create_fake_gateway(models=[model.id for model in profile.offered()], slow_seconds=SLOW_SECONDS)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, log_level="warning")
    listener = config.bind_socket()
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=5)
        listener.close()
