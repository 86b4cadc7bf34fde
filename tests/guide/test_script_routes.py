from __future__ import annotations

import hashlib
from urllib.parse import urlencode

import anyio
import httpx
import pytest

from portal.snippets.targets import Scope, Shell, Target, all_targets
from tests.support.pages import parse, snippet, words
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("target", all_targets(), ids=lambda t: f"{t.platform}-{t.shell}-{t.scope}")
async def test_page_names_the_script_that_is_served_when_there_is_one(
    portal: httpx.AsyncClient, target: Target
) -> None:
    query = urlencode({"os": target.platform, "shell": target.shell, "scope": target.scope})
    page = parse((await portal.get(f"/?{query}")).text)
    if target.scope is Scope.TERMINAL:
        assert not page.cssselect('[data-snippet="apply"]')
        return
    link, download = page.cssselect("#fold-script a")
    assert download.get("href") == link.get("href")
    answer = await portal.get(link.get("href"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    (checksum,) = page.cssselect("#fold-script .checksum")
    assert words(checksum) == hashlib.sha256(answer.content).hexdigest()
    command = snippet(page, "apply")
    assert f"http://portal.test{link.get('href')}" in command
    assert "\n" not in command
    assert ("powershell " in command) is (target.shell is Shell.CMD)


@pytest.mark.parametrize("path", ["/apply.sh?os=linux", "/apply.ps1?os=windows", "/doctor.sh", "/doctor.ps1"])
async def test_script_is_kept_and_tagged_when_asked_twice(portal: httpx.AsyncClient, path: str) -> None:
    first = await portal.get(path)
    again = await portal.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert "public" in first.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "/apply.sh?os=windows&shell=powershell",
        "/apply.ps1?os=linux",
        "/apply.sh?os=linux&scope=terminal",
        "/apply.sh?os=linux&sonnet=claude-sonnet-4-6",
        "/apply.sh?os=linux&opus=%24%28id%29",
        "/apply.sh?os=amiga",
    ],
)
async def test_no_script_is_served_when_a_choice_cannot_be_used(portal: httpx.AsyncClient, path: str) -> None:
    answer = await portal.get(path)
    assert answer.status_code == 422
    assert answer.headers["cache-control"] == "no-store"
    # Whoever pipes it into a shell in spite of the status runs one sentence, which is no program.
    assert "\n#!" not in answer.text


async def test_script_is_a_shell_script_when_names_are_hostile() -> None:
    async with running_portal() as portal:
        for model in ("a/b:c@d+e", "x'y", "$(id)", "`id`", "a\nb"):
            answer = await portal.get("/apply.sh", params={"os": "linux", "opus": model})
            if answer.status_code == 200:
                checked = await anyio.run_process(["sh", "-n"], input=answer.content, check=False)
                assert checked.returncode == 0, checked.stderr
            else:
                assert answer.status_code == 422


async def test_script_leads_back_to_the_public_address_when_it_is_set() -> None:
    async with running_portal(public_url="https://start.example.com") as portal:
        text = (await portal.get("/apply.sh?os=linux", headers={"Host": "evil.test"})).text
    assert "https://start.example.com/?os=linux" in text
    assert "evil.test" not in text


@pytest.mark.parametrize("path", ["/doctor.sh", "/doctor.ps1"])
async def test_doctor_leads_to_the_repair_of_the_page(path: str) -> None:
    async with running_portal(public_url="https://start.example.com") as portal:
        assert "https://start.example.com/#fold-merge" in (await portal.get(path)).text
