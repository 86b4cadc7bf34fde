"""Owns which option of the guide leaves out a part of the client's request that a gateway refuses. PURE.

It must not know wording or HTML. What each option does to the request of the real client is measured in
`tests/story/test_toggles.py`. Three remedies leave out less than the whole part: of `tools` only what is still in beta
(`defer_loading`), of the system blocks only the first one (the billing line, which gateways stumble over), and the
effort on older versions only for models that they do not know. Only the next rehearsal proves that one helped.
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
        RequestPart.EFFORT: Toggle.NO_EFFORT,
        RequestPart.TOOLS: Toggle.NO_BETAS,
        RequestPart.SYSTEM_BLOCKS: Toggle.NO_ATTRIBUTION,
        RequestPart.ONE_MILLION: Toggle.NO_1M,
    },
)


def remedy_for(part: RequestPart) -> Toggle | None:
    """The option that leaves `part` out, or None where no variable of the client does."""
    return _REMEDIES.get(part)
