"""The checkers that exist only as npm packages: axe (accessibility), html-validate, csp_evaluator, Lighthouse."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

from tests.real_parts.plugin import real_part

_CSP_SCRIPT: Final = """
const [folder, policy] = process.argv.slice(1);
const {CspParser} = require(folder + "/dist/parser.js");
const {CspEvaluator} = require(folder + "/dist/evaluator.js");
console.log(JSON.stringify(new CspEvaluator(new CspParser(policy).csp).evaluate()));
"""

_BEHIND_THE_STANDARD: Final = '"blocking" attribute cannot be used on <link> in this context'
"""html-validate 9 does not know `rel="expect"` (https://html.spec.whatwg.org/multipage/links.html#link-type-expect)."""


def axe_violations(page: Page) -> list[dict[str, Any]]:
    """What axe-core finds on the page as it is now; works under a strict content security policy."""
    page.evaluate(real_part("axe").path.read_text(encoding="utf-8"))
    report: dict[str, Any] = page.evaluate("() => axe.run()")
    violations: list[dict[str, Any]] = report["violations"]
    return violations


def html_problems(document: str, *, config: Path | None = None) -> list[str]:
    """What html-validate objects to, as `line:column rule: message`; empty for a valid document."""
    program = real_part("html-validate").path
    given = ["--config", str(config)] if config else []
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"  # what it prints is cut at the size of a pipe
        _run([program, "--stdin", "--formatter", f"json={report}", *given], stdin=document, cwd=program.parents[2])
        reports: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))
    return [
        f"{problem['line']}:{problem['column']} {problem['ruleId']}: {problem['message']}"
        for report in reports
        for problem in report["messages"]
        if not problem["message"].startswith(_BEHIND_THE_STANDARD)
    ]


def csp_findings(policy: str) -> list[dict[str, Any]]:
    """What csp_evaluator says about a policy: `severity` (10 high … 100 none), `directive`, `description`."""
    answer = _run(["node", "-e", _CSP_SCRIPT, str(real_part("csp-evaluator").path), policy])
    findings: list[dict[str, Any]] = json.loads(answer.stdout)
    return findings


def lighthouse_report(url: str, *, folder: Path, options: Sequence[str] = ()) -> dict[str, Any]:
    """Lighthouse's report on the page; `report["categories"][NAME]["score"]` is 0 to 1. Takes 10 to 20 seconds.

    Raises:
        RuntimeError: Lighthouse failed; the message is what it said.
    """
    program, chromium = real_part("lighthouse").path, real_part("chromium").path
    output = folder / "lighthouse.json"
    flags = ["--headless=new", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")
    answer = _run(
        [
            program,
            url,
            "--quiet",
            "--no-enable-error-reporting",
            "--output=json",
            f"--output-path={output}",
            f"--chrome-flags={' '.join(flags)}",
            *options,
        ],
        env={"CHROME_PATH": str(chromium)},
        cwd=folder,
    )
    if answer.returncode != 0 or not output.is_file():
        raise RuntimeError(f"Lighthouse failed with exit code {answer.returncode}: {answer.stderr}")
    report: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
    return report


def _run(
    command: Sequence[str | Path],
    *,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        input=stdin,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
