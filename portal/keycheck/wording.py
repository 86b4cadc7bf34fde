"""Owns the words for each outcome of one request: what happened, why probably, and what to do next. PURE.

Second person, present tense, short: the reader is tired and has just seen something fail. It must not know links'
addresses (`links`) or step states (`steps`).
"""

from __future__ import annotations

from typing import Final, assert_never

from portal.gateway import results
from portal.gateway.results import Barrier, CheckResult, Fault, Obstacle, Phase, Shape
from portal.keycheck.causes import TlsFlaw, tls_flaw
from portal.keycheck.durations import duration_in_words
from portal.keycheck.steps import is_wrong_path
from portal.keycheck.verdict_kinds import LinkName, VerdictCode, Words
from portal.words import _

_TELL_OPERATOR: Final = _("Tell whoever runs this portal. You cannot repair this yourself.")
_UNKNOWN_YET: Final = _("Whether your key is good is not known yet.")
_TLS: Final = {
    TlsFlaw.EXPIRED: _("The gateway’s certificate has expired."),
    TlsFlaw.OTHER_NAME: _("The gateway’s certificate is for another name than the one in its address."),
    TlsFlaw.UNTRUSTED: _("The gateway’s certificate is not from an authority that this portal knows."),
    TlsFlaw.NO_AGREEMENT: _("Something that does not speak HTTPS as expected probably answers at the address."),
}


def words_for(result: CheckResult, gateway: str) -> Words:  # noqa: C901, PLR0911 - one case per outcome
    """Return the words for `result`; `gateway` is the gateway's name.

    Raises:
        ValueError: the answer is about the model; `model_wording` has the words.

    """
    match result:
        case results.Accepted(model=model):
            return Words(
                VerdictCode.ACCEPTED,
                _("The key works: {gateway} answers with {model}.", gateway=gateway, model=model),
                _("Address, key and model fit together."),
                _("Go on with step 3 of the guide, then start `claude`."),
            )
        case results.Rejected():
            return Words(
                VerdictCode.REJECTED,
                _("{gateway} does not accept this key.", gateway=gateway),
                _("It is probably incomplete, expired, disabled, or a key for another service."),
                _("Copy the key again from the gateway’s console, or create a new one there."),
                (LinkName.CONSOLE, LinkName.SUPPORT, LinkName.DOCS),
            )
        case results.NotAllowed(barrier=Barrier.MODEL) | results.ModelUnknown():
            raise ValueError("what an answer says of a model is worded elsewhere")
        case results.NotAllowed(barrier=barrier):
            return _not_allowed(barrier, gateway)
        case results.OutOfCredit():
            return Words(
                VerdictCode.OUT_OF_CREDIT,
                _("{gateway} knows your key, but there is no credit left.", gateway=gateway),
                _("The account’s balance, the key’s own limit or a budget is probably used up."),
                _("Add credit or raise the limit in the gateway’s console. You can keep the key."),
                (LinkName.CONSOLE, LinkName.SUPPORT),
            )
        case results.Throttled(retry_after_seconds=seconds):
            return Words(
                VerdictCode.THROTTLED,
                _("{gateway} asks you to wait: too many requests in a short time.", gateway=gateway),
                _("A limit of the gateway is probably reached. {unknown}", unknown=_UNKNOWN_YET),
                _("Wait {duration}, then check again.", duration=duration_in_words(60 if seconds is None else seconds)),
            )
        case results.GatewayFailed():
            return _gateway_failed(result, gateway)
        case results.TimedOut(waited_for=phase):
            return _timed_out(phase, gateway)
        case results.Unreachable():
            return _unreachable(result, gateway)
        case results.NotMessagesApi():
            return _not_messages_api(result, gateway)
        case results.RequestRefused():
            return _refused(result, gateway)
        case _:
            assert_never(result)


