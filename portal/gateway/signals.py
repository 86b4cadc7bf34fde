"""Owns the table from what gateways say to what they mean: `ROWS`, first match wins. PURE.

Sources: Anthropic's API reference (errors), OpenAI's error codes, LiteLLM 1.106 (measured, and its proxy's error
types), new-api's `types/error.go`, `middleware/auth.go`, `middleware/distributor.go` and `i18n/locales` (the family of
TokenBay; it keeps the code only in its OpenAI envelope, so on `/v1/messages` the words have to be enough), DeepSeek,
Moonshot, Z.ai, MiniMax and DashScope documentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Meaning(StrEnum):
    """What an error says about the key, the account, the model or the gateway."""

    REJECTED = "rejected"
    CREDIT = "credit"
    MODEL = "model"
    MODEL_KEY_PROVEN = "model-key-proven"
    NO_CHANNEL = "no-channel"
    FORBIDDEN = "forbidden"
    FORBIDDEN_MODEL = "forbidden-model"
    FORBIDDEN_GROUP = "forbidden-group"
    FORBIDDEN_NETWORK = "forbidden-network"
    FORBIDDEN_ACCOUNT = "forbidden-account"
    THROTTLED = "throttled"
    OVERLOADED = "overloaded"
    UPSTREAM_CREDENTIAL = "upstream-credential"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: matches when the status fits (if any is given) and a name or the words fit (if given).

    The words are looked for in the names and the message together.
    """

    meaning: Meaning
    statuses: frozenset[int] = frozenset()
    names: frozenset[str] = frozenset()
    words: re.Pattern[str] | None = None

    def matches(self, status: int, names: frozenset[str], message: str) -> bool:
        """Whether an error with this status, these names (lower case) and this message belongs to the row."""
        if self.statuses and status not in self.statuses:
            return False
        if not self.names and self.words is None:
            return True
        said = " ".join((*sorted(names), message))
        return bool(self.names & names) or (self.words is not None and self.words.search(said) is not None)


def _row(meaning: Meaning, names: str = "", words: str = "", statuses: frozenset[int] = frozenset()) -> Row:
    pattern = re.compile(words, re.IGNORECASE | re.VERBOSE) if words else None
    return Row(meaning, statuses, frozenset(names.split()), pattern)


_OK: Final = frozenset({200})  # an error inside a success
_KEY: Final = _OK | {400, 401, 403, 422}
_MODEL: Final = _OK | {400, 403, 404, 422, 500, 503}
_SERVER: Final = frozenset(range(500, 600))

