"""Owns what a visitor sees when something cannot be served: a page with a sentence, in the right status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.errors import DatabaseAwayError
from portal.logs import LOGGER
from portal.observability.refusals import REFUSED, Refusal
from portal.request_id import current_request_id
from portal.web.middleware import BodyTooLargeError
from portal.web.respond import respond
from portal.web.slow_clients import BodyTooSlowError
from portal.web.templating import Template
from portal.words import Text, _

_SENTENCES: Final[dict[int, tuple[Text, Text]]] = {
    400: (_("That request is not readable"), _("The form arrived broken. Go back and send it again.")),
    403: (
        _("This came from another site"),
        _("A form of this portal works only from the portal’s own page. Open the guide and use the form there."),
    ),
    404: (_("There is no such page"), _("The address may be old or mistyped. Everything starts at the guide.")),
    405: (_("That does not work this way"), _("This address does not take that kind of request. Open the guide.")),
    408: (_("That took too long"), _("The form arrived too slowly. Go back and send it again.")),
    413: (_("That is too long"), _("What was sent is longer than anything this portal needs. Paste only the key.")),
    415: (_("That is not a form"), _("This address takes the form of the guide’s page only.")),
    500: (
        _("Something broke on our side"),
        _("It is not your doing, and nothing was stored. Try again in a minute; the guide itself still works."),
    ),
    503: (
        _("That could not be saved"),
        _("The portal’s database does not answer at the moment. Try again in a minute; the guide itself still works."),
    ),
}


RETRY_SECONDS: Final = "10"
"""What an answer 503 says in `Retry-After`."""


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What an error page says; with `request_id`, whoever operates the portal finds the lines about it in the log."""

    title: Text
    what: Text
    request_id: str


ERROR: Final = Template("error.html", ErrorPage)

_REFUSALS: Final = {
    400: Refusal.UNREADABLE,
    403: Refusal.OTHER_SITE,
    413: Refusal.TOO_LARGE,
    415: Refusal.NO_FORM,
}


def error_page(request: Request, status: int, sentences: tuple[Text, Text] | None = None) -> Response:
    """A whole page for `status`; an unlisted status gets the sentence of its class (400 or 500).

    `sentences` are a title and what to do, where an area has its own.
    """
    title, what = sentences or _SENTENCES.get(status) or _SENTENCES[400 if status < 500 else 500]
    return respond(request, ERROR, ErrorPage(title, what, current_request_id()), status)


def register_error_pages(app: FastAPI) -> None:
    """Answer every expected error of `app` with a page; the unexpected ones are `middleware.Envelope`'s."""

    async def expected(request: Request, error: Exception) -> Response:
        match error:
            case HTTPException():
                status = error.status_code
            case DatabaseAwayError():
                LOGGER.warning("nothing was saved: %s", error)
                status = 503
            case BodyTooSlowError():
                status = 408
            case _:
                status = 413
        if status in _REFUSALS:
            REFUSED.add(_REFUSALS[status])
        response = error_page(request, status)
        if status == 503:
            response.headers["retry-after"] = RETRY_SECONDS
        if isinstance(error, HTTPException) and error.headers:
            response.headers.update(error.headers)
        if status in {408, 413}:
            response.headers["connection"] = "close"  # the rest of the body is not wanted
        return response

    app.add_exception_handler(HTTPException, expected)
    app.add_exception_handler(BodyTooLargeError, expected)
    app.add_exception_handler(BodyTooSlowError, expected)
    app.add_exception_handler(DatabaseAwayError, expected)
