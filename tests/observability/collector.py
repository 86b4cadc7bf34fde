"""A stand-in for an OpenTelemetry collector: takes OTLP over HTTP and decodes what it was sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from typing_extensions import override


@dataclass(frozen=True, slots=True)
class SentSpan:
    """One span as it was sent; ids in hexadecimal, `parent` empty for the first of a trace."""

    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str]
    failed: bool


@dataclass(slots=True)
class Collector:
    """Where it listens, the bodies that came, and how many requests are answered with 503 first."""

    address: str = ""
    bodies: list[bytes] = field(default_factory=list)
    away: bool = False
    asked: int = 0

    @property
    def spans(self) -> list[SentSpan]:
        """Every span that was sent, in order."""
        return [span for body in self.bodies for span in _spans(body)]

    @property
    def everything(self) -> bytes:
        """All that was sent, as bytes."""
        return b"".join(self.bodies)


@contextmanager
def collecting() -> Iterator[Collector]:
    """Run one on a free port of this machine."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.asked += 1
            right = self.path == "/v1/traces" and self.headers["content-type"] == "application/x-protobuf"
            if right and not collector.away:
                collector.bodies.append(body)
            self.send_response(503 if collector.away else 200 if right else 400)
            self.send_header("content-length", "0")
            self.end_headers()

        @override
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join(5)


def _spans(body: bytes) -> Iterator[SentSpan]:
    request = ExportTraceServiceRequest.FromString(body)
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                attributes = {
                    one.key: str(getattr(one.value, one.value.WhichOneof("value") or "")) for one in span.attributes
                }
                assert not span.events, "an event could quote an exception"
                yield SentSpan(
                    span.name,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    attributes,
                    failed=span.status.code == 2,
                )
