"""What schemathesis makes up finds nothing on the routes for programs, with and without an operator's session.

It sends what the document in `json_routes` allows and what it forbids, and looks at what comes: no status 5xx, no
status, media type or shape that the document does not name. The portal is served on a socket for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.routing import BaseRoute

from portal.admin import accounts
from portal.admin.guard import AdminArea
from portal.admin.passwords import Passwords
from portal.app import create_app
from portal.db import Database
from portal.gateway.client import GatewayClient
from portal.gateway.fake import create_fake_gateway
from portal.profile.load import load_profile
from portal.settings import Settings
from tests.contracts.json_routes import DOCUMENT
from tests.real_parts.servers import serve
from tests.support.databases import in_new_loop
from tests.support.operators import HERE, PASSWORD

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 20
FEW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)

document = schemathesis.openapi.from_dict(DOCUMENT)
_clients = count(1)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    address = f"sqlite:///{tmp_path_factory.mktemp('fuzzed') / 'portal.db'}"
    in_new_loop(_prepare(address))
    values = {"database_url": address, "metrics_token": "a" * 16, "key_checks_per_minute_in_total": 10**6}
    gateway = GatewayClient(transport=httpx.ASGITransport(create_fake_gateway(event_seconds=0)), total_seconds=1)
    app = create_app(Settings.model_validate(values), load_profile("tokenbay"), client=gateway)
    with serve(app) as url:
        yield url


@pytest.fixture(scope="module")
def session(portal: str) -> str:
    """The cookie of an operator."""
    answer = httpx.post(f"{portal}/admin/login", data={"name": "anna", "password": PASSWORD}, headers=HERE, timeout=60)
    assert answer.status_code == 303
    return f"operator={answer.cookies['operator']}"


async def _prepare(address: str) -> None:
    database = Database(address)
    await database.migrate()
    hashed = await Passwords().hashed(PASSWORD)
    async with database.writing() as connection:
        await accounts.add(connection, "Anna", hashed, 0)
    await database.close()


def call(case: Case[Any], portal: str, **headers: str) -> int:
    """Send what was made up, each time as another client, so that no limit answers; returns the status."""
    number = next(_clients)
    headers["x-forwarded-for"] = f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"
    response = case.call_and_validate(base_url=portal, headers=headers, checks=CHECKS)
    return int(response.status_code)


@document.parametrize()
@FEW
def test_nothing_is_found_without_a_session(case: Case[Any], portal: str) -> None:
    status = call(case, portal)
    assert not (case.path.startswith("/admin") and status == 200)


@document.include(path_regex="^/(admin|journey)").parametrize()
@FEW
def test_nothing_is_found_with_an_operators_session(case: Case[Any], portal: str, session: str) -> None:
    status = call(case, portal, cookie=session)
    assert not (case.path.startswith("/admin") and case.method == "GET" and status == 401)


def test_document_names_every_route_for_programs() -> None:
    """Whatever of the application ends in a machine's format is in the document."""
    app = create_app(Settings(), load_profile("tokenbay"))
    endings = (".json", ".csv", "/live", "/metrics", "/journey", "z")
    found = {path for path in _paths(app.router.routes) if path.endswith(endings)}
    assert found == set(DOCUMENT["paths"])


def _paths(routes: Iterable[BaseRoute]) -> Iterator[str]:
    """The paths of the routes, however they are nested."""
    for route in routes:
        if isinstance(route, AdminArea):
            yield from _paths([*route.open.routes, *route.guarded.routes])
        elif hasattr(route, "original_router"):  # FastAPI's wrapper around an included router
            yield from _paths(route.original_router.routes)
        else:
            yield str(getattr(route, "path", ""))
