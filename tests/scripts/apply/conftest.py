"""Wiring: one simulated gateway for the session, one machine for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.gateway.fake import create_fake_gateway
from portal.gateway.request_log import RequestLog
from tests.real_parts.servers import serve
from tests.scripts.apply.machine import Machine, make_machine


@pytest.fixture(scope="session")
def gateway_log() -> RequestLog:
    return RequestLog()


@pytest.fixture(scope="session")
def gateway(gateway_log: RequestLog) -> Iterator[str]:
    with serve(create_fake_gateway(log=gateway_log, slow_seconds=1)) as address:
        yield address


@pytest.fixture
def machine(tmp_path: Path, gateway: str) -> Machine:
    return make_machine(tmp_path / "machine", gateway)
