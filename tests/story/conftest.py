from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.app import create_app
from portal.gateway.fake import create_fake_gateway
from portal.gateway.request_log import RequestLog
from portal.settings import Settings
from tests.real_parts.litellm import start_litellm
from tests.real_parts.servers import serve
from tests.story.visit import ANSWER, UPSTREAM_KEY, VISITORS_KEY, World, profile_for


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    log = RequestLog()
    upstream = create_fake_gateway(accepted_keys=[UPSTREAM_KEY], reply=ANSWER, log=log)
    folder = tmp_path_factory.mktemp("litellm")
    with (
        serve(upstream) as upstream_url,
        start_litellm(upstream_url, folder=folder, key=VISITORS_KEY, upstream_key=UPSTREAM_KEY) as litellm,
        serve(create_app(Settings(key_checks_per_minute=10_000), profile_for(litellm.url))) as portal,
    ):
        yield World(portal, litellm.url, log)


@pytest.fixture(scope="session")
def direct() -> Iterator[World]:
    """The same without LiteLLM between, so that the log shows the credentials that the client sends."""
    log = RequestLog()
    with (
        serve(create_fake_gateway(accepted_keys=[VISITORS_KEY], reply=ANSWER, log=log)) as gateway,
        serve(create_app(Settings(), profile_for(gateway))) as portal,
    ):
        yield World(portal, gateway, log)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path
