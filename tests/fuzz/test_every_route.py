"""Schemathesis over every route of the application, as its routing table names them, through a real server."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import SecretStr
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from portal.admin import accounts, sessions
from portal.app import create_app
from portal.gateway.client import GatewayClient
from portal.gateway.fake import create_fake_gateway
from portal.profile.load import load_profile
from portal.settings import Settings
from tests.fuzz import known
from tests.fuzz.asking import Answered, Asked, how_many
from tests.fuzz.judging import troubles
from tests.fuzz.nasty import Fields
from tests.real_parts.servers import serve
from tests.support.routing_table import KnownRoute, known_routes

TOKEN: Final = "a-token-for-metrics"
BODIES: Final[dict[str, Fields]] = {
    "/key-check": known.KEY_CHECK,
    "/key-check/live": known.KEY_CHECK,
    "/troubleshoot/diagnose": known.DIAGNOSE,
    "/admin/login": known.SIGN_IN,
    "/admin/logout": known.SIGN_OUT,
    "/journey/verified": known.CHOICES,
}
FEW: Final = 7
"""Fields of one operation; which of them, changes from route to route. Making more of them takes most of the time."""


def described(routes: list[KnownRoute], symptom: str, step: str) -> dict[str, Any]:
    """An OpenAPI document of these routes: every parameter is a text, and so is every field of a form."""
    paths: dict[str, Any] = {}
    real = {"symptom": symptom, "step": step}
    for route in routes:
        inside = [
            {"name": name, "in": "path", "required": True, "schema": _text((real.get(name, "portal.css"),))}
            for name in ("symptom", "step", "address")
            if f"{{{name}}}" in route.path
        ]
        number = len(paths)
        read = (
            known.STATISTICS
            if route.path.startswith("/admin")
            else known.HELP
            if "troubl" in route.path
            else known.GUIDE
        )
        query = [{"name": name, "in": "query", "schema": _text(good)} for name, good in _some(read, number).items()]
        operation: dict[str, Any] = {"parameters": inside + query, "responses": {"default": {"description": "any"}}}
        if route.method == "POST":
            body = _some(BODIES.get(route.path, known.ANSWER), number)
            form = {"type": "object", "properties": {name: _text(good) for name, good in body.items()}}
            content = {"application/x-www-form-urlencoded": {"schema": form}, "multipart/form-data": {"schema": form}}
            if route.path == "/journey":
                content = {"application/json": {"schema": {"type": "object", "properties": {"events": {}}}}}
            operation["requestBody"] = {"content": content}
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {"openapi": "3.1.0", "info": {"title": "portal", "version": "1"}, "paths": paths}


def _some(fields: Fields, number: int) -> Fields:
    names = list(fields)
    start = number * FEW % len(names)
    return {name: fields[name] for name in (names + names)[start : start + min(FEW, len(names))]}


def _text(good: Sequence[str]) -> dict[str, Any]:
    return {"anyOf": [{"type": "string", "enum": [str(one) for one in good]}, {"type": "string"}]}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, str, requests.Session]]:
    """The application, its address, and a client that is signed in and looks like a page of the portal."""
    many = 1_000_000
    database = SecretStr(f"sqlite:///{tmp_path_factory.mktemp('routes')}/fuzz.db")
    limits = {"key_checks_per_minute": 10_000, "key_checks_per_minute_in_total": many}
    chosen = Settings.model_validate({"database_url": database, "metrics_token": SecretStr(TOKEN), **limits})
    with serve(create_fake_gateway(slow_seconds=0.2, event_seconds=0)) as gateway:
        profile = replace(load_profile("tokenbay"), base_url=gateway)
        app = create_app(chosen, profile, client=GatewayClient(total_seconds=0.5))
        with serve(app) as url, requests.Session() as client:
            client.headers.update({"sec-fetch-site": "same-origin", "authorization": f"Bearer {TOKEN}"})
            client.cookies.set("operator", _signed_in(app))
            yield app, url, client


def _signed_in(app: FastAPI) -> str:
    desk, token = app.state.admin, list[str]()

    async def start() -> None:
        async with desk.database.writing() as connection:
            await accounts.add(connection, "anna", await desk.passwords.hashed("kettle-orbit-mango"), desk.now())
            found = await accounts.with_login(connection, "anna")
            assert found
            token.append(await sessions.start(connection, found.operator.id, desk.now(), desk.lifetimes))
        await desk.database.close()

    thread = threading.Thread(target=lambda: asyncio.run(start()))
    thread.start()
    thread.join()
    return str(desk.signer.sign(sessions.PURPOSE, token[0]))


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_no_route_breaks_whatever_it_is_asked(
    portal: tuple[FastAPI, str, requests.Session], mode: GenerationMode, caplog: pytest.LogCaptureFixture
) -> None:
    app, url, client = portal
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    catalogue = app.state.catalogue
    symptom = next(iter(catalogue.symptoms.values()))
    step = next(t for t in catalogue.steps.values() if set(symptom.causes) & set(t.causes))
    routes = [route for route in known_routes(app) if route.method != "HEAD"]  # a HEAD is its GET without the body
    schema = schemathesis.openapi.from_dict(described(routes, symptom.id, step.id))
    found: list[str] = []
    asked: set[tuple[str, str]] = set()
    fuzzing = settings(
        max_examples=how_many(sample=6, everything=100),
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result.err()
        operation = result.ok()

        @fuzzing
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask_it(case: schemathesis.Case[Any]) -> None:
            if case.formatted_path.startswith("/admin/logout"):
                case.cookies = {"operator": "nobody"}
            answer = case.call(base_url=url, session=client, allow_redirects=False, timeout=60)
            headers = [(k.encode("latin-1"), v[0].encode("latin-1")) for k, v in answer.headers.items()]
            sent = Asked(case.path, urlsplit(str(answer.request.url)).query.encode(), case.method)
            found.extend(troubles(sent, Answered(answer.status_code, headers, answer.content or b"", 0)))
            asked.add((case.method, case.path))

        ask_it()
    assert found[:20] == []
    assert {(route.method, route.path) for route in routes} - asked == set()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
