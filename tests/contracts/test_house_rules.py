"""The rules that hold everywhere, as tests. Each says why it is there by its name."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "portal").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*"))
SOURCES = [p for folder in ("portal", "tests", "benchmarks") for p in sorted((ROOT / folder).rglob("*.py"))]
PURE = [
    path
    for path in MODULES
    if {"snippets", "scripts", "diagnosis"} & set(path.relative_to(ROOT).parts)
    or path.relative_to(ROOT / "portal").as_posix()
    in {
        "keys.py",
        "setting_checks.py",
        "words.py",
        "guide/views.py",
        "guide/explanations.py",
        "guide/documents.py",
        "gateway/results.py",
        "gateway/classify.py",
        "gateway/access.py",
        "gateway/stages.py",
        "gateway/outgoing.py",
        "gateway/exchanges.py",
        "gateway/sse.py",
        "gateway/stream_order.py",
        "gateway/stream_probe.py",
        "gateway/model_list.py",
        "gateway/client_shape.py",
        "gateway/rehearsal.py",
        "gateway/obstacles.py",
        "keycheck/forms.py",
        "keycheck/remedies.py",
        "keycheck/views.py",
        "keycheck/links.py",
        "keycheck/steps.py",
        "journeys/vocabulary.py",
        "journeys/events.py",
        "journeys/privacy.py",
        "troubleshooting/beta.py",
        "troubleshooting/ranking.py",
        "troubleshooting/forms.py",
        "troubleshooting/setup.py",
        "troubleshooting/views.py",
        "troubleshooting/help_page.py",
        "troubleshooting/symptom_page.py",
        "troubleshooting/bundle.py",
        "troubleshooting/causes.py",
        "troubleshooting/wording.py",
        "troubleshooting/known.py",
        "journeys/verified.py",
        "keycheck/plan.py",
        "keycheck/findings.py",
        "keycheck/progress.py",
        "keycheck/conclusion.py",
        "keycheck/costs.py",
        "keycheck/causes.py",
        "keycheck/nearest.py",
        "keycheck/addresses.py",
        "keycheck/step_words.py",
        "keycheck/stage_wording.py",
        "keycheck/model_wording.py",
        "keycheck/silent_models.py",
        "keycheck/proven_wording.py",
        "keycheck/verdict_kinds.py",
        "keycheck/durations.py",
        "keycheck/wording.py",
        "admin/strength.py",
        "admin/forms.py",
        "admin/oidc.py",
        "admin/views.py",
        "admin/vocabulary.py",
        "admin/stats/dimensions.py",
        "admin/stats/visits.py",
        "admin/stats/histogram.py",
        "admin/stats/cube.py",
        "admin/stats/sums.py",
        "admin/stats/intervals.py",
        "admin/stats/calendar.py",
        "admin/stats/question.py",
        "admin/stats/findings.py",
        "admin/stats/names.py",
        "admin/stats/figures.py",
        "admin/stats/sentences.py",
        "admin/stats/tables.py",
        "admin/stats/views.py",
        "admin/stats/definitions.py",
        "admin/stats/export.py",
        "profile/model.py",
        "profile/model_ids.py",
    }
]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def found(pattern: str, paths: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(pattern, line)
    ]


def test_pure_modules_read_no_clock_environment_chance_or_web() -> None:
    forbidden = {"time", "random", "secrets", "os", "fastapi", "starlette", "httpx", "jinja2", "sqlalchemy"}
    assert len(PURE) > 20
    assert [(p.name, name) for p in PURE for name in imports(p) if name.split(".")[0] in forbidden] == []
    assert not found(r"\.(?:now|today|utcnow)\(", PURE)


def test_only_settings_reads_the_environment() -> None:
    hits = found(r"\bos\.environ|\bgetenv\b", MODULES)
    assert {hit.split(":")[0] for hit in hits} == {"portal/settings.py"}


def test_only_the_database_module_commits() -> None:
    assert found(r"\.(?:commit|begin|rollback)\(|\bautocommit\b", [p for p in MODULES if p.name != "db.py"]) == []


STORES = {
    "portal/db.py",
    "portal/database_engines.py",
    *(f"portal/admin/{name}.py" for name in ("accounts", "audit", "sessions", "stats/raw", "stats/simulated")),
}
"""Who speaks SQL beside the models and stores of a room: the operators' room has one store for each noun."""


def test_only_database_models_and_stores_speak_sql() -> None:
    hits = {p.relative_to(ROOT).as_posix() for p in MODULES if any(n.startswith("sqlalchemy") for n in imports(p))}
    assert {hit for hit in hits if Path(hit).name not in {"models.py", "store.py"}} == STORES


def test_migrations_import_nothing_of_the_portal_and_have_dates() -> None:
    migrations = sorted((ROOT / "migrations" / "versions").glob("*.py"))
    assert migrations
    assert not [p for p in migrations for name in imports(p) if name.startswith("portal")]
    assert not [p.name for p in migrations if not re.fullmatch(r"20\d{6}_[a-z_]+\.py", p.name)]


def test_only_htmx_module_spells_its_headers() -> None:
    hits = found(r"(?i)[\"']hx-", MODULES)
    assert {hit.split(":")[0] for hit in hits} == {"portal/web/htmx.py"}


def test_no_template_switches_escaping_off() -> None:
    assert not found(r"\|\s*safe\b|autoescape\s+false", [p for p in TEMPLATES if p.is_file()])


def test_only_rendering_modules_make_markup() -> None:
    hits = {path.relative_to(ROOT).as_posix() for path in MODULES if "markupsafe" in set(imports(path))}
    assert hits == {"portal/web/highlighting.py", "portal/web/templating.py"}


def test_nothing_is_loaded_from_elsewhere() -> None:
    files = [p for p in TEMPLATES if p.is_file()] + sorted((ROOT / "static").rglob("*.css"))
    assert not found(r"(?:src|@import|url\()\s*=?\s*[\"'(]?(?:https?:)?//", files)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_no_module_is_a_grab_bag() -> None:
    names = {"utils", "util", "helpers", "common", "misc", "constants", "manager", "base_utils"}
    assert not [path for path in SOURCES if path.stem in names or names & set(path.parent.parts)]


def test_every_module_says_what_it_owns() -> None:
    missing = [p.relative_to(ROOT) for p in MODULES if not ast.get_docstring(ast.parse(p.read_text(encoding="utf-8")))]
    assert not missing


def test_ignores_have_a_code() -> None:
    assert not found(r"type: [i]gnore(?!\[)|# [n]oqa(?!:)", SOURCES)


def test_vendored_files_are_the_ones_their_readme_names() -> None:
    vendor = ROOT / "static" / "vendor"
    text = (vendor / "README.md").read_text(encoding="utf-8")
    scripts = sorted(vendor.glob("*.js"))
    assert scripts
    for script in scripts:
        assert hashlib.sha256(script.read_bytes()).hexdigest() in text
        assert (vendor / f"{script.name.split('.')[0]}.LICENSE").is_file()


def test_no_machine_path_or_registry_host_is_committed() -> None:
    patterns = r"/w[o]rk/|/r[o]ot/\.|bash_[j]obs|pypi\.o[r]g|registry\.npmjs|files\.pythonhosted"
    endings = {".py", ".md", ".toml", ".txt", ".json", ".html", ".js", ".css", ".sh", ".yml", ".in"}
    skipped = {".git", ".venv", ".cache", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
    files = [
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and not skipped & set(path.relative_to(ROOT).parts)
        and (path.suffix in endings or path.name in {"Makefile", "run"})
    ]
    assert not found(patterns, files)
