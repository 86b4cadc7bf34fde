"""Signing in through a real identity provider."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from portal.admin.views import Trouble
from portal.admin.vocabulary import Action
from tests.admin.provider import RunningProvider, running_provider
from tests.support.databases import TEMPLATE, new_database
from tests.support.operators import add_account, audit_of, desk_of, disable, post_sign_in
from tests.support.pages import one, parse, words
from tests.support.portal import ADDRESS, running_portal

pytestmark = pytest.mark.anyio

SECRET = "the-portals-own-secret"


@pytest.fixture(scope="module")
def provider() -> Iterator[RunningProvider]:
    with running_provider() as running:
        running.set_user("eva", email="eva@example.com", email_verified=True, groups=["operators", "staff"])
        running.set_user("ugo", email="ugo@example.com", email_verified=False, groups=["operators"])
        running.set_user("mia", email="mia@elsewhere.test", email_verified=True, groups=["staff"])
        running.set_user("bob", preferred_username="bob", groups=["operators"])
        yield running


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def portal_with(
    provider: RunningProvider, address: str, **settings: Any
) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    given: dict[str, Any] = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": "portal",
        "oidc_client_secret": SecretStr(SECRET),
    }
    return running_portal(database_url=SecretStr(address), oidc_name="Acme", **given | settings)


@pytest.fixture
async def portal(provider: RunningProvider, database_address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with portal_with(provider, database_address, oidc_allowed_groups="operators, admins") as client:
        yield client


async def start(client: httpx.AsyncClient, way_back: str = "/admin/audit") -> str:
    answer = await client.get("/admin/oidc/start", params={"next": way_back})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def come_back(client: httpx.AsyncClient, target: httpx.URL) -> httpx.Response:
    """The browser follows the provider's redirect: another site caused the request."""
    assert str(target).startswith(f"{ADDRESS}/admin/oidc/callback?")
    return await client.get(target.raw_path.decode(), headers={"sec-fetch-site": "cross-site"})


async def sign_in_as(client: httpx.AsyncClient, provider: RunningProvider, subject: str) -> httpx.Response:
    return await come_back(client, await provider.consent(await start(client), subject))


def trouble(answer: httpx.Response) -> str:
    return str(one(parse(answer.text), "#trouble").get("data-trouble"))


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.real("postgresql"))])
async def test_session_begins_when_the_group_is_allowed(
    provider: RunningProvider, kind: str, request: pytest.FixtureRequest
) -> None:
    if kind == "sqlite":
        address = request.getfixturevalue("database_address")
    else:
        address = new_database(request.getfixturevalue("postgresql"), TEMPLATE)
    async with portal_with(provider, address, oidc_allowed_groups="operators") as portal:
        answer = await sign_in_as(portal, provider, "eva")
        assert (answer.status_code, answer.headers["location"]) == (303, "/admin/audit")
        page = parse((await portal.get("/admin/audit")).text)
        assert words(one(page, ".account summary")) == "eva@example.com"
        await sign_in_as(portal, provider, "eva")  # the same account again
        await disable(portal, "EVA@example.com")
        assert (await portal.get("/admin/audit")).status_code == 303
        refused = await sign_in_as(portal, provider, "eva")
        assert (refused.status_code, trouble(refused)) == (403, Trouble.NOT_ALLOWED)
        by_provider = (Action.SIGNED_IN_BY_PROVIDER, "eva@example.com")
        assert await audit_of(portal) == [by_provider, by_provider, (Action.PROVIDER_REFUSED, None)]


