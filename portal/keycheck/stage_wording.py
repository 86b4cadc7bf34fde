"""Owns the words of what only a staged check finds: headers, streams, parts of the client's request. PURE.

What one request comes to is worded in `wording`; the same manners hold here. It must not know links' addresses.
"""

from __future__ import annotations

from typing import Final, assert_never

from portal.gateway.stages import NotStreamed, PartRefused, RequestPart, StreamBroke, Streamed, StreamFlaw
from portal.keycheck.verdict_kinds import LinkName, VerdictCode, Words
from portal.profile.model import CredentialScheme
from portal.words import Text, _, ngettext

_SUPPORT: Final = (LinkName.SUPPORT, LinkName.STATUS)


def all_works(gateway: str, models: int, *, rehearsed: bool) -> Words:
    """Everything that was asked for was answered as it should be."""
    return Words(
        VerdictCode.ACCEPTED,
        ngettext(
            "Your key works: {gateway} answers with the model you chose, and streams.",
            "Your key works: {gateway} answers with all {count} models, and streams.",
            models,
            gateway=gateway,
        ),
        _("A request in the shape of the real client’s is answered, too.") if rehearsed else Text(""),
        _("Go on with step 3 of the guide, then start `claude`.")
        if rehearsed
        else _(
            "Go on with step 3 of the guide, then start `claude`. If it stops with an error, the full rehearsal says "
            "why."
        ),
    )


def other_header(gateway: str, works: CredentialScheme) -> Words:
    """The key is good, and this set-up sends it in the wrong header."""
    return Words(
        VerdictCode.OTHER_HEADER,
        _("{gateway} takes this key only in the header {header}.", gateway=gateway, header=header_name(works)),
        _("Your key is fine. This set-up sends it in the other header."),
        _("Use that header, then check again."),
        (LinkName.DOCS, LinkName.SUPPORT),
    )


def header_name(scheme: CredentialScheme) -> str:
    """How a header is called, as code."""
    return "`Authorization: Bearer`" if scheme is CredentialScheme.BEARER else "`x-api-key`"


def slow(gateway: str, model: str) -> Words:
    """A model answers, and takes its time."""
    return Words(
        VerdictCode.SLOW,
        _("Your key works, but {gateway} is slow: {model} takes over ten seconds.", gateway=gateway, model=model),
        _("The gateway or the model is probably busy, or starts up for the first request."),
        _("Check again in a few minutes, or go on: `claude` waits for ten minutes."),
        _SUPPORT,
    )


def certificate_ends(gateway: str, day: str) -> Words:
    """Works today, and stops on a known day."""
    return Words(
        VerdictCode.CERTIFICATE_ENDS,
        _("Your key works. The certificate of {gateway} ends on {day}.", gateway=gateway, day=day),
        _("From that day on nothing gets through, unless somebody renews it before."),
        _("Go on with the set-up, and tell the gateway’s support about the date."),
        (LinkName.SUPPORT,),
    )


def incomplete(gateway: str, *, key_is_proven: bool = True) -> Words:
    """What ran was good, and not everything ran."""
    return Words(
        VerdictCode.INCOMPLETE,
        _("{gateway} accepts your key, but not everything could be checked.", gateway=gateway)
        if key_is_proven
        else _("The check did not get an answer of {gateway} about your key.", gateway=gateway),
        _("The time of the check probably ran out, or too many checks run at once."),
        _("Check again in a minute, or go on with the set-up."),
    )


def always_streams(gateway: str) -> Words:
    """A stream came where none was asked for, and it is a good one."""
    return Words(
        VerdictCode.NOT_MESSAGES_API,
        _("{gateway} accepts your key, and streams even what was not asked to be streamed.", gateway=gateway),
        _("A converter in the gateway probably always streams. `claude` asks for streams, and gets them."),
        _("Go on with the set-up and try `claude`. If it fails, ask the gateway’s support."),
        (LinkName.SUPPORT, LinkName.DOCS),
    )


