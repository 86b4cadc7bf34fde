"""The zone changes, any way and at any time around a removal, and every visit counts exactly once."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from portal.admin.stats.closing import close_days, purge
from portal.admin.stats.visits import tally
from portal.db import Database
from tests.admin.stats.test_brute_force import empty
from tests.admin.stats.test_days import kept, some_visits
from tests.admin.stats.visiting import DAY, NOON, write

pytestmark = pytest.mark.anyio

NAMES = ("UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu")
LATER = NOON + 4 * DAY
zones = st.sampled_from([ZoneInfo(name) for name in NAMES])
changes = st.lists(st.tuples(zones, st.integers(1, 9)), min_size=2, max_size=4)


@given(changes=changes, late=st.integers(0, 2))
@example(changes=[(ZoneInfo("UTC"), 5), (ZoneInfo("Asia/Tokyo"), 4)], late=0)
@example(changes=[(ZoneInfo("Asia/Tokyo"), 5), (ZoneInfo("UTC"), 5), (ZoneInfo("America/Los_Angeles"), 4)], late=1)
@example(changes=[(ZoneInfo("Pacific/Pago_Pago"), 6), (ZoneInfo("Pacific/Kiritimati"), 6)], late=1)
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_every_visit_counts_once_when_the_zone_changes_between_removals(
    database: Database, changes: list[tuple[ZoneInfo, int]], late: int
) -> None:
    await empty(database)
    visits = some_visits(31, 60, days=8)
    await write(database, visits)
    for number, (zone, days) in enumerate(changes):
        await close_days(database, zone, now=LATER)
        before = await total(database)
        await purge(database, zone, days, now=LATER)
        assert late or await total(database) == before, "removing changes no sum"
        if number < late:
            visits += (more := some_visits(40 + number, 6, days=8))
            await write(database, more)
        elif not late:
            assert before == sum((tally(visit) for visit in visits), Counter()), zone
    await purge(database, changes[-1][0], 1, now=LATER)  # so that those who came late are added
    assert await total(database) == sum((tally(visit) for visit in visits), Counter())


async def total(database: Database) -> Counter[str]:
    return sum((await kept(database)).values(), Counter())
