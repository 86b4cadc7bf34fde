"""The key: how a paste is cleaned, what the gateway says about it, and where it must not appear."""

from __future__ import annotations

import json

import pytest

from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.request_log import RequestLog
from portal.keys import CleanedKey, parse_key
from tests.scripts.apply.machine import GOOD_KEY, Machine

ACCEPTED = "The gateway accepted the key."
REJECTED = "The gateway rejected the key"
CREDIT = "has no credit left"
MODEL = "does not offer the model claude-sonnet-4.6"
ODD = "but not as expected"


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        (Behaviour.GOOD, ACCEPTED),
        (Behaviour.CONVERTER, ACCEPTED),
        (Behaviour.REJECTED, REJECTED),
        (Behaviour.REJECTED_ANTHROPIC, REJECTED),
        (Behaviour.REJECTED_LITELLM, REJECTED),
        (Behaviour.REJECTED_OPENAI, REJECTED),
        (Behaviour.OUT_OF_CREDIT, CREDIT),
        (Behaviour.OUT_OF_CREDIT_ANTHROPIC, CREDIT),
        (Behaviour.OUT_OF_CREDIT_OPENAI, CREDIT),
        (Behaviour.PAYMENT_REQUIRED, CREDIT),
        (Behaviour.MODEL_UNKNOWN, MODEL),
        (Behaviour.MODEL_UNKNOWN_LITELLM, MODEL),
        (Behaviour.MODEL_UNKNOWN_OPENAI, MODEL),
        (Behaviour.NO_CHANNEL, MODEL),
        (Behaviour.UPSTREAM_KEY, "trouble with its own provider"),
        (Behaviour.HTML, ODD),
        (Behaviour.OPENAI_JSON, ODD),
        (Behaviour.EMPTY, ODD),
        (Behaviour.ERROR_IN_200, ODD),
        (Behaviour.OVERLOADED, ODD),
        (Behaviour.BAD_GATEWAY, ODD),
        (Behaviour.OVERSIZED, ODD),
        (Behaviour.REDIRECT, "leads somewhere else"),
    ],
)
def test_outcome_is_one_sentence_and_only_a_rejected_key_stops(
    machine: Machine, behaviour: Behaviour, sentence: str
) -> None:
    answer = machine.run(key=DEMO_KEYS[behaviour])
    trying, outcome, *_ = answer.stdout.split("\n")
    assert trying == f"Trying the key at {machine.gateway} (20 seconds at most) ..."
    assert sentence in outcome
    assert len(outcome) < 330
    assert answer.returncode == (4 if sentence is REJECTED else 0)
    assert machine.settings.exists() == (sentence is not REJECTED)


def test_yes_writes_a_rejected_key(machine: Machine) -> None:
    assert machine.run("--yes", key="sk-demo-rejected").returncode == 0
    assert machine.settings.exists()


def test_unreachable_gateway_is_said_and_does_not_stop(machine: Machine) -> None:
    script = machine.script(replaced={machine.gateway: "http://127.0.0.1:9"})
    answer = machine.run(script=script)
    assert answer.returncode == 0
    assert "not checked: nothing answered at http://127.0.0.1:9" in answer.stdout


def test_without_curl_the_script_says_not_checked(machine: Machine) -> None:
    (machine.bin / "curl").unlink()
    answer = machine.run()
    assert answer.returncode == 0
    assert "not checked" in answer.stdout


def test_request_is_the_one_that_claude_code_would_send(machine: Machine, gateway_log: RequestLog) -> None:
    gateway_log.clear()
    assert machine.run().returncode == 0
    (seen,) = gateway_log.requests
    assert (seen.method, seen.path, seen.query, seen.model) == (
        "POST",
        "/v1/messages",
        "beta=true",
        "claude-sonnet-4.6",
    )
    assert "x-api-key" not in seen.headers


