"""Runs a real LiteLLM proxy in front of a given upstream (the simulated gateway, as a rule)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from tests.real_parts.plugin import real_part
from tests.real_parts.servers import free_port

DOTTED_MODELS: Final[Mapping[str, str]] = {
    name: f"anthropic/{name}" for name in ("claude-opus-4.8", "claude-sonnet-4.6", "claude-haiku-4.5")
}
_READY_SECONDS: Final = 90.0
_STOP_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class LiteLLM:
    """A LiteLLM proxy that answers: its address, the key that clients use, and where it writes its log."""

    url: str
    key: str
    log_path: Path


@contextmanager
def start_litellm(
    upstream_url: str,
    *,
    folder: Path,
    key: str = "sk-litellm-master-0123456789",
    upstream_key: str = "sk-upstream-0123456789",
    models: Mapping[str, str] = DOTTED_MODELS,
    mocked: Sequence[str] = (),
) -> Iterator[LiteLLM]:
    """Start LiteLLM, wait until it is ready, and end it (with its children) afterwards.

    Each of `models` (the client's name -> LiteLLM's name) is passed on to `upstream_url` by the Messages API with
    `upstream_key`; those that are `mocked` are answered by LiteLLM itself. `folder` receives its configuration, its
    home and its log. Needs about 8 to 15 seconds to start.

    Raises:
        RuntimeError: not ready within 90 seconds; the message ends with its log.
    """
    program = real_part("litellm").path
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.yaml"
    config.write_text(
        json.dumps(_configuration(upstream_url, key, upstream_key, models, mocked), indent=2), encoding="utf-8"
    )
    log_path = folder / "litellm.log"
    port = free_port()
    running = LiteLLM(f"http://127.0.0.1:{port}", key, log_path)
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [program, "--config", config, "--host", "127.0.0.1", "--port", str(port)],
            env=_environment(program, folder),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(running, process)
        yield running
    finally:
        _end(process)


def _configuration(
    upstream_url: str, key: str, upstream_key: str, models: Mapping[str, str], mocked: Sequence[str]
) -> dict[str, object]:
    return {
        "model_list": [
            {
                "model_name": name,
                "litellm_params": {"model": target, "api_base": upstream_url, "api_key": upstream_key},
            }
            for name, target in models.items()
        ]
        + [
            {"model_name": name, "litellm_params": {"model": f"openai/{name}", "mock_response": "Hello from a mock."}}
            for name in mocked
        ],
        "general_settings": {"master_key": key},
        "litellm_settings": {"telemetry": False},
    }


def _environment(program: Path, folder: Path) -> dict[str, str]:
    return {
        "PATH": f"{program.parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # otherwise it fetches a price list and retries for seconds
        "LITELLM_TELEMETRY": "False",
        "NO_COLOR": "1",
    }


def _wait_until_ready(running: LiteLLM, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    with httpx.Client(trust_env=False, timeout=5) as client:
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(httpx.HTTPError):
                if client.get(f"{running.url}/health/readiness").is_success:
                    return
            time.sleep(0.1)
    ended = f"ended with exit code {process.poll()}" if process.poll() is not None else "is not ready in time"
    log = running.log_path.read_text(encoding="utf-8", errors="replace")
    raise RuntimeError(f"LiteLLM {ended}. Its log:\n{log[-8000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    for kind in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, kind)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
            return
