"""Owns logging: one line per event on standard error, as text or JSON. A request's query and body never reach it.

Of an exception only its type and the places it went through are said, whoever logs it: its message could quote what a
visitor sent.
"""

from __future__ import annotations

import json
import logging.config
import traceback
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from typing_extensions import override

from portal.request_id import current_request_id

LOGGER: Final = logging.getLogger("portal")

_PLACES: Final = 6


class LogFormat(StrEnum):
    """How a line of the log is written."""

    LINE = "line"
    JSON = "json"


def configure_logging(level: str, form: LogFormat = LogFormat.LINE) -> None:
    """Send `portal` and uvicorn messages of at least `level` (a name such as "info") to standard error.

    Other libraries are heard from "warning" on, in the same format. uvicorn's access log stays off: it prints the
    query, and the portal's own request line does not.
    """
    own = {"level": level.upper(), "handlers": ["stderr"], "propagate": False}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": TextLines}, "json": {"()": JsonLines}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": form.value}},
            "root": {"level": "WARNING", "handlers": ["stderr"]},
            "loggers": {"portal": own, "uvicorn": own, "uvicorn.access": {"handlers": [], "propagate": False}},
        },
    )


def without_values(error: BaseException) -> str:
    """What broke and where: "ValueError at file.py:12 function < caller.py:3 function". Never the message."""
    frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    return f"{type(error).__name__} at {places or 'no place'}"


class TextLines(logging.Formatter):
    """Time (local), level, logger, message, and in brackets the request that it belongs to."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        line = f"{self.formatTime(record)} {record.levelname} {record.name} {_message(record)}"
        if error := _error(record):
            line += f": {error}"
        if request := current_request_id():
            line += f" [{request}]"
        return line.replace("\n", " ")


class JsonLines(logging.Formatter):
    """One JSON object a line: time (RFC 3339, UTC), level, logger, message, and what else is known.

    `request_id` within a request; `exception` when something broke; the line at a request's end has `method`, `route`
    (its name, never the path), `status` and `duration_ms`.
    """

    @override
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        said: dict[str, object] = {
            "time": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        if request := current_request_id():
            said["request_id"] = request
        said |= getattr(record, "fields", {})
        if error := _error(record):
            said["exception"] = error
        return json.dumps(said, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    """The message; of one that comes with an exception the first line, because asyncio puts the exception behind it."""
    message = record.getMessage()
    return message.strip().partition("\n")[0] if record.exc_info else message


def _error(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    return without_values(error) if error else ""
