"""A real OpenID Connect provider for tests, in a process of its own that also insists on PKCE.

`oidc-provider-mock` issues real codes and RS256 tokens but takes any `code_verifier`; a layer around it refuses what
does not belong to a challenge. `python -m tests.admin.provider` prints the port it listens on.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, quote

import httpx

from tests.real_parts.parts import ROOT


@dataclass(frozen=True, slots=True)
class RunningProvider:
    """A provider that answers; `issuer` is its address."""

    issuer: str

    def set_user(self, subject: str, **claims: object) -> None:
        httpx.put(f"{self.issuer}/users/{quote(subject)}", json=claims).raise_for_status()

    def register(self, redirect_uri: str, method: str) -> dict[str, str]:
        """Register a client whose secret the provider then checks; its `client_id` and `client_secret`."""
        answer = httpx.post(
            f"{self.issuer}/oauth2/clients",
            json={"redirect_uris": [redirect_uri], "token_endpoint_auth_method": method},
        )
        return dict(answer.raise_for_status().json())

    async def consent(self, address: str, subject: str) -> httpx.URL:
        """What the person does at the provider: open its page, choose who they are; where it sends the browser."""
        async with httpx.AsyncClient() as browser:
            page = await browser.get(address)
            assert page.status_code == 200, page.text
            answer = await browser.post(address, data={"sub": subject})
        assert answer.status_code == 302, answer.text
        return httpx.URL(answer.headers["location"])

    async def decline(self, address: str) -> httpx.URL:
        """What the person does who changes their mind."""
        async with httpx.AsyncClient() as browser:
            answer = await browser.post(address, data={"action": "deny"})
        return httpx.URL(answer.headers["location"])


@contextmanager
def running_provider() -> Iterator[RunningProvider]:
    """Start the provider and stop it again."""
    command = [sys.executable, "-u", "-W", "ignore", "-m", "tests.admin.provider"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        try:
            yield RunningProvider(f"http://localhost:{int(process.stdout.readline())}")
        finally:
            process.terminate()


class InsistsOnPkce:
    """WSGI layer: a code is only given for an S256 challenge, and only redeemed with the verifier of one."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app: Final = app
        self._challenges: Final[set[str]] = set()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] == "/oauth2/authorize":
            query = parse_qs(environ["QUERY_STRING"])
            (challenge,) = query.get("code_challenge", [""])
            if query.get("code_challenge_method") != ["S256"] or not re.fullmatch(r"[\w-]{43}", challenge):
                return self._refuse(start_response)
            self._challenges.add(challenge)
        if environ["PATH_INFO"] == "/oauth2/token":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            environ["wsgi.input"] = io.BytesIO(body)
            (verifier,) = parse_qs(body.decode()).get("code_verifier", [""])
            challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
            if challenge not in self._challenges:
                return self._refuse(start_response)
            self._challenges.remove(challenge)
        return self._app(environ, start_response)

    @staticmethod
    def _refuse(start_response: Callable[..., Any]) -> list[bytes]:
        start_response("400 Bad Request", [("content-type", "application/json")])
        return [b'{"error": "invalid_grant"}']


def main() -> None:
    from oidc_provider_mock import app  # noqa: PLC0415 - it warns about what it imports, which is an error in tests
    from werkzeug.serving import make_server  # noqa: PLC0415

    provider = app(require_nonce=True)
    server = make_server("localhost", 0, provider, threaded=True)
    server.app = InsistsOnPkce(provider)
    print(server.server_port, flush=True)  # noqa: T201 - this is how the tests learn it
    server.serve_forever()


if __name__ == "__main__":
    main()
