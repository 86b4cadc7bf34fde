"""Lines of the log: their fields, and what they never hold."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from typing import Any

import pytest

from portal.logs import JsonLines, TextLines, without_values
from portal.request_id import enter_request, leave_request

SECRET = "sk-secret-in-a-message"


def fail() -> None:
    raise RuntimeError(SECRET)


def record(message: str, *values: object, broken: bool = False, fields: dict[str, Any] | None = None) -> Any:
    error = None
    if broken:
        try:
            fail()
        except RuntimeError:
            error = sys.exc_info()
    made = logging.LogRecord("portal", logging.WARNING, "somewhere.py", 1, message, values, error)
    if fields:
        made.fields = fields
    return made


def test_json_line_has_the_fixed_fields_when_nothing_else_is_known() -> None:
    line = json.loads(JsonLines().format(record("%d things", 3)))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert line == {"level": "warning", "logger": "portal", "message": "3 things"}


def test_json_line_has_request_and_its_fields_when_it_is_written_within_one() -> None:
    token = enter_request("0123456789abcdef")
    try:
        line = json.loads(JsonLines().format(record("x", fields={"route": "guide:show", "status": 200})))
        text = TextLines().format(record("x"))
    finally:
        leave_request(token)
    assert (line["request_id"], line["route"], line["status"]) == ("0123456789abcdef", "guide:show", 200)
    assert text.endswith("WARNING portal x [0123456789abcdef]")


@pytest.mark.parametrize("lines", [TextLines(), JsonLines()])
def test_exception_is_type_and_places_without_message_when_anybody_logs_it(lines: logging.Formatter) -> None:
    line = lines.format(record(f"It broke\nfuture: <Task exception=RuntimeError('{SECRET}')>", broken=True))
    assert "It broke" in line
    assert "RuntimeError at test_logs.py:" in line
    assert SECRET not in line
    assert "\n" not in line


@pytest.mark.parametrize("lines", [TextLines(), JsonLines()])
def test_line_stays_one_line_when_the_message_has_several(lines: logging.Formatter) -> None:
    line = lines.format(record("first\nsecond\r\n{'level': 'error'}"))
    assert "\n" not in line


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_forgotten_task_tells_no_values_when_asyncio_logs_it(caplog: pytest.LogCaptureFixture) -> None:
    async def forget() -> None:
        async def fail_later() -> None:
            fail()

        task = asyncio.create_task(fail_later())
        await asyncio.wait([task])
        del task

    asyncio.run(forget())
    (told,) = [one for one in caplog.records if one.name == "asyncio"]
    assert SECRET in told.getMessage(), "otherwise this test shows nothing"
    assert SECRET not in JsonLines().format(told) + TextLines().format(told)


def test_places_are_named_when_an_error_went_through_functions() -> None:
    def inner() -> None:
        raise ValueError(SECRET)

    with pytest.raises(ValueError, match=SECRET) as caught:
        inner()
    said = without_values(caught.value)
    assert re.match(r"ValueError at test_logs\.py:\d+ inner < test_logs\.py:\d+ test_places", said)
    assert SECRET not in said
