"""Owns the words for a later stage that came to nothing although the key is proven: by stage and outcome. PURE.

What the first request comes to, when nothing is known of the key, is in `wording`. No sentence here may doubt the
key or the address: both are passed on the same screen.
"""

from __future__ import annotations

from typing import Final, assert_never

from portal.gateway import results
from portal.gateway.results import Barrier, CheckResult, Fault, Phase, Shape
from portal.keycheck import causes
from portal.keycheck.durations import duration_in_words
from portal.keycheck.stage_wording import incomplete
from portal.keycheck.steps import is_wrong_path
from portal.keycheck.verdict_kinds import LinkName, VerdictCode, Words
from portal.words import Text, _

STREAMED_ANSWER: Final = _("a streamed answer")
REHEARSED_ANSWER: Final = _("an answer to the full rehearsal")

_SUPPORT: Final = (LinkName.SUPPORT, LinkName.STATUS)
_IN_A_MOMENT: Final = _("Check again in a few minutes. If it stays, ask the gateway’s support.")
_TELL_SUPPORT: Final = _("Tell the gateway’s support what you see here. You cannot repair this yourself.")


def answer_of(ids: str) -> Text:
    """The answer of models, as what a stage asked for."""
    return _("an answer of {ids}", ids=ids)


def proven_words(answer: Text, result: CheckResult, gateway: str) -> Words:  # noqa: C901, PLR0911, PLR0912 - one case per outcome
    """The words for `result`, which came instead of `answer` (such as `STREAMED_ANSWER`)."""
    match result:
        case results.Throttled(retry_after_seconds=seconds):
            return Words(
                VerdictCode.THROTTLED,
                _("Your key works, but {gateway} asks you to wait for {answer}.", gateway=gateway, answer=answer),
                _("A limit of your key or of the gateway is probably reached: too many requests in a short time."),
                _("Wait {duration}, then check again.", duration=duration_in_words(60 if seconds is None else seconds)),
            )
        case results.GatewayFailed(fault=Fault.OVERLOADED):
            return Words(
                VerdictCode.GATEWAY_ERROR,
                _("Your key works, but {gateway} is too busy for {answer}.", gateway=gateway, answer=answer),
                _("Too many people are probably using it at the moment."),
                _IN_A_MOMENT,
                _SUPPORT,
            )
        case results.GatewayFailed(fault=Fault.UPSTREAM_CREDENTIAL):
            return Words(
                VerdictCode.GATEWAY_ERROR,
                _(
                    "Your key works, but the provider behind {gateway} refuses {answer}.",
                    gateway=gateway,
                    answer=answer,
                ),
                _("The gateway’s own account there is probably not in order."),
                _TELL_SUPPORT,
                _SUPPORT,
            )
        case results.GatewayFailed(status=status):
            return Words(
                VerdictCode.GATEWAY_ERROR,
                _(
                    "Your key works, but {gateway} fails to give {answer} (status {status}).",
                    gateway=gateway,
                    answer=answer,
                    status=status or 0,
                ),
                _("Something in the gateway or behind it is probably broken or restarting."),
                _IN_A_MOMENT,
                _SUPPORT,
            )
        case results.TimedOut(waited_for=Phase.QUEUE):
            return incomplete(gateway)
        case results.TimedOut():
            return Words(
                VerdictCode.TIMED_OUT,
                _("Your key works, but {gateway} takes too long for {answer}.", gateway=gateway, answer=answer),
                _("The gateway or the model is probably slow at the moment, or a proxy on the way holds answers back."),
                _IN_A_MOMENT,
                _SUPPORT,
            )
        case results.Rejected():
            return Words(
                VerdictCode.REFUSED,
                _("{gateway} accepted your key, and then turned it away for {answer}.", gateway=gateway, answer=answer),
                _("Such requests probably go to a part of the gateway that does not know your key."),
                _IN_A_MOMENT,
                _SUPPORT,
            )
        case results.NotAllowed():
            return _not_allowed(answer, result, gateway)
        case results.OutOfCredit():
            return Words(
                VerdictCode.OUT_OF_CREDIT,
                _(
                    "{gateway} accepts your key, but there is too little credit for {answer}.",
                    gateway=gateway,
                    answer=answer,
                ),
                _("The account’s balance, the key’s own limit or a budget is probably used up."),
                _("Add credit or raise the limit in the gateway’s console. You can keep the key."),
                (LinkName.CONSOLE, LinkName.SUPPORT),
            )
        case results.ModelUnknown(model=model, no_channel=no_channel):
            said: dict[str, str | int | Text] = {"gateway": gateway, "model": f"`{model}`", "answer": answer}
            return Words(
                VerdictCode.MODEL_UNKNOWN,
                _("Your key works, but {gateway} has no channel for {model} to give {answer}.", **said)
                if no_channel
                else _("Your key works, but {gateway} does not know the model {model} for {answer}.", **said),
                _("The gateway probably has no channel for it, or your key’s group has no access."),
                _("Choose another id in step 3, under “Models and options”, then check again."),
                (LinkName.MODELS, LinkName.DOCS, LinkName.CONSOLE),
                asks_support=no_channel,
            )
        case results.Unreachable():
            return Words(
                VerdictCode.UNREACHABLE,
                _(
                    "Your key works, but the connection to {gateway} breaks before {answer}.",
                    gateway=gateway,
                    answer=answer,
                ),
                _("A firewall or a proxy on the way probably cuts it."),
                _IN_A_MOMENT,
                _SUPPORT,
            )
        case results.NotMessagesApi(kind=kind):
            return Words(
                VerdictCode.NOT_MESSAGES_API,
                _("Your key works, but {gateway} sends something else than {answer}.", gateway=gateway, answer=answer),
                _shape(kind),
                _TELL_SUPPORT,
                (LinkName.SUPPORT, LinkName.DOCS),
            )
        case results.RequestRefused(status=status):
            return Words(
                VerdictCode.REFUSED,
                _(
                    "Your key works, but {gateway} refuses {answer} (status {status}).",
                    gateway=gateway,
                    answer=answer,
                    status=status or 0,
                ),
                _("It probably does not offer this at all.")
                if is_wrong_path(result)
                else _("It probably does not accept a part of the request."),
                _("Read what the gateway says. If that does not help, ask its support."),
                (LinkName.SUPPORT, LinkName.DOCS),
            )
        case results.Accepted():
            raise ValueError("an answer that came is no reason for words")
        case _:
            assert_never(result)


