"""The gateway's list of models, in every shape and number of pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.gateway.access import access_for
from portal.gateway.answers import Answer, Ending
from portal.gateway.model_list import LIST_LIMIT, MOST_IDS, MOST_PAGES, read_models, read_page
from portal.gateway.outgoing import Outgoing
from portal.gateway.results import Phase, TimedOut
from portal.gateway.stages import ModelListing, ModelsListed, ModelsUnlisted
from portal.keys import ApiKey
from portal.profile.model_ids import is_model_id
from tests.gateway.conftest import make_profile
from tests.gateway.wire import JSON, KEY, Wire, access

pytestmark = pytest.mark.anyio


def page(*ids: object, more: bool = False, **further: object) -> Answer:
    value = {"data": [{"type": "model", "id": name} for name in ids], "has_more": more} | further
    return Answer(200, JSON, json.dumps(value).encode())


def after(request: Outgoing) -> str:
    return parse_qs(urlsplit(request.url).query).get("after_id", [""])[0]


async def models(reply: Callable[[Outgoing], Answer | TimedOut]) -> tuple[ModelListing, list[Outgoing]]:
    wire = Wire(reply)
    return await read_models(wire, access()), wire.sent


async def ids(answer: Answer) -> tuple[str, ...]:
    listing, _ = await models(lambda _: answer)
    assert isinstance(listing, ModelsListed)
    assert listing.complete
    return listing.ids


async def test_question_is_the_client_s_own() -> None:
    _, (request,) = await models(lambda _: page("a"))
    assert (request.method, request.url) == ("GET", "https://gateway.example/v1/models?limit=1000")
    assert request.headers["anthropic-version"] == "2023-06-01"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in request.url


@pytest.mark.parametrize(
    "value",
    [
        {"data": [{"type": "model", "id": "claude-a"}, {"type": "model", "id": "gpt-b"}], "has_more": False},
        {"object": "list", "data": [{"id": "claude-a", "object": "model"}, {"id": "gpt-b", "object": "model"}]},
        {"success": True, "data": [{"id": "claude-a"}, {"id": "gpt-b"}, {"id": "claude-a"}, {"name": "x"}, "y", 7]},
        {"data": [{"id": "claude-a"}, {"id": "ill formed"}, {"id": "<b>"}, {"id": 7}, {"id": ""}, {"id": "gpt-b"}]},
    ],
)
async def test_both_shapes_give_well_formed_ids_of_all_vendors(value: dict[str, object]) -> None:
    assert await ids(Answer(200, JSON, json.dumps(value).encode())) == ("claude-a", "gpt-b")


async def test_empty_list_is_a_list() -> None:
    assert await ids(page()) == ()


async def test_pages_are_followed_to_the_last() -> None:
    pages = {"": page("a", "b", more=True, last_id="b"), "b": page("c", more=True), "c": page("d")}
    listing, sent = await models(lambda request: pages[after(request)])
    assert isinstance(listing, ModelsListed)
    assert (listing.ids, listing.complete) == (("a", "b", "c", "d"), True)
    assert [after(request) for request in sent] == ["", "b", "c"]


async def test_loop_ends_and_is_not_complete() -> None:
    listing, sent = await models(lambda _: page("a", "b", more=True))
    assert listing == ModelsListed(ids=("a", "b"), complete=False, duration_ms=0)
    assert len(sent) == 2


async def test_pages_and_ids_are_bounded() -> None:
    endless = (page(f"m-{number}", more=True) for number in range(1000))
    listing, sent = await models(lambda _: next(endless))
    assert isinstance(listing, ModelsListed)
    assert (len(sent), len(listing.ids), listing.complete) == (MOST_PAGES, MOST_PAGES, False)
    many, _ = await models(lambda _: page(*(f"m-{number}" for number in range(MOST_IDS + 5))))
    assert isinstance(many, ModelsListed)
    assert (len(many.ids), many.complete) == (MOST_IDS, False)


async def test_list_is_not_complete_when_a_later_page_fails() -> None:
    pages = iter([page("a", more=True), Answer(500, JSON, b"{}")])
    listing, _ = await models(lambda _: next(pages))
    assert listing == ModelsListed(ids=("a",), complete=False, duration_ms=0)


async def test_cursor_is_escaped_and_no_other_parameter() -> None:
    pages = iter([page("a/b:c@d+e", more=True), page("z")])
    _, sent = await models(lambda _: next(pages))
    assert after(sent[1]) == "a/b:c@d+e"
    assert sent[1].url.endswith("?limit=1000&after_id=a%2Fb%3Ac%40d%2Be")


@pytest.mark.parametrize("last", ["x&limit=1", "a b", 7, None, "é"])
async def test_senseless_cursor_is_not_sent(last: object) -> None:
    pages = iter([page("a", more=True, last_id=last), page("z")])
    _, sent = await models(lambda _: next(pages))
    assert after(sent[1]) == "a"


@pytest.mark.parametrize(
    "name",
    [KEY, f"model/{KEY}", KEY[:-1], KEY[3:], KEY[2:-2], KEY.upper(), KEY.lower(), KEY[:12], ".".join(KEY)],
)
async def test_key_or_a_part_of_it_does_not_come_back_as_a_model(name: str) -> None:
    assert await ids(page("a", name)) == ("a",)


async def test_model_whose_name_shares_a_word_with_the_key_is_kept() -> None:
    profile = make_profile()
    wire = Wire(lambda _: page("claude-haiku-4.5", "claude-opus-4.8"))
    listing = await read_models(wire, access_for(profile, ApiKey("sk-demo-haiku-missing")))
    assert isinstance(listing, ModelsListed)
    assert listing.ids == ("claude-haiku-4.5", "claude-opus-4.8")


async def test_key_or_a_part_of_it_is_no_cursor() -> None:
    pages = iter([page("a", more=True, last_id=KEY[:-1]), page("z")])
    _, sent = await models(lambda _: next(pages))
    assert after(sent[1]) == "a"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Answer(404, JSON, b'{"detail": "Not Found"}'), 404),
        (Answer(401, JSON, b'{"error": {"message": "bad key"}}'), 401),
        (Answer(200, {"content-type": "text/html"}, b"<html><title>Console</title>"), 200),
        (Answer(200, JSON, b'{"object": "list"}'), 200),
        (Answer(200, JSON, b'{"error": {"message": "no"}, "data": [{"id": "a"}]}'), 200),
        (Answer(200, JSON, b""), 200),
        (Answer(200, JSON, b'{"data": [{"id": "ill formed"}]}'), 200),
        (Answer(200, JSON, b'{"data": []}', Ending.CUT_OFF), 200),
        (Answer(301, {"location": "https://b.example/"}), 301),
    ],
)
async def test_anything_else_is_unlisted(answer: Answer, status: int) -> None:
    listing, _ = await models(lambda _: answer)
    assert listing == ModelsUnlisted(status=status)


async def test_no_answer_is_unlisted() -> None:
    late = TimedOut(status=None, duration_ms=10_000, waited_for=Phase.ANSWER)
    listing, _ = await models(lambda _: late)
    assert listing == ModelsUnlisted(status=None, duration_ms=10_000)


@given(st.binary(max_size=300), st.integers(100, 600))
def test_any_bytes_are_a_page_or_none(body: bytes, status: int) -> None:
    found = read_page(Answer(status, JSON, body))
    assert found is None or all(is_model_id(name) for name in found.ids)


def test_a_marketplace_s_list_fits() -> None:
    answer = page(*(f"vendor-{number}/model" for number in range(1500)), padding="x" * 500_000)
    assert len(answer.body) < LIST_LIMIT
    found = read_page(answer)
    assert found is not None
    assert len(found.ids) == 1500
