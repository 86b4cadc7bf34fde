"""Every route that the application has, read from the application: what must hold for all of them is asked of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.routing import BaseRoute, Route

from portal.admin.guard import AdminArea


@dataclass(frozen=True, slots=True, order=True)
class KnownRoute:
    """A method and a path template (`/troubleshoot/{symptom}`); `guarded` needs an operator's session."""

    path: str
    method: str
    guarded: bool


def known_routes(app: FastAPI) -> list[KnownRoute]:
    """Each method of each route, in order.

    Raises:
        AssertionError: a route is of a kind that is not known here, so that it would be forgotten.
    """
    return sorted(set(_known(_flat(app.routes), guarded=False)))


def _known(routes: Sequence[BaseRoute], *, guarded: bool) -> Iterator[KnownRoute]:
    for route in routes:
        if isinstance(route, AdminArea):
            yield from _known(_flat(route.open.routes), guarded=False)
            yield from _known(_flat(route.guarded.routes), guarded=True)
        else:
            assert isinstance(route, Route), f"{route!r} is not known"
            yield from (KnownRoute(route.path, method, guarded) for method in route.methods or ())


def _flat(routes: Sequence[BaseRoute]) -> list[BaseRoute]:
    found: list[BaseRoute] = []
    for route in routes:
        inner = getattr(getattr(route, "original_router", None), "routes", None)
        found += _flat(inner) if inner is not None else [route]
    return found
