"""Owns what the sign-in page and the audit log show (PURE)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, assert_never

from portal.admin.vocabulary import AUDIT_DAYS, AUDIT_PAGE, Action, Entry, Operator
from portal.words import Text, _, ngettext

_LARGEST_ID: Final = 2**31 - 1


class Trouble(StrEnum):
    """Why somebody is not signed in."""

    WRONG = "wrong"
    TOO_SOON = "too-soon"
    NOT_ALLOWED = "not-allowed"
    STALE = "stale"
    DECLINED = "declined"
    PROVIDER_AWAY = "provider-away"
    PROVIDER_ODD = "provider-odd"
    NO_RULE = "no-rule"


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The sign-in page.

    Attributes:
        next: where to go afterwards; a path below `/admin`.
        provider: the name of the identity provider, or empty.
        has_passwords: whether to ask for name and password.
        first_account: whether to say how to create an account.
        name: the name that was typed.
        trouble_code: why the last attempt did not work, or None.
        wait_seconds: how long to wait, with `TOO_SOON`.

    """

    next: str
    provider: str
    has_passwords: bool
    first_account: bool
    name: str = ""
    trouble_code: Trouble | None = None
    wait_seconds: int = 0

    @property
    def wrong(self) -> bool:
        """Whether name or password was wrong."""
        return self.trouble_code is Trouble.WRONG

    @property
    def trouble(self) -> Text | None:
        """The sentence about the last attempt."""
        return _trouble(self.trouble_code, self.wait_seconds, self.provider) if self.trouble_code else None


def _trouble(code: Trouble, seconds: int, provider: str) -> Text:  # noqa: PLR0911 - a table of sentences
    match code:
        case Trouble.WRONG:
            return _("That name and password do not belong together. Check both and try again.")
        case Trouble.TOO_SOON:
            return ngettext(
                "There were several attempts. Wait {count} second, then try again.",
                "There were several attempts. Wait {count} seconds, then try again.",
                seconds,
            )
        case Trouble.NOT_ALLOWED:
            return _(
                "{provider} knows you, but your account may not open this page. Ask whoever runs the portal to allow "
                "your group or e-mail domain.",
                provider=provider,
            )
        case Trouble.STALE:
            return _("This sign-in was started too long ago or in another browser. Start it again.")
        case Trouble.DECLINED:
            return _("{provider} did not sign you in. Start again, or use another account.", provider=provider)
        case Trouble.PROVIDER_AWAY:
            return _("{provider} does not answer at the moment. Try again in a minute.", provider=provider)
        case Trouble.PROVIDER_ODD:
            return _(
                "The answer of {provider} cannot be trusted, so nobody was signed in. The portal’s log says why.",
                provider=provider,
            )
        case Trouble.NO_RULE:
            return _(
                "Sign-in through {provider} is not finished: set `PORTAL_OIDC_ALLOWED_GROUPS` or "
                "`PORTAL_OIDC_ALLOWED_DOMAINS`, so that it is known who may come in.",
                provider=provider,
            )
    assert_never(code)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the audit log."""

    action: str
    machine_time: str
    time: str
    name: str
    what: Text


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The audit log.

    Attributes:
        older: the id before which the next page begins, or None.
        newest_link: whether this is not the first page.

    """

    operator: Operator
    rows: tuple[AuditRow, ...]
    older: int | None
    newest_link: bool
    kept_days: int = AUDIT_DAYS


def read_before(given: str) -> int | None:
    """The id in the query; None for anything else."""
    if not (given.isascii() and given.isdecimal()) or len(given) > 10:
        return None
    return min(int(given), _LARGEST_ID)


def show_audit(operator: Operator, entries: Sequence[Entry], before: int | None) -> AuditPage:
    """A page of entries; `entries` may hold one more than fits."""
    shown = entries[:AUDIT_PAGE]
    older = shown[-1].id if len(entries) > AUDIT_PAGE else None
    return AuditPage(operator, tuple(map(_row, shown)), older, before is not None)


def _row(entry: Entry) -> AuditRow:
    at = datetime.fromtimestamp(entry.at // 1000, UTC)
    return AuditRow(
        action=entry.action.value,
        machine_time=f"{at:%Y-%m-%dT%H:%M:%SZ}",
        time=f"{at:%Y-%m-%d %H:%M:%S}",
        name=entry.name or "",
        what=_WHAT[entry.action],
    )


_WHAT: Final = {
    Action.SIGNED_IN: _("signed in with a password"),
    Action.SIGNED_IN_BY_PROVIDER: _("signed in through the identity provider"),
    Action.SIGN_IN_FAILED: _("could not sign in: name or password was wrong, or the account is disabled"),
    Action.PROVIDER_REFUSED: _("came from the identity provider and may not sign in"),
    Action.SIGNED_OUT: _("signed out"),
    Action.SIGNED_OUT_EVERYWHERE: _("signed out in every browser"),
    Action.EXPORTED_CSV: _("exported the statistics as `stats.csv`"),
    Action.EXPORTED_JSON: _("exported the statistics as `stats.json`"),
    Action.ACCOUNT_ADDED: _("was added on the command line"),
    Action.ACCOUNT_DISABLED: _("was disabled on the command line"),
    Action.ACCOUNT_ENABLED: _("was enabled again on the command line"),
    Action.PASSWORD_RESET: _("got a new password on the command line"),
}