ROWS: Final[tuple[Row, ...]] = (
    # The gateway's own trouble with its provider, in words that sound like the visitor's (LiteLLM passes them on).
    _row(
        Meaning.UPSTREAM_CREDENTIAL,
        "channel:invalid_key channel:no_available_key",
        r"litellm\.(?:\w*\.)?(?:Authentication|PermissionDenied)Error"
        r"|litellm\.\w+Error.*(?:credit\ balance|insufficient|billing)|没有可用的渠道密钥|no\ available\ channel\ keys",
    ),
    _row(Meaning.UPSTREAM_CREDENTIAL, "upstream_error bad_response_status_code", statuses=frozenset({401, 402, 403})),
    _row(
        Meaning.FAILED,
        words=r"数据库|database\ (?:query\ )?error|渠道已被禁用|channel\ has\ been\ disabled"
        r"|可用渠道失败|failed\ to\ get\ available\ channels?|可用渠道不存在",
    ),
    # Money. Strong names first; then the words, unless a rate is meant.
    _row(
        Meaning.CREDIT,
        "insufficient_user_quota pre_consume_token_quota_failed insufficient_quota billing_error budget_exceeded "
        "exceeded_current_quota_error insufficient_balance insufficient_credits arrearage token_exhausted "
        "entitlement_total_limit_exceeded 1113 1008",
    ),
    _row(Meaning.CREDIT, statuses=frozenset({402})),
    _row(
        Meaning.THROTTLED,
        words=r"rate.?limit|too\ many\ requests|per\ (?:second|minute|hour|day)|request\ limit"
        r"|请求数限制|过于频繁|并发",
        statuses=frozenset({429}),
    ),
    _row(
        Meaning.CREDIT,
        words=r"额度(?:不足|已?用尽|已?耗尽)|预扣费额度失败|(?:余额|預付|费用)不足|欠费|请充值"
        r"|credit\ balance\ is\ too\ low|insufficient\ (?:\w+\ )?(?:balance|credits?|quota|funds)"
        r"|(?:not\ enough|no\ (?:remaining|more))\ (?:credits?|quota|balance|funds)"
        r"|exceeded\ your\ (?:current\ )?(?:quota|budget)|budget\ has\ been\ exceeded|exceededbudget|over\ budget"
        r"|quota\ (?:is\ |has\ been\ )?(?:not\ enough|exhausted|used\ up|insufficient)|account\ is\ in\ good\ standing"
        r"|(?:out\ of|add|purchase|buy)\ (?:more\ )?credits|please\ recharge|tokenstatusexhausted",
        statuses=_KEY | {429, 500, 503},
    ),
    # Forbidden although the key is known.
    _row(
        Meaning.FORBIDDEN_NETWORK,
        words=r"\bIP\b\s*(?:地址)?.{0,40}(?:不在|白名单|not\ in|not\ allowed|denied|whitelist|allow.?list|restrict)"
        r"|(?:whitelist|allow.?list|restrict|解析).{0,40}\bIP\b",
        statuses=_KEY,
    ),
    _row(
        Meaning.FORBIDDEN_MODEL,
        "key_model_access_denied team_model_access_denied user_model_access_denied org_model_access_denied "
        "project_model_access_denied",
        r"无权访问(?:任何)?模型|no\ access\ to\ (?:any\ )?models?\b|not\ allowed\ to\ access\ model"
        r"|can\ only\ access\ models|(?:not\ have|no|without)\ (?:access|permission)[^.]{0,60}\bmodel",
        _KEY,
    ),
    _row(
        Meaning.FORBIDDEN_GROUP,
        "entitlement_required entitlement_inactive",
        r"无权访问.{0,60}分组|分组.{0,60}(?:弃用|禁用)|permission\ to\ access\ this\ group",
        _KEY,
    ),
    _row(
        Meaning.FORBIDDEN_ACCOUNT,
        words=r"封禁|用户.{0,20}禁用|\bbanned\b|(?:account|user|organization).{0,40}(?:disabled|suspended|deactivated)",
        statuses=_KEY,
    ),
    # The model. The first four rows are families that look at the key first.
    _row(
        Meaning.NO_CHANNEL,
        words=r"[无無]可用[渠管]道|no\ available\ channels?\ for\ model",
        statuses=_MODEL,
    ),
    _row(Meaning.NO_CHANNEL, "model_not_found", statuses=frozenset({503})),
    _row(
        Meaning.MODEL_KEY_PROVEN,
        words=r"invalid\ model\ name\ passed\ in\ model=|litellm\.NotFoundError.*\bmodel\b",
        statuses=_MODEL,
    ),
    _row(Meaning.MODEL_KEY_PROVEN, "model_not_found", statuses=_MODEL),
    _row(
        Meaning.MODEL,
        "modelnotfound model_not_exist invalid_model 1211",
        r"\bmodels?\b.{0,120}(?:not\ exist|not\ found|unknown|not\ (?:supported|available|valid|offered))"
        r"|(?:unknown|unsupported|no\ such|not\ found\ the|invalid)\ model\b|not\ a\ valid\ model"
        r"|no\ endpoints\ found\ for|deploymentnotfound"
        r"|模型.{0,120}(?:不存在|不支持|未找到|无效|下线)|不支持(?:的|该)?模型|\bnot_found_error\b.*\bmodel\b",
        _MODEL,
    ),
    # The key. Bare words such as "invalid token" count only where a key is the subject.
    _row(
        Meaning.REJECTED,
        "authentication_error invalid_api_key invalidapikey auth_error no_db_connection token_not_found_in_db "
        "expired_key incorrect_api_key_error invalid_authentication_error invalid_authentication unauthorized "
        "token_invalid token_expired token_not_provided token_status_unavailable 1000 1001 1002 1003 1004 2049",
        r"无效的令牌|未提供令牌|令牌(?:已过期|状态不可用)|(?:密钥|api.?key).{0,20}(?:无效|错误|禁用|过期|失效)"
        r"|身份验证|鉴权失败|incorrect\ api\ key|no\ api\ key"
        r"|invalid\ (?:api.?key|x-api-key|virtual\ key|bearer\ token|auth\w*\ (?:token|credentials?))"
        r"|api.?key.{0,60}(?:invalid|not\ valid|expired|not\ found|disabled|revoked|blocked)"
        r"|authentication\ (?:fails|failed|error)|key\ is\ blocked",
        _KEY,
    ),
    _row(
        Meaning.REJECTED,
        words=r"invalid\ (?:proxy\ server\ )?(?:token|key|credentials?|authentication)"
        r"|token.{0,30}(?:expired|invalid|unavailable|not\ provided)|login\ fail",
        statuses=_OK | {401, 403},
    ),
    _row(Meaning.REJECTED, statuses=frozenset({401})),
    _row(Meaning.FORBIDDEN, "permission_error access_denied permission_denied forbidden", statuses=_KEY),
    _row(Meaning.FORBIDDEN, statuses=frozenset({403})),
    # The gateway.
    _row(
        Meaning.OVERLOADED,
        "overloaded_error engine_overloaded_error 1305",
        r"overloaded|saturated|饱和|过载",
        _OK | _SERVER | {429},
    ),
    _row(Meaning.OVERLOADED, statuses=frozenset({529})),
    _row(
        Meaning.THROTTLED,
        "rate_limit_error rate_limit_exceeded rate_limit_reached rate_limit_reached_error too_many_requests "
        "token_concurrency_limit_reached throttling 1302",
        r"rate.?limit|too\ many\ requests|请求数限制|过于频繁",
        _OK,
    ),
    _row(Meaning.THROTTLED, statuses=frozenset({429})),
    _row(Meaning.TIMED_OUT, statuses=frozenset({408})),
    _row(Meaning.FAILED, statuses=_SERVER | _OK),
    _row(Meaning.REFUSED),
)


def meaning_of(status: int, names: frozenset[str] = frozenset(), message: str = "") -> Meaning:
    """Return what an error means. `status` 200 stands for an error inside a success; `names` are in lower case."""
    return next(row.meaning for row in ROWS if row.matches(status, names, message))
