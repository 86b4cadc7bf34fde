"""Gateways and proxies that misbehave in one chosen way, on loopback, one port each."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reply:
    """What every request gets. `location` may hold `{port}`; `mode` is answer, reset, slow or cut."""

    status: int = 200
    body: str = ""
    media: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    mode: str = "answer"


@contextmanager
def serve_reply(reply: Reply, certificate: Path | None = None) -> Iterator[int]:
    """Answer every request with `reply`; yields the port. With a certificate (PEM with key) it speaks TLS."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            self.rfile.read(length)
            if reply.mode == "slow":
                time.sleep(6)
            if reply.mode == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                self.connection.close()
                return
            content = reply.body.encode()
            self.send_response(reply.status)
            self.send_header("content-type", reply.media)
            self.send_header("content-length", str(len(content) + (100 if reply.mode == "cut" else 0)))
            for name, value in reply.headers.items():
                self.send_header(name, value.replace("{port}", str(self.connection.getsockname()[1])))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)
            if reply.mode == "cut":
                self.close_connection = True

        do_GET = do_POST = do_HEAD = do_CONNECT = _answer  # noqa: N815

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
