"""Owns the exceptions that mean "cannot serve". Expected outcomes (a rejected key) are return values, not these."""

from __future__ import annotations


class PortalError(Exception):
    """Base of every error with a sentence for a person; its text needs no traceback to be understood."""


class ConfigurationError(PortalError):
    """A setting or option that the portal cannot start with. The command line prints it and exits with 2."""


class DatabaseAwayError(PortalError):
    """Nothing can be recorded or read at the moment: the database does not answer, or is not migrated.

    Pages that need no database are not affected. Answered with 503; the next request tries again.
    """


class ProfileError(PortalError):
    """A gateway profile that cannot be used.

    Attributes:
        source: the file or preset it was read from.
        problems: one sentence each: place, what is wrong, and the remedy.

    """

    def __init__(self, source: str, problems: tuple[str, ...]) -> None:
        self.source = source
        self.problems = problems
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))
