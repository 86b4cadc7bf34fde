from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.real_parts.litellm import DOTTED_MODELS, start_litellm
from tests.real_parts.servers import serve
from tests.real_parts.upstream import GREETING, TinyUpstream


@pytest.mark.real("litellm")
def test_litellm_passes_messages_on_and_is_gone_when_left(tmp_path: Path) -> None:
    upstream = TinyUpstream()
    question = {"model": "claude-sonnet-4.6", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    with (
        serve(upstream.app) as upstream_url,
        start_litellm(upstream_url, folder=tmp_path, key="sk-mine", upstream_key="sk-up") as litellm,
        httpx.Client(base_url=litellm.url, headers={"Authorization": "Bearer sk-mine"}, trust_env=False) as client,
    ):
        assert {model["id"] for model in client.get("/v1/models").json()["data"]} == set(DOTTED_MODELS)
        assert client.post("/v1/messages", json=question).json()["content"][0]["text"] == GREETING
        assert GREETING in client.post("/v1/messages", json={**question, "stream": True}).text
        # Without the prisma package this would be a 500.
        assert client.get("/v1/models", headers={"Authorization": ""}).status_code == 401
    assert [body["model"] for _, body in upstream.asked] == ["claude-sonnet-4.6"] * 2
    assert {headers["x-api-key"] for headers, _ in upstream.asked} == {"sk-up"}
    with pytest.raises(httpx.ConnectError):
        httpx.get(litellm.url, trust_env=False)
