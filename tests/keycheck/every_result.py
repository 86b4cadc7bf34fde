"""Every outcome that one request can come to, for tests that walk all of them."""

from __future__ import annotations

from typing import Final

from portal.gateway import results
from portal.gateway.results import Barrier, CheckResult, Fault, Obstacle, Phase, Shape

MODEL: Final = "claude-sonnet-4.6"
EVERY_RESULT: Final[tuple[CheckResult, ...]] = (
    results.Accepted(status=200, duration_ms=1, model=MODEL),
    results.Rejected(status=401, duration_ms=1),
    *(results.NotAllowed(status=403, duration_ms=1, barrier=barrier) for barrier in Barrier),
    results.OutOfCredit(status=403, duration_ms=1),
    *(results.ModelUnknown(status=404, duration_ms=1, model=MODEL, key_proven=proven) for proven in (True, False)),
    results.ModelUnknown(status=503, duration_ms=1, model=MODEL, key_proven=True, no_channel=True),
    *(results.Throttled(status=429, duration_ms=1, retry_after_seconds=wait) for wait in (None, 0, 1, 100, 9999)),
    *(
        results.GatewayFailed(status=500, duration_ms=1, fault=fault, api_shaped=shaped)
        for fault in Fault
        for shaped in (True, False)
    ),
    *(results.TimedOut(status=None, duration_ms=1, waited_for=phase) for phase in Phase),
    *(results.Unreachable(status=None, duration_ms=1, kind=kind) for kind in Obstacle),
    *(
        results.Unreachable(status=None, duration_ms=1, kind=Obstacle.TLS, quote=quote)
        for quote in ("certificate has expired", "Hostname mismatch", "self-signed certificate", "wrong version number")
    ),
    *(results.NotMessagesApi(status=200, duration_ms=1, kind=kind) for kind in Shape),
    *(
        results.RequestRefused(status=status, duration_ms=1, api_shaped=shaped)
        for status in (400, 404, 405, 413)
        for shaped in (True, False)
    ),
)
