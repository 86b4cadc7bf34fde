"""`python -m tests.diagnosis.recorder FOLDER`: every mistake with both clients, labelled, a third of them put aside."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.diagnosis.recorder.answers import ANSWERS
from tests.diagnosis.recorder.client import prepare, run
from tests.diagnosis.recorder.final_answers import FINAL_ANSWERS
from tests.diagnosis.recorder.last_answers import LAST_ANSWERS
from tests.diagnosis.recorder.more_answers import MORE_ANSWERS
from tests.diagnosis.recorder.servers import closed_port, serve_reply
from tests.diagnosis.recorder.setups import GOOD, MODEL, SETUPS, Setup
from tests.diagnosis.recorder.wider_answers import WIDER_ANSWERS
from tests.diagnosis.recorder.wider_setups import WIDER_SETUPS
from tests.real_parts.parts import PARTS

WIDTHS = (80, 120, 60, 100)
CLIENTS = {"2.1.330": "claude", "2.1.197": "claude-old"}


def certificates(folder: Path) -> dict[str, Path]:
    """Self-signed, of an unknown authority, for another host, expired; each with its key in one PEM file."""
    made = {}
    for kind, name in (("self", "127.0.0.1"), ("host", "other.example")):
        key, certificate = folder / f"{kind}.key", folder / f"{kind}.crt"
        alternative = "DNS:other.example" if kind == "host" else "IP:127.0.0.1"
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                key,
                "-out",
                certificate,
                "-subj",
                f"/CN={name}",
                "-addext",
                f"subjectAltName={alternative}",
                "-days",
                "30",
            ],
            check=True,
            capture_output=True,
        )
        made[kind] = folder / f"{kind}.pem"
        made[kind].write_bytes(key.read_bytes() + certificate.read_bytes())
    for kind, signer, days in (("ca", "self", "30"), ("expired", "expired", "0")):
        request, extension = folder / f"{kind}.csr", folder / f"{kind}.ext"
        subprocess.run(
            [
                "openssl",
                "req",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                folder / f"{kind}.key",
                "-out",
                request,
                "-subj",
                "/CN=127.0.0.1",
            ],
            check=True,
            capture_output=True,
        )
        extension.write_text("subjectAltName=IP:127.0.0.1\n")
        signing: list[str | Path] = (
            ["-signkey", folder / "expired.key"]
            if signer == kind
            else ["-CA", folder / "self.crt", "-CAkey", folder / "self.key", "-CAcreateserial"]
        )
        subprocess.run(
            [
                "openssl",
                "x509",
                "-req",
                "-in",
                request,
                *signing,
                "-days",
                days,
                "-out",
                folder / f"{kind}.crt",
                "-extfile",
                extension,
            ],
            check=True,
            capture_output=True,
        )
        made[kind] = folder / f"{kind}.pem"
        made[kind].write_bytes((folder / f"{kind}.key").read_bytes() + (folder / f"{kind}.crt").read_bytes())
    return made


def more_jobs() -> Iterator[tuple[Setup, str, str, int]]:
    """The answers that were written after the phrases."""
    for number, (cause, reply) in enumerate(MORE_ANSWERS):
        setup = Setup(cause, {MODEL: "claude-sonnet-4.6"}, reply)
        yield setup, ("2.1.330", "2.1.197")[number % 2], "print", 80
        yield setup, ("2.1.197", "2.1.330")[number % 2], ("session", "json")[number % 2], WIDTHS[number % 4]


def wider_jobs() -> Iterator[tuple[Setup, str, str, int]]:
    """The answers and set-ups of the second round: other gateways, other forms, more of what stands around."""
    models = ("claude-sonnet-4.6", "claude-opus-4-8", "glm-5.3", "claude-haiku-4.5", "gpt-5.4")
    forms = ("json", "scroll", "session", "stream", "scroll", "retrying")
    for number, (cause, reply) in enumerate(WIDER_ANSWERS):
        setup = Setup(cause, {MODEL: models[number % 5]}, reply)
        yield setup, ("2.1.197", "2.1.330")[number % 2], "print", 80
        yield setup, ("2.1.330", "2.1.197")[number % 2], forms[number % 6], WIDTHS[number % 4]
    for setup in WIDER_SETUPS:
        for command in setup.commands:
            for version in CLIENTS:
                if not (command == "doctor" and version == "2.1.197"):
                    yield setup, version, command, WIDTHS[len(setup.cause) % 4]


def final_jobs() -> Iterator[tuple[Setup, str, str, int]]:
    """The answers of the last round, as they are printed and in one other form."""
    for number, (cause, reply) in enumerate(FINAL_ANSWERS):
        setup = Setup(cause, {MODEL: ("sonnet", "claude-opus-4.8")[number % 2]}, reply)
        yield setup, ("2.1.330", "2.1.197")[number % 2], "print", 80
        yield setup, ("2.1.197", "2.1.330")[number % 2], ("stream", "scroll", "json")[number % 3], 80


def last_jobs() -> Iterator[tuple[Setup, str, str, int]]:
    """The answers of the third round, and what the first rounds' set-ups print in forms that they did not record."""
    for number, (cause, reply) in enumerate(LAST_ANSWERS):
        setup = Setup(cause, {MODEL: ("claude-opus-5", "claude-sonnet-4.6", "kimi-k3")[number % 3]}, reply)
        yield setup, ("2.1.330", "2.1.197")[number % 2], "print", 80
        yield setup, ("2.1.197", "2.1.330")[number % 2], ("scroll", "json", "stream")[number % 3], 80
    for number, setup in enumerate(SETUPS):
        for command in setup.commands[:1]:
            form = {"print": "scroll", "status": "status-text", "session": "json"}.get(command, "")
            if form and form not in setup.commands:
                yield setup, ("2.1.330", "2.1.197")[number % 2], form, 80


