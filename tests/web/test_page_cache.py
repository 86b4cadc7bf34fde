from __future__ import annotations

import gzip

import brotli
import pytest
import zstandard
from starlette.requests import Request

from portal import paths
from portal.web.compression import Coding, choose_coding
from portal.web.languages import Language, Languages
from portal.web.page_cache import PageCache, Rendered
from tests.support.portal import running_portal


def request(query: str = "", **headers: str) -> Request:
    raw = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "path": "/", "query_string": query.encode(), "headers": raw, "method": "GET"})


class Counting:
    """A renderer that counts how often it is asked."""

    def __init__(self, text: str = "x" * 2000, status: int = 200) -> None:
        self.times = 0
        self.rendered = Rendered(text, status=status)

    def __call__(self, language: Language, as_region: bool) -> Rendered:  # noqa: FBT001 - the cache's signature
        del language, as_region
        self.times += 1
        return self.rendered


@pytest.fixture
def languages() -> Languages:
    return Languages(paths.LOCALES)


def test_page_is_rendered_once_when_asked_twice(languages: Languages) -> None:
    cache, render = PageCache(languages), Counting()
    first, second = cache.answer(request(), render), cache.answer(request(), render)
    assert render.times == 1
    assert (first.body, first.raw_headers) == (second.body, second.raw_headers)


def test_answer_is_304_when_the_tag_matches(languages: Languages) -> None:
    cache, render = PageCache(languages), Counting()
    tag = cache.answer(request(), render).headers["etag"]
    for header in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        unchanged = cache.answer(request(if_none_match=header), render)
        assert (unchanged.status_code, unchanged.body) == (304, b"")
        assert {"etag", "cache-control", "vary"} <= set(unchanged.headers)
        assert "content-length" not in unchanged.headers
    assert cache.answer(request(if_none_match='"other"'), render).status_code == 200


def test_codings_have_tags_of_their_own_when_compressed(languages: Languages) -> None:
    cache, render = PageCache(languages), Counting()
    answers = {name: cache.answer(request(accept_encoding=name), render) for name in ("br", "zstd", "gzip", "identity")}
    assert len({answer.headers["etag"] for answer in answers.values()}) == 4
    plain = b"x" * 2000
    assert brotli.decompress(answers["br"].body) == plain
    assert zstandard.ZstdDecompressor().decompress(answers["zstd"].body) == plain
    assert gzip.decompress(answers["gzip"].body) == plain
    assert "content-encoding" not in answers["identity"].headers


def test_small_text_stays_plain_when_compression_is_allowed(languages: Languages) -> None:
    answer = PageCache(languages).answer(request(accept_encoding="br"), Counting("short"))
    assert (answer.body, "content-encoding" in answer.headers) == (b"short", False)


def test_error_is_not_kept_when_a_text_cannot_be_made(languages: Languages) -> None:
    cache, render = PageCache(languages), Counting(status=422)
    for _ in range(2):
        answer = cache.answer(request(), render)
        assert (answer.status_code, answer.headers["cache-control"]) == (422, "no-store")
    assert (render.times, len(cache)) == (2, 0)


def test_oldest_answer_is_forgotten_when_the_cache_is_full(languages: Languages) -> None:
    cache, render = PageCache(languages, max_bytes=10_000), Counting()
    for query in ("a", "b", "a", "c", "a"):
        cache.answer(request(query), render)
    assert (render.times, len(cache)) == (3, 2)
    cache.answer(request("b"), render)
    assert render.times == 4


def test_answer_is_not_kept_when_the_query_is_endless(languages: Languages) -> None:
    cache, render = PageCache(languages), Counting()
    cache.answer(request("x" * 3000), render)
    assert len(cache) == 0


def test_own_address_is_part_of_the_key_when_the_text_holds_it(languages: Languages) -> None:
    cache, render = PageCache(languages), Counting()
    for origin in ("http://a", "https://a", "http://a"):
        cache.answer(request(), render, origin=origin)
    assert render.times == 2


def test_memory_is_bounded_when_the_keys_are_large_and_the_bodies_small(languages: Languages) -> None:
    cache = PageCache(languages, max_bytes=100_000)
    for number in range(200):
        cache.answer(request(f"{number}{'x' * 2000}"), Counting("short"))
    assert len(cache) <= 25


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", Coding.IDENTITY),
        ("gzip, deflate, br, zstd", Coding.BROTLI),
        ("gzip, zstd", Coding.ZSTD),
        ("gzip;q=0.5", Coding.GZIP),
        ("br;q=0, gzip", Coding.GZIP),
        ("br;q=0.0, *", Coding.ZSTD),
        ("*", Coding.BROTLI),
        ("*;q=0", Coding.IDENTITY),
        ("compress", Coding.IDENTITY),
        ("BR", Coding.BROTLI),
    ],
)
def test_coding_is_the_best_allowed_one_when_a_client_lists_them(header: str, coding: Coding) -> None:
    assert choose_coding(header) is coding


@pytest.mark.anyio
async def test_guide_answers_304_when_it_has_not_changed() -> None:
    async with running_portal() as portal:
        first = await portal.get("/?os=linux")
        again = await portal.get("/?os=linux", headers={"If-None-Match": first.headers["etag"]})
        head = await portal.head("/?os=linux")
    async with running_portal() as other_worker:
        elsewhere = await other_worker.get("/?os=linux")
    assert not first.headers["etag"].startswith("W/")
    assert (again.status_code, again.content) == (304, b"")
    assert head.headers["etag"] == first.headers["etag"]
    assert elsewhere.headers["etag"] == first.headers["etag"], "every worker must make the same bytes"
