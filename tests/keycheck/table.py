"""What the check says of every behaviour of the simulated gateway.

Verdict, the five steps (address, credential, models, streaming, rehearsal; `LETTERS`), and a part of the next action.
"""

from __future__ import annotations

from typing import Final

from portal.gateway.behaviours import Behaviour

LETTERS = {"passed": "p", "warning": "w", "failed": "f", "not-checked": "-"}
GREEN = ("accepted", "pppp-", "Go on with step 3")
EXPECTED: Final[dict[Behaviour, tuple[str, str, str]]] = {
    Behaviour.GOOD: GREEN,
    Behaviour.CONVERTER: GREEN,
    Behaviour.MODELS_MISSING: GREEN,
    Behaviour.MODELS_OPENAI: GREEN,
    Behaviour.ONLY_BEARER: GREEN,
    # what only a rehearsal finds
    Behaviour.NO_BETAS: GREEN,
    Behaviour.NO_CONTEXT_MANAGEMENT: GREEN,
    Behaviour.NO_THINKING: GREEN,
    Behaviour.BODY_LIMIT: GREEN,
    Behaviour.WAF_BODY: GREEN,
    **dict.fromkeys((Behaviour.NEWER_STREAM, Behaviour.BARE_STREAM, Behaviour.USELESS_MESSAGE), GREEN),
    # warnings
    **dict.fromkeys(
        (Behaviour.JSON_ONLY, Behaviour.NEWER_MESSAGE, Behaviour.BARE_MESSAGE),
        ("not-streamed", "pppw-", "Go on, or ask the gateway’s support to switch streaming on"),
    ),
    Behaviour.ONE_BLOCK: ("buffered", "pppw-", "switch buffering off"),
    Behaviour.HAIKU_MISSING: ("models-missing", "ppwp-", "Choose another id in step 3"),
    Behaviour.OPUS_NOT_ALLOWED: ("models-missing", "ppwp-", "Choose another id in step 3"),
    Behaviour.OPUS_SLOW: ("timed-out", "ppwp-", "Check again in a few minutes"),
    Behaviour.EVENT_STREAM: ("not-messages-api", "pp-p-", "Go on with the set-up and try claude"),
    Behaviour.NOT_ALLOWED_NETWORK: ("not-allowed", "pw---", "If your own address is allowed, go on"),
    Behaviour.THROTTLED: ("throttled", "p----", "then check again"),
    # broken streams
    Behaviour.STREAM_BREAKS: ("stream-broken", "pppf-", "Check again in a few minutes"),
    Behaviour.CUT_STREAM: ("stream-broken", "pppf-", "Check again in a few minutes"),
    Behaviour.ILLEGAL_ORDER: ("stream-broken", "pppf-", "Check again in a few minutes"),
    Behaviour.UNCLOSED_BLOCK: ("stream-broken", "pppf-", "Check again in a few minutes"),
    Behaviour.DATA_ONLY: ("stream-broken", "pppf-", "Check again in a few minutes"),
    **dict.fromkeys(
        (
            *(Behaviour.UNTYPED_EVENTS, Behaviour.PINGS_ONLY, Behaviour.UNTYPED_BLOCK, Behaviour.UNTYPED_DELTAS),
            *(Behaviour.EMPTY_TEXT, Behaviour.CONTENTLESS_STREAM, Behaviour.THINKING_ONLY, Behaviour.BROKEN_STOP),
            Behaviour.MISLABELLED,
        ),
        ("stream-broken", "pppf-", "Check again in a few minutes"),
    ),
    **dict.fromkeys(
        (
            *(Behaviour.NO_USAGE, Behaviour.NO_MODEL, Behaviour.EMPTY_CONTENT, Behaviour.BARE_TEXTS),
            Behaviour.TEXTLESS_BLOCK,
        ),
        ("not-messages-api", "pppf-", ""),
    ),
    # keys
    Behaviour.ONLY_X_API_KEY: ("other-header", "pf---", "Use that header, then check again"),
    **dict.fromkeys(
        (
            *(Behaviour.REJECTED, Behaviour.REJECTED_ANTHROPIC, Behaviour.REJECTED_LITELLM),
            *(Behaviour.REJECTED_OPENAI, Behaviour.ERROR_IN_200),
        ),
        ("rejected", "pf---", "Copy the key again"),
    ),
    Behaviour.NOT_ALLOWED: ("not-allowed", "pf---", "Look at the key’s permissions"),
    Behaviour.FIREWALL: ("not-allowed", "f----", "tell the gateway’s support what the page says"),
    **dict.fromkeys(
        (
            *(Behaviour.OUT_OF_CREDIT, Behaviour.OUT_OF_CREDIT_ANTHROPIC, Behaviour.OUT_OF_CREDIT_OPENAI),
            Behaviour.PAYMENT_REQUIRED,
        ),
        ("out-of-credit", "ppf--", "Add credit or raise the limit"),
    ),
    # models
    Behaviour.NOT_ALLOWED_MODEL: ("not-allowed", "ppf--", "Choose another id in step 3"),
    **dict.fromkeys(
        (
            *(Behaviour.MODEL_UNKNOWN, Behaviour.MODEL_UNKNOWN_LITELLM, Behaviour.MODEL_UNKNOWN_OPENAI),
            Behaviour.NO_CHANNEL,
        ),
        ("model-unknown", "ppf--", "Choose another id in step 3"),
    ),
    # the gateway
    Behaviour.OVERLOADED: ("gateway-error", "p----", "Try again in a few minutes"),
    Behaviour.FAILING: ("gateway-error", "p----", "Try again in a few minutes"),
    Behaviour.UPSTREAM_KEY: ("gateway-error", "p-f--", "Tell the gateway’s support"),
    Behaviour.BAD_GATEWAY: ("gateway-error", "w----", "Try again in a few minutes"),
    Behaviour.SLOW: ("timed-out", "w----", "Try again, or choose another model"),
    **dict.fromkeys(
        (
            *(Behaviour.HTML, Behaviour.OPENAI_JSON, Behaviour.OTHER_JSON, Behaviour.EMPTY, Behaviour.TRUNCATED),
            *(Behaviour.OVERSIZED, Behaviour.REDIRECT),
        ),
        ("not-messages-api", "f----", "Tell whoever runs this portal"),
    ),
    Behaviour.REFUSED: ("refused", "p-f--", "Read what the gateway says"),
    Behaviour.NOT_FOUND: ("refused", "f----", "Tell whoever runs this portal"),
}