def _not_allowed(barrier: Barrier, gateway: str) -> Words:
    links = (LinkName.CONSOLE, LinkName.SUPPORT)
    match barrier:
        case Barrier.GROUP:
            sentence = _("{gateway} knows your key, but its group or plan does not allow this.", gateway=gateway)
            cause = _("The group or plan has probably ended, or does not include this model.")
            action = _("Choose another group or plan for the key in the gateway’s console.")
        case Barrier.NETWORK:
            sentence = _("{gateway} does not accept your key from this portal’s network.", gateway=gateway)
            cause = _("The key is probably limited to certain IP addresses. `claude` calls from your own address.")
            action = _("If your own address is allowed, go on. If not, add it in the gateway’s console.")
        case Barrier.ACCOUNT:
            sentence = _("{gateway} has blocked the account behind this key.", gateway=gateway)
            cause = _("The account is probably suspended or disabled.")
            action = _("Ask the gateway’s support what happened.")
            links = (LinkName.SUPPORT, LinkName.CONSOLE)
        case Barrier.FIREWALL:
            sentence = _("Something in front of {gateway} blocks the check.", gateway=gateway)
            cause = _("A firewall probably answers with its own page. {unknown}", unknown=_UNKNOWN_YET)
            action = _("Try again in a few minutes. If it stays, tell the gateway’s support what the page says.")
            links = (LinkName.SUPPORT, LinkName.STATUS)
        case Barrier.OTHER | Barrier.MODEL:  # that of a model has words of its own
            sentence = _("{gateway} forbids this request.", gateway=gateway)
            cause = _("The key probably lacks a permission, or is limited in who may use it.")
            action = _("Look at the key’s permissions in the gateway’s console, or ask its support.")
        case _:
            assert_never(barrier)
    return Words(VerdictCode.NOT_ALLOWED, sentence, cause, action, links)


def _gateway_failed(result: results.GatewayFailed, gateway: str) -> Words:
    links = (LinkName.STATUS, LinkName.SUPPORT)
    match result.fault:
        case Fault.OVERLOADED:
            sentence = _("{gateway} is overloaded at the moment.", gateway=gateway)
            cause = _("Too many people are probably using it. {unknown}", unknown=_UNKNOWN_YET)
            action = _("Try again in a few minutes.")
        case Fault.UPSTREAM_CREDENTIAL:
            sentence = _("{gateway} is turned away by the provider behind it.", gateway=gateway)
            cause = _("The gateway’s own account there is probably not in order. Your key is probably fine.")
            action = _("Tell the gateway’s support. You cannot repair this yourself.")
            links = (LinkName.SUPPORT, LinkName.STATUS)
        case Fault.OTHER:
            sentence = _("{gateway} fails to answer (status {status}).", gateway=gateway, status=result.status or 0)
            cause = _(
                "Something in the gateway or behind it is probably broken or restarting. {unknown}",
                unknown=_UNKNOWN_YET,
            )
            action = _("Try again in a few minutes. If it stays, ask the gateway’s support.")
        case _:
            assert_never(result.fault)
    return Words(VerdictCode.GATEWAY_ERROR, sentence, cause, action, links)


def _timed_out(phase: Phase, gateway: str) -> Words:
    links: tuple[LinkName, ...] = (LinkName.STATUS, LinkName.SUPPORT)
    match phase:
        case Phase.QUEUE:
            return Words(
                VerdictCode.INCOMPLETE,
                _("This portal is too busy to check your key now."),
                _("Many people are probably checking keys. {unknown}", unknown=_UNKNOWN_YET),
                _("Check again in a minute, or go on with the set-up."),
            )
        case Phase.CONNECT:
            sentence = _("{gateway} does not pick up: no connection can be made.", gateway=gateway)
            cause = _("A firewall in between probably drops the traffic, or the gateway is down.")
            action = _("Try again in a few minutes. If it stays, tell whoever runs this portal.")
        case Phase.ANSWER:
            sentence = _("{gateway} takes too long to answer.", gateway=gateway)
            cause = _("The gateway or the model is probably slow at the moment. {unknown}", unknown=_UNKNOWN_YET)
            action = _("Try again, or choose another model. If it stays, ask the gateway’s support.")
        case _:
            assert_never(phase)
    return Words(VerdictCode.TIMED_OUT, sentence, cause, action, links)


