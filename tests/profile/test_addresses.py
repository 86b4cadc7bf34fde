from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.profile.addresses import base_url_problems, is_loopback, link_problems, tidy_base_url

GOOD = [
    "https://api.example.com",
    "https://api.example.com/",
    "https://api.example.com:8443/api",
    "https://gateway/v1/anthropic",
    "https://gateway.ai.cloudflare.com/v1/YOUR_ACCOUNT_ID/YOUR_GATEWAY_ID/anthropic",
    "https://api.example.com/v2",
    "https://api.example.com/apps/anthropic",
    "https://api.example.com/models",
    "https://[2001:db8::1]:8443/x",
    "http://localhost:4000",
    "http://litellm.localhost",
    "http://127.0.0.1:4000/anthropic",
    "http://127.8.8.8",
    "http://[::1]:4000",
    "HTTPS://API.EXAMPLE.COM",
]
BAD = [
    ("https://x.io/v1", "https://x.io/v1/v1/messages", 'write "https://x.io"'),
    ("https://x.io/V1/", "/v1/messages", 'write "https://x.io"'),
    ("https://x.io/v1/messages", "https://x.io/v1/messages/v1/messages", 'write "https://x.io"'),
    ("https://x.io/api/v1/messages/count_tokens", "count_tokens/v1/messages", 'write "https://x.io/api"'),
    ("https://x.io/v1/chat/completions", "https://x.io/v1/chat/completions/v1/messages", 'write "https://x.io"'),
    ("https://x.io/chat/completions/", "/chat/completions/v1/messages", 'write "https://x.io"'),
    ("https://x.io/v1/models", "/v1/models/v1/messages", 'write "https://x.io"'),
    ("https://x.io/messages", "/messages/v1/messages", 'write "https://x.io"'),
    ("https://x.io?beta=true", "query", "remove it"),
    ("https://x.io/#top", "fragment", "remove it"),
    ("https://me@x.io", "user name", "remove it"),
    ("https://me:pw@x.io", "user name", "remove it"),
    ("http://x.io", "sends keys readable", "write https://"),
    ("http://10.0.0.1:4000", "sends keys readable", "write https://"),
    ("http://localhost.example.com", "sends keys readable", "write https://"),
    ("ftp://x.io", "uses ftp://", "write https://"),
    ("file:///etc/passwd", "uses file://", "write https://"),
    ("javascript:alert(1)", "uses javascript:", "https://"),
    ("x.io/api", "does not begin with https://", "write https://"),
    ("localhost:4000", "does not begin with https://", "write http://"),
    ("//x.io", "does not begin with https://", "write https://"),
    (" https://x.io", "blank", "remove it"),
    ("https://x.io/a b", "blank", "remove it"),
    ("https://x.io/a\u00a0b", "blank", "remove it"),
    ("https://x.io/\ta", "control", "remove it"),
    ("https://x.io/\x7fa", "control", "remove it"),
    ("https://x.io/a\nb", "line break", "on one line"),
    ("https://x\u200b.io", "invisible", "remove it"),
    ("https://bücher.example", "non-ASCII character U+00FC", "xn--"),
    ("https://x.io/{account}/y", "contains {", "fill in"),
    ("https://x.io/<account>/y", "contains <", "fill in"),
    ("https://x.io/a\\b", "contains \\", "remove it"),
    ('https://x.io/"', 'contains "', "remove it"),
    ("https://x.io:99999", "broken port", "write it like"),
    ("https://x.io:abc", "broken port", "write it like"),
    ("https://x.io:0", "port 0", "1 to 65535"),
    ("https://[::1", "broken port or brackets", "write it like"),
    ("https://", "no host", "write it like"),
    ("https:///v1/x", "no host", "write it like"),
    ("https://-x-.io", "cannot exist", "write it like"),
    ("https://a..b", "cannot exist", "write it like"),
    ("", "is empty", "write"),
    ("https://x.io/" + "a" * 500, "513 characters", "500 or fewer"),
    ("https://x.io/YOUR-API-KEY", "YOUR-API-KEY", "remove it"),
]


@pytest.mark.parametrize("text", GOOD)
def test_base_url_when_claude_code_can_use_it(text: str) -> None:
    assert base_url_problems(text, includes_version=False) == []


@pytest.mark.parametrize(("text", "wrong", "remedy"), BAD)
def test_base_url_when_something_is_wrong_with_it(text: str, wrong: str, remedy: str) -> None:
    problems = base_url_problems(text, includes_version=False)
    assert any(wrong in problem and remedy in problem.split("; ", 1)[1] for problem in problems), problems


def test_base_url_when_it_ends_in_a_version_says_how_to_insist() -> None:
    (problem,) = base_url_problems("https://x.io/v1", includes_version=False)
    assert "base_url_includes_version = true" in problem


@pytest.mark.parametrize("text", ["https://x.io/v1", "https://x.io/api/v1/"])
def test_base_url_when_the_profile_insists_on_the_version(text: str) -> None:
    assert base_url_problems(text, includes_version=True) == []


def test_base_url_when_the_profile_insists_but_there_is_no_version() -> None:
    (problem,) = base_url_problems("https://x.io", includes_version=True)
    assert "does not end in /v1" in problem
    assert "remove that line" in problem


def test_base_url_when_the_profile_insists_but_names_an_endpoint() -> None:
    (problem,) = base_url_problems("https://x.io/v1/messages", includes_version=True)
    assert 'write "https://x.io/v1"' in problem


def test_base_url_when_several_things_are_wrong_tells_all_and_never_the_password() -> None:
    problems = base_url_problems("http://me:s3cret@x.io/v1 ?a#b", includes_version=False)
    assert len(problems) == 6
    assert "s3cret" not in " ".join(problems)


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("https://x.io/", "https://x.io"),
        ("https://x.io///", "https://x.io"),
        ("HTTPS://API.X.io:8443/Path/", "https://api.x.io:8443/Path"),
        ("http://[::1]:4000/", "http://[::1]:4000"),
        ("https://x.io:/a", "https://x.io/a"),
    ],
)
def test_tidy_base_url_when_there_are_several_ways_to_write_it(text: str, tidy: str) -> None:
    assert tidy_base_url(text) == tidy
    assert tidy_base_url(tidy) == tidy


@pytest.mark.parametrize("text", ["https://x.io/a?b=c#d", "https://x.io/v1", "http://localhost:3000/keys"])
def test_link_when_a_browser_can_open_it(text: str) -> None:
    assert link_problems(text) == []


@pytest.mark.parametrize("text", ["/keys", "x.io", "mailto:a@x.io", "javascript:alert(1)", "http://x.io", "https://"])
def test_link_when_it_is_not_absolute_https(text: str) -> None:
    assert link_problems(text)


@pytest.mark.parametrize(("host", "local"), [("localhost", True), ("::1", True), ("127.1.2.3", True), ("x.io", False)])
def test_is_loopback_when_asked_for_a_host(host: str, local: bool) -> None:  # noqa: FBT001 - a table of cases
    assert is_loopback(host) is local


@given(st.text(max_size=60), st.booleans())
def test_base_url_when_it_is_any_text_is_judged_in_sentences(text: str, insists: bool) -> None:  # noqa: FBT001
    for problem in base_url_problems("https://x.io/" + text, includes_version=insists):
        assert problem.isprintable()
        assert "; " in problem or ", " in problem
    base_url_problems(text, includes_version=insists)
