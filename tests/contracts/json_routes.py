"""The portal's routes for programs, as an OpenAPI document written by hand: the application itself publishes none.

It says what may be sent, and every status and shape that may come back, whether somebody is signed in or not.
"""

from __future__ import annotations

from typing import Any, Final

from portal.admin.stats.dimensions import Dimension
from portal.admin.stats.export import HEADER
from portal.db import DatabaseState
from portal.journeys.events import MAX_AGE_MS, MAX_EVENTS, Problem
from portal.journeys.vocabulary import POSTED, Taken
from portal.snippets.targets import Install, Platform, Scope, Shell

Json = dict[str, Any]


def text(media_type: str = "text/plain") -> Json:
    return {"content": {media_type: {"schema": {"type": "string"}}}, "description": "Text."}


def json_of(schema: Json) -> Json:
    return {"content": {"application/json": {"schema": schema}}, "description": "JSON."}


def closed(required: Json, **optional: Json) -> Json:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


def query(name: str, **schema: Any) -> Json:
    return {"name": name, "in": "query", "schema": {"type": "string", **schema}}


def header(name: str, *values: str) -> Json:
    return {"name": name, "in": "header", "schema": {"type": "string", "enum": list(values)}}


def words(kind: Any) -> Json:
    return {"type": "string", "enum": sorted(member.value for member in kind)}


EVENT: Final = closed(
    {"id": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}, "kind": words(POSTED)},
    ago_ms={"type": "integer", "minimum": 0, "maximum": MAX_AGE_MS},
    platform=words(Platform),
    shell=words(Shell),
    scope=words(Scope),
    install=words(Install),
    target=words(Taken),
)
RESULT: Final = closed(
    {"id": {"type": ["string", "null"]}, "status": {"enum": [200, 201, 422]}}, problem=words(Problem)
)
RESULTS: Final = closed({"results": {"type": "array", "items": RESULT, "minItems": 1, "maxItems": MAX_EVENTS}})
PROBLEM: Final = closed({name: {"type": "string"} for name in ("problem", "sentence", "request")})
READINESS: Final = closed(
    {
        "status": {"enum": ["ready", "degraded", "not-ready"]},
        "parts": closed({"database": words(DatabaseState), "redis": {"enum": ["not-used", "ready", "away"]}}),
        "reasons": {"type": "array", "items": {"type": "string"}},
    }
)
ROW: Final = closed({name: {"type": "string"} for name in HEADER if name != "count"} | {"count": {"type": "integer"}})
STATS: Final = closed(
    {
        "asked": closed(
            {
                "from": {"type": "string", "format": "date"},
                "to": {"type": "string", "format": "date"},
                "filters": {"type": "object", "propertyNames": {"enum": [name.value for name in Dimension]}},
                "too_few_visits": {"type": "boolean"},
            }
        ),
        "rows": {"type": "array", "items": ROW},
    }
)
QUESTION: Final = [
    query("days", enum=["7", "30", "90", "8", ""]),
    query("from", format="date"),
    query("to", format="date"),
    query("compare", enum=["yes", "no"]),
    *(query(name.value) for name in Dimension),
]
EVENTS: Final[Json] = {
    "description": "Server-sent events.",
    "content": {
        "text/event-stream": {
            "schema": closed({"event": {"enum": ["region", "end"]}, "data": {"type": "string"}}),
        }
    },
}
FORM: Final = {
    "type": "object",
    "properties": {
        "key": {"type": "string", "maxLength": 200},
        "os": {"type": "string"},
        "shell": {"type": "string"},
        "sonnet": {"type": "string", "maxLength": 80},
        "opt": {"type": "string"},
    },
}

DOCUMENT: Final[Json] = {
    "openapi": "3.1.0",
    "info": {"title": "The portal's routes for programs", "version": "1"},
    "paths": {
        "/journey": {
            "post": {
                "parameters": [
                    header("DNT", "0", "1"),
                    header("Sec-Fetch-Site", "same-origin", "cross-site", "none"),
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": closed(
                                {"events": {"type": "array", "items": EVENT, "minItems": 1, "maxItems": MAX_EVENTS}}
                            )
                        }
                    },
                },
                "responses": {
                    "200": json_of(RESULTS),
                    "204": {"description": "The browser asks not to be recorded."},
                    "400": json_of(PROBLEM),
                    "403": json_of(PROBLEM),
                    "415": json_of(PROBLEM),
                    "422": json_of({"anyOf": [RESULTS, PROBLEM]}),
                },
            }
        },
        "/admin/stats.json": {
            "get": {"parameters": QUESTION, "responses": {"200": json_of(STATS), "401": text()}},
        },
        "/admin/stats.csv": {
            "get": {"parameters": QUESTION, "responses": {"200": text("text/csv"), "401": text()}},
        },
        "/metrics": {
            "get": {
                "parameters": [header("Authorization", "Bearer nonsense", "Basic x", "Bearer aaaaaaaaaaaaaaaa")],
                "responses": {"200": text(), "401": text("text/html")},
            }
        },
        "/settings.json": {
            "get": {
                "parameters": [query("os"), query("shell"), query("scope"), query("timeout_ms"), query("opus")],
                "responses": {"200": json_of({"type": "object", "required": ["env"]}), "422": text()},
            }
        },
        "/key-check/live": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {"application/x-www-form-urlencoded": {"schema": FORM}},
                },
                "responses": {"200": EVENTS, "415": text("text/html"), "422": EVENTS},
            }
        },
        "/healthz": {"get": {"responses": {"200": text()}}},
        "/readyz": {"get": {"responses": {"200": json_of(READINESS), "503": json_of(READINESS)}}},
    },
}
