"""The regional addresses of a profile: what they may be, and what is said about wrong ones."""

from __future__ import annotations

from typing import Any

import pytest

from portal.profile.model import Region
from tests.profile.documents import only_problem, problems_of, read

EU = {"id": "eu", "name": "Europe", "base_url": "https://eu.example.com"}


def _numbered(count: int) -> list[dict[str, Any]]:
    return [{**EU, "id": f"r{number}", "base_url": f"https://r{number}.example.com"} for number in range(count)]


def test_regions_when_complete_are_in_the_profile_in_their_order() -> None:
    us = {"id": "us-east-1", "name": " America ", "base_url": "HTTPS://US.example.com//"}
    assert read(regions=[us, EU]).regions == (
        Region("us-east-1", "America", "https://us.example.com"),
        Region("eu", "Europe", "https://eu.example.com"),
    )
    assert read().regions == ()
    assert len(read(regions=_numbered(12)).regions) == 12


@pytest.mark.parametrize(
    ("region", "place", "wrong", "remedy"),
    [
        ({"id": "EU"}, "regions #1.id", "no short name", "a-z"),
        ({"id": ""}, "regions #1.id", "no short name", "a-z"),
        ({"id": "x" * 21}, "regions #1.id", "no short name", "20"),
        ({"id": "eu\n"}, "regions #1.id", "no short name", "a-z"),
        ({"name": ""}, "regions #1.name", "is empty", "write a text"),
        ({"base_url": "https://eu.example.com/v1/messages"}, "regions #1.base_url", "/v1/messages", "write"),
        ({"base_url": "http://eu.example.com"}, "regions #1.base_url", "http", "https://"),
        ({"base_url": "https://API.example.com/"}, "regions #1.base_url", "already in this file", "remove"),
        ({"url": "x"}, "regions #1.url", "no such setting", "use one of: id, name, base_url"),
    ],
)
def test_regions_when_one_is_wrong(region: dict[str, str], place: str, wrong: str, remedy: str) -> None:
    problem = only_problem(regions=[{**EU, **region}])
    assert problem.startswith(f"{place}: ")
    assert wrong in problem
    assert remedy in problem.split("; ", 1)[1]


def test_regions_when_a_part_is_missing_say_what_to_write() -> None:
    problems = problems_of(regions=[{}])
    assert [problem.split(" is missing; ")[0] for problem in problems] == [
        "regions #1.id:",
        "regions #1.name:",
        "regions #1.base_url:",
    ]


def test_regions_when_there_are_repeats_or_too_many() -> None:
    twice = [EU, {**EU, "base_url": "https://eu2.example.com"}]
    assert only_problem(regions=twice).startswith('regions #2.id: "eu" is already in this file')
    same = [EU, {**EU, "id": "eu2", "base_url": "https://EU.example.com/"}]
    assert only_problem(regions=same).startswith("regions #2.base_url: ")
    assert only_problem(regions=_numbered(13)).startswith("regions: has 13 entries; keep at most 12")


def test_regions_when_addresses_end_in_a_version() -> None:
    versioned = {"base_url": "https://api.example.com/v1", "base_url_includes_version": True}
    assert only_problem(**versioned, regions=[EU]).startswith("regions #1.base_url: does not end in /v1")
    region = {**EU, "base_url": "https://eu.example.com/v1"}
    assert read(**versioned, regions=[region]).regions[0].base_url == "https://eu.example.com/v1"


@pytest.mark.parametrize("regions", [1, {}, [1], ["eu"], [[]], [{"id": 1, "name": 2, "base_url": 3}]])
def test_regions_when_of_the_wrong_kind_give_sentences(regions: object) -> None:
    problems = problems_of(regions=regions)
    assert problems
    assert all(problem.startswith("regions") and "; " in problem for problem in problems)


def test_blanks_when_a_region_has_still_to_be_filled_in() -> None:
    region = {**EU, "base_url": "https://eu.example.com/YOUR_ACCOUNT_ID"}
    assert read(regions=[region]).blanks() == ("YOUR_ACCOUNT_ID",)


@pytest.mark.parametrize(("tokens", "good"), [(9_999, False), (10_000, True), (10_000_000, True), (10_000_001, False)])
def test_recommended_window_when_it_is_at_its_bounds(tokens: int, good: bool) -> None:  # noqa: FBT001
    if good:
        assert read(recommended={"context_tokens": tokens}).context_tokens == tokens
    else:
        assert "write tokens from 10000 to 10000000" in only_problem(recommended={"context_tokens": tokens})
