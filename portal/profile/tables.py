"""Owns the shape of a profile file: one Pydantic model per TOML table.

Every single-value rule hangs on its field, so that one validation finds all problems; a field's example is what the
problem sentences tell the operator to write. Rules between several values are in `portal.profile.document`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from portal.profile.addresses import base_url_problems, link_problems, tidy_base_url
from portal.profile.headers import header_name_problems, header_value_problems
from portal.profile.help_tables import CauseTable, StepTable, SymptomTable
from portal.profile.key_pattern import key_pattern_problems
from portal.profile.model import CredentialScheme, Logo, ModelIdRule, Tier, Toggle
from portal.profile.model_ids import MAX_LENGTH, correct_model_id, is_model_id
from portal.profile.problems import obeying, refuse
from portal.profile.texts import shown, text_problems
from portal.profile.variables import variable_name_problems, variable_value_problems


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a value's rule needs from outside the value: the file's id rule, and how to read the logo."""

    id_rule: ModelIdRule
    read_logo: Callable[[str], Logo | list[str]]


def _accent_problems(text: str) -> list[str]:
    digits = set("0123456789abcdefABCDEF")
    good = len(text) == 7 and text[0] == "#" and set(text[1:]) <= digits
    return [] if good else [f'{shown(text)} is not a colour of the form #rrggbb; write for example "#0f766e"']


def _check_model_id(text: str, info: ValidationInfo) -> str:
    surroundings = cast("Surroundings", info.context)
    if problems := text_problems(text, limit=MAX_LENGTH):
        raise refuse(problems)
    if not is_model_id(text):
        problem = f"{shown(text)} cannot be a model id; use letters, digits and . _ : / @ + - (then [1m] at most once)"
        raise refuse([problem])
    if corrected := correct_model_id(text, surroundings.id_rule):
        problem = f'{shown(text)} breaks id_rule = "{surroundings.id_rule}"; write {shown(corrected)}'
        raise refuse([problem])
    return text


def _check_base_url(text: str, info: ValidationInfo) -> str:
    if problems := base_url_problems(text, includes_version=info.data.get("base_url_includes_version", False)):
        raise refuse(problems)
    return tidy_base_url(text)


def _check_link(text: str) -> list[str]:
    return link_problems(text) if text else []


def _check_logo(value: Any, info: ValidationInfo) -> Any:
    surroundings = cast("Surroundings", info.context)
    if not isinstance(value, str):
        raise refuse(['must be the path of a file; write logo = "logo.svg"'])
    logo = surroundings.read_logo(value)
    if isinstance(logo, list):
        raise refuse(logo)
    return logo


def _text(limit: int, *, may_be_empty: bool = False) -> AfterValidator:
    return obeying(partial(text_problems, limit=limit, may_be_empty=may_be_empty))


Title = Annotated[str, _text(60)]
OptionalLine = Annotated[str, _text(200, may_be_empty=True)]
ModelId = Annotated[str, AfterValidator(_check_model_id)]
Link = Annotated[str, obeying(_check_link)]
HeaderName = Annotated[str, obeying(header_name_problems)]
HeaderValue = Annotated[str, obeying(header_value_problems)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


class KeyTable(_Table):
    """`[key]`: how a key looks."""

    pattern: Annotated[str, obeying(key_pattern_problems)] = ""
    hint: OptionalLine = ""


class ModelTable(_Table):
    """`[models.opus]` and its siblings, or one `[[models.more]]`."""

    id: ModelId = Field(examples=['id = "claude-sonnet-4.6"'])
    label: Title = Field(examples=['label = "Sonnet 4.6"'])
    use: OptionalLine = ""


class ModelsTable(_Table):
    """`[models]`: the tiers, further models, and how ids are written."""

    opus: ModelTable = Field(examples=["a table [models.opus] with id and label"])
    sonnet: ModelTable = Field(examples=["a table [models.sonnet] with id and label"])
    haiku: ModelTable = Field(examples=["a table [models.haiku] with id and label"])
    fable: ModelTable | None = Field(None, examples=["a table [models.fable] with id and label"])
    more: list[ModelTable] = Field([], examples=["one table [[models.more]] with id and label for each model"])
    default: Tier = Field(Tier.SONNET, strict=False)
    id_rule: ModelIdRule = Field(ModelIdRule.FREE, strict=False)


class VariableTable(_Table):
    """One `[[env]]`: a variable that the gateway needs."""

    name: Annotated[str, obeying(variable_name_problems)] = Field(examples=['name = "CLAUDE_CODE_EFFORT_LEVEL"'])
    value: Annotated[str, obeying(variable_value_problems)] = Field(examples=['value = "high"'])
    why: Annotated[str, _text(300)] = Field(examples=['why = "what it does for the visitor"'])


class RecommendedTable(_Table):
    """`[recommended]`: what a visitor gets without choosing."""

    timeout_ms: int | None = Field(
        None,
        ge=1,
        le=2_147_483_647,
        description="write milliseconds from 1 to 2147483647 (a larger timeout fails at once)",
        examples=["timeout_ms = 600000"],
    )
    toggles: list[Annotated[Toggle, Field(strict=False)]] = Field([], examples=['toggles = ["no-betas"]'])


class LinksTable(_Table):
    """`[links]`: where the gateway helps its people."""

    console: Link = ""
    docs: Link = ""
    models: Link = ""
    status: Link = ""
    support: Link = ""


class BrandTable(_Table):
    """`[brand]`: how the portal looks."""

    name: Title | None = None
    accent: Annotated[str, obeying(_accent_problems), AfterValidator(str.lower)] = "#0f766e"
    logo: Annotated[Logo | None, BeforeValidator(_check_logo)] = None


class EndpointsTable(_Table):
    """`[endpoints]`: which optional endpoints exist."""

    models: bool = True
    count_tokens: bool = True


class ProfileTable(_Table):
    """The whole file."""

    name: Title = Field(examples=['name = "My gateway"'])
    base_url_includes_version: bool = False
    base_url: Annotated[str, AfterValidator(_check_base_url)] = Field(examples=['base_url = "https://api.example.com"'])
    credential: CredentialScheme = Field(strict=False, examples=['credential = "bearer" or credential = "x-api-key"'])
    key: KeyTable = Field(KeyTable(), examples=["a table [key] with pattern and hint"])
    headers: dict[HeaderName, HeaderValue] = Field({}, examples=["a table [headers] with one line for each header"])
    models: ModelsTable = Field(examples=["the tables [models.opus], [models.sonnet] and [models.haiku]"])
    env: list[VariableTable] = Field([], examples=["one table [[env]] with name, value and why for each variable"])
    recommended: RecommendedTable = Field(RecommendedTable(), examples=["a table [recommended]"])
    links: LinksTable = Field(LinksTable(), examples=["a table [links] with one address for each line"])
    brand: BrandTable = Field(BrandTable(), examples=["a table [brand] with name, accent and logo"])
    endpoints: EndpointsTable = Field(EndpointsTable(), examples=["a table [endpoints] with models = false"])
    symptoms: list[SymptomTable] = Field([], examples=["one table [[symptoms]] with an id for each"])
    causes: list[CauseTable] = Field([], examples=["one table [[causes]] with an id for each"])
    steps: list[StepTable] = Field([], examples=["one table [[steps]] with an id for each"])
