"""Owns the demo: the portal in front of the bundled simulated gateway, both on this machine, no internet needed."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

import uvicorn

from portal.admin import accounts
from portal.admin.passwords import Passwords
from portal.admin.stats import simulated
from portal.admin.stats.calendar import day_of
from portal.admin.stats.closing import close_days
from portal.db import Database
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.fake import create_fake_gateway
from portal.profile.model import GatewayProfile
from portal.words import Text, _

DEMO_OPERATOR: Final = "demo"
"""Who may look at the statistics of the demo; the password is another one each time."""

SLOW_SECONDS: Final = 25.0
"""How long the slow key waits: longer than the key check does, so that it shows what a time-out looks like."""

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


async def fill_demo(address: str, zone: ZoneInfo, *, now: int) -> str:
    """Make the demo's database: half a year of simulated visits, and an account; returns its password.

    `now` is in milliseconds since 1970.
    """
    password = secrets.token_urlsafe(9)
    password_hash = await Passwords().hashed(password)
    database = Database(address)
    try:
        await database.migrate()
        async with database.writing() as connection:
            await accounts.add(connection, DEMO_OPERATOR, password_hash, now)
            await simulated.fill(connection, zone, day_of(now, zone), until=now)
        await close_days(database, zone, now=now)
    finally:
        await database.close()
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
