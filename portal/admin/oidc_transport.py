"""Owns the requests to the identity provider; beside `gateway/client.py` the only importer of httpx.

What the provider publishes is kept for an hour. Redirects are not followed, answers are read up to a limit, and no
log line carries a code, a token or the client's secret. The environment's proxy and certificate variables count.
"""

from __future__ import annotations

import json
import logging
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final, cast
from urllib.parse import quote

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from portal import __version__
from portal.admin.oidc import Metadata, Provider, ProviderAwayError, ProviderOddError, read_metadata

KEPT_SECONDS: Final = 60 * 60
FRESH_SECONDS: Final = 30
"""How often unknown keys make us ask again; anybody can cause such a request."""

TOTAL_SECONDS: Final = 10.0
MAX_ANSWER: Final = 1024 * 1024
_WELL_KNOWN: Final = "/.well-known/openid-configuration"


class OidcTransport:
    """Asks one provider. `clock` is in seconds and only goes forward."""

    def __init__(
        self,
        provider: Provider,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for name in ("httpx", "httpcore"):  # they log addresses and headers
            logging.getLogger(name).setLevel(logging.WARNING)
        self._provider: Final = provider
        self._clock: Final = clock
        self._http: Final = httpx.AsyncClient(
            transport=transport,
            timeout=TOTAL_SECONDS,
            follow_redirects=False,
            headers={"user-agent": f"onboarding-portal/{__version__}", "accept": "application/json"},
        )
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def close(self) -> None:
        """End the connections."""
        await self._http.aclose()

    async def metadata(self) -> Metadata:
        """What the provider publishes about itself.

        Raises:
            ProviderAwayError: it does not answer.
            ProviderOddError: it is not what it has to be.
        """
        if self._metadata and self._clock() - self._metadata[0] < KEPT_SECONDS:
            return self._metadata[1]
        document = await self._json("GET", self._provider.issuer.rstrip("/") + _WELL_KNOWN)
        self._metadata = (self._clock(), read_metadata(document, self._provider.issuer))
        return self._metadata[1]

    async def keys(self, *, fresh: bool = False) -> KeySet:
        """The keys that the provider signs with; `fresh` asks again, though not more often than `FRESH_SECONDS`.

        Raises:
            ProviderAwayError: it does not answer.
            ProviderOddError: it is not what it has to be.
        """
        kept = FRESH_SECONDS if fresh else KEPT_SECONDS
        if self._keys and self._clock() - self._keys[0] < kept:
            return self._keys[1]
        document = await self._json("GET", (await self.metadata()).jwks_uri)
        try:
            read = KeySet.import_key_set(cast(KeySetSerialization, document))
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise ProviderOddError("the provider’s keys cannot be read") from None
        self._keys = (self._clock(), read)
        return read

    async def redeem(self, form: str) -> Mapping[str, Any]:
        """Give the code, get the tokens.

        Raises:
            ProviderAwayError: it does not answer.
            ProviderOddError: it does not take the code, or this client.
        """
        metadata = await self.metadata()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        if self._provider.client_secret and not metadata.takes_secret_in_body_only:
            # RFC 6749, 2.3.1: both parts are form-encoded before they are joined.
            pair = [quote(part, safe="") for part in (self._provider.client_id, self._provider.client_secret)]
            headers["authorization"] = f"Basic {b64encode(':'.join(pair).encode()).decode()}"
        return await self._json("POST", metadata.token_endpoint, content=form, headers=headers)

    async def userinfo(self, address: str, access_token: str) -> Mapping[str, Any]:
        """More claims about whom the token stands for.

        Raises:
            ProviderAwayError: it does not answer.
            ProviderOddError: it does not take the token.
        """
        return await self._json("GET", address, headers={"authorization": f"Bearer {access_token}"})

    async def _json(self, method: str, address: str, **options: Any) -> Mapping[str, Any]:
        place = httpx.URL(address).path
        try:
            async with self._http.stream(method, address, **options) as answer:
                body = b""
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > MAX_ANSWER:
                        raise ProviderOddError(f"the answer of {place} is too long")
        except httpx.HTTPError as error:
            raise ProviderAwayError(f"{place} does not answer ({type(error).__name__})") from None
        if answer.status_code >= 500 or answer.status_code == 429:
            raise ProviderAwayError(f"{place} answers with {answer.status_code}")
        try:
            read = json.loads(body)
        except (ValueError, RecursionError):
            read = None
        if answer.status_code != 200 or not isinstance(read, dict):
            said = read.get("error") if isinstance(read, dict) else None
            reason = f", {said}" if isinstance(said, str) and said.replace("_", "").isalpha() else ""
            raise ProviderOddError(f"{place} answers with {answer.status_code}{reason}")
        return read
