"""The load benchmark runs to its end and measures every scenario; how fast is not asked here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.load import Measured, scenarios, table
from tests.real_parts.parts import ROOT
from tests.support.commands import clean_environment

NAMES = {one.name for one in scenarios("", "x")}


@pytest.mark.real("wrk")
@pytest.mark.real("postgresql")
def test_every_scenario_is_measured_when_the_benchmark_runs(tmp_path: Path) -> None:
    figures = tmp_path / "load.json"
    command = [sys.executable, "-m", "benchmarks.load", "--seconds", "1", "--workers", "1", "--requests", "100"]
    answer = subprocess.run(
        [*command, "--markdown", "--json", str(figures)],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert answer.returncode in {0, 1}, answer.stderr  # 1: so few requests say nothing about memory
    found = json.loads(figures.read_text())
    assert {one["scenario"] for one in found["found"]} == NAMES
    assert all(one["per_second"] > 0 for one in found["found"])
    assert [one["database_cpu_ms"] > 0 for one in found["found"] if "PostgreSQL" in one["scenario"]] == [True]
    assert found["memory"][0] >= 100
    assert f"\n| {found['found'][0]['scenario']} | 1 |" in answer.stdout


def test_growth_is_the_ratio_to_one_worker() -> None:
    rows = [Measured("guide", workers, 100.0 * workers * 0.9, 1.0, 0.0, 1.0, 2.0) for workers in (1, 2)]
    assert table(rows, markdown=True).splitlines()[-1] == "| guide | 2 | 180 | 2.00 | 1.00 |  | 1,000/s | 1.0 | 2.0 |"


def test_capacity_page_holds_the_table_of_the_benchmark() -> None:
    page = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
    part = page.split("<!-- begin: make bench-load ARGS=--markdown -->")[1].split("<!-- end -->")[0]
    assert table([], markdown=True) in part
    measured = re.findall(r"(?m)^\| ([^|]+) \| (\d+) \|", part)
    assert sorted(measured) == sorted((name, workers) for name in NAMES for workers in ("1", "2", "4"))
