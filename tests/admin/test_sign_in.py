"""Signing in with a password, and out again."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie

import httpx
import pytest
from sqlalchemy import select

from portal.admin import accounts
from portal.admin.models import Account, OperatorSession
from portal.admin.vocabulary import Action
from tests.support.operators import (
    HERE,
    PASSWORD,
    add_account,
    audit_of,
    desk_of,
    disable,
    operated_portal,
    post_sign_in,
)
from tests.support.pages import one, parse, words

pytestmark = pytest.mark.anyio

FORM = {"content-type": "application/x-www-form-urlencoded"}
"""A form without fields, as a button alone sends it."""


async def sessions_of(client: httpx.AsyncClient) -> int:
    async with desk_of(client).database.reading() as connection:
        return len((await connection.execute(select(OperatorSession.token_hash))).all())


async def is_in(client: httpx.AsyncClient) -> bool:
    return (await client.get("/admin/audit")).status_code == 200


async def test_session_begins_when_name_and_password_are_right(operated: httpx.AsyncClient) -> None:
    answer = await post_sign_in(operated, "ANNA", next="/admin/audit")
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/audit")
    page = parse((await operated.get("/admin/audit")).text)
    assert words(one(page, ".account summary")) == "Anna"
    assert await audit_of(operated) == [(Action.SIGNED_IN, "Anna")]


async def test_cookie_is_kept_from_scripts_and_other_sites(operated: httpx.AsyncClient) -> None:
    cookie = SimpleCookie((await post_sign_in(operated)).headers["set-cookie"])["operator"]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "lax"
    assert (cookie["path"], cookie["max-age"], cookie["expires"], cookie["domain"]) == ("/", "", "", "")


async def test_cookie_is_for_this_host_and_https_only_when_the_portal_has_https(database_address: str) -> None:
    async with operated_portal(database_address, public_url="https://portal.test") as client:
        cookie = SimpleCookie((await post_sign_in(client)).headers["set-cookie"])["__Host-operator"]
        assert cookie["secure"] is True
        client.cookies.clear()
        client.cookies.set("operator", cookie.value)  # the name that a plain http page of the same host could set
        assert not await is_in(client)
        client.cookies.set("__Host-operator", cookie.value)
        assert await is_in(client)


async def test_answer_is_the_same_when_the_name_is_unknown_or_the_account_disabled(
    operated: httpx.AsyncClient,
) -> None:
    await add_account(operated, "Bert")
    await disable(operated, "bert")
    answers = [
        await post_sign_in(operated, "anna", "wrong-wrong-wrong"),
        await post_sign_in(operated, "nobody", "wrong-wrong-wrong"),
        await post_sign_in(operated, "bert", PASSWORD),
        await post_sign_in(operated, "bert", "wrong-wrong-wrong"),
    ]
    shapes = {
        (a.status_code, re.sub("anna|nobody|bert", "NAME", a.text), str(sorted(set(a.headers) - {"content-length"})))
        for a in answers
    }
    assert len(shapes) == 1
    page = parse(answers[0].text)
    assert answers[0].status_code == 401
    assert "do not belong together" in words(one(page, "#trouble[role=alert]"))
    assert one(page, "#name").get("value") == "anna"
    assert one(page, "#password").get("value") is None
    failed = Action.SIGN_IN_FAILED
    assert await audit_of(operated) == [(failed, "Anna"), (failed, None), (failed, "Bert"), (failed, "Bert")]


async def test_token_changes_and_the_old_one_ends_when_somebody_signs_in_again(operated: httpx.AsyncClient) -> None:
    await post_sign_in(operated)
    before = operated.cookies["operator"]
    await post_sign_in(operated)
    assert operated.cookies["operator"] != before
    assert await sessions_of(operated) == 1
    operated.cookies.clear()
    operated.cookies.set("operator", before)
    assert not await is_in(operated)


async def test_planted_cookie_is_not_taken_over_when_somebody_signs_in(operated: httpx.AsyncClient) -> None:
    planted = desk_of(operated).signer.sign("operator", "chosen-by-somebody-else")
    operated.cookies.set("operator", planted)
    answer = await post_sign_in(operated)
    assert SimpleCookie(answer.headers["set-cookie"])["operator"].value != planted
    operated.cookies.clear()
    operated.cookies.set("operator", planted)
    assert not await is_in(operated)


async def test_session_ends_here_only_when_somebody_signs_out(operated: httpx.AsyncClient) -> None:
    await post_sign_in(operated)
    other = operated.cookies["operator"]
    operated.cookies.clear()
    await post_sign_in(operated)
    mine = operated.cookies["operator"]
    answer = await operated.post("/admin/logout", headers=HERE | FORM)
    assert answer.headers["location"] == "/admin/login"
    assert "operator" not in operated.cookies
    for cookie, still in ((mine, False), (other, True)):
        operated.cookies.clear()
        operated.cookies.set("operator", cookie)
        assert await is_in(operated) is still


async def test_every_session_ends_when_somebody_signs_out_everywhere(operated: httpx.AsyncClient) -> None:
    await add_account(operated, "Bert")
    await post_sign_in(operated, "bert")
    await post_sign_in(operated)
    operated.cookies.clear()
    await post_sign_in(operated)
    assert await sessions_of(operated) == 2  # Bert's ended when Anna signed in with his browser
    await operated.post("/admin/logout", data={"everywhere": "yes"}, headers=HERE)
    assert await sessions_of(operated) == 0
    assert (await audit_of(operated))[-1] == (Action.SIGNED_OUT_EVERYWHERE, "Anna")


async def test_session_ends_at_once_when_the_account_is_disabled(operated: httpx.AsyncClient) -> None:
    await post_sign_in(operated)
    assert await is_in(operated)
    await disable(operated, "anna")
    assert not await is_in(operated)


async def test_session_ends_at_once_when_the_account_gets_another_password(operated: httpx.AsyncClient) -> None:
    await post_sign_in(operated)
    desk = desk_of(operated)
    new_hash = await desk.passwords.hashed("violin-copper-fog")
    async with desk.database.writing() as connection:
        assert await accounts.set_password(connection, "ANNA", new_hash)
    assert not await is_in(operated)
    assert (await post_sign_in(operated)).status_code == 401
    assert (await post_sign_in(operated, "anna", "violin-copper-fog")).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.test"},
        {"origin": "null"},
    ],
    ids=["cross-site", "same-site", "origin", "null"],
)
async def test_forms_of_other_sites_are_refused(operated: httpx.AsyncClient, headers: dict[str, str]) -> None:
    form = {"name": "anna", "password": PASSWORD}
    answer = await operated.post("/admin/login", data=form, headers=headers)
    assert answer.status_code == 403
    assert await sessions_of(operated) == 0
    await post_sign_in(operated)
    assert (await operated.post("/admin/logout", data={"everywhere": "yes"}, headers=headers)).status_code == 403
    assert await is_in(operated)


@pytest.mark.parametrize(
    "name", ["anna\x00", "\x00", "a" * 3000, "ß" * 64, "\ud7ff\uffff", "' OR 1=1 --", "%", ""], ids=ascii
)
async def test_name_that_no_account_can_have_is_refused_like_every_other(
    operated: httpx.AsyncClient, name: str
) -> None:
    assert (await post_sign_in(operated, name)).status_code == 401
    assert (await post_sign_in(operated, "anna", f"{PASSWORD}\x00")).status_code == 401


async def test_password_is_the_same_however_the_keyboard_composes_it(operated: httpx.AsyncClient) -> None:
    await add_account(operated, "Zoë", "caf\u00e9-orbit-mango-9")
    assert (await post_sign_in(operated, "zoe\u0308", "cafe\u0301-orbit-mango-9")).status_code == 303


async def test_hash_is_made_anew_when_it_was_made_with_weaker_parameters(operated: httpx.AsyncClient) -> None:
    from argon2 import PasswordHasher  # noqa: PLC0415 - the weak one is for this test

    desk = desk_of(operated)
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    async with desk.database.writing() as connection:
        found = await accounts.with_login(connection, "anna")
        assert found
        await accounts.set_hash(connection, found.operator.id, weak)
    assert (await post_sign_in(operated)).status_code == 303
    async with desk.database.reading() as connection:
        (now,) = (await connection.execute(select(Account.password_hash))).one()
    assert now != weak
    assert (await post_sign_in(operated)).status_code == 303


async def test_page_says_how_to_make_the_first_account_when_there_is_none(portal: httpx.AsyncClient) -> None:
    page = parse((await portal.get("/admin/login")).text)
    assert words(one(page, ".first code")) == "portal admin add NAME"
    assert page.cssselect("form") == []


async def test_nothing_is_answered_but_an_error_when_the_database_is_away(operated: httpx.AsyncClient) -> None:
    await post_sign_in(operated)
    desk = desk_of(operated)
    await desk.database.close()
    desk.database._writer = desk.database._reader = type(desk.database)("postgresql://nobody@127.0.0.1:9/none")._reader
    for path in ("/admin/audit", "/admin/login"):
        assert (await operated.get(path)).status_code == 503
