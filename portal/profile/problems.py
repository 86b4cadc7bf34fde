"""Owns the sentences about a profile file: Pydantic's findings -> "place: what is wrong; remedy".

A place is written as in TOML (`models.opus.id`); `env #2.value` is in the second `[[env]]` table. It must not know
any single rule: rules bring their own words, and a field's examples say what to write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, cast, get_args

from pydantic import AfterValidator, BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from portal.profile.texts import nearest, one_of, shown

_KINDS: Final = {bool: "a truth value", int: "a number", float: "a number", dict: "a table", list: "a list"}

Location = tuple[int | str, ...]


def refuse(problems: Sequence[str]) -> PydanticCustomError:
    """Return the error that carries a rule's findings through Pydantic; raise it from a validator."""
    return PydanticCustomError("rule", "{problems}", {"problems": tuple(problems)})


def obeying(rule: Callable[[str], Sequence[str]]) -> AfterValidator:
    """Return a Pydantic validator for a text that must pass `rule` (which returns the problems)."""

    def check(text: str) -> str:
        if problems := rule(text):
            raise refuse(problems)
        return text

    return AfterValidator(check)


def sentences(error: ValidationError, root: type[BaseModel]) -> tuple[str, ...]:
    """Return every problem that Pydantic found in a document of the shape `root`."""
    return tuple(
        f"{place(detail['loc'])}: {problem}"
        for detail in error.errors(include_url=False)
        for problem in _describe(detail, root)
    )


def place(location: Location) -> str:
    """Name a place in a profile file as its author wrote it."""
    words: list[str] = []
    for part in location:
        if part == "[key]":
            continue
        if isinstance(part, int):
            words[-1] += f" #{part + 1}"
        else:
            words.append(part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part))
    return ".".join(words)


def _describe(detail: ErrorDetails, root: type[BaseModel]) -> tuple[str, ...]:
    location, value, context = detail["loc"], detail["input"], detail.get("ctx", {})
    if detail["type"] == "rule":
        return cast("tuple[str, ...]", context["problems"])
    match detail["type"]:
        case "missing":
            problem = f"is missing; write {_example(location, root)}"
        case "extra_forbidden":
            problem = _unknown_key(location, root)
        case "enum":
            known = re.findall(r"'([^']+)'", str(context["expected"]))
            problem = f"{shown(value)} is not known; {one_of(value, known)}"
        case "string_type":
            problem = _not_a_text(location, value, root)
        case "bool_type":
            problem = "must be true or false; write it in small letters and without quotes"
        case "int_type":
            problem = f"must be a whole number; write it without quotes, for example {_example(location, root)}"
        case "greater_than_equal" | "less_than_equal":
            problem = f"{value} is out of range; {_field_text(location, root)}"
        case _:  # model_type, dict_type, list_type: a table where none belongs, or the other way round
            problem = f"cannot be {_kind(value)}; write {_example(location, root)}"
    return (problem,)


def _unknown_key(location: Location, root: type[BaseModel]) -> str:
    key = str(location[-1])
    table = _table(location[:-1], root)
    known = tuple(table.model_fields) if table is not None else ()
    if near := nearest(key, known):
        return f"there is no such setting; did you mean {near}?"
    if table is root and (found := _in_another_table(key, root)):
        return f"there is no such setting here; did you mean {found}?"
    if key in root.model_fields:
        return "there is no such setting in this table; move it to the top of the file, above the first [table]"
    return f"there is no such setting; remove it or use one of: {', '.join(known)}"


def _in_another_table(key: str, root: type[BaseModel]) -> str | None:
    homes = {
        field: f"{name}.{field}"
        for name, info in root.model_fields.items()
        if (table := _inner_table(info.annotation)) is not None
        for field in table.model_fields
    }
    near = nearest(key, homes)
    return homes[near] if near else None


def _not_a_text(location: Location, value: object, root: type[BaseModel]) -> str:
    if isinstance(value, dict | list):
        return f"cannot be {_kind(value)}; write {_example(location, root)}"
    written = str(value).lower() if isinstance(value, bool) else str(value)
    return f"must be a text, not {_kind(value)}; write it in quotes: {location[-1]} = {shown(written)}"


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a text" if isinstance(value, str) else "a date")


def _example(location: Location, root: type[BaseModel]) -> str:
    field = _field(location, root)
    examples = field.examples if field is not None else None
    return str(examples[0]) if examples else f'{location[-1]} = "…"'


def _field_text(location: Location, root: type[BaseModel]) -> str:
    field = _field(location, root)
    return str(field.description) if field is not None else "see the preset tokenbay"


def _field(location: Location, root: type[BaseModel]) -> Any:
    keys = [part for part in location if isinstance(part, str)]
    table = _table(tuple(keys[:-1]), root)
    return table.model_fields.get(keys[-1]) if table is not None and keys else None


def _table(location: Location, root: type[BaseModel]) -> type[BaseModel] | None:
    table: type[BaseModel] | None = root
    for part in location:
        if isinstance(part, str) and table is not None:
            field = table.model_fields.get(part)
            table = _inner_table(field.annotation) if field is not None else None
    return table


def _inner_table(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((inner for part in get_args(annotation) if (inner := _inner_table(part)) is not None), None)
