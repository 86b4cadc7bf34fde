"""A worker for tests: the portal under uvicorn, with a route beside it that records outcomes through the store.

Run as `python -m tests.journeys.worker DATABASE_URL`; prints its address when it answers.
"""

from __future__ import annotations

import asyncio
import socket
import sys

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal.app import create_app
from portal.journeys import store
from portal.journeys.events import StepAnswer
from portal.journeys.recording import journeys, now_ms
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


async def main(address: str) -> None:
    app = create_app(Settings.model_validate({"database_url": address}), load_profile("tokenbay"))
    app.router.add_route("/outcomes/{journey}", outcomes, methods=["POST"])
    app.state.journeys = journeys_without_limit(app.state.journeys)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, log_level="warning"))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await running


def journeys_without_limit(made: object) -> object:
    import dataclasses  # noqa: PLC0415

    return dataclasses.replace(made, limit=RateLimit(10_000_000))  # type: ignore[type-var]


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
