"""Owns user-facing text before it has a language.

`_("Open a new {window}.", window="terminal")` is a `Text`: a message id and its parameters, not a string. The
pure core can therefore build sentences without knowing the visitor's language, and a template, a Markdown page or
a log line says them with `say(text, translations)`. Babel extracts the message ids by the names `_` and `ngettext`.

Inside a sentence, back-ticks mark code (`` `claude doctor` ``); the renderers turn them into `<code>` or leave them.
It must not know Jinja, HTML or HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from gettext import NullTranslations


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence without a language yet.

    Attributes:
        msgid: the English sentence with `{name}` fields; the key in the catalogue.
        params: values for the fields, in order of their names. A value may itself be a `Text`.
        plural: the English plural, when the sentence counts something.
        count: the number that chooses the plural form; also available as the field `{count}`.

    """

    msgid: str
    params: tuple[tuple[str, str | int | Text], ...] = ()
    plural: str | None = None
    count: int = 0

    def __str__(self) -> str:
        """The English sentence; for logs and test failures."""
        return say(self, NullTranslations())


def _(msgid: str, /, **params: str | int | Text) -> Text:
    """Mark a sentence for translation; `params` fill its `{fields}` after translation."""
    return Text(msgid, tuple(sorted(params.items())))


def ngettext(singular: str, plural: str, count: int, /, **params: str | int | Text) -> Text:
    """Mark a sentence that counts; both forms may use `{count}`."""
    return Text(singular, tuple(sorted(params.items())), plural, count)


def say(text: Text, translations: NullTranslations) -> str:
    """Return the sentence in the language of `translations` (a gettext catalogue).

    Raises:
        KeyError: a catalogue or a caller forgot a field; a test renders every page in a pseudo-language to find it.

    """
    if text.plural is None:
        template = translations.gettext(text.msgid) if text.msgid else ""
    else:
        template = translations.ngettext(text.msgid, text.plural, text.count)
    if not text.params and text.plural is None:
        return template
    values: dict[str, str | int] = {
        name: say(value, translations) if isinstance(value, Text) else value for name, value in text.params
    }
    if text.plural is not None:
        values.setdefault("count", text.count)
    return template.format(**values)
