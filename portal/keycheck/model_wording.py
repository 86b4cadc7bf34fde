"""Owns the words for models of the choices that do not answer, one or several, alike or each in its way. PURE.

What a model's answer means is in `gateway.results`; what stands beside each model is in `step_words`. It must not know
links' addresses.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, assert_never

from portal.gateway import results
from portal.gateway.results import Barrier, CheckResult
from portal.keycheck.verdict_kinds import LinkName, VerdictCode, Words
from portal.words import Text, _

_LISTS: Final = (LinkName.MODELS, LinkName.DOCS, LinkName.CONSOLE)
_PERMISSIONS: Final = (LinkName.CONSOLE, LinkName.SUPPORT)
_NOTHING: Final = Text("")


class Reason(StrEnum):
    """Why models do not answer, as far as the words differ."""

    UNPROVEN = "unproven"  # unknown, and so is whether the key is good
    UNKNOWN = "unknown"
    NO_CHANNEL = "no-channel"  # the id may be right
    RESTRICTED = "restricted"  # the plan or the group of the key
    CREDIT = "credit"  # it costs what the account does not have
    OTHER = "other"


_ASK: Final = frozenset({Reason.NO_CHANNEL, Reason.OTHER})
"""Where the gateway's support may have to act."""

_CODES: Final = {
    Reason.RESTRICTED: (VerdictCode.NOT_ALLOWED, _PERMISSIONS),
    Reason.CREDIT: (VerdictCode.OUT_OF_CREDIT, _PERMISSIONS),
}


def reason_of(result: CheckResult, *, misspelt: bool) -> Reason:
    """Why one model does not answer; `misspelt` when its id is not offered and one that looks like it is."""
    match result:
        case results.ModelUnknown(no_channel=True) if not misspelt:
            return Reason.NO_CHANNEL
        case results.ModelUnknown(key_proven=proven):
            return Reason.UNKNOWN if proven else Reason.UNPROVEN
        case results.NotAllowed(barrier=Barrier.MODEL | Barrier.GROUP):
            return Reason.RESTRICTED
        case results.OutOfCredit():
            return Reason.CREDIT
        case _:
            return Reason.OTHER


def are_alike(answers: list[CheckResult]) -> bool:
    """Whether these answers have one reason."""
    return len({_kind(answer) for answer in answers}) == 1


def _kind(result: CheckResult) -> tuple[type, object]:
    match result:
        case results.ModelUnknown(no_channel=no_channel):
            return type(result), no_channel
        case results.NotAllowed(barrier=barrier):
            return type(result), barrier
        case results.GatewayFailed(fault=fault):
            return type(result), fault
        case _:
            return type(result), None


def one_model(reason: Reason, model: str, gateway: str) -> Words:
    """One model does not answer; `model` is its id as code."""
    code, links = _CODES.get(reason, (VerdictCode.MODEL_UNKNOWN, _LISTS))
    sentence = _one(reason, model, gateway)
    return Words(code, sentence, _why_one(reason), _action_for_one(reason), links, reason in _ASK)


def several_models(reason: Reason, failed: int, total: int, gateway: str) -> Words:
    """`failed` of the `total` models of the choices do not answer, at least two, all for one reason."""
    code, links = _CODES.get(reason, (VerdictCode.MODEL_UNKNOWN, _LISTS))
    sentence = _several(reason, failed, total, gateway)
    return Words(code, sentence, _why_several(reason), _action_for_several(reason), links, reason in _ASK)


def models_differ(failed: int, total: int, gateway: str, ids: str, *, key_is_proven: bool) -> Words:
    """`failed` of `total` models do not answer, for different reasons; another id helps for those of `ids`."""
    return Words(
        VerdictCode.MODELS_MISSING,
        _several(Reason.OTHER, failed, total, gateway)
        if key_is_proven
        else _("{gateway} does not answer with {failed} of your {total} models.", **_counts(failed, total, gateway)),
        _("Each has a reason of its own, which stands beside it below."),
        _("Choose another id in step 3 for {ids}, then check again.", ids=ids),
        _LISTS,
        asks_support=True,
    )


def busy_differ(failed: int, total: int, gateway: str, code: VerdictCode) -> Words:
    """`failed` of `total` models give no answer this time, for different reasons, and waiting may help."""
    return Words(
        code,
        _several(Reason.OTHER, failed, total, gateway),
        _("Each has a reason of its own, which stands beside it below."),
        _("Check again in a few minutes. If it stays, ask the gateway’s support."),
        (LinkName.STATUS, LinkName.SUPPORT),
        asks_support=True,
    )


def with_consequence(cause: Text) -> Text:
    """The cause, and what `claude` does when the model of ordinary prompts is not among these."""
    consequence = _("`claude` fails when it needs such a model.")
    return _("{reason} {consequence}", reason=cause, consequence=consequence) if cause.msgid else consequence


def _counts(failed: int, total: int, gateway: str) -> dict[str, str | int | Text]:
    return {"failed": failed, "total": total, "gateway": gateway}


