"""Variables are read from what every shell prints, and from what people typed."""

from __future__ import annotations

import pytest

from tests.diagnosis.pasting import TOKENBAY, causes, first

URL, KEY, OLD = "https://api.tokenbay.com", "sk-0123456789abcdefgh", "sk-ant-old-0123456789ab"


def shown(address: str = URL, token: str = KEY, api_key: str = "") -> dict[str, str]:
    """The same variables as five shells show them."""
    pairs = [("ANTHROPIC_AUTH_TOKEN", token), ("ANTHROPIC_BASE_URL", address)]
    pairs += [("ANTHROPIC_API_KEY", api_key)] if api_key else []
    table = "\n".join(f"{name:<30} {value}" for name, value in pairs)
    listing = "\n".join(f"\nName  : {name}\nValue : {value}" for name, value in pairs)
    fish = "\n".join(
        f"${name}: set in global scope, exported, with 1 elements\n${name}[1]: |{value}|" for name, value in pairs
    )
    lines = "\n".join(f"{name}={value}" for name, value in pairs)
    return {
        "env": f"$ env | grep ANTHROPIC\n{lines}\n$",
        "cmd": f"C:\\Users\\ada>set ANTHROPIC\n{lines}\n\nC:\\Users\\ada>",
        "table": f"PS C:\\> Get-ChildItem Env:ANTHROPIC*\n\nName                  Value\n----  -----\n{table}\n",
        "list": f"PS C:\\> gci env:ANTHROPIC* | Format-List\n{listing}\n",
        "fish": f"$ set -S | grep ANTHROPIC\n{fish}",
        "exports": "\n".join(f"declare -x {name}='{value}'" for name, value in pairs),
    }


FORMS = list(shown())


@pytest.mark.parametrize("form", FORMS)
def test_right_variables_name_no_cause(form: str) -> None:
    assert causes(shown()[form], TOKENBAY) == []


@pytest.mark.parametrize("form", FORMS)
def test_left_over_key_is_seen_in_every_form(form: str) -> None:
    assert first(shown(api_key=OLD)[form], TOKENBAY) == "leftover-api-key"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("address", "cause"),
    [
        (f"{URL}/v1", "base-url-path"),
        (f"{URL}/v1/messages", "base-url-path"),
        ("api.tokenbay.com", "base-url-invalid"),
        ("http://api.tokenbay.com", "base-url-redirect"),
        ("https://old.example", "settings-file-wins"),
    ],
)
def test_wrong_address_is_seen_in_every_form(form: str, address: str, cause: str) -> None:
    assert first(shown(address=address)[form], TOKENBAY) == cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("$ env | grep ANTHROPIC\n$", "not-in-effect"),
        ("PS C:\\> Get-ChildItem Env:ANTHROPIC*\nPS C:\\>", "not-in-effect"),
        (f"$ env | grep ANTHROPIC\nANTHROPIC_AUTH_TOKEN={KEY}", "not-in-effect"),
        (f"$ env | grep ANTHROPIC\nANTHROPIC_BASE_URL={URL}", "not-in-effect"),
        (f'$ env | grep ANTHROPIC\nANTHROPIC_BASE_URL={URL}\nANTHROPIC_AUTH_TOKEN="{KEY}"', "key-malformed"),
        (f'C:\\>set ANTHROPIC_AUTH_TOKEN="{KEY}"', "key-malformed"),
        (f"$ ANTHROPIC_BASE_URL={URL}", "not-in-effect"),
        ("export ANTHROPIC_AUTH_TOKEN=<your-key>", "key-placeholder"),
        ('$env:ANTHROPIC_AUTH_TOKEN = "sk-XXXXXXX"', "key-placeholder"),
        ("$ echo $ANTHROPIC_BASE_URL\n\n$ ", "not-in-effect"),
        ("PS C:\\> $env:ANTHROPIC_BASE_URL\nhttps://api.tokenbay.com/v1", "base-url-path"),
        ("CLAUDE_CODE_USE_VERTEX=1", "cloud-provider-flag"),
        ("$ env | grep -i proxy\nHTTPS_PROXY=proxy.corp:8080", "proxy-scheme"),
        ("export HTTPS_PROXY=socks5://127.0.0.1:1080", "proxy-scheme"),
        ("export ANTHROPIC_MODEL=claude-sonnet-4-6", "model-unknown"),
    ],
)
def test_variables_name_the_cause(text: str, cause: str) -> None:
    assert first(text, TOKENBAY) == cause


def test_quoted_value_of_a_command_is_not_a_fault() -> None:
    assert causes(f'export ANTHROPIC_BASE_URL="{URL}"\nexport ANTHROPIC_AUTH_TOKEN="{KEY}"', TOKENBAY) == []


def test_sentence_about_a_variable_is_not_a_variable() -> None:
    text = "ANTHROPIC_BASE_URL is described in the documents. See ANTHROPIC_API_KEY there."
    assert causes(text, TOKENBAY) == []
