"""The block that our doctor prints is understood: every finding of it leads to a cause."""

from __future__ import annotations

from portal.diagnosis.answer import Kind
from portal.diagnosis.matcher import diagnose
from portal.diagnosis.our_report import CAUSES
from portal.scripts.doctor import FINDINGS, REPORT_BEGIN, REPORT_END
from tests.diagnosis.pasting import TOKENBAY, causes

HEAD = f"""Some words before.
{REPORT_BEGIN}
doctor: sh
os: linux
gateway: https://api.tokenbay.com
credential: ANTHROPIC_AUTH_TOKEN
login: none
var: ANTHROPIC_BASE_URL | wins | user | ~/.claude/settings.json line 3 | https://api.tokenbay.com/v1
"""


def block(*ids: str) -> str:
    lines = [f"finding: {name} | ANTHROPIC_BASE_URL | ~/.claude/settings.json line 3" for name in ids]
    return "\n".join([HEAD.rstrip(), *lines, f"findings: {len(ids)}", REPORT_END, ""])


def test_every_finding_of_the_doctor_leads_to_a_cause() -> None:
    assert set(FINDINGS) == set(CAUSES)
    for name in FINDINGS:
        assert causes(block(name), TOKENBAY)[0] == CAUSES[name]


def test_order_of_the_doctor_is_kept() -> None:
    assert causes(block("settings-invalid", "left-over-key", "url-v1"), TOKENBAY)[:3] == [
        "settings-file-broken",
        "leftover-api-key",
        "base-url-path",
    ]


def test_report_without_findings_names_no_cause() -> None:
    diagnosis = diagnose(block(), TOKENBAY)
    assert diagnosis.findings == ()
    assert Kind.OUR_REPORT in diagnosis.kinds


def test_line_of_the_finding_is_quoted() -> None:
    (finding, *_rest) = diagnose(block("url-v1"), TOKENBAY).findings
    assert finding.evidence[0].line == 9
    assert finding.evidence[0].quote.startswith("finding: url-v1")
