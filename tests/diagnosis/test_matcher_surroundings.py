"""What is around the words: the language of the system, the machine, the proxy, the program that speaks."""

from __future__ import annotations

import pytest

from tests.diagnosis.pasting import causes, first


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("bash: claude: Kommando nicht gefunden.", "command-not-found"),
        ("fish: Commande inconnue : claude", "command-not-found"),
        ("Polecenie „claude” nie zostało znalezione; claude: nie znaleziono polecenia", "command-not-found"),
        ('"irm" nie jest rozpoznawany jako polecenie wewnętrzne lub zewnętrzne', "wrong-shell"),
        ("bash: setx: команда не найдена", "wrong-shell"),
        ("Jeton inattendu « && » : le jeton && n'est pas un séparateur d'instructions valide", "wrong-shell"),
        ("Nie można załadować pliku C:\\npm\\claude.ps1: uruchamianie skryptów jest wyłączone", "execution-policy"),
        ("curl: (7) Tilkoblingen ble avslått", "connection-refused"),
        ("curl: (6) Ukjent vert: gw.example", "host-unknown"),
        ("claude -p hi: Nome ou serviço desconhecido", "host-unknown"),
    ],
)
def test_faults_are_known_in_the_language_of_the_system(text: str, cause: str) -> None:
    assert first(text) == cause


@pytest.mark.parametrize(
    "text",
    [
        "ls: Zugriff auf '.claude/foo' nicht möglich: nicht gefunden",
        "bash: terraform: Kommando nicht gefunden.",
        "$ git log --oneline\n41b0c2d Read the key from the environment",
        "$ git push\nEverything up-to-date",
        "401\n404\n500",
    ],
)
def test_other_programs_in_the_language_of_the_system_are_not_named(text: str) -> None:
    assert causes(text) == []


def test_what_stands_beside_a_refused_connection_explains_it() -> None:
    refused = "$ claude -p hi\nAPI Error: Connection refused (ECONNREFUSED)"
    local = f"root@3f9a1c22ab10:/app# echo $ANTHROPIC_BASE_URL\nhttp://127.0.0.1:4000\n{refused}"
    assert first(local) == "localhost-elsewhere"
    assert first(local.replace("3f9a1c22ab10", "laptop")) == "connection-refused"
    assert first(f"https_proxy=http://proxy.example:3128\n{refused}") == "proxy-refused"


def test_claude_of_windows_in_wsl_is_the_cause_and_not_the_key() -> None:
    text = "$ which claude\n/mnt/c/Users/ada/AppData/Roaming/npm/claude\n$ claude -p hi\nNot logged in"
    assert first(text) == "wsl-two-homes"
    assert first(text.replace("/mnt/c/Users/ada/AppData/Roaming/npm", "/usr/bin")) == "not-in-effect"


def test_key_in_the_history_of_a_repository_is_named() -> None:
    text = '$ git show HEAD -- .claude/settings.json\n+    "ANTHROPIC_AUTH_TOKEN": "sk-0123456789abcdef"'
    assert first(text) == "key-committed"
