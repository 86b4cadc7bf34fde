"""Owns how Claude Code gets onto a machine, and what to do when the shell does not find it afterwards.

Source: the client's set-up and install-troubleshooting pages, as of November 2026; what npm prints on older Node
versions was measured.
"""

from __future__ import annotations

from typing import Final

from portal.snippets.choices import Choices
from portal.snippets.dialects import dialect_for
from portal.snippets.guide import Block, BlockKind, Note, NoteKind, Section
from portal.snippets.targets import Install, Platform, Shell
from portal.words import Text, _

SIGNING_KEY_FINGERPRINT: Final = "31DD DE24 DDFA B679 F42D 7BD2 BAA9 29FF 1A7E CACE"
APK_KEY_SHA256_START: Final = "395759c1"
_DOWNLOADS: Final = "https://downloads.claude.ai"

REQUIREMENTS: Final[dict[Platform, Text]] = {
    Platform.MACOS: _("macOS 13 or newer, 4 GB of memory, Intel or Apple silicon."),
    Platform.LINUX: _("Ubuntu 20.04, Debian 10, Alpine 3.19 or newer, 4 GB of memory, x64 or ARM64."),
    Platform.WSL: _("WSL 2 with Ubuntu 20.04 or Debian 10 or newer, 4 GB of memory, x64 or ARM64."),
    Platform.WINDOWS: _("64-bit Windows 10 (1809), Windows Server 2019 or newer, 4 GB of memory, x64 or ARM64."),
}

_NATIVE_POWERSHELL: Final = "irm https://claude.ai/install.ps1 | iex"
_NATIVE: Final[dict[Shell, str]] = {
    Shell.POWERSHELL: _NATIVE_POWERSHELL,
    Shell.CMD: "curl -fsSL https://claude.ai/install.cmd -o install.cmd && install.cmd && del install.cmd",
    Shell.GIT_BASH: f"powershell.exe -NoProfile -Command '{_NATIVE_POWERSHELL}'",
}
_NPM_POWERSHELL: Final = "npm install -g '@anthropic-ai/claude-code'"  # without quotes, @ is PowerShell's splatting
_NATIVE_UNIX: Final = "curl -fsSL https://claude.ai/install.sh | bash"

_COMMANDS: Final[dict[Install, str]] = {
    Install.HOMEBREW: "brew install --cask claude-code",
    Install.HOMEBREW_LATEST: "brew install --cask claude-code@latest",
    Install.WINGET: "winget install Anthropic.ClaudeCode",
    Install.APT: "\n".join(
        [
            "sudo install -d -m 0755 /etc/apt/keyrings",
            f"sudo curl -fsSL {_DOWNLOADS}/keys/claude-code.asc -o /etc/apt/keyrings/claude-code.asc",
            (
                "echo 'deb [signed-by=/etc/apt/keyrings/claude-code.asc] "
                f"{_DOWNLOADS}/claude-code/apt/stable stable main' | sudo tee /etc/apt/sources.list.d/claude-code.list"
            ),
            "sudo apt update && sudo apt install claude-code",
        ],
    ),
    Install.DNF: "\n".join(
        [
            (
                "printf '%s\\n' '[claude-code]' 'name=Claude Code' "
                f"'baseurl={_DOWNLOADS}/claude-code/rpm/stable' enabled=1 gpgcheck=1 "
                f"'gpgkey={_DOWNLOADS}/keys/claude-code.asc' | sudo tee /etc/yum.repos.d/claude-code.repo"
            ),
            "sudo dnf install claude-code",
        ],
    ),
    Install.APK: "\n".join(
        [
            f"wget -O /etc/apk/keys/claude-code.rsa.pub {_DOWNLOADS}/keys/claude-code.rsa.pub",
            f"echo '{_DOWNLOADS}/claude-code/apk/stable' >> /etc/apk/repositories",
            "apk add claude-code",
        ],
    ),
    Install.NPM: "npm install -g @anthropic-ai/claude-code",
}

