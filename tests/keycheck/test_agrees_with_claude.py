"""What the portal says of a set-up, and what the real Claude Code does with it.

The rule: a green verdict means that the client answers; red for the address, the credential or the model of ordinary
prompts means that it fails. A warning means that it answers, in a way that the sentence names. Red for streaming
alone promises nothing: the client asks again without streaming, and may get its answer at twice the price.

Green after four steps is about small requests; what only the client's own request meets is found by the fifth step,
which says "not checked" until it ran (`HIDDEN`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from portal.app import create_app
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.fake import create_fake_gateway
from portal.gateway.replies import DEFAULT_REPLY
from portal.profile.load import load_profile
from portal.profile.model import CredentialScheme
from portal.settings import Settings
from tests.keycheck.table import LETTERS
from tests.real_parts.claude import run_claude
from tests.real_parts.plugin import real_part
from tests.real_parts.servers import serve
from tests.support.pages import one, parse

GREEN = (
    *(Behaviour.GOOD, Behaviour.CONVERTER, Behaviour.MODELS_MISSING, Behaviour.MODELS_OPENAI, Behaviour.ONLY_BEARER),
    Behaviour.OPUS_SLOW,
)
WARNED = (
    *(Behaviour.JSON_ONLY, Behaviour.ONE_BLOCK, Behaviour.HAIKU_MISSING, Behaviour.OPUS_NOT_ALLOWED),
    *(Behaviour.EVENT_STREAM, Behaviour.NO_BETAS, Behaviour.NO_CONTEXT_MANAGEMENT),
)
RED = (
    *(Behaviour.ONLY_X_API_KEY, Behaviour.REJECTED, Behaviour.REJECTED_ANTHROPIC, Behaviour.REJECTED_LITELLM),
    *(Behaviour.REJECTED_OPENAI, Behaviour.NOT_ALLOWED, Behaviour.NOT_ALLOWED_MODEL, Behaviour.FIREWALL),
    *(Behaviour.MODEL_UNKNOWN, Behaviour.NO_CHANNEL, Behaviour.HTML, Behaviour.REDIRECT, Behaviour.EMPTY),
    *(Behaviour.ERROR_IN_200, Behaviour.NOT_FOUND),
)
HIDDEN = (Behaviour.NO_THINKING, Behaviour.WAF_BODY)


@dataclass(frozen=True, slots=True)
class Places:
    gateway: str
    portal: str


@pytest.fixture(scope="module")
def places() -> Iterator[Places]:
    with serve(create_fake_gateway(event_seconds=0.03)) as gateway:
        profile = replace(load_profile("tokenbay"), base_url=gateway)
        with serve(create_app(Settings(key_checks_per_minute=1000), profile)) as portal:
            yield Places(gateway, portal)


def portal_says(places: Places, behaviour: Behaviour, **choices: str) -> tuple[str, str]:
    """The verdict's tone, and the letters of the five steps."""
    fields = {"key": DEMO_KEYS[behaviour], **choices}
    region = one(parse(httpx.post(f"{places.portal}/key-check", data=fields, timeout=60).text), "#key-check")
    (tone,) = (name.removeprefix("verdict-") for name in region.get("class").split() if name.startswith("verdict-"))
    return tone, "".join(LETTERS[step.get("data-state")] for step in region.cssselect("[data-step]"))


def claude_answers(
    places: Places, behaviour: Behaviour, home: Path, scheme: CredentialScheme = CredentialScheme.BEARER, **env: str
) -> bool:
    said = run_claude(
        real_part("claude").path,
        *("-p", "hi"),
        home=home,
        env={
            "ANTHROPIC_BASE_URL": places.gateway,
            scheme.variable: DEMO_KEYS[behaviour],
            "ANTHROPIC_MODEL": "claude-sonnet-4.6",
            **env,
        },
    )
    return DEFAULT_REPLY in said.stdout


@pytest.mark.real("claude")
@pytest.mark.parametrize("behaviour", GREEN)
def test_claude_answers_when_the_portal_is_green(places: Places, behaviour: Behaviour, tmp_path: Path) -> None:
    assert portal_says(places, behaviour, rehearsal="1") == ("passed", "ppppp")
    assert claude_answers(places, behaviour, tmp_path)


@pytest.mark.real("claude")
@pytest.mark.parametrize("behaviour", WARNED)
def test_claude_answers_when_the_portal_warns(places: Places, behaviour: Behaviour, tmp_path: Path) -> None:
    tone, letters = portal_says(places, behaviour, rehearsal="1")
    assert (tone, "f" in letters) == ("warning", False)
    assert claude_answers(places, behaviour, tmp_path)


@pytest.mark.real("claude")
@pytest.mark.parametrize("behaviour", RED)
def test_claude_fails_when_the_portal_is_red_for_address_key_or_model(
    places: Places, behaviour: Behaviour, tmp_path: Path
) -> None:
    tone, letters = portal_says(places, behaviour)
    assert (tone, "f" in letters[:3]) == ("failed", True)
    assert not claude_answers(places, behaviour, tmp_path)


@pytest.mark.real("claude")
@pytest.mark.parametrize("behaviour", HIDDEN)
def test_rehearsal_finds_what_claude_fails_on(places: Places, behaviour: Behaviour, tmp_path: Path) -> None:
    assert portal_says(places, behaviour) == ("passed", "pppp-")
    assert portal_says(places, behaviour, rehearsal="1") == ("failed", "ppppf")
    assert not claude_answers(places, behaviour, tmp_path)


@pytest.mark.real("claude")
def test_claude_answers_with_the_choices_that_the_presses_lead_to(places: Places, tmp_path: Path) -> None:
    other = {"auth": "x-api-key", "rehearsal": "1"}
    assert portal_says(places, Behaviour.ONLY_X_API_KEY, **other) == ("passed", "ppppp")
    assert claude_answers(places, Behaviour.ONLY_X_API_KEY, tmp_path, CredentialScheme.X_API_KEY)
    without = {"opt": "no-thinking", "rehearsal": "1"}
    assert portal_says(places, Behaviour.NO_THINKING, **without) == ("passed", "ppppp")
    assert claude_answers(places, Behaviour.NO_THINKING, tmp_path, CLAUDE_CODE_DISABLE_THINKING="1")
