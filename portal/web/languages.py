"""Owns the languages: which catalogues there are, which one a visitor gets, and how numbers look in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final

from babel import Locale
from babel.core import negotiate_locale
from babel.numbers import format_decimal

SOURCE_LANGUAGE: Final = "en"
DOMAIN: Final = "portal"


@dataclass(frozen=True, slots=True)
class Language:
    """A language and its catalogue; the source language has an empty one."""

    code: str
    translations: NullTranslations

    @property
    def tag(self) -> str:
        """The value of the `lang` attribute (BCP 47)."""
        return self.code.replace("_", "-")

    @property
    def own_name(self) -> str:
        """The language's name in itself, for the switcher."""
        return Locale.parse(self.code).get_display_name() or self.code

    def number(self, value: int) -> str:
        """A whole number with this language's grouping."""
        return format_decimal(value, locale=self.code)


class Languages:
    """The catalogues below a folder, as `<language>/LC_MESSAGES/portal.mo`."""

    def __init__(self, folder: Path) -> None:
        found = {SOURCE_LANGUAGE: Language(SOURCE_LANGUAGE, NullTranslations())}
        for path in sorted(folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")):
            with path.open("rb") as file:
                found[path.parts[-3]] = Language(path.parts[-3], GNUTranslations(file))
        self._by_code: Mapping[str, Language] = found

    @property
    def all(self) -> tuple[Language, ...]:
        """Every language, the source language first."""
        return tuple(self._by_code.values())

    def choose(self, asked: str, accepted: str) -> Language:
        """The language for a query's `lang` and an `Accept-Language` header; the first that is there, else English."""
        if asked in self._by_code:
            return self._by_code[asked]
        if len(self._by_code) == 1 or not accepted:
            return self._by_code[SOURCE_LANGUAGE]
        preferred = [part.split(";")[0].strip().replace("-", "_") for part in accepted.split(",")]
        return self._by_code[negotiate_locale(preferred, list(self._by_code)) or SOURCE_LANGUAGE]