def stream_words(stream: Streamed | NotStreamed | StreamBroke, gateway: str, *, key_is_proven: bool = True) -> Words:
    """What is wrong with a stream; not for one that is good."""
    match stream:
        case Streamed():
            return Words(
                VerdictCode.BUFFERED,
                _("Your key works, but answers of {gateway} arrive in one block.", gateway=gateway),
                _("A proxy on the way probably collects them. `claude` shows nothing until the end of each answer."),
                _("Go on. Whoever runs the gateway can switch buffering off in its proxy (nginx: `proxy_buffering`)."),
                _SUPPORT,
            )
        case NotStreamed():
            return Words(
                VerdictCode.NOT_STREAMED,
                _("Your key works, but {gateway} does not stream.", gateway=gateway),
                _("It answers in one piece. `claude` asks a second time then: each turn costs two calls."),
                _("Go on, or ask the gateway’s support to switch streaming on."),
                _SUPPORT,
            )
        case StreamBroke(flaw=flaw):
            return Words(
                VerdictCode.STREAM_BROKEN,
                _("{gateway} accepts your key, but its streamed answer breaks.", gateway=gateway)
                if key_is_proven
                else _("{gateway} streams its answers, but they break.", gateway=gateway),
                _flaw(flaw),
                _("Check again in a few minutes. If it stays, tell the gateway’s support what you see here."),
                _SUPPORT,
            )
        case _:
            assert_never(stream)


def _flaw(flaw: StreamFlaw) -> Text:
    match flaw:
        case StreamFlaw.ERROR_EVENT:
            return _("An error arrives in the middle of it: the model behind the gateway is probably overloaded.")
        case StreamFlaw.CUT_OFF:
            return _("It ends too early: a proxy on the way probably cuts it.")
        case StreamFlaw.ILLEGAL_ORDER:
            return _("Its events come in an order that `claude` does not know: a converter probably makes them.")
        case StreamFlaw.STALLED:
            return _("It does not come to its end in time: the gateway or a proxy on the way probably hangs.")
        case _:
            assert_never(flaw)


def part_words(refused: PartRefused, gateway: str, *, has_option: bool) -> Words:
    """A part of the real client's request that the gateway does not take."""
    if refused.client_copes:
        return Words(
            VerdictCode.PART_REFUSED,
            _("Your key works, but {gateway} refuses a part of the real client’s request.", gateway=gateway),
            _(
                "It does not take {part}. `claude` asks again without it, which costs a call.",
                part=part_name(refused.part),
            ),
            _("Leave that part out, then rehearse again.") if has_option else _("Go on with the set-up."),
            (LinkName.SUPPORT, LinkName.DOCS),
        )
    if has_option:
        action = _("Leave that part out, then rehearse again.")
    elif refused.part is RequestPart.LARGE_BODY:
        action = _("Tell whoever runs the gateway: it has to take bodies of some megabytes.")
    else:
        action = _("Tell the gateway’s support. You cannot repair this yourself.")
    return Words(
        VerdictCode.PART_REFUSED,
        _("Small requests work, but {gateway} refuses a request of the real client.", gateway=gateway),
        _part_cause(refused),
        action,
        (LinkName.SUPPORT, LinkName.DOCS),
    )


def _part_cause(refused: PartRefused) -> Text:
    if refused.part is RequestPart.UNKNOWN:
        return _("Which part of it is refused cannot be told.")
    if refused.part is RequestPart.LARGE_BODY:
        return _("Requests of Claude Code {version} are over 120 KB: too large for it.", version=refused.shape)
    return _(
        "It does not take {part}, which Claude Code {version} sends.",
        part=part_name(refused.part),
        version=refused.shape,
    )


def part_name(part: RequestPart) -> Text:  # noqa: PLR0911 - one case per part
    """What a part of the client's request is called."""
    match part:
        case RequestPart.BETAS:
            return _("the header `anthropic-beta`")
        case RequestPart.CONTEXT_MANAGEMENT:
            return _("the field `context_management`")
        case RequestPart.THINKING:
            return _("the field `thinking`")
        case RequestPart.EFFORT:
            return _("the field `output_config`")
        case RequestPart.TOOLS:
            return _("the field `tools`")
        case RequestPart.SYSTEM_BLOCKS:
            return _("the blocks of `system`")
        case RequestPart.ONE_MILLION:
            return _("the one-million-token window")
        case RequestPart.LARGE_BODY:
            return _("the size (over 120 KB)")
        case RequestPart.UNKNOWN:
            return _("some part")
        case _:
            assert_never(part)
