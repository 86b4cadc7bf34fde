"""What the small request comes to with every behaviour of the simulated gateway."""

from __future__ import annotations

from collections.abc import Mapping

from portal.gateway import results
from portal.gateway.behaviours import Behaviour
from portal.gateway.canned import REDIRECT_TARGET
from portal.gateway.results import Barrier, CheckResult, Fault, Phase, Shape
from portal.profile.model import CredentialScheme

MODEL = "claude-sonnet-4.6"

EXPECTED: Mapping[Behaviour, tuple[type[CheckResult], dict[str, object]]] = {
    Behaviour.GOOD: (results.Accepted, {"model": MODEL, "status": 200}),
    Behaviour.CONVERTER: (results.Accepted, {}),
    Behaviour.JSON_ONLY: (results.Accepted, {}),
    Behaviour.STREAM_BREAKS: (results.Accepted, {}),
    Behaviour.SLOW: (results.TimedOut, {"waited_for": Phase.ANSWER, "status": None}),
    Behaviour.ONE_BLOCK: (results.Accepted, {}),
    Behaviour.CUT_STREAM: (results.Accepted, {}),
    Behaviour.ILLEGAL_ORDER: (results.Accepted, {}),
    Behaviour.OPUS_SLOW: (results.Accepted, {}),
    Behaviour.UNCLOSED_BLOCK: (results.Accepted, {}),
    Behaviour.DATA_ONLY: (results.Accepted, {}),
    **dict.fromkeys(
        (
            Behaviour.UNTYPED_EVENTS,
            Behaviour.PINGS_ONLY,
            Behaviour.UNTYPED_BLOCK,
            Behaviour.UNTYPED_DELTAS,
            Behaviour.EMPTY_TEXT,
            Behaviour.CONTENTLESS_STREAM,
            Behaviour.THINKING_ONLY,
            Behaviour.BROKEN_STOP,
            Behaviour.MISLABELLED,
            Behaviour.NEWER_STREAM,
            Behaviour.BARE_STREAM,
            Behaviour.NO_USAGE,
            Behaviour.NO_MODEL,
            Behaviour.EMPTY_CONTENT,
            Behaviour.BARE_TEXTS,
            Behaviour.TEXTLESS_BLOCK,
            Behaviour.BARE_MESSAGE,
            Behaviour.NEWER_MESSAGE,
            Behaviour.USELESS_MESSAGE,
        ),
        (results.Accepted, {}),
    ),
    Behaviour.MODELS_MISSING: (results.Accepted, {}),
    Behaviour.MODELS_OPENAI: (results.Accepted, {}),
    Behaviour.HAIKU_MISSING: (results.Accepted, {}),
    Behaviour.OPUS_NOT_ALLOWED: (results.Accepted, {}),
    Behaviour.NO_BETAS: (results.Accepted, {}),
    Behaviour.NO_CONTEXT_MANAGEMENT: (results.Accepted, {}),
    Behaviour.NO_THINKING: (results.Accepted, {}),
    Behaviour.BODY_LIMIT: (results.Accepted, {}),
    Behaviour.WAF_BODY: (results.Accepted, {}),
    Behaviour.REJECTED: (results.Rejected, {"status": 401}),
    Behaviour.REJECTED_ANTHROPIC: (results.Rejected, {"quote": "invalid x-api-key"}),
    Behaviour.REJECTED_LITELLM: (results.Rejected, {"status": 400, "quote": "No connected db."}),
    Behaviour.REJECTED_OPENAI: (results.Rejected, {}),
    Behaviour.NOT_ALLOWED: (results.NotAllowed, {"barrier": Barrier.OTHER}),
    Behaviour.NOT_ALLOWED_MODEL: (results.NotAllowed, {"barrier": Barrier.MODEL}),
    Behaviour.NOT_ALLOWED_NETWORK: (results.NotAllowed, {"barrier": Barrier.NETWORK}),
    Behaviour.FIREWALL: (results.NotAllowed, {"barrier": Barrier.FIREWALL}),
    Behaviour.OUT_OF_CREDIT: (results.OutOfCredit, {"status": 403}),
    Behaviour.OUT_OF_CREDIT_ANTHROPIC: (results.OutOfCredit, {"status": 400}),
    Behaviour.OUT_OF_CREDIT_OPENAI: (results.OutOfCredit, {"status": 429}),
    Behaviour.PAYMENT_REQUIRED: (results.OutOfCredit, {"status": 402}),
    Behaviour.MODEL_UNKNOWN: (results.ModelUnknown, {"status": 404, "key_proven": True, "model": MODEL}),
    Behaviour.MODEL_UNKNOWN_LITELLM: (results.ModelUnknown, {"status": 400, "key_proven": True, "no_channel": False}),
    Behaviour.MODEL_UNKNOWN_OPENAI: (results.ModelUnknown, {"status": 404, "key_proven": True, "no_channel": False}),
    Behaviour.NO_CHANNEL: (results.ModelUnknown, {"status": 503, "key_proven": True, "no_channel": True}),
    Behaviour.THROTTLED: (results.Throttled, {"retry_after_seconds": 120}),
    Behaviour.OVERLOADED: (results.GatewayFailed, {"fault": Fault.OVERLOADED, "quote": "Overloaded"}),
    Behaviour.FAILING: (results.GatewayFailed, {"fault": Fault.OTHER, "api_shaped": True}),
    Behaviour.BAD_GATEWAY: (results.GatewayFailed, {"quote": "502 Bad Gateway", "api_shaped": False}),
    Behaviour.UPSTREAM_KEY: (results.GatewayFailed, {"fault": Fault.UPSTREAM_CREDENTIAL}),
    Behaviour.HTML: (results.NotMessagesApi, {"kind": Shape.HTML, "quote": "Gateway Console"}),
    Behaviour.OPENAI_JSON: (results.NotMessagesApi, {"kind": Shape.OPENAI_JSON}),
    Behaviour.OTHER_JSON: (results.NotMessagesApi, {"kind": Shape.OTHER_JSON}),
    Behaviour.EMPTY: (results.NotMessagesApi, {"kind": Shape.EMPTY}),
    Behaviour.TRUNCATED: (results.NotMessagesApi, {"kind": Shape.TRUNCATED}),
    Behaviour.OVERSIZED: (results.NotMessagesApi, {"kind": Shape.OVERSIZED}),
    Behaviour.REDIRECT: (results.NotMessagesApi, {"kind": Shape.REDIRECT, "target": REDIRECT_TARGET}),
    Behaviour.EVENT_STREAM: (results.NotMessagesApi, {"kind": Shape.EVENT_STREAM}),
    Behaviour.ERROR_IN_200: (results.Rejected, {"status": 200}),
    Behaviour.REFUSED: (results.RequestRefused, {"status": 400, "api_shaped": True}),
    Behaviour.NOT_FOUND: (results.RequestRefused, {"status": 404}),
}

ONLY_ONE_HEADER: Mapping[tuple[Behaviour, CredentialScheme], tuple[type[CheckResult], dict[str, object]]] = {
    (Behaviour.ONLY_BEARER, CredentialScheme.BEARER): (results.Accepted, {}),
    (Behaviour.ONLY_BEARER, CredentialScheme.X_API_KEY): (results.Rejected, {"status": 401}),
    (Behaviour.ONLY_X_API_KEY, CredentialScheme.BEARER): (results.Rejected, {"status": 401}),
    (Behaviour.ONLY_X_API_KEY, CredentialScheme.X_API_KEY): (results.Accepted, {}),
}
