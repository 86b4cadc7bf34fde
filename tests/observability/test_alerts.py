"""Prometheus itself reads the alert rules, and says when each fires (`alerts_test.yml`)."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.real_parts.plugin import real_part

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "alerts.yml"
CASES = Path(__file__).with_name("alerts_test.yml")
DASHBOARD = ROOT / "deploy" / "grafana-dashboard.json"


def promtool(*arguments: str | Path) -> str:
    answer = subprocess.run(
        [real_part("promtool").path, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


@pytest.mark.real("promtool")
def test_rules_are_read_by_prometheus() -> None:
    assert "rules found" in promtool("check", "rules", RULES)


@pytest.mark.real("promtool")
def test_rules_fire_when_they_have_to_and_not_otherwise() -> None:
    assert "SUCCESS" in promtool("test", "rules", CASES)


def test_every_rule_is_seen_firing_and_not_firing() -> None:
    names = set(re.findall(r"- alert: (\w+)", RULES.read_text(encoding="utf-8")))
    cases = CASES.read_text(encoding="utf-8")
    quiet = set(re.findall(r"- \{eval_time: \w+, alertname: (\w+)\}", cases))
    firing = set(re.findall(r"alertname: (\w+)\n +exp_alerts:", cases))
    assert len(names) > 5
    assert quiet == firing == names


@pytest.mark.real("promtool")
def test_every_query_of_the_dashboard_is_read_by_prometheus(tmp_path: Path) -> None:
    queries = [target["expr"] for panel in _panels() for target in panel.get("targets", [])]
    rules = [{"record": f"panel:{number}", "expr": _filled(query)} for number, query in enumerate(queries)]
    file = tmp_path / "queries.yml"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    assert len(queries) > 20
    assert f"{len(queries)} rules found" in promtool("check", "rules", file)


def test_panels_of_the_dashboard_do_not_overlap_and_have_titles() -> None:
    taken: set[tuple[int, int]] = set()
    panels = _panels()
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert panel["title"]
        assert place["x"] + place["w"] <= 24
        assert not cells & taken
        taken |= cells


def _panels() -> list[dict[str, Any]]:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    assert isinstance(panels, list)
    return panels


def _filled(query: str) -> str:
    """A query as Grafana sends it."""
    filled = query.replace("$__rate_interval", "5m").replace("$__range", "6h")
    return filled.replace("$job", ".*").replace("$instance", ".*")
