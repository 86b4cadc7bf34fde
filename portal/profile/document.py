"""Owns the step from a TOML document to a `GatewayProfile`, with all problems at once.

Pydantic stays inside this edge (`tables` has the shape, `problems` the sentences): what leaves is a frozen dataclass
or a tuple of sentences. It must not know where the document came from; a function that is passed in reads the logo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from portal.profile.help_tables import help_entries
from portal.profile.model import (
    Brand,
    Endpoints,
    ExtraVariable,
    GatewayProfile,
    Links,
    Logo,
    Model,
    ModelIdRule,
    Tier,
)
from portal.profile.problems import place, sentences
from portal.profile.tables import ModelTable, ProfileTable, Surroundings
from portal.profile.texts import shown


def read_document(
    document: Mapping[str, Any],
    *,
    slug: str,
    read_logo: Callable[[str], Logo | list[str]],
) -> GatewayProfile | tuple[str, ...]:
    """Return the profile, or every problem of the document as a sentence "place: what is wrong; remedy".

    Args:
        document: a parsed TOML document.
        slug: the profile's short name, made of `a-z0-9-`.
        read_logo: turns the path under `brand.logo` into the logo, or into its problems.

    """
    surroundings = Surroundings(_id_rule(document), read_logo)
    contradictions = tuple(_contradictions(document))
    try:
        table = ProfileTable.model_validate(document, context=surroundings)
    except ValidationError as error:
        return (*sentences(error, ProfileTable), *contradictions)
    return contradictions or _profile(table, slug)


def _profile(table: ProfileTable, slug: str) -> GatewayProfile:
    models = table.models
    tiers = {Tier.OPUS: models.opus, Tier.SONNET: models.sonnet, Tier.HAIKU: models.haiku, Tier.FABLE: models.fable}
    return GatewayProfile(
        slug=slug,
        name=table.name.strip(),
        base_url=table.base_url,
        credential=table.credential,
        models=MappingProxyType({tier: _model(entry) for tier, entry in tiers.items() if entry is not None}),
        brand=Brand((table.brand.name or table.name).strip(), table.brand.accent, table.brand.logo),
        default_tier=models.default,
        model_id_rule=models.id_rule,
        headers=MappingProxyType(dict(table.headers)),
        key_pattern=table.key.pattern,
        key_hint=table.key.hint.strip(),
        more_models=tuple(_model(entry) for entry in models.more),
        extra_env=tuple(ExtraVariable(entry.name, entry.value, entry.why.strip()) for entry in table.env),
        timeout_ms=table.recommended.timeout_ms,
        toggles=frozenset(table.recommended.toggles),
        links=Links(**table.links.model_dump()),
        endpoints=Endpoints(**table.endpoints.model_dump()),
        help=help_entries(table),
    )


def _model(entry: ModelTable) -> Model:
    return Model(entry.id, entry.label.strip(), entry.use.strip())


def _id_rule(document: Mapping[str, Any]) -> ModelIdRule:
    """The rule by which ids are judged, even where other parts of `[models]` are broken."""
    written = _at(document, "models", "id_rule")
    return next((rule for rule in ModelIdRule if rule == written), ModelIdRule.FREE)


def _contradictions(document: Mapping[str, Any]) -> Iterator[str]:
    """Find what is wrong between values; reads the raw document, so that it works beside other problems."""
    models = _at(document, "models")
    if _at(document, "models", "default") == "fable" and isinstance(models, dict) and "fable" not in models:
        yield 'models.default: there is no [models.fable]; add that table or write default = "sonnet"'
    headers = _at(document, "headers")
    names = [str(name) for name in headers] if isinstance(headers, dict) else []
    yield from _repeats(names, lambda at: ("headers", names[at]), str.lower)
    yield from _repeats(_texts(document, "env", field="name"), lambda at: ("env", at, "name"), str)
    yield from _repeats(_texts(document, "models", "more", field="id"), lambda at: ("models", "more", at, "id"), str)
    for kind in ("symptoms", "causes", "steps"):
        yield from _repeats(_texts(document, kind, field="id"), partial(_id_place, kind), str)


def _id_place(kind: str, at: int) -> tuple[int | str, ...]:
    return (kind, at, "id")


def _repeats(
    texts: list[str],
    location: Callable[[int], tuple[int | str, ...]],
    form: Callable[[str], str],
) -> Iterator[str]:
    seen: set[str] = set()
    for at, text in enumerate(texts):
        if text and form(text) in seen:
            yield f"{place(location(at))}: {shown(text)} is already in this file; remove one of the two"
        seen.add(form(text))


def _texts(document: Mapping[str, Any], *path: str, field: str) -> list[str]:
    """One text for each table of an array, empty where there is none, so that positions stay right."""
    entries = _at(document, *path)
    found = [_at(entry, field) for entry in entries] if isinstance(entries, list) else []
    return [text if isinstance(text, str) else "" for text in found]


def _at(document: object, *path: str) -> object:
    for key in path:
        document = document.get(key) if isinstance(document, Mapping) else None
    return document
