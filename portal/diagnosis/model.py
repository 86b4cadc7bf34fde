"""PURE: owns what the troubleshooting catalogue is made of: symptoms, causes, steps, frozen and cross-checked.

A symptom is what a visitor sees; it lists causes, the most probable first. A cause explains; a step settles one or
more causes. It must not know TOML (`load`), shell text (`commands`), patterns (`matcher`) or what helped whom.
Sentences are `Text` with the fields of `fields.FIELDS`, to be filled for a visitor by `fields.fill`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.diagnosis.actions import Action
from portal.profile.model import CredentialScheme, GatewayProfile
from portal.snippets.choices import Choices
from portal.snippets.targets import Install, Platform, Scope, Shell
from portal.words import Text


class Group(StrEnum):
    """Under which heading a symptom stands in the list, in this order."""

    INSTALLING = "installing"
    STARTING = "starting"
    SIGN_IN = "sign-in"
    REFUSED = "refused"
    MODEL = "model"
    SETTINGS = "settings"
    NETWORK = "network"
    SPEED = "speed"
    LIMITS = "limits"
    TOOLS = "tools"
    EDITOR = "editor"


class Risk(StrEnum):
    """What a step may cost: SAFE only looks, CAREFUL changes a setting, DANGEROUS may lose something."""

    SAFE = "safe"
    CAREFUL = "careful"
    DANGEROUS = "dangerous"


class LinkName(StrEnum):
    """The page that a step sends to: one of the operator (`profile.links`), or a part of the guide."""

    CONSOLE = "console"
    DOCS = "docs"
    MODELS = "models"
    STATUS = "status"
    SUPPORT = "support"
    KEY_CHECK = "key-check"
    """The guide's second step, where a press checks the key."""
    REPAIR = "repair"
    """The guide's fold that repairs a settings file in the browser."""


class Feature(StrEnum):
    """What a profile may have or lack, as far as a step needs it."""

    MODELS_ENDPOINT = "models-endpoint"
    CUSTOM_HEADERS = "custom-headers"
    PROFILE_TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Condition:
    """For whom a step is meant; an empty set means everybody."""

    platforms: frozenset[Platform] = frozenset()
    shells: frozenset[Shell] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    installs: frozenset[Install] = frozenset()
    credentials: frozenset[CredentialScheme] = frozenset()
    features: frozenset[Feature] = frozenset()

    def admits(self, choices: Choices) -> bool:
        """Whether the step is meant for this machine and these choices."""
        target = choices.target
        return (
            (not self.platforms or target.platform in self.platforms)
            and (not self.shells or target.shell in self.shells)
            and (not self.scopes or target.scope in self.scopes)
            and (not self.installs or choices.install in self.installs)
            and (not self.credentials or choices.credential in self.credentials)
        )

    def fits(self, profile: GatewayProfile) -> bool:
        """Whether the step is meant for this gateway."""
        there = {
            Feature.MODELS_ENDPOINT: profile.endpoints.models,
            Feature.CUSTOM_HEADERS: bool(profile.headers),
            Feature.PROFILE_TIMEOUT: profile.timeout_ms is not None,
        }
        return all(there[feature] for feature in self.features)


@dataclass(frozen=True, slots=True)
class VersionNote:
    """What certain versions of the client do: from `since` on and before `before`, dotted numbers or empty."""

    text: Text
    since: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something does not work.

    Attributes:
        title: a few words that finish "the cause is: …".
        explanation: what happens and why, as measured with the real client.
        versions: where versions of the client differ.

    """

    id: str
    title: Text
    explanation: Text
    versions: tuple[VersionNote, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to try, with what to copy.

    Attributes:
        causes: the causes that it settles; the first is the one it was written for.
        instruction: what to do, one or two sentences.
        expect: what the visitor sees when it worked.
        minutes: how long it takes a newcomer, in minutes.
        actions: what is copied, in order; never empty.
        undo: how to take it back, or None when it only looks.
        undo_actions: what is copied to take it back.
        link: a page of the operator that helps, shown if the profile has it.

    """

    id: str
    causes: tuple[str, ...]
    instruction: Text
    expect: Text
    minutes: int
    risk: Risk
    actions: tuple[Action, ...]
    undo: Text | None = None
    undo_actions: tuple[Action, ...] = ()
    link: LinkName | None = None
    when: Condition = Condition()

    @property
    def cause(self) -> str:
        """The cause that the step was written for."""
        return self.causes[0]


@dataclass(frozen=True, slots=True)
class Symptom:
    """What a visitor sees.

    Attributes:
        title: what they would say themselves.
        shows: how it looks, one sentence.
        says: what the client or the shell prints, literally; not translated.
        causes: ids of causes, the most probable first.

    """

    id: str
    group: Group
    title: Text
    shows: Text
    says: tuple[str, ...]
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything the portal knows about what goes wrong; the order of each mapping is the order of the file."""

    symptoms: Mapping[str, Symptom]
    causes: Mapping[str, Cause]
    steps: Mapping[str, Step]

    def steps_for(self, symptom: Symptom, choices: Choices) -> tuple[Step, ...]:
        """The steps of a symptom in prior order, each once, without those that are not meant for these choices.

        Prior order: first every cause's first step, in the order of the causes, then the second ones, and so on, so
        that an improbable cause is looked at before the last resort against a probable one.
        """
        columns = [self.steps_against(cause, choices) for cause in symptom.causes]
        depth = max((len(column) for column in columns), default=0)
        ranked = (column[row] for row in range(depth) for column in columns if row < len(column))
        return tuple({step.id: step for step in ranked}.values())

    def steps_against(self, cause: str, choices: Choices) -> tuple[Step, ...]:
        """The steps that settle a cause, for these choices: first those written for it."""
        fitting = [step for step in self.steps.values() if cause in step.causes and step.when.admits(choices)]
        return tuple(sorted(fitting, key=lambda step: step.cause != cause))

    def symptoms_of(self, cause: str) -> tuple[Symptom, ...]:
        """The symptoms behind which a cause may be, those first in which it is more probable."""
        found = [symptom for symptom in self.symptoms.values() if cause in symptom.causes]
        return tuple(sorted(found, key=lambda symptom: symptom.causes.index(cause)))
