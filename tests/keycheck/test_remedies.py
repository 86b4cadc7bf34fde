"""The option that a refused part leads to is one that the guide has and explains."""

from __future__ import annotations

import pytest

from portal.gateway.stages import RequestPart
from portal.guide.explanations import RARE_TOGGLE_LABELS, TOGGLE_LABELS
from portal.keycheck.remedies import remedy_for
from portal.profile.model import Toggle
from portal.snippets.variables import TOGGLE_VARIABLES

REMEDIES = {
    RequestPart.BETAS: Toggle.NO_BETAS,
    RequestPart.CONTEXT_MANAGEMENT: Toggle.NO_BETAS,
    RequestPart.THINKING: Toggle.NO_THINKING,
    RequestPart.EFFORT: Toggle.NO_EFFORT,
    RequestPart.TOOLS: Toggle.NO_BETAS,
    RequestPart.SYSTEM_BLOCKS: Toggle.NO_ATTRIBUTION,
    RequestPart.ONE_MILLION: Toggle.NO_1M,
}


@pytest.mark.parametrize("part", list(RequestPart))
def test_remedy_is_a_variable_that_the_guide_explains_when_there_is_one(part: RequestPart) -> None:
    remedy = remedy_for(part)
    assert remedy is REMEDIES.get(part)
    if remedy:
        assert remedy in TOGGLE_VARIABLES
        assert remedy in TOGGLE_LABELS | RARE_TOGGLE_LABELS
