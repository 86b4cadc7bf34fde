"""Owns spans: the only module that knows OpenTelemetry; its SDK is imported when a collector is set and not before.

Attributes are closed words and numbers. A span says neither path nor query, address, agent or key, and of what broke
only the type. An absent collector slows nothing: a thread of its own sends, a full queue drops, the log says it once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from portal import __version__
from portal.logs import LOGGER

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Span as OtelSpan

_SEND_SECONDS: Final = 5.0
"""How long the collector may take for a batch."""

_STOP_SECONDS: Final = 3.0
"""How long the end of the process waits for the last spans to be sent."""

_PARENT: Final = b"traceparent"
Value = str | int | float


class SpanName(StrEnum):
    """What is traced. A request's span has the name of its route in the end."""

    REQUEST = "request"
    GATEWAY = "gateway"
    DATABASE_READ = "database read"
    DATABASE_WRITE = "database write"


class Span(Protocol):
    """Something that takes time; a context manager."""

    def note(self, **attributes: Value) -> None:
        """Say something about it, in closed words."""
        ...

    def rename(self, name: str) -> None:
        """Give it a better name; one from the code."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class _NoSpan:
    """What is traced when nothing is."""

    def note(self, **attributes: Value) -> None:
        pass

    def rename(self, name: str) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        pass


NO_SPAN: Final[Span] = _NoSpan()


class _Tracing:
    """The collector's side of this process; one at a time."""

    def __init__(self, endpoint: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - see above
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        for name in ("opentelemetry", "urllib3"):  # they repeat themselves; `_reporting` does not
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        resource = Resource.create({"service.name": "onboarding-portal", "service.version": __version__})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", timeout=_SEND_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(_reporting(exporter)))
        self.tracer = self._provider.get_tracer("portal")
        self.parents = TraceContextTextMapPropagator()

    def stop(self) -> None:
        """Send what is left, for `_STOP_SECONDS` at most."""
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        sending.join(_STOP_SECONDS)


_tracing: _Tracing | None = None


def start_tracing(endpoint: str) -> None:
    """Send this process's spans to the collector at `endpoint` (OTLP over HTTP, protobuf); to none when it is empty."""
    global _tracing  # noqa: PLW0603 - spans belong to the process, and off has to cost nothing
    if endpoint and _tracing is None:
        _tracing = _Tracing(endpoint)


def stop_tracing() -> None:
    """Send what is left and trace nothing more; may block for `_STOP_SECONDS`."""
    global _tracing
    if _tracing is not None:
        tracing, _tracing = _tracing, None
        tracing.stop()


def span(name: SpanName, **attributes: Value) -> Span:
    """A span within the current one."""
    return NO_SPAN if _tracing is None else _RealSpan(_tracing, name, attributes)


def request_span(headers: Sequence[tuple[bytes, bytes]], *, trusted: bool, **attributes: Value) -> Span:
    """The span of a request; within the caller's trace if a trusted proxy names one (W3C `traceparent`)."""
    if _tracing is None:
        return NO_SPAN
    parent = next((value.decode("latin-1") for name, value in headers if name == _PARENT), "") if trusted else ""
    return _RealSpan(_tracing, SpanName.REQUEST, attributes, parent)


class _RealSpan:
    def __init__(
        self, tracing: _Tracing, name: SpanName, attributes: Mapping[str, Value], parent: str | None = None
    ) -> None:
        """`parent` is a `traceparent` for a request (empty: it begins a trace), None for what happens within one."""
        from opentelemetry.context import Context  # noqa: PLC0415
        from opentelemetry.trace import SpanKind  # noqa: PLC0415

        context = None if parent is None else tracing.parents.extract({"traceparent": parent}, Context())
        kinds = {SpanName.REQUEST: SpanKind.SERVER, SpanName.GATEWAY: SpanKind.CLIENT}
        self._span: OtelSpan = tracing.tracer.start_span(
            name.value,
            context,
            kinds.get(name, SpanKind.INTERNAL),
            {f"portal.{key}": value for key, value in attributes.items()},
        )
        self._token: Any = None

    def note(self, **attributes: Value) -> None:
        for key, value in attributes.items():
            self._span.set_attribute(f"portal.{key}", value)

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def __enter__(self) -> Self:
        from opentelemetry import context, trace  # noqa: PLC0415

        self._token = context.attach(trace.set_span_in_context(self._span))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        from opentelemetry import context  # noqa: PLC0415
        from opentelemetry.trace import StatusCode  # noqa: PLC0415

        if kind is not None:
            self._span.set_status(StatusCode.ERROR, kind.__name__)
        self._span.end()
        context.detach(self._token)


def _reporting(exporter: Any) -> Any:
    """An exporter that says once that the collector does not take spans, and once that it does again."""
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult  # noqa: PLC0415

    class Reporting(SpanExporter):
        def __init__(self) -> None:
            self._complained = False

        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            try:
                result: SpanExportResult = exporter.export(spans)
            except Exception:  # noqa: BLE001 - whatever it is, tracing must not be in the way
                result = SpanExportResult.FAILURE
            failed = result is not SpanExportResult.SUCCESS
            if failed and not self._complained:
                LOGGER.warning("the collector of PORTAL_OTLP_ENDPOINT takes no spans; they are dropped until it does")
            if self._complained and not failed:
                LOGGER.warning("the collector takes spans again")
            self._complained = failed
            return result

        def shutdown(self) -> None:
            exporter.shutdown()

    return Reporting()
