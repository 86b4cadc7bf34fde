"""Owns signing in, both ways: from what came in to a new session, or the reason why not. Knows no pages.

A refused password takes the same way as a right one until the very end: the same look-up, one Argon2 hash, one entry
in the audit log. So neither the answer nor its time tells whether there is such an account, or whether it is disabled.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from portal.admin import accounts, audit, oidc, sessions
from portal.admin.forms import SignInForm
from portal.admin.oidc import Attempt, NotAllowed, Person, ProviderAwayError, ProviderOddError, UnknownKeyError
from portal.admin.services import AdminServices, IdentityProvider
from portal.admin.views import Trouble
from portal.admin.vocabulary import Action
from portal.logs import LOGGER

ATTEMPT_PURPOSE: Final = "oidc"
ATTEMPT_SECONDS: Final = 10 * 60
_RANDOM: Final = 32


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: its token, and where to go."""

    token: str
    next: str


@dataclass(frozen=True, slots=True)
class NotSignedIn:
    """Why there is no session; `wait_seconds` with `TOO_SOON`."""

    trouble: Trouble
    next: str
    wait_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Callback:
    """What the provider sent back through the browser."""

    code: str
    state: str
    issuer: str
    error: str


async def with_password(
    desk: AdminServices, form: SignInForm, client_address: str, old_token: str | None
) -> SignedIn | NotSignedIn:
    """Sign in with name and password; ends the session of `old_token`, which this browser had before."""
    login = accounts.login_of(form.name)
    if wait := await desk.throttle.admit(login, client_address):
        return NotSignedIn(Trouble.TOO_SOON, form.next, wait)
    async with desk.database.reading() as connection:
        account = await accounts.with_login(connection, form.name)
    checked = await desk.passwords.check(form.password.reveal(), account.password_hash if account else None)
    now = desk.now()
    async with desk.database.writing() as connection:
        may_begin = account and checked.right and await accounts.may_still_begin(connection, account)
        if account is None or not may_begin:
            name = account.operator.name if account else None  # never what was typed: it may be a password
            await audit.note(connection, Action.SIGN_IN_FAILED, at=now, name=name)
            return NotSignedIn(Trouble.WRONG, form.next)
        if checked.new_hash:
            await accounts.set_hash(connection, account.operator.id, checked.new_hash)
        await audit.note(connection, Action.SIGNED_IN, at=now, name=account.operator.name)
        token = await _begin(connection, desk, account.operator.id, now, old_token)
    await desk.throttle.forgive(login)
    return SignedIn(token, form.next)


def new_attempt(way_back: str) -> Attempt:
    """The secrets of one sign-in at the provider."""
    state, nonce, verifier = (secrets.token_urlsafe(_RANDOM) for _ in range(3))
    return Attempt(state, nonce, verifier, way_back)


async def provider_address(identity: IdentityProvider, attempt: Attempt, redirect_uri: str) -> str | Trouble:
    """Where to send the browser."""
    if not identity.provider.has_rule:
        return Trouble.NO_RULE
    try:
        metadata = await identity.transport.metadata()
    except (ProviderAwayError, ProviderOddError) as error:
        return _told(error)
    return oidc.authorization_address(identity.provider, metadata, attempt, redirect_uri)


async def with_provider(  # noqa: PLR0913 - each by its name
    desk: AdminServices,
    identity: IdentityProvider,
    *,
    attempt: Attempt | None,
    callback: Callback,
    redirect_uri: str,
    old_token: str | None,
) -> SignedIn | NotSignedIn:
    """End a sign-in that this browser began at the provider."""
    if attempt is None or not hmac.compare_digest(attempt.state.encode(), callback.state.encode()):
        return NotSignedIn(Trouble.STALE, attempt.next if attempt else "")
    if callback.error or not callback.code:
        LOGGER.info("the identity provider signed nobody in")
        return NotSignedIn(Trouble.DECLINED, attempt.next)
    try:
        person = await _person(identity, attempt, callback, redirect_uri, desk.now() // 1000)
    except (ProviderAwayError, ProviderOddError) as error:
        return NotSignedIn(_told(error), attempt.next)
    now = desk.now()
    async with desk.database.writing() as connection:
        operator = (
            await accounts.from_provider(connection, person.subject, person.name, now)
            if isinstance(person, Person)
            else None
        )
        if operator is None:
            await audit.note(connection, Action.PROVIDER_REFUSED, at=now, name=None)
            return NotSignedIn(Trouble.NOT_ALLOWED, attempt.next)
        await audit.note(connection, Action.SIGNED_IN_BY_PROVIDER, at=now, name=operator.name)
        token = await _begin(connection, desk, operator.id, now, old_token)
    return SignedIn(token, attempt.next)


async def _person(
    identity: IdentityProvider, attempt: Attempt, callback: Callback, redirect_uri: str, now: int
) -> Person | NotAllowed:
    provider, transport = identity.provider, identity.transport
    metadata = await transport.metadata()
    if (callback.issuer or metadata.names_itself) and callback.issuer != provider.issuer:
        raise ProviderOddError("another provider answered (RFC 9207)")
    form = oidc.token_request(provider, metadata, callback.code, attempt.verifier, redirect_uri)
    tokens = await transport.redeem(form)
    id_token, access_token = (str(tokens.get(name) or "") for name in ("id_token", "access_token"))
    try:
        keys = await transport.keys()
        claims = oidc.verified_claims(id_token, keys, provider, nonce=attempt.nonce, access_token=access_token, now=now)
    except UnknownKeyError:
        keys = await transport.keys(fresh=True)
        claims = oidc.verified_claims(id_token, keys, provider, nonce=attempt.nonce, access_token=access_token, now=now)
    if metadata.userinfo_endpoint and access_token and oidc.needs_more(provider, claims):
        claims = oidc.with_userinfo(claims, await transport.userinfo(metadata.userinfo_endpoint, access_token))
    return oidc.decide(provider, claims)


async def _begin(
    connection: AsyncConnection, desk: AdminServices, account_id: int, now: int, old_token: str | None
) -> str:
    if old_token:
        await sessions.end(connection, sessions.digest(old_token))
    await audit.forget_old(connection, now)
    return await sessions.begin(connection, account_id, now, desk.lifetimes)


def _told(error: ProviderAwayError | ProviderOddError) -> Trouble:
    LOGGER.warning("nobody was signed in through the identity provider: %s", error)
    return Trouble.PROVIDER_AWAY if isinstance(error, ProviderAwayError) else Trouble.PROVIDER_ODD
