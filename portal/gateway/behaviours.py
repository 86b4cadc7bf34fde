"""Owns how the simulated gateway can behave, and the key that asks for each behaviour.

The answers themselves are in `canned` and `replies`. The family is in the name where it matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Behaviour(StrEnum):
    """What the simulated gateway does with a Messages request."""

    GOOD = "good"
    CONVERTER = "converter"  # good, with an id and shape that a converter makes
    JSON_ONLY = "json-only"  # good, but ignores `stream: true`
    STREAM_BREAKS = "stream-breaks"  # an `error` event in the middle of the stream; JSON is good
    SLOW = "slow"  # sleeps before a good answer

    ONE_BLOCK = "one-block"  # good, but something holds the stream back and delivers it at once
    CUT_STREAM = "cut-stream"  # the stream ends in the middle; JSON is good
    ILLEGAL_ORDER = "illegal-order"  # a converter forgets `content_block_start`; JSON is good
    UNCLOSED_BLOCK = "unclosed-block"  # a converter forgets `content_block_stop`: the client shows nothing
    UNTYPED_EVENTS = "untyped-events"  # a converter forgets the type in the events' data; JSON is good
    PINGS_ONLY = "pings-only"  # the events have their names, and in their data all are called ping
    UNTYPED_BLOCK = "untyped-block"  # a converter forgets the type of the content block
    UNTYPED_DELTAS = "untyped-deltas"  # … and of what it consists of
    EMPTY_TEXT = "empty-text"  # a stream in order, with nothing in it
    CONTENTLESS_STREAM = "contentless-stream"  # a stream that starts and stops
    THINKING_ONLY = "thinking-only"  # a stream in order, and all that it says is thought
    BROKEN_STOP = "broken-stop"  # the data of the last event is no JSON
    MISLABELLED = "mislabelled"  # a plain stream that is called Brotli
    NEWER_STREAM = "newer-stream"  # good, with blocks, deltas and events that are not known yet
    BARE_STREAM = "bare-stream"  # good, with no more in it than the client needs
    DATA_ONLY = "data-only"  # a converter forgets the events' names; JSON is good
    OPUS_SLOW = "opus-slow"  # good, but opus takes seconds

    NO_USAGE = "no-usage"  # ignores `stream: true`, and its Message has no `usage`
    NO_MODEL = "no-model"  # … no `model`
    EMPTY_CONTENT = "empty-content"  # … nothing in its content
    BARE_TEXTS = "bare-texts"  # … texts instead of blocks of text
    TEXTLESS_BLOCK = "textless-block"  # … a block of text without its text
    BARE_MESSAGE = "bare-message"  # … no more than the client needs: good
    NEWER_MESSAGE = "newer-message"  # … blocks that are not known yet, and thinking: good
    USELESS_MESSAGE = "useless-message"  # its Message has no `usage`, but its stream is good

    MODELS_MISSING = "models-missing"  # good, without /v1/models
    MODELS_OPENAI = "models-openai"  # good, with OpenAI's list whoever asks
    HAIKU_MISSING = "haiku-missing"  # good, but no channel has haiku
    OPUS_NOT_ALLOWED = "opus-not-allowed"  # good, but this key may not use opus
    ONLY_X_API_KEY = "only-x-api-key"  # good, but reads the key in `x-api-key` only
    ONLY_BEARER = "only-bearer"  # good, but reads the key in `Authorization` only

    NO_BETAS = "no-betas"  # refuses the experimental names in `anthropic-beta`
    NO_CONTEXT_MANAGEMENT = "no-context-management"
    NO_THINKING = "no-thinking"
    BODY_LIMIT = "body-limit"  # nginx refuses bodies over 100 KB
    WAF_BODY = "waf-body"  # a firewall refuses bodies in which it sees shell commands

    REJECTED = "rejected"  # new-api; also every unknown key
    REJECTED_ANTHROPIC = "rejected-anthropic"
    REJECTED_LITELLM = "rejected-litellm"  # HTTP 400
    REJECTED_OPENAI = "rejected-openai"  # quotes the whole key back
    NOT_ALLOWED = "not-allowed"  # Anthropic's permission_error
    NOT_ALLOWED_MODEL = "not-allowed-model"
    NOT_ALLOWED_NETWORK = "not-allowed-network"
    FIREWALL = "firewall"  # Cloudflare's page
    OUT_OF_CREDIT = "out-of-credit"  # new-api: 403
    OUT_OF_CREDIT_ANTHROPIC = "out-of-credit-anthropic"  # 400
    OUT_OF_CREDIT_OPENAI = "out-of-credit-openai"  # 429
    PAYMENT_REQUIRED = "payment-required"  # DeepSeek: 402

    MODEL_UNKNOWN = "model-unknown"  # Anthropic: 404
    MODEL_UNKNOWN_LITELLM = "model-unknown-litellm"  # 400
    MODEL_UNKNOWN_OPENAI = "model-unknown-openai"  # 404 model_not_found
    NO_CHANNEL = "no-channel"  # new-api: 503

    THROTTLED = "throttled"
    OVERLOADED = "overloaded"  # 529
    FAILING = "failing"  # 500
    BAD_GATEWAY = "bad-gateway"  # nginx's 502 page
    UPSTREAM_KEY = "upstream-key"  # LiteLLM passes its own provider's 401 on

    HTML = "html"  # a console's single-page application, 200
    OPENAI_JSON = "openai-json"
    OTHER_JSON = "other-json"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    OVERSIZED = "oversized"
    REDIRECT = "redirect"
    EVENT_STREAM = "event-stream"  # streams although not asked to
    ERROR_IN_200 = "error-in-200"

    REFUSED = "refused"  # 400 invalid_request_error
    NOT_FOUND = "not-found"  # FastAPI's 404


DEMO_KEYS: Final[Mapping[Behaviour, str]] = MappingProxyType(
    {behaviour: f"sk-demo-{behaviour.value}" for behaviour in Behaviour},
)
"""The key that asks for each behaviour: `sk-demo-` and its name."""

DENYING: Final = frozenset(
    {
        Behaviour.REJECTED,
        Behaviour.REJECTED_ANTHROPIC,
        Behaviour.REJECTED_LITELLM,
        Behaviour.REJECTED_OPENAI,
        Behaviour.NOT_ALLOWED_NETWORK,
        Behaviour.FIREWALL,
        Behaviour.HTML,
        Behaviour.REDIRECT,
    },
)
"""Behaviours that answer every request with the key the same way, not only Messages."""
