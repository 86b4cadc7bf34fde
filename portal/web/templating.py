"""Owns the templates: one environment for each language, strict about undefined names, and how sentences become HTML.

A template is given one value, `page`, of the class that its `Template` names; `tests/contracts/test_templates.py`
holds every attribute that a template uses against that class. A region is a named block whose root id matches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2_fragments import render_block
from markupsafe import Markup, escape

from portal import paths
from portal.profile.model import GatewayProfile
from portal.web.assets import Assets
from portal.web.highlighting import highlight
from portal.web.languages import Language, Languages
from portal.words import Text, say


@dataclass(frozen=True, slots=True)
class Site:
    """What every page shows around its content.

    Attributes:
        logo_name: the logo’s file name for `asset`, or empty.
        demo_keys: (key, what it does) pairs when the gateway is a simulation; empty otherwise.

    """

    profile: GatewayProfile
    languages: tuple[Language, ...]
    logo_name: str
    demo_keys: tuple[tuple[str, Text], ...] = ()


View = TypeVar("View")


@dataclass(frozen=True, slots=True)
class Template(Generic[View]):
    """A template file, the class of what it shows, and the block that htmx may ask for alone (empty: none)."""

    name: str
    view: type[View]
    region: str = ""


class Templates:
    """Renders templates in a visitor's language."""

    def __init__(self, site: Site, languages: Languages, assets: Assets) -> None:
        self.site: Final = site
        self._environments: Final = {language.code: _environment(language, site, assets) for language in languages.all}

    def render(self, template: Template[View], language: Language, page: View, *, as_region: bool = False) -> str:
        """Render a template, or only its region, with what it shows.

        Raises:
            jinja2.UndefinedError: the template uses a name that it is not given.
        """
        environment = self._environments[language.code]
        if as_region and template.region:
            return render_block(environment, template.name, template.region, page=page)
        return environment.get_template(template.name).render(page=page)


def _environment(language: Language, site: Site, assets: Assets) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(paths.TEMPLATES),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(language.translations, newstyle=True)  # type: ignore[attr-defined]

    kept: dict[str, Markup] = {}

    def prose(sentence: Text | str) -> Markup:
        """A sentence as HTML: escaped, with `code` between back-ticks. Sentences without fields are made once."""
        if isinstance(sentence, Text) and not sentence.params and sentence.plural is None:
            if sentence.msgid not in kept:
                kept[sentence.msgid] = marked_up(sentence)
            return kept[sentence.msgid]
        return marked_up(sentence)

    def marked_up(sentence: Text | str) -> Markup:
        text = say(sentence, language.translations) if isinstance(sentence, Text) else sentence
        parts = (
            Markup("<code>{}</code>").format(part) if index % 2 else escape(part)
            for index, part in enumerate(text.split("`"))
        )
        return Markup("").join(parts)

    environment.filters |= {
        "prose": prose,
        "plain": lambda sentence: say(sentence, language.translations).replace("`", ""),
        "number": language.number,
    }
    environment.globals |= {"site": site, "language": language, "asset": assets.url, "highlight": highlight}
    return environment
