"""Owns hashing and checking passwords: Argon2 (pwdlib's recommended parameters), few at a time, beside the event loop.

Checking takes as long when there is no such account: then a hash that nobody knows the password of is checked.
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Final

from pwdlib import PasswordHash

from portal.admin.strength import MAX_LENGTH

AT_ONCE: Final = 2
"""Hashes computed at one time: each takes 64 MiB and a processor core."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether the password was right, and its new hash when the old one was made with weaker parameters."""

    right: bool
    new_hash: str | None = None


class Passwords:
    """Hashes and checks; one per application. The first check of an unknown name costs one hash more."""

    def __init__(self) -> None:
        self._hasher: Final = PasswordHash.recommended()
        self._slots: Final = asyncio.Semaphore(AT_ONCE)
        self._nobody: str | None = None

    async def prepare(self) -> None:
        """Make the hash that is checked when there is no account, so that the first check takes no longer."""
        if self._nobody is None:
            self._nobody = await self.hashed(secrets.token_urlsafe())

    async def hashed(self, password: str) -> str:
        """The hash to store."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def check(self, password: str, stored: str | None) -> Checked:
        """Compare with a stored hash; without one, take the same time and say no."""
        await self.prepare()
        given = _normal(password[: MAX_LENGTH + 1])
        async with self._slots:
            right, new_hash = await asyncio.to_thread(
                self._hasher.verify_and_update, given, stored or self._nobody or ""
            )
        return Checked(right, new_hash) if right and stored is not None else Checked(right=False)


def _normal(password: str) -> str:
    """The same characters for the same keys, whichever system composed them (NFKC, as RFC 8265 wants it)."""
    return unicodedata.normalize("NFKC", password)
