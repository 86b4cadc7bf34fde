"""Owns signing what a browser keeps for us (cookies), and the secret that it is signed with. Never prints a secret."""

from __future__ import annotations

import base64
import hmac
import os
import secrets
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from itsdangerous import BadSignature, TimestampSigner

from portal.logs import LOGGER

_BYTES: Final = 32


class Signer:
    """Signs texts with the first secret and reads what any of them signed. Not encryption: the text stays readable."""

    def __init__(self, signing_secrets: Sequence[str]) -> None:
        self._oldest_first: Final = tuple(reversed(signing_secrets))

    def sign(self, purpose: str, value: str) -> str:
        """The value with the time and a signature. What is signed for one purpose is not valid for another."""
        return self._signer(purpose).sign(value).decode()

    def read(self, purpose: str, signed: str, max_age_seconds: int) -> str | None:
        """The value, or None when it was not signed here for this purpose, or longer ago than that.

        A time in the future is fine: another host's clock is ahead, or this one's was set back.
        """
        signer = self._signer(purpose)
        try:
            value, signed_at = signer.unsign(signed, return_timestamp=True)
            age = signer.get_timestamp() - signed_at.timestamp()
            return value.decode() if age <= max_age_seconds else None
        except (BadSignature, UnicodeError):
            return None

    def derive(self, purpose: str, value: str) -> str:
        """22 URL-safe characters (128 bits): always the same for this value, and nobody else can foretell them."""
        key = f"portal.{purpose}.{self._oldest_first[-1]}".encode()
        digest = hmac.digest(key, value.encode(), "sha256")[:16]
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def _signer(self, purpose: str) -> TimestampSigner:
        return TimestampSigner(self._oldest_first, salt=f"portal.{purpose}")


def kept_secret(file: Path) -> str:
    """The random secret in `file` (mode 0600), made by whichever process asks first.

    When it can be neither read nor made, one is made for this process only: what was signed is then not recognised
    after a restart, which costs visitors nothing but their place in the statistics, and operators a new sign-in.
    """
    try:
        if not file.exists():
            _make(file)
        if found := file.read_text(encoding="ascii").strip():
            return found
    except (OSError, UnicodeError) as error:
        LOGGER.warning("no secret can be kept beside the database (%s): set PORTAL_SECRET_KEY", type(error).__name__)
    return secrets.token_urlsafe(_BYTES)


def _make(file: Path) -> None:
    """Write the whole secret before the name exists, so that a second process never reads half of it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent)  # 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as written:
            written.write(secrets.token_urlsafe(_BYTES) + "\n")
        with suppress(FileExistsError):
            os.link(name, file)
    finally:
        Path(name).unlink()
