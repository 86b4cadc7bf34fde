"""PURE: owns the doctor, a script that says where a visitor's settings come from and what is wrong with them.

The scripts are real files beside this module: `doctor.sh` with its analysis in `doctor_*.awk`, and `doctor.ps1`.
Here they get the values of one gateway, quoted by the dialect of their shell; a key is never among them. What the
doctor knows about Claude Code (which place wins, when a file is ignored, which mistakes have which effect) was
measured with 2.1.197 and 2.1.330.

The report block
----------------
Both scripts end their output with a block to paste into the portal. It is ASCII, one `key: value` a line, between
`REPORT_BEGIN` and `REPORT_END`; fields of a value are separated by ` | `. Places read `~/.zshrc line 12`; a value is
shown whole (flags, model ids), as scheme, host and path (addresses), or masked (`sk-...9f2a`, `***`). Keys in order,
those marked * any number of times:

    doctor: sh or ps1
    os: macos, linux, wsl, windows, git-bash or other
    shell: the person's shell, or unknown
    gateway: the address that is expected, or unknown
    credential: the variable that should carry the key
    config-dir: default, or where CLAUDE_CONFIG_DIR points
    claude*: VERSION (or silent) | native, npm, homebrew, windows or other | PLACE; or none
    node: VERSION                      (left out when there is no node)
    login: none, file or keychain
    helper: none, or the place of apiKeyHelper
    auth*: a line of `claude auth status --text`
    network: ok, dns, refused, tls, proxy, timeout, failed, skipped or no-curl
    settings*: KIND | valid, empty, broken, unreadable or unread | PLACE
               KIND: managed, local, project, user, legacy (~/.claude.json), default (hidden by CLAUDE_CONFIG_DIR) or
               stray (Claude Code never reads it)
    var*: NAME | STATE | KIND | PLACE | SHOWN
          STATE: wins, unused (a stronger place wins), source (where the terminal has it from), later (new terminals),
          ignored; KIND: as above, or process, system, zsh, bash, fish, dotenv, registry-user, registry-machine,
          powershell
    finding*: ID | NAME or - | PLACE   (most likely cause first; ID is one of FINDINGS)
    findings: how many
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from portal.profile.model import CredentialScheme, GatewayProfile, base_url_for
from portal.snippets.dialects import dialect_for, quote_for_script
from portal.snippets.targets import Platform, Shell

REPORT_BEGIN: Final = "-----BEGIN CLAUDE CODE REPORT v1-----"
REPORT_END: Final = "-----END CLAUDE CODE REPORT v1-----"

FINDINGS: Final = (
    "settings-invalid",
    "settings-unreadable",
    "not-exported",
    "not-loaded",
    "other-shell",
    "outside-env",
    "odd-name",
    "config-dir",
    "wrong-file",
    "login-sent",
    "cloud-provider",
    "first-party-only",
    "oauth-token",
    "wrong-variable",
    "left-over-key",
    "key-placeholder",
    "key-quotes",
    "key-bearer",
    "key-characters",
    "key-blanks",
    "key-variable",
    "key-empty",
    "helper-and-key",
    "url-quotes",
    "url-blanks",
    "url-scheme",
    "url-endpoint",
    "url-v1",
    "url-query",
    "url-http",
    "shadowed",
    "url-other",
    "url-path",
    "url-empty",
    "key-missing",
    "url-missing",
    "key-declined",
    "headers-missing",
    "claude-missing",
    "proxy-scheme",
    "proxy-socks",
    "proxy-local",
    "ca-missing",
    "tls-off",
    "network-dns",
    "network-refused",
    "network-tls",
    "network-proxy",
    "network-timeout",
    "network-failed",
    "env-twice",
    "timeout-invalid",
    "model-unknown",
    "model-unset",
    "claude-windows",
    "claude-silent",
    "claude-several",
    "key-shared",
)
"""What the doctor can find, the most likely cause of a failing set-up first; the scripts keep this order."""

_FOLDER: Final = Path(__file__).resolve().parent
_VALUES_BEGIN: Final = "# >>> values of this gateway >>>\n"
_VALUES_END: Final = "# <<< values of this gateway <<<\n"
_ANALYSIS: Final = "# <<< the analysis (doctor_*.awk) >>>\n"


def render_doctor_sh(
    profile: GatewayProfile, region: str = "", credential: CredentialScheme | None = None, guide_url: str = ""
) -> str:
    """The doctor for every POSIX shell, to be run as `curl -fsSL … | sh`.

    `region` and `credential` are those of `Choices`; without them it looks for the profile's own. `guide_url` is the
    page that repairs files. Raises KeyError for a region that the profile does not have.
    """
    values = _values(profile, region, credential or profile.credential, guide_url, quote_for_script)
    script = _script("doctor.sh").replace(_ANALYSIS, _analysis())
    return _with_values(script, [f"{name}={word}" for name, word in values])


def render_doctor_ps1(
    profile: GatewayProfile, region: str = "", credential: CredentialScheme | None = None, guide_url: str = ""
) -> str:
    """The doctor for Windows PowerShell 5.1 and PowerShell 7, to be run as `irm … | iex`; like `render_doctor_sh`."""
    quote = dialect_for(Platform.WINDOWS, Shell.POWERSHELL).quote
    values = _values(profile, region, credential or profile.credential, guide_url, quote)
    return _with_values(_script("doctor.ps1"), [f"${name} = {word}" for name, word in values])


def _values(
    profile: GatewayProfile, region: str, credential: CredentialScheme, guide_url: str, quote: Callable[[str], str]
) -> list[tuple[str, str]]:
    """The names and quoted values of the header. An address that the operator has still to complete is left empty."""
    values = {
        "GATEWAY_NAME": profile.name,
        "GUIDE_URL": guide_url,
        "GATEWAY_URL": "" if profile.blanks() else base_url_for(profile, region),
        "CREDENTIAL": credential.variable,
        "OTHER_CREDENTIAL": credential.other_variable,
        "NEEDS_HEADERS": "yes" if profile.headers else "no",
        "MODELS": " ".join(model.id for model in profile.offered()),
    }
    return [(name, quote(value)) for name, value in values.items()]


def _with_values(script: str, lines: list[str]) -> str:
    before, _, rest = script.partition(_VALUES_BEGIN)
    _, _, after = rest.partition(_VALUES_END)
    return before + _VALUES_BEGIN + "".join(f"{line}\n" for line in lines) + _VALUES_END + after


@cache
def _script(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


@cache
def _analysis() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(_FOLDER.glob("doctor_*.awk")))
