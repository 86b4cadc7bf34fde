"""Owns what the operator's routes share: built once by the composition root, found again through the request."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from portal.admin.oidc import Provider
from portal.admin.oidc_transport import OidcTransport
from portal.admin.passwords import Passwords
from portal.admin.sessions import Lifetimes
from portal.admin.throttle import SignInThrottle
from portal.counters import Counters
from portal.db import Database
from portal.settings import Settings
from portal.signing import Signer
from portal.web.clients import RateLimit

PROVIDER_VISITS_PER_MINUTE = 30
"""How often one client address may start or end a sign-in at the provider within a minute."""


def now_ms() -> int:
    """The time, in milliseconds since 1970 (UTC)."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """Where operators sign in, and how it is asked."""

    provider: Provider
    transport: OidcTransport
    limit: RateLimit


@dataclass(frozen=True, slots=True)
class AdminServices:
    """What signing in and looking needs; `app.state.admin`. `now` is in milliseconds since 1970 (UTC)."""

    database: Database
    signer: Signer
    lifetimes: Lifetimes
    passwords: Passwords
    throttle: SignInThrottle
    identity: IdentityProvider | None = None
    now: Callable[[], int] = now_ms

    async def close(self) -> None:
        """End the connections that are not the database's."""
        if self.identity:
            await self.identity.transport.close()


def admin_services(settings: Settings, database: Database, signer: Signer, counters: Counters) -> AdminServices:
    """The operator's side as it was set up; connects to nothing."""
    provider = Provider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        groups=settings.oidc_groups,
        domains=settings.oidc_domains,
        name=settings.oidc_name,
    )
    return AdminServices(
        database=database,
        signer=signer,
        lifetimes=Lifetimes(
            idle=settings.session_idle_minutes * 60_000,
            absolute=settings.session_hours * 3_600_000,
        ),
        passwords=Passwords(),
        throttle=SignInThrottle(counters),
        identity=(
            IdentityProvider(
                provider, OidcTransport(provider), RateLimit(PROVIDER_VISITS_PER_MINUTE, "provider-visits", counters)
            )
            if provider.issuer
            else None
        ),
    )


def admin(request: Request) -> AdminServices:
    """The operator's side of the application that got this request."""
    return cast(AdminServices, request.app.state.admin)