_NOTES: Final[dict[Install, tuple[Text, ...]]] = {
    Install.NATIVE: (),
    Install.HOMEBREW: (
        _("Homebrew’s `claude-code` is about a week behind. It updates only when you run `brew upgrade claude-code`."),
    ),
    Install.HOMEBREW_LATEST: (_("It updates only when you run `brew upgrade claude-code@latest`."),),
    Install.WINGET: (
        _("It updates only when you run `winget upgrade Anthropic.ClaudeCode`, with Claude Code closed."),
    ),
    Install.APT: (
        _(
            "Before you trust the signing key, compare: `gpg --show-keys /etc/apt/keyrings/claude-code.asc` must print "
            "`{fingerprint}`.",
            fingerprint=SIGNING_KEY_FINGERPRINT,
        ),
        _("It updates with your system’s packages."),
    ),
    Install.DNF: (
        _("dnf shows the signing key once. Accept it only as `{fingerprint}`.", fingerprint=SIGNING_KEY_FINGERPRINT),
        _("It updates with your system’s packages."),
    ),
    Install.APK: (
        _(
            "Run these as root. `sha256sum /etc/apk/keys/claude-code.rsa.pub` must begin with `{start}`.",
            start=APK_KEY_SHA256_START,
        ),
        _("On Alpine, also run `apk add bash curl libgcc libstdc++ ripgrep` and set `USE_BUILTIN_RIPGREP=0`."),
    ),
    Install.NPM: (
        _(
            "npm asks for Node.js 22 or newer. On an older one it prints `EBADENGINE` and the client still runs, "
            "because "
            "the package brings its own program.",
        ),
        _("Do not put `sudo` in front: it makes files that later updates cannot replace."),
    ),
}


_OWN_LAUNCHER: Final = {Install.NATIVE, Install.DONE}
"""Installs that put a launcher into `~/.local/bin` (or may have done so before)."""

_IN_SYSTEM_FOLDER: Final = _(
    "The package puts it into `/usr/bin`. Run `hash -r` if the shell remembers an older place."
)
_LAUNCHER_ELSEWHERE: Final[dict[Install, Text]] = {
    Install.HOMEBREW: _("Homebrew’s own folder must be on the search path: run what `brew shellenv` prints."),
    Install.HOMEBREW_LATEST: _("Homebrew’s own folder must be on the search path: run what `brew shellenv` prints."),
    Install.WINGET: _("WinGet adds its folder of links to `Path` for new windows only."),
    Install.APT: _IN_SYSTEM_FOLDER,
    Install.DNF: _IN_SYSTEM_FOLDER,
    Install.APK: _IN_SYSTEM_FOLDER,
    Install.NPM: _(
        "npm puts it into the folder `bin` of what `npm prefix -g` prints (on Windows into that folder itself)."
    ),
}


def install_section(choices: Choices) -> Section:
    """The command that installs the client, and the one that proves it; nothing to install for `Install.DONE`."""
    target = choices.target
    language = dialect_for(target.platform, target.shell).language
    version = Block(
        kind=BlockKind.INSTALL,
        text="claude --version",
        language=language,
        does=_("Check that the shell finds it."),
        after=_("You see a version number, for example `2.1.330 (Claude Code)`."),
        shell=target.shell,
    )
    if choices.install is Install.DONE:
        return Section(blocks=(version,))
    command = Block(
        kind=BlockKind.INSTALL,
        text=_command(choices.install, target.shell),
        language=language,
        does=_("Install Claude Code."),
        after=_("It takes a minute or two and ends by saying where the program is."),
        shell=target.shell,
    )
    notes = tuple(Note(NoteKind.INFO, text) for text in _NOTES[choices.install])
    return Section(blocks=(command, version), notes=notes)


def not_found_section(choices: Choices) -> Section:
    """What to do when the shell answers that it does not know `claude`: it depends on who put it where."""
    target = choices.target
    notes = [_info(_("Open a new terminal first: an open one does not see new programs."))]
    if choices.install in _LAUNCHER_ELSEWHERE:
        notes.append(_info(_LAUNCHER_ELSEWHERE[choices.install]))
    if target.shell is Shell.CMD and choices.install in _OWN_LAUNCHER:
        notes.append(
            _info(
                _(
                    "The command lasts for this window. To keep it, search Windows for “Edit environment variables for "
                    "your account” and add `%USERPROFILE%\\.local\\bin` to `Path`.",
                ),
            ),
        )
    if target.shell is Shell.POWERSHELL:
        notes.append(
            _info(_("“Running scripts is disabled”? Run `Set-ExecutionPolicy -Scope CurrentUser RemoteSigned` once.")),
        )
    if target.platform is Platform.WSL:
        notes.append(_info(_("WSL and Windows are two machines here: install and set up on the side you work on.")))
    return Section(blocks=(_path_block(choices),) if choices.install in _OWN_LAUNCHER else (), notes=tuple(notes))


def _path_block(choices: Choices) -> Block:
    dialect = dialect_for(choices.target.platform, choices.target.shell)
    return Block(
        kind=BlockKind.PATH,
        text=dialect.add_to_path(),
        language=dialect.language,
        does=_("Add the installer’s folder to the search path."),
        after=_("Then `claude --version` answers with a version number."),
        shell=choices.target.shell,
    )


def _info(text: Text) -> Note:
    return Note(NoteKind.INFO, text)


def _command(install: Install, shell: Shell) -> str:
    if install is Install.NATIVE:
        return _NATIVE.get(shell, _NATIVE_UNIX)
    if install is Install.NPM and shell is Shell.POWERSHELL:
        return _NPM_POWERSHELL
    return _COMMANDS[install]
