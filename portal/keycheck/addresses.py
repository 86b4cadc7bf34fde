"""Owns which of a gateway's addresses is recommended: the fastest that accepts the key. PURE."""

from __future__ import annotations

from typing import Final

from portal.gateway.results import Accepted
from portal.keycheck.findings import Findings
from portal.keycheck.plan import OtherAddress

_SHARE: Final = 0.8
_LEAST_MS: Final = 50


def fastest_address(findings: Findings) -> OtherAddress | None:
    """The other address to recommend; None while the chosen one is as good.

    It has to be a fifth and 50 ms faster than the chosen one, because one answer of a model is a rough measure.
    """
    good = {
        address: answer.duration_ms
        for address in findings.plan.other_addresses
        if isinstance(answer := findings.addresses.get(address.region), Accepted)
    }
    if not good or findings.first is None:
        return None
    best = min(good, key=lambda address: good[address])
    own = findings.first.result
    if not isinstance(own, Accepted):
        return best
    return best if good[best] < own.duration_ms * _SHARE and own.duration_ms - good[best] >= _LEAST_MS else None
