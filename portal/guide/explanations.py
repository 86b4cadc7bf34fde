"""Owns the words beside the guide's pickers: one true line about each choice. Their names are `snippets/labels`."""

from __future__ import annotations

from typing import Final

from portal.profile.model import Tier, Toggle
from portal.snippets.targets import Scope
from portal.words import Text, _

SCOPE_REASONS: Final[dict[Scope, Text]] = {
    Scope.USER: _(
        "Works however you start Claude Code, wins over variables left in a shell, stays out of Git.",
    ),
    Scope.STARTUP: _(
        "For those who keep all settings in their shell. Programs started from the desktop may not see it."
    ),
    Scope.TERMINAL: _("To try it once. Gone when you close the terminal."),
    Scope.LOCAL: _("Another gateway or key for one project. The file stays on your machine."),
    Scope.PROJECT: _("Address and models go into Git for the team. Each person keeps the key in a second file."),
    Scope.MANAGED: _("Address and models for all users, above every other place. Each person keeps the own key."),
}

PRECEDENCE: Final[tuple[Text, ...]] = (
    _("the managed file of an administrator"),
    _("`claude --settings` on the command line"),
    _("the project’s `.claude/settings.local.json`"),
    _("the project’s `.claude/settings.json`"),
    _("your own `~/.claude/settings.json`"),
    _("an old `env` entry in `~/.claude.json`"),
    _("variables of the shell"),
)
"""Who wins over whom, strongest first (measured with both versions of the client)."""

TIER_LABELS: Final[dict[Tier, Text]] = {
    Tier.OPUS: _("Opus"),
    Tier.SONNET: _("Sonnet"),
    Tier.HAIKU: _("Haiku"),
    Tier.FABLE: _("Fable"),
}

TOGGLE_LABELS: Final[dict[Toggle, tuple[Text, Text]]] = {
    Toggle.NO_BETAS: (
        _("Leave out experimental request fields"),
        _("For a gateway that answers `Extra inputs are not permitted` or refuses `anthropic-beta`."),
    ),
    Toggle.NO_TRAFFIC: (
        _("No traffic but to the gateway"),
        _("Also stops automatic updates, and on some versions the list of models from the gateway."),
    ),
    Toggle.DISCOVERY: (
        _("List the gateway’s models in `/model`"),
        _("Asks the gateway at each start. Shows only ids that contain “claude” or “anthropic”."),
    ),
    Toggle.NO_WEBFETCH_CHECK: (
        _("No WebFetch check"),
        _("WebFetch asks claude.ai whether a site is safe. Where that is blocked, this lets it work."),
    ),
    Toggle.NO_AUTO_MODE: (
        _("Auto mode off"),
        _(
            "Its safety check runs at Anthropic and does not pass through a gateway. Claude asks before commands "
            "instead."
        ),
    ),
}

RARE_TOGGLE_LABELS: Final[dict[Toggle, tuple[Text, Text]]] = {
    Toggle.NO_THINKING: (
        _("No thinking"),
        _("For a gateway that refuses the field `thinking`. Hard tasks may come out worse without it."),
    ),
    Toggle.NO_ADAPTIVE_THINKING: (
        _("Thinking with a fixed budget"),
        _("For a gateway that refuses `adaptive` thinking. It counts for Opus 4.6 and Sonnet 4.6 only."),
    ),
    Toggle.NO_EFFORT: (
        _("Leave out the effort level"),
        _("For a gateway that refuses `output_config`. Older versions keep it for the models that they know."),
    ),
    Toggle.NO_1M: (
        _("No window of a million tokens"),
        _("For a gateway that refuses the beta `context-1m-2025-08-07`. `[1m]` after a model id then has no effect."),
    ),
    Toggle.NO_ATTRIBUTION: (
        _("Leave out the billing line"),
        _("For a gateway that stumbles over `x-anthropic-billing-header` at the start of the system prompt."),
    ),
    Toggle.NO_LEGACY_REMAP: (
        _("Keep an old Opus id"),
        _(
            "Given with `--model` or `/model`, it is otherwise replaced by the newest Opus. The ids on this page never "
            "are."
        ),
    ),
}
"""Options for a gateway that refuses a part of the request; `tests/story/test_toggles.py` measures what they do."""
