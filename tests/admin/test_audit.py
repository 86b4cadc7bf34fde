"""The audit log: what was done, page by page, and for how long it is kept."""

from __future__ import annotations

import httpx
import pytest

from portal.admin import audit
from portal.admin.views import read_before
from portal.admin.vocabulary import AUDIT_DAYS, AUDIT_PAGE, Action
from tests.support.operators import audit_of, desk_of, post_sign_in, sign_in
from tests.support.pages import parse, words

pytestmark = pytest.mark.anyio

DAY = 24 * 60 * 60 * 1000


async def write(client: httpx.AsyncClient, *times: int) -> None:
    async with desk_of(client).database.writing() as connection:
        for number, at in enumerate(times):
            await audit.note(connection, Action.EXPORTED_CSV, at=at, name=f"anna-{number}")


async def test_log_is_read_page_by_page_without_gap_or_repeat(operated: httpx.AsyncClient) -> None:
    await sign_in(operated, "eva")
    await write(operated, *range(1_800_000_000_000, 1_800_000_000_000 + 120))
    seen: list[str] = []
    path = "/admin/audit"
    for size in (AUDIT_PAGE, AUDIT_PAGE, 20):
        page = parse((await operated.get(path)).text)
        rows = page.cssselect(".audit tbody tr")
        assert len(rows) == size
        seen += [words(row.cssselect("td")[1]) for row in rows]
        older = [link.get("href") or "" for link in page.cssselect(".pages a") if "Older" in words(link)]
        path = older[0] if older else ""
    assert path == ""
    assert seen == [f"anna-{number}" for number in reversed(range(120))]


async def test_row_says_when_who_and_what(operated: httpx.AsyncClient) -> None:
    await sign_in(operated, "eva")
    await write(operated, 1_800_000_000_000)
    (row,) = parse((await operated.get("/admin/audit")).text).cssselect(".audit tbody tr")
    assert words(row) == "2027-01-15 08:00:00 anna-0 exported the statistics as stats.csv"
    assert row.cssselect("time")[0].get("datetime") == "2027-01-15T08:00:00Z"
    assert row.get("data-action") == "exported_csv"


@pytest.mark.parametrize("before", ["", "x", "-1", "1e9", "９", "9" * 11, "99999999999999999999999"])
async def test_newest_page_is_shown_when_the_address_is_nonsense(before: str) -> None:
    assert read_before(before) is None


async def test_entries_are_removed_after_a_year(operated: httpx.AsyncClient) -> None:
    now = desk_of(operated).now()
    await write(operated, now - (AUDIT_DAYS + 1) * DAY, now - (AUDIT_DAYS - 1) * DAY)
    await post_sign_in(operated)
    assert await audit_of(operated) == [(Action.EXPORTED_CSV, "anna-1"), (Action.SIGNED_IN, "Anna")]
    assert (await operated.get("/admin/audit?before=9999999999")).status_code == 200
