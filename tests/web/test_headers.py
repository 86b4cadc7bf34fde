"""A real portal on the internet: whatever it answers, and whatever went wrong, the headers that protect are there."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest

from portal.troubleshooting.routes import POSTS_PER_MINUTE
from portal.web.middleware import MAX_BODY, NOT_OF_STATIC_FILES, OF_PAGES, SECURITY_HEADERS
from tests.support.commands import portal, portal_serving

TOKEN: Final = "token-of-the-scraper"
EVENT: Final = {"id": "a1", "kind": "copied", "target": "apply"}
FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
SENT_WITH_ALL: Final = {"strict-transport-security": "max-age=63072000"}
OWN_POLICY: Final = {"icon"}
PAGE: Final = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Served:
    """A portal's client, and the file of its database, for what goes wrong."""

    client: httpx.Client
    file: Path

    @contextmanager
    def broken(self, statement: str, mended: str) -> Iterator[None]:
        """Let the database have had this statement for a while."""
        with closing(sqlite3.connect(self.file)) as connection:
            connection.execute(statement)
            connection.commit()
            try:
                yield
            finally:
                connection.execute(mended)
                connection.commit()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    file = tmp_path_factory.mktemp("headers") / "portal.db"
    address = f"sqlite:///{file}"
    portal("migrate", PORTAL_DATABASE_URL=address)
    with (
        portal_serving(
            PORTAL_DATABASE_URL=address,
            PORTAL_PUBLIC_URL="https://start.example.com",
            PORTAL_SECURITY_CONTACT="mailto:security@example.com",
            PORTAL_METRICS_TOKEN=TOKEN,
        ) as serving,
        httpx.Client(base_url=serving, trust_env=False, timeout=60) as client,
    ):
        yield Served(client, file)


def get(path: str, **headers: str) -> Callable[[Served], httpx.Response]:
    return lambda served: served.client.get(path, headers=headers)


def static(served: Served, **headers: str) -> httpx.Response:
    (address,) = re.findall(r"/static/portal\.\w+\.css", served.client.get("/").text)
    return served.client.get(address, headers=headers)


def known_static(served: Served) -> httpx.Response:
    return static(served, **{"if-none-match": static(served).headers["etag"]})


def too_many(served: Served) -> httpx.Response:
    for _ in range(4 * POSTS_PER_MINUTE):  # on a busy machine some are over a minute old when the last one comes
        answer = served.client.post("/troubleshoot/diagnose", data={"text": "x"})
        if answer.status_code == 429:
            return answer
    pytest.fail("there is no limit")


def recorded(served: Served) -> httpx.Response:
    return served.client.post("/journey", json={"events": [EVENT]})


def exception(served: Served) -> httpx.Response:
    refuses = "CREATE TRIGGER refuses BEFORE INSERT ON journey BEGIN SELECT RAISE(ABORT, 'no'); END"
    with served.broken(refuses, "DROP TRIGGER refuses"):
        return recorded(served)


def without_database(served: Served, ask: Callable[[Served], httpx.Response]) -> httpx.Response:
    with served.broken("ALTER TABLE operator_account RENAME TO away", "ALTER TABLE away RENAME TO operator_account"):
        return ask(served)


def from_another_site(served: Served) -> httpx.Response:
    return served.client.post("/key-check", headers={"sec-fetch-site": "cross-site"})


def too_long(served: Served) -> httpx.Response:
    return served.client.post("/key-check", content=b"x" * (MAX_BODY + 1), headers=FORM)


def sign_in(served: Served) -> httpx.Response:
    return served.client.post("/admin/login", data={"name": "anna", "password": "x"})


KINDS: Final[Mapping[str, tuple[int, str, Callable[[Served], httpx.Response]]]] = {
    "page": (200, PAGE, get("/")),
    "region of a page": (200, PAGE, get("/?os=linux", **{"hx-request": "true"})),
    "known page": (304, "", lambda served: get("/", **{"if-none-match": get("/")(served).headers["etag"]})(served)),
    "text": (200, "text/markdown; charset=utf-8", get("/guide.md")),
    "data": (200, "application/json; charset=utf-8", get("/settings.json")),
    "script": (200, "text/plain; charset=utf-8", get("/apply.sh")),
    "static file": (200, "text/css; charset=utf-8", static),
    "known static file": (304, "", known_static),
    "icon": (200, "image/svg+xml", get("/favicon.ico")),
    "security.txt": (200, "text/plain; charset=utf-8", get("/.well-known/security.txt")),
    "liveness": (200, "text/plain; charset=utf-8", get("/healthz")),
    "readiness": (200, "application/json", get("/readyz")),
    "metrics": (200, "text/plain; version=0.0.4; charset=utf-8", get("/metrics", authorization=f"Bearer {TOKEN}")),
    "redirect": (303, "", get("/admin")),
    "sign-in": (200, PAGE, get("/admin/login")),
    "recorded": (200, "application/json", recorded),
    "wrong host": (400, "text/plain; charset=utf-8", get("/", host="evil.example")),
    "no token": (401, PAGE, get("/metrics")),
    "other site": (403, PAGE, from_another_site),
    "no such page": (404, PAGE, get("/nothing")),
    "no such static file": (404, PAGE, get("/static/nothing.css")),
    "no such method": (405, PAGE, lambda served: served.client.put("/")),
    "too long": (413, PAGE, too_long),
    "no form": (415, PAGE, lambda served: served.client.post("/key-check", json={})),
    "no events": (422, "application/json", lambda served: served.client.post("/journey", json={})),
    "too many": (429, PAGE, too_many),
    "exception": (500, PAGE, exception),
    "no database": (503, PAGE, lambda served: without_database(served, sign_in)),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_headers_that_protect_come_once_whatever_is_answered(served: Served, kind: str) -> None:
    status, content_type, ask = KINDS[kind]
    answer = ask(served)
    assert (answer.status_code, answer.headers.get("content-type", "")) == (status, content_type)
    missing = NOT_OF_STATIC_FILES if "static file" in kind else OF_PAGES
    wanted = {name: value for name, value in SECURITY_HEADERS.items() if content_type == PAGE or name not in missing}
    wanted = {**SENT_WITH_ALL, **wanted}
    if kind in OWN_POLICY:
        wanted["content-security-policy"] = answer.headers["content-security-policy"]
    assert {name: value for name, value in answer.headers.items() if name in {*wanted, *SECURITY_HEADERS}} == wanted
    names = [name.lower() for name, _ in answer.headers.multi_items()]
    assert [name for name in (*wanted, "x-request-id") if names.count(name) != 1] == []