def _unreachable(result: results.Unreachable, gateway: str) -> Words:
    links: tuple[LinkName, ...] = (LinkName.STATUS, LinkName.SUPPORT)
    action = _TELL_OPERATOR
    match result.kind:
        case Obstacle.DNS:
            sentence = _("The address of {gateway} cannot be found.", gateway=gateway)
            cause = _("The name in the address is probably mistyped, or this portal’s name service fails.")
        case Obstacle.REFUSED:
            sentence = _("Nothing answers at the address of {gateway}.", gateway=gateway)
            cause = _("The gateway is probably not running, or the port in its address is wrong.")
            action = _("Try again in a few minutes. If it stays, tell whoever runs this portal.")
        case Obstacle.TLS:
            sentence = _("The connection to {gateway} is not secure, so your key is not sent.", gateway=gateway)
            cause = _TLS[tls_flaw(result.quote)]
            action = _("Tell whoever runs the gateway. `claude` refuses such a connection, too.")
            links = (LinkName.SUPPORT, LinkName.STATUS)
        case Obstacle.PROXY:
            sentence = _("This portal’s own proxy does not let the check through.")
            cause = _("The proxy probably does not allow the gateway’s address, or asks for a login.")
            links = ()
        case Obstacle.OTHER:
            sentence = _("The connection to {gateway} breaks off.", gateway=gateway)
            cause = _("A firewall probably cuts it, or something else than a gateway listens there.")
            action = _("Try again in a few minutes. If it stays, tell whoever runs this portal.")
        case _:
            assert_never(result.kind)
    return Words(VerdictCode.UNREACHABLE, sentence, cause, action, links)


def _not_messages_api(result: results.NotMessagesApi, gateway: str) -> Words:
    sentence = _("Something answers at the address of {gateway}, but not the API.", gateway=gateway)
    action = _TELL_OPERATOR
    match result.kind:
        case Shape.HTML:
            cause = _("It answers with a web page: the address is probably that of a console or a login.")
        case Shape.OPENAI_JSON:
            cause = _("It answers in OpenAI’s format: the address is probably for other programs than Claude Code.")
        case Shape.EMPTY:
            cause = _("The answer is empty: a proxy in between probably swallows it, or the address is wrong.")
        case Shape.TRUNCATED:
            cause = _("The answer breaks off: a proxy in between probably cuts it.")
        case Shape.OVERSIZED:
            cause = _("The answer is far too long for the question: the address is probably wrong.")
        case Shape.OTHER_JSON | Shape.TEXT:
            cause = _("The answer is not a message: the address is probably wrong.")
        case Shape.REDIRECT:
            sentence = _("The address of {gateway} points to another one.", gateway=gateway)
            cause = _("It is probably out of date. The check does not follow while it holds your key.")
        case Shape.EVENT_STREAM:
            sentence = _("{gateway} streams an answer that was not asked to be streamed.", gateway=gateway)
            cause = _("A converter in the gateway probably always streams. {unknown}", unknown=_UNKNOWN_YET)
            action = _("Go on with the set-up and try `claude`. If it fails, ask the gateway’s support.")
        case _:
            assert_never(result.kind)
    return Words(VerdictCode.NOT_MESSAGES_API, sentence, cause, action, (LinkName.SUPPORT, LinkName.DOCS))


def _refused(result: results.RequestRefused, gateway: str) -> Words:
    if is_wrong_path(result):
        return Words(
            VerdictCode.REFUSED,
            _("{gateway} has no API at this address (status {status}).", gateway=gateway, status=result.status or 0),
            _("The path in the gateway’s address is probably wrong."),
            _TELL_OPERATOR,
            (LinkName.SUPPORT, LinkName.DOCS),
        )
    return Words(
        VerdictCode.REFUSED,
        _("{gateway} refuses this request (status {status}).", gateway=gateway, status=result.status or 0),
        _("It probably does not accept a part of it. {unknown}", unknown=_UNKNOWN_YET),
        _("Read what the gateway says. If that does not help, ask its support."),
        (LinkName.SUPPORT, LinkName.DOCS),
    )
