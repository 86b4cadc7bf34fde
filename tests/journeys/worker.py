"""A worker for tests: the portal under uvicorn, with a route beside it that records outcomes through the store.

Run as `python -m tests.journeys.worker DATABASE_URL`; prints its address when it answers.
"""

from __future__ import annotations

import socket
import sys
from dataclasses import replace

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal.app import create_app
from portal.journeys import store
from portal.journeys.events import StepAnswer
from portal.journeys.recording import Journeys, journeys, now_ms
from portal.journeys.vocabulary import StepOutcome
from portal.profile.load import load_profile
from portal.settings import Settings
from portal.web.clients import RateLimit


async def outcomes(request: Request) -> Response:
    """Record what became of steps: one transaction, committed before the answer, as every room does it."""
    given = [
        StepAnswer(symptom="s", step=one["step"], outcome=StepOutcome(one["outcome"]), at=now_ms())
        for one in await request.json()
    ]
    async with journeys(request).database.writing() as connection:
        for answer in given:
            await store.record_outcome(connection, request.path_params["journey"], answer)
    return JSONResponse({})


class SpeakingServer(uvicorn.Server):
    """Says where it answers."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        assert sockets
        sys.stdout.write(f"http://127.0.0.1:{sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()


def main(address: str) -> None:
    app = create_app(Settings.model_validate({"database_url": address}), load_profile("tokenbay"))
    app.router.add_route("/outcomes/{journey}", outcomes, methods=["POST"])
    made: Journeys = app.state.journeys
    app.state.journeys = replace(made, limit=RateLimit(10_000_000))
    app.state.help_limit = app.state.help_lists = RateLimit(10_000_000)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, log_level="warning")
    SpeakingServer(config).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1])
