"""Owns what is said to an identity provider and what is believed of its answers (OpenID Connect Core 1.0, code flow).

PURE: it opens no connection and reads no clock; `oidc_transport` asks, `sign_in` decides when. An ID token is believed
only if the provider's published key signed it, with an asymmetric algorithm, for this client, this attempt, and now.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from portal.admin.vocabulary import MAX_NAME
from portal.errors import PortalError

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""No symmetric ones: a published key must not be usable as a secret (RFC 8725, 3.1)."""

LEEWAY_SECONDS: Final = 60
_LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}


class ProviderAwayError(PortalError):
    """The provider does not answer, or says that it cannot at the moment."""


class ProviderOddError(PortalError):
    """The provider's answer is not what it has to be; the text says what, without repeating any of it."""


class UnknownKeyError(ProviderOddError):
    """The token names a key that is not among those we know; the provider may have a new one."""


@dataclass(frozen=True, slots=True)
class Provider:
    """The identity provider as the operator set it up. Empty `groups` and `domains`: nobody may come in."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    groups: frozenset[str]
    domains: frozenset[str]
    name: str

    @property
    def has_rule(self) -> bool:
        """Whether it is said who may come in."""
        return bool(self.groups or self.domains)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the provider publishes about itself (OpenID Connect Discovery 1.0, section 3), as far as it is used."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    scopes: frozenset[str]
    takes_secret_in_body_only: bool
    names_itself: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in under way: what ties the answer to this browser (`state`), token (`nonce`) and code (`verifier`)."""

    state: str
    nonce: str
    verifier: str
    next: str

    def to_text(self) -> str:
        """For the cookie."""
        return base64.urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode()

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        """From the cookie, which we signed; None when another version of the portal wrote it."""
        try:
            return cls(**json.loads(base64.urlsafe_b64decode(text)))
        except (ValueError, TypeError):
            return None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the provider vouches for and who may come in; `subject` is what stays the same of them."""

    subject: str
    name: str


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """Somebody whom the provider vouches for and whom no rule lets in."""


def read_metadata(document: object, issuer: str) -> Metadata:
    """Read a discovery document.

    Raises:
        ProviderOddError: it is another issuer's, or lacks what is needed.
    """
    if not isinstance(document, dict) or document.get("issuer") != issuer:
        raise ProviderOddError("the discovery document is not that of PORTAL_OIDC_ISSUER (compare its `issuer`)")
    found = {name: document.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    found["userinfo_endpoint"] = document.get("userinfo_endpoint") or ""
    for name, address in found.items():
        if not isinstance(address, str) or not (is_safe(address) or (name == "userinfo_endpoint" and not address)):
            raise ProviderOddError(f"the discovery document has no usable {name}")
    methods = _strings(document.get("token_endpoint_auth_methods_supported"))
    return Metadata(
        **{name: str(address) for name, address in found.items()},
        scopes=_strings(document.get("scopes_supported")),
        takes_secret_in_body_only=bool(methods) and "client_secret_basic" not in methods,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def is_safe(address: str) -> bool:
    """Whether an address is https, or on this machine."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        )
    except ValueError:
        return False


def authorization_address(provider: Provider, metadata: Metadata, attempt: Attempt, redirect_uri: str) -> str:
    """Where the browser is sent. `groups` is asked for only where the provider knows it: others refuse it."""
    scopes = ["openid", "email", "profile"]
    if provider.groups and "groups" in metadata.scopes:
        scopes.append("groups")
    return str(
        prepare_grant_uri(
            metadata.authorization_endpoint,
            provider.client_id,
            "code",
            redirect_uri=redirect_uri,
            scope=scopes,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
    )


def token_request(provider: Provider, metadata: Metadata, code: str, verifier: str, redirect_uri: str) -> str:
    """The form that is posted to the token endpoint, with the secret if the endpoint wants it there."""
    fields = {"client_id": provider.client_id}
    if provider.client_secret and metadata.takes_secret_in_body_only:
        fields["client_secret"] = provider.client_secret
    return str(
        prepare_token_request(
            "authorization_code", redirect_uri=redirect_uri, code=code, code_verifier=verifier, **fields
        )
    )


def verified_claims(  # noqa: PLR0913 - each by its name
    token: str, keys: KeySet, provider: Provider, *, nonce: str, access_token: str, now: int
) -> Mapping[str, Any]:
    """The claims of an ID token that may be believed. `now` is in seconds since 1970.

    Raises:
        UnknownKeyError: it is signed with a key that is not among `keys`.
        ProviderOddError: it must not be believed.
    """
    try:
        read = jwt.decode(token, keys, algorithms=ALGORITHMS)
        claims = CodeIDToken(
            read.claims,
            read.header,
            {"iss": {"essential": True, "value": provider.issuer}, "aud": {"essential": True}},
            {"nonce": nonce, "client_id": provider.client_id, "access_token": access_token},
        )
        claims.validate(now=now, leeway=LEEWAY_SECONDS)
    except InvalidKeyIdError:
        raise UnknownKeyError("the ID token is signed with a key that the provider does not publish") from None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProviderOddError(f"the ID token must not be believed ({type(error).__name__})") from None
    audience = read.claims.get("aud")
    if provider.client_id not in ([audience] if isinstance(audience, str) else audience or []):
        raise ProviderOddError("the ID token is for another client")
    if not isinstance(read.claims.get("sub"), str) or not read.claims["sub"]:
        raise ProviderOddError("the ID token names nobody")
    return read.claims


def needs_more(provider: Provider, claims: Mapping[str, Any]) -> bool:
    """Whether a rule needs a claim that the ID token does not have, so that the user-info endpoint is worth asking."""
    return (bool(provider.groups) and "groups" not in claims) or (bool(provider.domains) and "email" not in claims)


def with_userinfo(claims: Mapping[str, Any], userinfo: Mapping[str, Any]) -> Mapping[str, Any]:
    """The claims and what the user-info endpoint adds.

    Raises:
        ProviderOddError: it speaks of somebody else (OpenID Connect Core 1.0, 5.3.2).
    """
    if not hmac.compare_digest(str(userinfo.get("sub", "")).encode(), str(claims["sub"]).encode()):
        raise ProviderOddError("the user-info endpoint speaks of somebody else")
    return {**userinfo, **claims}


def decide(provider: Provider, claims: Mapping[str, Any]) -> Person | NotAllowed:
    """Who this is, or that they may not come in: every rule that is set has to hold, and one has to be set."""
    email = claims.get("email")
    is_verified = claims.get("email_verified") in (True, "true")  # some providers send a word
    address = email if isinstance(email, str) and is_verified and email.count("@") == 1 else ""
    by_group = not provider.groups or bool(provider.groups & _strings(claims.get("groups")))
    by_domain = not provider.domains or address.rpartition("@")[2].lower() in provider.domains
    if not (provider.has_rule and by_group and by_domain):
        return NotAllowed()
    names = (address, claims.get("preferred_username"), claims.get("name"), claims["sub"])
    name = next(name for name in names if isinstance(name, str) and name.strip() and name.isprintable())
    subject = hashlib.sha256(f"{provider.issuer}\n{claims['sub']}".encode()).hexdigest()
    return Person(subject, name.strip()[:MAX_NAME])


def _strings(value: object) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset({value})
    return frozenset(one for one in value if isinstance(one, str)) if isinstance(value, list) else frozenset()
