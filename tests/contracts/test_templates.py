"""Every template uses only what the class of its page has; each is named by exactly one `Template`."""

from __future__ import annotations

import dataclasses
import re

import pytest
from jinja2 import Environment, meta

from portal import paths
from portal.guide.routes import GUIDE, LLMS
from portal.journeys.routes import PRIVACY, VERIFIED
from portal.keycheck.routes import KEY_CHECK
from portal.troubleshooting.routes import HELP, SYMPTOM
from portal.web.error_pages import ERROR
from portal.web.templating import Template

TEMPLATES: list[Template[object]] = [GUIDE, LLMS, KEY_CHECK, HELP, SYMPTOM, PRIVACY, VERIFIED, ERROR]  # type: ignore[list-item]
GLOBALS = {"page", "site", "language", "asset", "highlight", "_", "ngettext"}


def used_attributes(name: str) -> set[str]:
    return set(re.findall(r"\bpage\.(\w+)", (paths.TEMPLATES / name).read_text(encoding="utf-8")))


def test_every_template_has_its_class() -> None:
    files = {path.name for path in paths.TEMPLATES.iterdir() if not path.name.startswith("_")}
    assert files == {template.name for template in TEMPLATES} | {"base.html"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_template_is_given_everything_it_uses(template: Template[object]) -> None:
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    environment.filters |= dict.fromkeys(("prose", "plain", "number"), str)
    source = (paths.TEMPLATES / template.name).read_text(encoding="utf-8")
    assert meta.find_undeclared_variables(environment.parse(source)) <= GLOBALS
    fields = {field.name for field in dataclasses.fields(template.view)}  # type: ignore[arg-type]
    properties = {name for name, value in vars(template.view).items() if isinstance(value, property)}
    used = used_attributes(template.name)
    assert used
    assert used <= fields | properties


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_page_has_nothing_that_no_template_uses(template: Template[object]) -> None:
    everywhere = set().union(*(used_attributes(path.name) for path in paths.TEMPLATES.iterdir()))
    python = "".join(path.read_text(encoding="utf-8") for path in (paths.TEMPLATES.parent / "portal").rglob("*.py"))
    for field in dataclasses.fields(template.view):  # type: ignore[arg-type]
        assert field.name in everywhere or re.search(rf"\bpage\.{field.name}\b|\bself\.{field.name}\b", python)
