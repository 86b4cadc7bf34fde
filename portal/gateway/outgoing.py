"""Owns what is sent to the gateway: addresses, headers and small bodies, as Claude Code sends them. PURE.

What it makes holds the key, so nothing of it may be logged. The large body of the rehearsal is in `client_shape`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote as percent_encode

from portal import __version__
from portal.gateway.access import Access
from portal.profile.model import KEY_FIELD, CredentialScheme

STREAMED_TOKENS: Final = 24
"""`max_tokens` of the streaming probe: enough for a dozen events, and a cost nobody notices."""

MODELS_PAGE: Final = 1000
"""Models asked for at once, as the client's discovery does (measured with 2.1.330)."""

_ONE_MILLION: Final = re.compile(r"\[1m\]$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request; its headers hold the key and are kept out of the representation."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


def sent_model_id(model_id: str) -> str:
    """The id as it goes over the wire: the client strips a `[1m]` suffix (measured with 2.1.197 and 2.1.330)."""
    return _ONE_MILLION.sub("", model_id.strip()).rstrip()


def wants_one_million(model_id: str) -> bool:
    """Whether the client would ask for the window of one million tokens for this id."""
    return _ONE_MILLION.search(model_id.strip()) is not None


def request_headers(access: Access) -> dict[str, str]:
    """The headers of a Messages request as Claude Code sends them for this gateway; holds the key, so never log it.

    The credential header wins over a custom header of the same name, as it does in the client. The user agent is the
    portal's own: a gateway's log must not show clients that are none. A gateway that admits named clients only needs
    a `user-agent` among the profile's headers, which is then sent.
    """
    headers = {"anthropic-version": "2023-06-01", "user-agent": f"onboarding-portal/{__version__}"}
    headers |= {name.lower(): value.replace(KEY_FIELD, access.key.reveal()) for name, value in access.headers.items()}
    headers |= {"content-type": "application/json", "accept": "application/json", "accept-encoding": "identity"}
    if access.credential is CredentialScheme.BEARER:
        headers["authorization"] = f"Bearer {access.key.reveal()}"
    else:
        headers["x-api-key"] = access.key.reveal()
    return headers


def one_token(access: Access, model: str) -> Outgoing:
    """The smallest Messages request: one token of answer. `model` is the id as it is sent."""
    return _post(access, {"model": model, "max_tokens": 1, "messages": [{"role": "user", "content": "."}]})


def few_streamed_tokens(access: Access, model: str) -> Outgoing:
    """A Messages request that asks for a stream of several events."""
    asked = [{"role": "user", "content": "Count from 1 to 9."}]
    return _post(access, {"model": model, "max_tokens": STREAMED_TOKENS, "messages": asked, "stream": True})


def models_page(access: Access, after_id: str = "") -> Outgoing:
    """One page of the gateway's list of models, beginning after `after_id`."""
    after = f"&after_id={percent_encode(after_id, safe='')}" if after_id else ""
    headers = request_headers(access)
    del headers["content-type"]
    return Outgoing("GET", f"{access.base_url}/v1/models?limit={MODELS_PAGE}{after}", headers)


def _post(access: Access, body: Mapping[str, object]) -> Outgoing:
    return Outgoing(
        "POST",
        f"{access.base_url}/v1/messages?beta=true",
        request_headers(access),
        json.dumps(body).encode("ascii"),
    )
