"""Owns which option of the guide leaves out a part of the client's request that a gateway refuses. PURE.

It must not know wording or HTML. What each option does to the request is measured in `tests/guide/test_toggles.py`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from portal.gateway.stages import RequestPart
from portal.profile.model import Toggle

_REMEDIES: Final = MappingProxyType(
    {
        RequestPart.BETAS: Toggle.NO_BETAS,
        RequestPart.CONTEXT_MANAGEMENT: Toggle.NO_BETAS,
        RequestPart.THINKING: Toggle.NO_THINKING,
        RequestPart.SYSTEM_BLOCKS: Toggle.NO_ATTRIBUTION,
        RequestPart.ONE_MILLION: Toggle.NO_1M,
    },
)


def remedy_for(part: RequestPart) -> Toggle | None:
    """The option that leaves `part` out, or None where no variable of the client does."""
    return _REMEDIES.get(part)
