"""Owns what the simulated gateway refuses in a request that it would answer otherwise, in the words of real ones.

nginx (413), ModSecurity behind nginx (403), Anthropic's API and gateways in front of older models (400), new-api.
"""

from __future__ import annotations

import re
from typing import Final

from portal.gateway.behaviours import Behaviour
from portal.gateway.canned import Canned, anthropic_error, new_api_error, no_channel, openai_error
from portal.gateway.client_shape import STAYING_BETAS
from portal.gateway.incoming import Incoming, invalid
from portal.profile.model import CredentialScheme

BODY_LIMIT: Final = 100 * 1024
"""Most bytes that the behaviour with a limited body takes."""

_SHELL: Final = re.compile(
    rb"rm -rf|\$\(\w+|\bcurl\b[^\"]{0,80}\bhttps?://|git (?:push|commit) -|/etc/passwd|<script|\| ?(?:head|tail|sh)\b",
)


def refuse_header(behaviour: Behaviour, incoming: Incoming) -> Canned | None:
    """The answer of a gateway that looks for the key in one header only, when it is not there."""
    match behaviour:
        case Behaviour.ONLY_X_API_KEY if not incoming.has_key_in(CredentialScheme.X_API_KEY):
            return anthropic_error(401, "authentication_error", "x-api-key header is required")
        case Behaviour.ONLY_BEARER if not incoming.has_key_in(CredentialScheme.BEARER):
            said = "You didn't provide an API key. Provide it in an Authorization header using Bearer auth."
            return openai_error(401, "invalid_request_error", said, None)
        case _:
            return None


def refuse_size(behaviour: Behaviour, incoming: Incoming) -> Canned | None:
    """The answer of what stands in front of a gateway and reads bodies."""
    match behaviour:
        case Behaviour.BODY_LIMIT if incoming.size > BODY_LIMIT:
            return _nginx("413 Request Entity Too Large", 413)
        case Behaviour.WAF_BODY if _SHELL.search(incoming.raw):
            return _nginx("403 Forbidden", 403)
        case _:
            return None


def refuse_part(behaviour: Behaviour, incoming: Incoming) -> Canned | None:
    """The answer of a gateway that does not know a part of the client's request."""
    match behaviour:
        case Behaviour.NO_BETAS if unknown := sorted(set(incoming.betas) - STAYING_BETAS):
            names = ", ".join(f"`{name}`" for name in unknown)
            return invalid(f"Unexpected value(s) {names} for the `anthropic-beta` header.")
        case Behaviour.NO_CONTEXT_MANAGEMENT if "context_management" in incoming.body:
            return invalid("context_management: Extra inputs are not permitted")
        case Behaviour.NO_THINKING if incoming.thinks:
            return invalid("thinking.type: Input should be 'disabled'")
        case _:
            return None


def refuse_model(behaviour: Behaviour, model: str) -> Canned | None:
    """The answer of a gateway that has not every model for every key."""
    match behaviour:
        case Behaviour.HAIKU_MISSING if "haiku" in model:
            return no_channel()
        case Behaviour.OPUS_NOT_ALLOWED if "opus" in model:
            return new_api_error(403, "该令牌无权访问模型 <model>")
        case _:
            return None


def _nginx(title: str, status: int) -> Canned:
    page = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return Canned(status, page, "text/html", {"server": "nginx"})
