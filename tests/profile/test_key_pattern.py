from __future__ import annotations

import re

import pytest

from portal.profile.key_pattern import key_pattern_problems

GOOD = [
    "",
    "sk-.+",
    r"^sk-[A-Za-z0-9_-]{20,}$",
    r"sk-(?:ant-)?[\w.-]+",
    r"[A-Za-z0-9-]+\.[A-Za-z0-9-]+\.[A-Za-z0-9-]+",
    r"(sk|gw|pk)-[0-9a-f]{32}",
    r"[+*?]{4}\(\)[a-z]+",
]
BAD = [
    ("sk-(", "not a regular expression"),
    ("[a-", "not a regular expression"),
    ("a{99999999999}", "not a regular expression"),
    ("[[a]]", "not a regular expression"),
    ("(a+)+", "forever"),
    ("(?:a*)*", "forever"),
    ("(a|aa)+", "forever"),
    ("((a))", "forever"),
    ("(a?){30}a{30}", "forever"),
    ("([a-z]+){2,}", "forever"),
    (".*.*.*.*x", "three open repetitions"),
    ("a?a?a?a?aaaa", "three open repetitions"),
    ("(?P<x>a)", "special group"),
    ("(?i)sk", "special group"),
    ("a" * 201, "200 or fewer"),
    ("a\nb", "line break"),
    ("YOUR-API-KEY", "YOUR-API-KEY"),
]


@pytest.mark.parametrize("pattern", GOOD)
def test_key_pattern_when_simple(pattern: str) -> None:
    assert key_pattern_problems(pattern) == []
    re.compile(pattern)


@pytest.mark.parametrize(("pattern", "wrong"), BAD)
def test_key_pattern_when_broken_or_slow(pattern: str, wrong: str) -> None:
    (problem,) = key_pattern_problems(pattern)
    assert wrong in problem
    assert "; " in problem