async def test_person_without_verified_address_is_named_by_the_provider(
    portal: httpx.AsyncClient, provider: RunningProvider
) -> None:
    assert (await sign_in_as(portal, provider, "bob")).status_code == 303
    assert (await audit_of(portal))[-1] == (Action.SIGNED_IN_BY_PROVIDER, "bob")


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ({"oidc_allowed_groups": "operators"}, {"eva", "ugo", "bob"}),
        ({"oidc_allowed_domains": "Example.com"}, {"eva"}),
        ({"oidc_allowed_domains": "example.com", "oidc_allowed_groups": "operators"}, {"eva"}),
        ({"oidc_allowed_domains": "ample.com"}, set()),
        ({"oidc_allowed_groups": "operator"}, set()),
    ],
    ids=["group", "domain", "both", "part-of-a-domain", "part-of-a-group"],
)
async def test_only_those_come_in_whom_the_rules_name(
    provider: RunningProvider, database_address: str, rules: dict[str, str], allowed: set[str]
) -> None:
    came_in = set()
    async with portal_with(provider, database_address, **rules) as portal:
        for subject in ("eva", "ugo", "mia", "bob"):
            portal.cookies.clear()
            answer = await sign_in_as(portal, provider, subject)
            if answer.status_code == 303:
                came_in.add(subject)
            else:
                assert (answer.status_code, trouble(answer)) == (403, Trouble.NOT_ALLOWED)
                assert "operator" not in portal.cookies
    assert came_in == allowed


async def test_nobody_comes_in_when_no_rule_is_set(provider: RunningProvider, database_address: str) -> None:
    async with portal_with(provider, database_address) as portal:
        answer = await portal.get("/admin/oidc/start")
        assert (answer.status_code, trouble(answer)) == (403, Trouble.NO_RULE)
        assert "PORTAL_OIDC_ALLOWED_GROUPS" in answer.text


async def test_both_ways_are_offered_when_both_are_on(portal: httpx.AsyncClient) -> None:
    page = parse((await portal.get("/admin/login?next=/admin/audit")).text)
    assert one(page, "[data-provider]").get("href") == "/admin/oidc/start?next=%2Fadmin%2Faudit"
    assert page.cssselect("main form") == []
    await add_account(portal)
    page = parse((await portal.get("/admin/login")).text)
    assert words(one(page, "[data-provider]")) == "Continue with Acme"
    one(page, "main form #password")
    assert (await post_sign_in(portal)).status_code == 303


async def test_answer_is_refused_when_this_browser_asked_for_none(
    portal: httpx.AsyncClient, provider: RunningProvider
) -> None:
    target = await provider.consent(await start(portal), "eva")
    portal.cookies.clear()
    answer = await come_back(portal, target)
    assert (answer.status_code, trouble(answer)) == (400, Trouble.STALE)
    await start(portal)  # another attempt: its state is not the one of the answer
    answer = await come_back(portal, target)
    assert (answer.status_code, trouble(answer)) == (400, Trouble.STALE)


async def test_answer_works_once(portal: httpx.AsyncClient, provider: RunningProvider) -> None:
    target = await provider.consent(await start(portal), "eva")
    attempt = portal.cookies["oidc"]
    assert (await come_back(portal, target)).status_code == 303
    assert "oidc" not in portal.cookies
    answer = await come_back(portal, target)
    assert trouble(answer) == Trouble.STALE
    portal.cookies.set("oidc", attempt)
    answer = await come_back(portal, target)  # the provider redeems a code once
    assert (answer.status_code, trouble(answer)) == (502, Trouble.PROVIDER_ODD)


async def test_code_of_another_attempt_is_refused(portal: httpx.AsyncClient, provider: RunningProvider) -> None:
    target = await provider.consent(await start(portal), "eva")
    stolen = target.params["code"]
    other = httpx.URL(await start(portal))
    mixed = target.copy_set_param("state", other.params["state"]).copy_set_param("code", stolen)
    # The second attempt's challenge is known to the provider; the nonce in the token is the first one's.
    answer = await come_back(portal, mixed)
    assert (answer.status_code, trouble(answer)) == (502, Trouble.PROVIDER_ODD)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_secret_is_sent_the_way_the_provider_wants_it(
    provider: RunningProvider, database_address: str, method: str
) -> None:
    registered = provider.register(f"{ADDRESS}/admin/oidc/callback", method)
    for secret, status in ((registered["client_secret"], 303), ("wrong", 502)):
        settings = {"oidc_client_id": registered["client_id"], "oidc_client_secret": SecretStr(secret)}
        async with portal_with(provider, database_address, oidc_allowed_groups="operators", **settings) as portal:
            if method == "client_secret_post":  # as a provider says that takes nothing else
                await only_in_the_body(portal)
            answer = await sign_in_as(portal, provider, "eva")
            assert answer.status_code == status