def _one(reason: Reason, model: str, gateway: str) -> Text:
    match reason:
        case Reason.UNPROVEN:
            return _("{gateway} does not know the model {model}.", gateway=gateway, model=model)
        case Reason.UNKNOWN:
            return _(
                "Address and key work, but {gateway} does not offer you the model {model}.",
                gateway=gateway,
                model=model,
            )
        case Reason.NO_CHANNEL:
            return _(
                "Address and key work, but {gateway} has no channel for the model {model}.",
                gateway=gateway,
                model=model,
            )
        case Reason.RESTRICTED:
            return _(
                "Your key works, but its plan at {gateway} does not include the model {model}.",
                gateway=gateway,
                model=model,
            )
        case Reason.CREDIT:
            return _(
                "Your key works, but your credit at {gateway} does not pay for the model {model}.",
                gateway=gateway,
                model=model,
            )
        case Reason.OTHER:
            return _("Your key works, but {gateway} does not answer with {model}.", gateway=gateway, model=model)
        case _:
            assert_never(reason)


def _several(reason: Reason, failed: int, total: int, gateway: str) -> Text:
    counts = _counts(failed, total, gateway)
    match reason:
        case Reason.UNPROVEN:
            return _("{gateway} does not know {failed} of your {total} models.", **counts)
        case Reason.UNKNOWN:
            return _(
                "Address and key work, but {gateway} does not offer you {failed} of your {total} models.", **counts
            )
        case Reason.NO_CHANNEL:
            return _(
                "Address and key work, but {gateway} has no channel for {failed} of your {total} models.", **counts
            )
        case Reason.RESTRICTED:
            return _(
                "Your key works, but its plan at {gateway} does not include {failed} of your {total} models.", **counts
            )
        case Reason.CREDIT:
            return _(
                "Your key works, but your credit at {gateway} does not pay for {failed} of your {total} models.",
                **counts,
            )
        case Reason.OTHER:
            return _("Your key works, but {gateway} does not answer with {failed} of your {total} models.", **counts)
        case _:
            assert_never(reason)


def _why_one(reason: Reason) -> Text:
    match reason:
        case Reason.UNPROVEN:
            return _("The id is probably written differently at this gateway. {unknown}", unknown=_unknown_yet())
        case Reason.UNKNOWN:
            return _("The id is probably written differently at this gateway, or your key’s group has no access to it.")
        case Reason.NO_CHANNEL:
            return _("The id may be right: nothing serves it behind the gateway now, or not for your key’s group.")
        case Reason.RESTRICTED:
            return _("The key, or its group, is probably limited to certain models.")
        case Reason.CREDIT:
            return _("The account, its plan or its budget has nothing left for it.")
        case Reason.OTHER:
            return _NOTHING
        case _:
            assert_never(reason)


def _why_several(reason: Reason) -> Text:
    match reason:
        case Reason.UNPROVEN:
            return _("The ids are probably written differently at this gateway. {unknown}", unknown=_unknown_yet())
        case Reason.UNKNOWN:
            return _("The ids are probably written differently at this gateway, or your key’s group has no access.")
        case Reason.NO_CHANNEL:
            return _("The ids may be right: nothing serves them behind the gateway now, or not for your key’s group.")
        case Reason.CREDIT:
            return _("The account, its plan or its budget has nothing left for them.")
        case Reason.RESTRICTED | Reason.OTHER:
            return _why_one(reason)
        case _:
            assert_never(reason)


def _action_for_one(reason: Reason) -> Text:
    match reason:
        case Reason.NO_CHANNEL:
            return _(
                "Choose another id in step 3, under “Models and options”, or ask the gateway’s support to enable this "
                "one."
            )
        case Reason.RESTRICTED:
            return _(
                "Choose another id in step 3, under “Models and options”, or allow this one in the gateway’s console."
            )
        case Reason.CREDIT:
            return _("Add credit in the gateway’s console, or choose another id in step 3, under “Models and options”.")
        case Reason.UNPROVEN | Reason.UNKNOWN | Reason.OTHER:
            return _("Choose another id in step 3, under “Models and options”, then check again.")
        case _:
            assert_never(reason)


def _action_for_several(reason: Reason) -> Text:
    match reason:
        case Reason.NO_CHANNEL:
            return _("Choose another id in step 3 for each of them, or ask the gateway’s support to enable them.")
        case Reason.RESTRICTED:
            return _("Choose another id in step 3 for each of them, or allow them in the gateway’s console.")
        case Reason.CREDIT:
            return _("Add credit in the gateway’s console, or choose another id in step 3 for each of them.")
        case Reason.UNPROVEN | Reason.UNKNOWN | Reason.OTHER:
            return _("Choose another id in step 3 for each of them, under “Models and options”, then check again.")
        case _:
            assert_never(reason)


def _unknown_yet() -> Text:
    return _("Whether your key is good is not known yet.")