@pytest.mark.parametrize(
    "paste",
    [
        f"  {GOOD_KEY}\t",
        f'"{GOOD_KEY}"',
        f"“{GOOD_KEY}”",
        f"`{GOOD_KEY}`",
        f"Bearer {GOOD_KEY}",
        f"authorization: bearer  {GOOD_KEY}",
        f"export ANTHROPIC_AUTH_TOKEN={GOOD_KEY}",
        f"export ANTHROPIC_API_KEY='{GOOD_KEY}';",
        f"OPENAI_API_KEY={GOOD_KEY}",
        f'$env:ANTHROPIC_AUTH_TOKEN = "{GOOD_KEY}"',
        f'set "MY_TOKEN={GOOD_KEY}"',
        f"set -gx ANTHROPIC_AUTH_TOKEN {GOOD_KEY}",
        f"setx ANTHROPIC_AUTH_TOKEN {GOOD_KEY}",
        f'"ANTHROPIC_AUTH_TOKEN": "{GOOD_KEY}",',
        "\ufeffsk-demo\u200b-good\u200d\u2060\u00ad",
        f"\u00a0{GOOD_KEY}\u3000",
        "sk-demo-\r\ngood\n",
        f"\x1b[200~{GOOD_KEY}\x1b[201~",
        f'\x1b[200~ "{GOOD_KEY}"\n\x1b[201~',
    ],
)
def test_paste_is_cleaned_as_the_page_does_it(machine: Machine, paste: str) -> None:
    parsed = parse_key(paste)
    assert isinstance(parsed, CleanedKey)
    assert parsed.key.reveal() == GOOD_KEY
    answer = machine.run("--no-check", key=paste)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(machine.settings.read_bytes())["env"]["ANTHROPIC_AUTH_TOKEN"] == GOOD_KEY


@pytest.mark.parametrize(
    ("paste", "words"),
    [
        (" ", "No key was given"),
        ("YOUR-API-KEY", "placeholder"),
        ("<your key>", "placeholder"),
        ("sk-xxxxxx", "placeholder"),
        ("sk-demo$good", "Character 8 cannot"),
        ("schlüssel", "Character 5 cannot"),
        ("a b", "Character 2 cannot"),
        ("k" * 4097, "too long"),
    ],
)
def test_what_is_no_key_is_refused_without_showing_it(machine: Machine, paste: str, words: str) -> None:
    answer = machine.run(key=paste)
    assert answer.returncode == 3
    assert words in answer.stderr
    assert not machine.settings.exists()


@pytest.mark.parametrize("engine", ["python3", "node", "jq", "perl"])
def test_key_is_in_no_command_line_and_no_program_inherits_it(machine: Machine, engine: str) -> None:
    log = machine.root / "seen"
    log.write_text("")
    (machine.bin / "perl").unlink()
    machine.install(engine)
    for path in sorted(machine.bin.iterdir()):
        if path.name not in {"sh", "cat", "env"}:
            target = path.resolve()
            note = f"{{ printf '%s\\n' {path.name} \"$@\"; /usr/bin/env; }} >>'{log}'"
            machine.add_program(path.name, f"#!/bin/sh\n{note}\nexec '{target}' \"$@\"\n")
    answer = machine.run()
    assert answer.returncode == 0, answer.stderr
    seen = log.read_bytes().decode("latin-1")
    assert {"curl", "mv", engine} <= set(seen.split("\n"))
    assert GOOD_KEY not in seen


def test_old_secrets_and_addresses_are_masked(machine: Machine) -> None:
    env = {
        "ANTHROPIC_AUTH_TOKEN": "sk-old-secret-0123456789",
        "ANTHROPIC_API_KEY": "short",
        "ANTHROPIC_BASE_URL": "https://user:pass@old.example/v1?key=abc",
        "ANTHROPIC_CUSTOM_HEADERS": "x-key: abcdefghijklmnop",
    }
    machine.write_settings(json.dumps({"env": env}).encode())
    answer = machine.run("--no-check")
    assert "was sk-...6789" in answer.stdout
    assert "was https://***@old.example/v1)" in answer.stdout
    assert not [value for value in ("old-secret", "short", "pass@", "abc") if value in answer.stdout]
