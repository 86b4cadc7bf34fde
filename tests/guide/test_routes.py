from __future__ import annotations

import json
from dataclasses import replace

import httpx
import pytest

from portal.keys import PLACEHOLDER
from portal.profile.load import load_profile, preset_names
from portal.profile.model import Brand, CredentialScheme, GatewayProfile
from portal.snippets.targets import SHELLS, Scope, Target, all_targets
from tests.support.pages import labelled, one, parse, parse_region, snippet, words
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

REGION = {"HX-Request": "true", "HX-Request-Type": "partial"}


async def test_guide_shows_the_recommended_path_when_nothing_is_chosen(portal: httpx.AsyncClient) -> None:
    answer = await portal.get("/")
    page = parse(answer.text)
    assert answer.status_code == 200
    assert words(one(page, "h1")) == "Set up Claude Code"
    assert snippet(page, "install") == "curl -fsSL https://claude.ai/install.sh | bash"
    assert "~/.claude/settings.json" in snippet(page, "configure")
    assert {mark.text for mark in page.cssselect('[data-snippet="configure"] [data-key]')} == {PLACEHOLDER}
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("target", all_targets(), ids=lambda t: f"{t.platform}-{t.shell}-{t.scope}")
async def test_guide_has_every_part_when_a_target_is_chosen(portal: httpx.AsyncClient, target: Target) -> None:
    platform, shell, scope = target.platform, target.shell, target.scope
    page = parse((await portal.get("/", params={"os": platform, "shell": shell, "scope": scope})).text)
    marks = page.cssselect('[data-snippet="configure"]')
    assert {mark.get("data-shell") for mark in marks} == {shell}
    for kind in ("install", "path", "verify", "undo"):
        assert snippet(page, kind)
    chosen = {
        name: one(page, f'select[name="{name}"] option[selected]').get("value") for name in ("os", "shell", "scope")
    }
    assert chosen == {"os": platform, "shell": shell, "scope": scope}


async def test_shells_are_those_of_the_platform_when_it_is_chosen(portal: httpx.AsyncClient) -> None:
    for platform, shells in SHELLS.items():
        page = parse((await portal.get("/", params={"os": platform})).text)
        assert [option.get("value") for option in page.cssselect('select[name="shell"] option')] == list(shells)


async def test_region_is_the_guide_alone_when_htmx_asks(portal: httpx.AsyncClient) -> None:
    answer = await portal.get("/?os=linux&scope=user&utm_source=x", headers=REGION)
    assert parse_region(answer.text).get("id") == "guide"
    assert answer.headers["hx-push-url"] == "/?os=linux&shell=bash"
    assert {"HX-Request", "HX-Request-Type"} <= set(answer.headers["vary"].split(", "))


async def test_page_stays_whole_when_htmx_restores_history(portal: httpx.AsyncClient) -> None:
    answer = await portal.get("/", headers={"HX-Request": "true", "HX-Request-Type": "full"})
    assert parse(answer.text).tag == "html"


async def test_typed_id_is_kept_and_the_right_one_offered_when_it_breaks_the_rule(portal: httpx.AsyncClient) -> None:
    page = parse((await portal.get("/?sonnet=claude-sonnet-4-6")).text)
    field = labelled(page, "Sonnet")
    assert field.get("value") == "claude-sonnet-4-6"
    assert field.get("aria-invalid") == "true"
    notice = one(page, f"#{field.get('aria-describedby')}")
    offered = one(notice, "a")
    assert words(offered) == "Use claude-sonnet-4.6"
    assert "claude-sonnet-4-6" not in snippet(page, "configure")
    page = parse((await portal.get(offered.get("href").partition("#")[0])).text)
    assert labelled(page, "Sonnet").get("value") == "claude-sonnet-4.6"


async def test_notice_is_shown_when_the_link_asks_for_something_unknown(portal: httpx.AsyncClient) -> None:
    answer = await portal.get("/?os=amiga&scope=nowhere")
    assert answer.status_code == 200
    assert [words(one(parse(answer.text), f"#notice-{name}")).startswith("The link asks") for name in ("os", "scope")]


async def test_markup_in_a_query_stays_text_when_it_is_shown(portal: httpx.AsyncClient) -> None:
    page = parse((await portal.get("/", params={"os": "<script>alert(1)</script>", "opus": '"><img src=x>'})).text)
    assert not page.cssselect("main script, main img")