def jobs() -> Iterator[tuple[Setup, str, str, int]]:
    number = 0
    for cause, reply in ANSWERS:
        more = ("json", "session", "stream")[number % 3]
        models = ("claude-sonnet-4-6", "claude-sonnet-4.6", "claude-opus-4.8", "glm-5.3")
        setup = Setup(cause, {MODEL: models[number % 4]}, reply)
        number += 1
        yield setup, ("2.1.330", "2.1.197")[number % 2], "print", 80
        yield setup, ("2.1.197", "2.1.330")[number % 2], more, WIDTHS[number % 4]
    for setup in SETUPS:
        for command in setup.commands:
            for version in CLIENTS:
                number += 1
                if not (command == "doctor" and version == "2.1.197"):
                    yield setup, version, command, WIDTHS[number % 4]


def record(job: tuple[Setup, str, str, int], pems: dict[str, Path]) -> dict[str, str]:
    setup, version, command, width = job
    binary = PARTS[CLIENTS[version]].find()
    assert binary
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(serve_reply(setup.reply))
        values = {
            "url": f"http://127.0.0.1:{port}",
            "closed": str(closed_port()),
            "tlsurl": f"https://127.0.0.1:{port}",
        }
        if setup.certificate:
            tls = stack.enter_context(serve_reply(GOOD, pems[setup.certificate]))
            values["tlsurl"] = f"https://127.0.0.1:{tls}"
        if setup.proxy:
            values["proxy"] = f"http://127.0.0.1:{stack.enter_context(serve_reply(setup.proxy))}"
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="home-", ignore_cleanup_errors=True)))
        text = run(binary, command, home, prepare(home, setup, values, command), width)
    text = text.replace(str(home), "/home/user").replace(str(binary.parents[1]), "/opt")
    text = re.sub(r"/\S*/(?:claude|claude-old)-[0-9a-f]{16}", "/opt", text)
    text = re.sub(r"127\.0\.0\.1:(\d{5})", lambda found: _host(setup.cause, found), text)
    return {"cause": setup.cause, "client": version, "form": command, "text": text}


def _host(cause: str, found: re.Match[str]) -> str:
    """The gateways listen here; people's do not. Some stay local ones."""
    hosts = ("llm.acme.internal:8443", "api.tokenfarm.cn", "10.20.0.7:4000", found[0], "ai-gateway.corp.example")
    return hosts[(len(cause) + int(found[1])) % len(hosts)]


def main() -> None:
    """`FOLDER first` records the first texts, `wider`, `last` and `final` those of the later rounds."""
    folder, rounds = Path(sys.argv[1]), sys.argv[2:] or ["first", "wider", "last", "final"]
    with tempfile.TemporaryDirectory() as made, ThreadPoolExecutor(2) as pool:
        pems = certificates(Path(made))
        sets: dict[str, list[str]] = defaultdict(list)
        if "first" in rounds:
            for row in pool.map(lambda job: _try(job, pems), jobs()):
                mark = hashlib.sha256((row["cause"] + row["text"]).encode()).digest()[0]
                sets["unseen" if mark % 3 == 0 else "seen"].append(_line(row))
            for row in pool.map(lambda job: _try(job, pems), more_jobs()):
                sets["later"].append(_line(row))
        for name, more in (("wider", wider_jobs), ("last", last_jobs), ("final", final_jobs)):
            if name in rounds:
                sets[name] = [_line(row) for row in pool.map(lambda job: _try(job, pems), more())]
    for name, lines in sets.items():
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


def _line(row: dict[str, str]) -> str:
    """Nothing for a text without words: the client may end silently."""
    return json.dumps(row, ensure_ascii=False) + "\n" if row["text"].strip() else ""


def _try(job: tuple[Setup, str, str, int], pems: dict[str, Path]) -> dict[str, str]:
    try:
        return record(job, pems)
    except Exception as error:  # noqa: BLE001 - one client that hangs does not end the recording
        print(job[0].cause, job[1:], type(error), error, file=sys.stderr)  # noqa: T201
        return {"cause": job[0].cause, "client": job[1], "form": job[2], "text": ""}


if __name__ == "__main__":
    main()
