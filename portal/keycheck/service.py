"""Owns how often the gateway is asked on behalf of one client, and asking it."""

from __future__ import annotations

from dataclasses import dataclass

from portal.gateway.client import GatewayClient
from portal.gateway.results import CheckResult
from portal.keys import ApiKey
from portal.profile.model import GatewayProfile
from portal.web.clients import RateLimit


@dataclass(frozen=True, slots=True)
class TooManyChecks:
    """A client has used up its checks; the next one is possible after `wait_seconds`."""

    wait_seconds: int


class KeyChecks:
    """Checks keys, a limited number for each client address within a minute (counted in this process)."""

    def __init__(self, client: GatewayClient, per_minute: int) -> None:
        self._client = client
        self._limit = RateLimit(per_minute)

    async def admit(self, client_address: str) -> TooManyChecks | None:
        """Count a check for this client; None when it may go on."""
        wait = await self._limit.wait_for(client_address)
        return TooManyChecks(wait) if wait else None

    async def check(self, profile: GatewayProfile, key: ApiKey, model: str) -> CheckResult:
        """Ask the gateway; every failure is a result."""
        return await self._client.check_key(profile, key, model)