def _not_allowed(answer: Text, result: results.NotAllowed, gateway: str) -> Words:
    links = (LinkName.CONSOLE, LinkName.SUPPORT)
    action = _("Look at the key’s permissions in the gateway’s console, or ask its support.")
    match result.barrier:
        case Barrier.MODEL:
            cause = _("The key is probably limited to certain models.")
        case Barrier.GROUP:
            cause = _("The key’s group or plan probably does not include this.")
        case Barrier.NETWORK:
            cause = _("The key is probably limited to certain IP addresses. `claude` calls from your own address.")
        case Barrier.ACCOUNT:
            cause = _("The account behind the key is probably suspended or limited.")
        case Barrier.FIREWALL:
            cause = _("A firewall in front of the gateway probably stops such requests.")
            action, links = _TELL_SUPPORT, (LinkName.SUPPORT, LinkName.STATUS)
        case Barrier.OTHER:
            cause = _("The key probably lacks a permission.")
        case _:
            assert_never(result.barrier)
    sentence = _("Your key works, but {gateway} does not allow {answer}.", gateway=gateway, answer=answer)
    return Words(VerdictCode.NOT_ALLOWED, sentence, cause, action, links)


def _shape(kind: Shape) -> Text:  # noqa: PLR0911 - one case per shape
    match kind:
        case Shape.HTML:
            return _("A web page comes: a firewall or a proxy on the way probably answers.")
        case Shape.OPENAI_JSON:
            return _("The answer is in OpenAI’s format: the gateway probably does not convert it.")
        case Shape.EMPTY:
            return _("The answer is empty: a proxy on the way probably swallows it.")
        case Shape.TRUNCATED:
            return _("The answer breaks off: a proxy on the way probably cuts it.")
        case Shape.OVERSIZED:
            return _("The answer does not come to an end: the gateway or a converter in it probably repeats itself.")
        case Shape.OTHER_JSON | Shape.TEXT:
            return _("The answer is not a message: a converter in the gateway probably fails.")
        case Shape.REDIRECT:
            return _("It points to another address. The check does not follow while it holds your key.")
        case Shape.EVENT_STREAM:
            return _("Its events do not make a message: a converter in the gateway probably fails.")
        case _:
            assert_never(kind)


def proven_cause(result: CheckResult) -> str:
    """The cause in the catalogue for the same: none that blames the key or the address."""
    match result:
        case results.Rejected() | results.NotMessagesApi():
            return "gateway-error"
        case results.RequestRefused() if is_wrong_path(result):
            return "gateway-error"
        case _:
            return causes.cause_of(result)
