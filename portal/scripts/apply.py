"""PURE: owns the set-up scripts: `apply.sh` and `apply.ps1` with a header of values for these choices.

The scripts are real files beside this module. Here they get their values, quoted by the dialect of their shell, and
`apply.sh` its merge engines. No key is ever among the values: `portal.keys.PLACEHOLDER` says where the script puts it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from portal.keys import PLACEHOLDER
from portal.profile.model import GatewayProfile
from portal.scripts.plan import FilePlan, KeyCheck, Plan, plan_for
from portal.snippets.choices import Choices
from portal.snippets.dialects import dialect_for, quote_for_script
from portal.snippets.dialects.base import IGNORE_COMMENT
from portal.snippets.dialects.unix import BLOCK_BEGIN, BLOCK_END
from portal.snippets.places import Base, Place
from portal.snippets.script_lines import ScriptName, script_for
from portal.snippets.targets import Platform, Shell, Target

_HERE: Final = Path(__file__).resolve().parent
_WHERE: Final = {Base.HOME: "user", Base.PROJECT: "project", Base.SYSTEM: "machine"}


def render_apply_sh(choices: Choices, profile: GatewayProfile, guide_url: str) -> str:
    """The script for every shell but PowerShell and cmd; a pure function of its arguments, without a key.

    Raises:
        ValueError: the target has another script, or none (`script_for` says which).
        CannotCarry: a value has a control character.

    """
    _require(choices.target, ScriptName.SH)
    plan = plan_for(choices, profile)
    values = _values(choices.target, plan, profile, guide_url)
    values |= {"check_headers": _curl_config(plan.check)} | _startup_values(choices.target, plan)
    if choices.target.shell is Shell.FISH:
        values |= {f"value_{variable.name}": variable.value for variable in plan.variables}
    header = "\n".join(f"{name}={quote_for_script(value)}" for name, value in values.items())
    script = _resource("apply.sh").replace("#@values", header)
    for language in ("python", "javascript", "jq", "perl"):
        script = script.replace(f"#@engine {language}\n", engine_text(language))
    return script


def render_apply_ps1(choices: Choices, profile: GatewayProfile, guide_url: str) -> str:
    """The script for Windows PowerShell 5.1 and PowerShell 7, also started from cmd; like `render_apply_sh`.

    Raises:
        ValueError: the target has another script, or none (`script_for` says which).
        CannotCarry: a value has a control character.

    """
    _require(choices.target, ScriptName.PS1)
    plan = plan_for(choices, profile)
    quote = dialect_for(Platform.WINDOWS, Shell.POWERSHELL).quote
    values = _values(choices.target, plan, profile, guide_url)
    values["check_url"] = plan.check.url
    values["check_headers"] = "\n".join(f"{name}: {value}" for name, value in plan.check.headers)
    values |= {f"value_{variable.name}": variable.value for variable in plan.variables}
    header = "\n".join(f"    {name} = {_powershell_lines(value, quote)}" for name, value in values.items())
    return _resource("apply.ps1").replace("    #@values", header)


def _powershell_lines(value: str, quote: Callable[[str], str]) -> str:
    """The value as an expression that shows its lines as lines."""
    if "\n" not in value:
        return quote(value)
    lines = "\n".join(f"        {quote(line)}" for line in value.split("\n"))
    return f'@(\n{lines}\n    ) -join "`n"'


@cache
def engine_text(language: str) -> str:
    """The program of a merge engine: `python`, `javascript`, `jq` or `perl`. Ends in a line break."""
    if language == "python":
        return _resource("engines/scan.py") + "\n\n" + _without_imports(_resource("engines/merge.py"))
    return _resource({"javascript": "engines/merge.js", "jq": "engines/merge.jq", "perl": "engines/merge.pl"}[language])


def _without_imports(text: str) -> str:
    """The second half of the Python engine without what the first half has already said."""
    dropped = ("from __future__", "from portal.")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(dropped))


def _require(target: Target, wanted: ScriptName) -> None:
    if script_for(target) is not wanted:
        raise ValueError(f"{wanted} does not serve {target.shell} with the settings in {target.scope}")


@cache
def _resource(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _values(target: Target, plan: Plan, profile: GatewayProfile, guide_url: str) -> dict[str, str]:
    """The values that both scripts have, by the names they use."""
    values = {
        "gateway": profile.name,
        "guide": guide_url,
        "base_url": profile.base_url,
        "placeholder": PLACEHOLDER,
        "scope": target.scope.value,
        "schema_order": plan.schema.line if plan.files else "",
        "served_models": "\n".join(plan.served_models),
        "ignore_lines": "\n".join((IGNORE_COMMENT, *plan.ignore)),
        "check_model": plan.check.model,
        "check_body": plan.check.body,
    }
    files: tuple[FilePlan | None, ...] = (*plan.files, None, None)
    for number, file in enumerate(files[:2], start=1):
        values |= {
            f"where_{number}": _WHERE[file.place.base] if file else "",
            f"path_{number}": _path(file.place, target.platform) if file else "",
            f"kind_{number}": file.keeper.value if file else "",
            f"orders_{number}": "\n".join(order.line for order in file.orders) if file else "",
        }
    return values | {"names": " ".join(variable.name for variable in plan.variables)}


def _startup_values(target: Target, plan: Plan) -> dict[str, str]:
    """Which start-up file, and the block that goes into it; fish keeps variables without a file."""
    shell, dialect = target.shell, dialect_for(target.platform, target.shell)
    if not plan.variables or shell is Shell.FISH:
        return {"startup": "fish" if plan.variables else "", "block": "", "block_begin": "", "block_end": ""}
    login = shell is Shell.BASH and target.platform is Platform.MACOS
    return {
        "startup": "zsh" if shell is Shell.ZSH else "bash-login" if login else "bash",
        "block": dialect.set_here(plan.variables),
        "block_begin": BLOCK_BEGIN,
        "block_end": BLOCK_END,
    }


def _path(place: Place, platform: Platform) -> str:
    """The path below its base; Git Bash reads a drive letter with slashes."""
    path = "/".join(place.parts)
    return path.replace("\\", "/") if platform is Platform.WINDOWS else path


def _curl_config(check: KeyCheck) -> str:
    """The URL and headers as curl reads them from its standard input (`curl -K -`)."""
    lines = [f'url = "{_in_curl_quotes(check.url)}"']
    lines += [f'header = "{_in_curl_quotes(f"{name}: {value}")}"' for name, value in check.headers]
    return "\n".join(lines)


def _in_curl_quotes(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
