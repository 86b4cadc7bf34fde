"""Reads the doctor's report block, as `portal.scripts.doctor` documents it."""

from __future__ import annotations

from dataclasses import dataclass, field

from portal.scripts.doctor import REPORT_BEGIN, REPORT_END

_REPEATED = {
    "claude": (1, 3),
    "auth": (1, 1),
    "settings": (3, 3),
    "var": (5, 5),
    "finding": (3, 3),
}
_ORDER = [
    *("doctor", "os", "shell", "gateway", "credential", "config-dir", "claude", "node", "login", "helper", "auth"),
    *("network", "settings", "var", "finding", "findings"),
]


@dataclass(frozen=True, slots=True)
class Finding:
    id: str
    name: str
    place: str


@dataclass(slots=True)
class Report:
    single: dict[str, str] = field(default_factory=dict)
    repeated: dict[str, list[tuple[str, ...]]] = field(default_factory=lambda: {key: [] for key in _REPEATED})

    @property
    def findings(self) -> list[Finding]:
        return [Finding(*fields) for fields in self.repeated["finding"]]

    @property
    def ids(self) -> list[str]:
        return [finding.id for finding in self.findings]

    def winner(self, name: str) -> tuple[str, str, str]:
        """Kind, place and shown value of the record of `name` that wins."""
        rows = [row for row in self.repeated["var"] if row[:2] == (name, "wins")]
        assert len(rows) == 1, rows
        return rows[0][2], rows[0][3], rows[0][4]


def parse_report(output: str) -> Report:
    lines = output.splitlines()
    assert lines.count(REPORT_BEGIN) == lines.count(REPORT_END) == 1, output
    block = lines[lines.index(REPORT_BEGIN) + 1 : lines.index(REPORT_END)]
    report = Report()
    keys: list[str] = []
    for line in block:
        key, separator, value = line.partition(": ")
        assert separator, line
        assert line.isascii(), line
        assert line.isprintable(), line
        keys.append(key)
        if key in _REPEATED:
            fields = tuple(value.split(" | "))
            low, high = _REPEATED[key]
            assert low <= len(fields) <= high, line
            report.repeated[key].append(fields)
        else:
            assert key not in report.single, line
            report.single[key] = value
    assert keys == sorted(keys, key=_ORDER.index)
    assert report.single["findings"] == str(len(report.findings))
    return report