@pytest.mark.parametrize("scope", list(Scope))
async def test_download_is_the_file_of_the_scope_when_asked(portal: httpx.AsyncClient, scope: Scope) -> None:
    answer = await portal.get("/settings.json", params={"os": "linux", "scope": scope})
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    name = (
        "managed-settings.json"
        if scope is Scope.MANAGED
        else "settings.local.json"
        if scope is Scope.LOCAL
        else "settings.json"
    )
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    document = json.loads(answer.content)
    assert next(iter(document)) == "$schema"
    assert all(isinstance(value, str) for value in document["env"].values())
    shared = scope in {Scope.PROJECT, Scope.MANAGED}
    assert (document["env"].get("ANTHROPIC_AUTH_TOKEN") == PLACEHOLDER) is not shared


async def test_second_file_holds_the_key_when_the_scope_has_two(portal: httpx.AsyncClient) -> None:
    answer = await portal.get("/settings.json?scope=project&file=settings.local.json")
    assert json.loads(answer.content)["env"] == {"ANTHROPIC_AUTH_TOKEN": PLACEHOLDER}


@pytest.mark.parametrize("query", ["opus=not+an+id", "timeout_ms=soon", "os=amiga", "file=passwd"])
async def test_download_says_why_when_a_choice_cannot_be_used(portal: httpx.AsyncClient, query: str) -> None:
    answer = await portal.get(f"/settings.json?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.strip().endswith(".")


@pytest.mark.parametrize(("path", "media_type"), [("/guide.md", "text/markdown"), ("/guide.txt", "text/plain")])
async def test_documents_hold_every_block_of_the_page_when_asked(
    portal: httpx.AsyncClient, path: str, media_type: str
) -> None:
    query = "os=windows&shell=powershell&scope=project"
    page = parse((await portal.get(f"/?{query}")).text)
    answer = await portal.get(f"{path}?{query}")
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
    indent = "    " if path.endswith(".txt") else ""
    for mark in page.cssselect("[data-snippet]"):
        block = "\n".join(indent + line for line in mark.text_content().split("\n"))
        assert f"\n{block}\n" in answer.text
    assert f"http://portal.test/?{query}" in answer.text


async def test_llms_txt_leads_to_working_guides_when_followed(portal: httpx.AsyncClient) -> None:
    text = (await portal.get("/llms.txt")).text
    links = [part.split(")")[0] for part in text.split("](")[1:]]
    assert len(links) >= 5
    for link in links:
        assert (await portal.get(link)).status_code == 200


async def test_other_hosts_page_is_not_served_when_the_address_is_not_fixed(portal: httpx.AsyncClient) -> None:
    assert "http://evil.test" in (await portal.get("/guide.md", headers={"Host": "evil.test"})).text
    assert "evil.test" not in (await portal.get("/guide.md")).text


async def test_schemes_have_answers_of_their_own_when_the_address_is_not_fixed(portal: httpx.AsyncClient) -> None:
    for address in ("https://portal.test/guide.md", "http://portal.test/guide.md"):
        assert f"{address.partition('/guide')[0]}/?os=" in (await portal.get(address)).text


@pytest.mark.parametrize("host", ["a b", "x" * 300, "evil.test/path", "[::1"])
async def test_request_is_refused_when_its_host_is_none(portal: httpx.AsyncClient, host: str) -> None:
    assert (await portal.get("/guide.md", headers={"Host": host})).status_code == 400


@pytest.mark.parametrize("path", ["/settings.json/", "/key-check/", "/guide.md/"])
async def test_nothing_is_redirected_when_a_slash_is_too_much(portal: httpx.AsyncClient, path: str) -> None:
    assert (await portal.get(path)).status_code == 404


async def test_index_for_assistants_is_plain_text_when_names_have_special_characters() -> None:
    profile = replace(load_profile("tokenbay"), name="R&D <AI>", brand=Brand("R&D 'Gate'"))
    async with running_portal(profile) as portal:
        text = (await portal.get("/llms.txt")).text
    assert "R&D 'Gate'" in text
    assert "R&D <AI>" in text


async def test_links_use_the_public_address_when_it_is_set() -> None:
    async with running_portal(public_url="https://start.example.com") as portal:
        text = (await portal.get("/guide.md", headers={"Host": "evil.test"})).text
    assert "https://start.example.com/?os=macos" in text
    assert "evil.test" not in text


async def test_x_api_key_gateway_neutralises_the_token_when_shown() -> None:
    profile: GatewayProfile = next(
        p for p in map(load_profile, preset_names()) if p.credential is CredentialScheme.X_API_KEY
    )
    async with running_portal(profile) as portal:
        document = json.loads((await portal.get("/settings.json")).content)
    assert document["env"]["ANTHROPIC_API_KEY"] == PLACEHOLDER
    assert document["env"]["ANTHROPIC_AUTH_TOKEN"] == ""
