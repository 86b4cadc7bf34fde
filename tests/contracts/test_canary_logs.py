"""The log of a real process at its most talkative: whole JSON lines, and nothing of the visitor in them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from portal.gateway.behaviours import DEMO_KEYS, Behaviour

AGENT = "canary-agent/7.3"
QUERY = "canary-query"
ADDRESS = "203.0.113.77"
COMMON = {"time", "level", "logger", "message"}
AT_THE_END = {"request_id", "method", "route", "status", "duration_ms"}


@contextmanager
def demo(log: Path) -> Iterator[str]:
    """Run `portal demo` with its log in a file; yields its address."""
    environment = {"PORTAL_LOG_FORMAT": "json", "PORTAL_LOG_LEVEL": "debug", "PORTAL_TRUSTED_PROXIES": "127.0.0.1"}
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "portal", "demo", "--port", "0"],
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={**os.environ, **environment},
        )
        try:
            while not (found := re.search(r'"Serving .* on (http://[^"]+)"', log.read_text())):
                assert process.poll() is None, log.read_text()
                time.sleep(0.05)
            yield found[1]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def visit(address: str) -> list[str]:
    """Everything that a visitor does, and some that they should not; returns the ids of the answers."""
    headers = {"user-agent": AGENT, "x-forwarded-for": ADDRESS, "referer": f"http://x.test/?{QUERY}"}
    keys = [DEMO_KEYS[one] for one in (Behaviour.GOOD, Behaviour.REJECTED, Behaviour.CUT_STREAM)]
    with httpx.Client(base_url=address, headers=headers, timeout=60) as browser:
        answers = [browser.get(f"{path}?q={QUERY}") for path in ("/", "/guide.md", f"/{QUERY}", "/healthz", "/admin")]
        for key in keys:
            answers += [browser.post(f"/key-check{way}?{QUERY}", data={"key": key}) for way in ("", "/live")]
        answers.append(browser.post("/key-check", data={"key": f"{keys[0]} two words"}))
        answers.append(browser.post("/key-check", content=keys[0].encode()))
        answers.append(browser.post("/journey", json={"events": [{"id": QUERY, "key": keys[0]}]}))
        answers.append(browser.post("/troubleshoot/diagnose", data={"text": f"{QUERY} {keys[0]} API Error: 401"}))
        answers.append(browser.post("/admin/login", data={"name": QUERY, "password": keys[0]}))
        answers.append(browser.request("CANARY", f"/?{QUERY}"))
    return [answer.headers["x-request-id"] for answer in answers if "x-request-id" in answer.headers]


def test_log_of_a_process_names_no_key_query_agent_or_address_when_it_says_all(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with demo(log) as address:
        ids = visit(address)
    text = log.read_text()
    assert len(ids) > 15
    assert not [one for one in ids if one not in text], "every answer is in the log"
    assert not [key for key in DEMO_KEYS.values() if key in text]
    for word in ("canary", ADDRESS, "203.0.113", "/guide.md", "httpx"):
        assert word not in text.lower(), word
    lines = [json.loads(line) for line in text.splitlines()]
    assert {line["logger"] for line in lines} >= {"portal", "uvicorn.error"}
    assert all(_is_well_formed(line) for line in lines)


def _is_well_formed(line: dict[str, Any]) -> bool:
    rest = line.keys() - COMMON
    return (
        line.keys() >= COMMON
        and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]) is not None
        and line["level"] in {"debug", "info", "warning", "error"}
        and rest in (set(), {"request_id"}, AT_THE_END)
    )
