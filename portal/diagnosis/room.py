"""PURE: owns what an action is said with: the choices, the gateway, the portal's address, and the visitor's shell."""

from __future__ import annotations

from dataclasses import dataclass

from portal.diagnosis.actions import Action
from portal.diagnosis.fields import fill_value
from portal.profile.model import GatewayProfile, base_url_for
from portal.snippets.choices import Choices
from portal.snippets.dialects import Dialect, Language, Variable, dialect_for
from portal.snippets.guide import Block, BlockKind
from portal.snippets.probes import Probe, probe_for
from portal.words import Text


@dataclass(frozen=True, slots=True)
class Portal:
    """Where the scripts are fetched from: the portal's own address, and the guide's query for the choices."""

    origin: str
    query: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """Everything that an action is said with."""

    choices: Choices
    profile: GatewayProfile
    portal: Portal
    kind: BlockKind

    @property
    def base_url(self) -> str:
        """The chosen address."""
        return base_url_for(self.profile, self.choices.region)

    @property
    def dialect(self) -> Dialect:
        """How the visitor's shell writes."""
        return dialect_for(self.choices.target.platform, self.choices.target.shell)

    @property
    def probe(self) -> Probe:
        """How the visitor's shell looks."""
        return probe_for(self.choices.target.platform, self.choices.target.shell)

    def value(self, text: str) -> str:
        """A value with its fields filled."""
        return fill_value(text, self.choices, self.profile)

    def names(self, action: Action) -> tuple[str, ...]:
        """The action's variables, by name."""
        return tuple(map(self.value, action.names))

    def env(self, action: Action) -> tuple[Variable, ...]:
        """The action's variables, with values."""
        return tuple(Variable(self.value(name), self.value(value)) for name, value in action.env.items())

    def command(self, text: str, does: Text, path: str = "") -> Block:
        """A block for the visitor's shell."""
        return Block(self.kind, text, self.dialect.language, does, shell=self.choices.target.shell, path=path)

    def paste(self, text: str, does: Text, language: Language = Language.PLAIN, path: str = "") -> Block:
        """A block that belongs elsewhere than into a shell."""
        return Block(self.kind, text, language, does, path=path)