async def only_in_the_body(client: httpx.AsyncClient) -> None:
    identity = desk_of(client).identity
    assert identity
    metadata = await identity.transport.metadata()
    identity.transport._metadata = (time.monotonic(), replace(metadata, takes_secret_in_body_only=True))


async def test_page_says_so_when_the_person_changes_their_mind(
    portal: httpx.AsyncClient, provider: RunningProvider
) -> None:
    address = await start(portal)
    target = (await provider.decline(address)).copy_merge_params({"state": httpx.URL(address).params["state"]})
    answer = await come_back(portal, target)
    assert (answer.status_code, trouble(answer)) == (403, Trouble.DECLINED)


async def test_page_says_so_when_the_answer_names_another_provider(
    portal: httpx.AsyncClient, provider: RunningProvider
) -> None:
    target = await provider.consent(await start(portal), "eva")
    answer = await come_back(portal, target.copy_merge_params({"iss": "https://evil.test"}))
    assert (answer.status_code, trouble(answer)) == (502, Trouble.PROVIDER_ODD)


async def test_page_says_so_when_the_provider_is_away(database_address: str) -> None:
    away = RunningProvider("http://localhost:9")
    async with portal_with(away, database_address, oidc_allowed_groups="operators") as portal:
        assert (await portal.get("/admin/login")).status_code == 200
        answer = await portal.get("/admin/oidc/start")
        assert (answer.status_code, trouble(answer)) == (503, Trouble.PROVIDER_AWAY)


async def test_attempt_is_kept_from_scripts_and_survives_the_way_back(portal: httpx.AsyncClient) -> None:
    answer = await portal.get("/admin/oidc/start?next=//evil.test")
    cookie = SimpleCookie(answer.headers["set-cookie"])["oidc"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "lax", "600")
    query = httpx.URL(answer.headers["location"]).params
    assert query["code_challenge_method"] == "S256"
    assert query["redirect_uri"] == f"{ADDRESS}/admin/oidc/callback"
    assert query["scope"] == "openid email profile"
    assert len(query["state"]) >= 43 <= len(query["nonce"])


async def test_session_token_changes_when_somebody_signs_in_through_the_provider(
    portal: httpx.AsyncClient, provider: RunningProvider
) -> None:
    await sign_in_as(portal, provider, "eva")
    before = portal.cookies["operator"]
    await sign_in_as(portal, provider, "eva")
    assert portal.cookies["operator"] != before
    portal.cookies.clear()
    portal.cookies.set("operator", before)
    assert (await portal.get("/admin/audit")).status_code == 303


async def test_way_leads_to_no_provider_when_none_is_set(database_address: str) -> None:
    async with running_portal(database_url=SecretStr(database_address)) as portal:
        for path in ("/admin/oidc/start", "/admin/oidc/callback?code=a&state=b"):
            assert (await portal.get(path)).status_code == 404


async def test_no_code_token_or_secret_is_logged(
    portal: httpx.AsyncClient, provider: RunningProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    target = await provider.consent(await start(portal), "eva")
    told = (await come_back(portal, target)).text
    portal.cookies.clear()
    told += (await come_back(portal, target)).text
    for secret in (SECRET, target.params["code"], target.params["state"]):
        assert secret not in caplog.text.replace(str(target), "") + told
