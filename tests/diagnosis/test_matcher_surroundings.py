"""What is around the words: the language of the system, the machine, the proxy, the program that speaks."""

from __future__ import annotations

import pytest

from tests.diagnosis.pasting import TOKENBAY, causes, first


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
    text = (
        "$ which claude\n/mnt/c/Users/ada/AppData/Roaming/npm/claude\n$ claude -p hi\nNot logged in · Please run /login"
    )
    assert causes(text, TOKENBAY)[0] == first(text) == "wsl-two-homes"
    assert first(text.replace("/mnt/c/Users/ada/AppData/Roaming/npm", "/usr/bin")) == "not-in-effect"


def test_key_in_the_history_of_a_repository_is_named() -> None:
    text = '$ git show HEAD -- .claude/settings.json\n+    "ANTHROPIC_AUTH_TOKEN": "sk-0123456789abcdef"'
    assert first(text) == "key-committed"


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("Le modèle claude-opus-4-8 est introuvable.", "model-unknown"),
        ("モデル claude-opus-4-8 が見つかりません", "model-unknown"),
        ("Modelo claude-sonnet-4-6 no encontrado", "model-unknown"),
        ("Модель claude-opus-4-8 не найдена", "model-unknown"),
        ("Modell claude-opus-4-8 nicht gefunden", "model-unknown"),
        ("Modèle introuvable : claude-sonnet-4-6", "model-unknown"),
        ("Ressource introuvable", "base-url-path"),
        ("La ressource demandée est introuvable", "base-url-path"),
        ("Die angeforderte Resource wurde nicht gefunden", "base-url-path"),
    ],
)
def test_what_a_gateway_does_not_find_is_no_command_of_a_shell(message: str, cause: str) -> None:
    found = causes(f'API Error: 404 {{"error":{{"message":"{message}"}}}}', TOKENBAY)
    assert cause in found[:3], found
    assert not {"command-not-found", "wrong-shell"} & set(found)


@pytest.mark.parametrize(
    "message",
    [
        "Der API-Key Ihrer Organisation ist ungültig",
        "invalid token: 您的令牌已过期",
        "Invalid token: votre jeton a expiré",
        "API Key: tu clave ha caducado",
        "Claude API Key nicht gefunden",
    ],
)
def test_your_key_in_a_sentence_is_no_placeholder(message: str) -> None:
    said = f'Please run /login · API Error: 401 {{"error":{{"message":"{message}"}}}}'
    assert first(said, TOKENBAY) == "key-rejected"


@pytest.mark.parametrize("script", ["doctor", "apply"])
@pytest.mark.parametrize("message", ["Der API-Schlüssel wurde deaktiviert.", "该令牌已停用", "無効なAPIキーです"])
def test_key_that_is_turned_off_is_no_script_that_is(script: str, message: str) -> None:
    prompt = f"PS C:\\Users\\Uwe> .\\{script}.ps1\n"
    refused = f'{{"error":{{"message":"{message}"}}}}'
    assert first(f"{prompt}Please run /login · API Error: 401 {refused}", TOKENBAY) == "key-rejected"
    assert "execution-policy" not in causes(prompt + refused, TOKENBAY)


@pytest.mark.parametrize(
    "line",
    [
        "$ echo $ANTHROPIC_AUTH_TOKEN && claude -p hi",
        "$ cd ~/app && echo $ANTHROPIC_AUTH_TOKEN",
        "$ source ~/.zshrc && echo $ANTHROPIC_AUTH_TOKEN",
    ],
)
def test_ordinary_line_with_the_name_of_the_key_is_for_this_shell(line: str) -> None:
    said = 'Please run /login · API Error: 401 {"error":{"message":"Invalid token"}}'
    assert first(f"{line}\nsk-82jd7sh2kd92ka83ms9x\n{said}", TOKENBAY) == "key-rejected"


@pytest.mark.parametrize(
    "line",
    [
        "$ docker run -d -p 4000:4000 litellm",
        "$ # is docker running?",
        "$ ssh -N -L 4000:localhost:4000 gw",
        "$ ssh-keygen",
    ],
)
def test_host_is_not_taken_for_the_container_that_it_starts(line: str) -> None:
    refused = "$ claude -p hi\nAPI Error: Connection refused (ECONNREFUSED)"
    assert first(f"{line}\nANTHROPIC_BASE_URL=http://localhost:4000\n{refused}") == "connection-refused"


def test_container_is_seen_in_any_language_of_its_system() -> None:
    text = (
        "root@3f2a9c1b7d4e:/app# echo $ANTHROPIC_BASE_URL\nhttp://localhost:4000\n"
        "root@3f2a9c1b7d4e:/app# curl -sS $ANTHROPIC_BASE_URL/v1/models\n"
        "curl: (7) Не удалось подключиться к localhost порт 4000"
    )
    assert "localhost-elsewhere" in causes(text)[:2]


def test_missing_channel_is_the_name_of_the_model_or_the_group_of_the_key() -> None:
    said = "API Error: 503 当前分组 vip 下对于模型 claude-opus-4-8 无可用渠道"
    assert causes(said, TOKENBAY)[:2] == ["model-unknown", "model-restricted"]


def test_code_of_a_region_decides_about_a_refusal() -> None:
    code = '{"error":{"code":"unsupported_country_region_territory","message":"Request not allowed"}}'
    assert first(f"Failed to authenticate. API Error: 403 {code}", TOKENBAY) == "region-refused"


def test_budget_that_is_used_up_is_no_limit_of_speed() -> None:
    said = 'API Error: Request rejected (429) · {"error":{"message":"Monthly budget of team-a used up","type":"quota"}}'
    assert first(said, TOKENBAY) == "out-of-credit"


def test_page_of_a_filter_of_the_company_is_its_own() -> None:
    page = "<html><title>Zscaler</title><body>Website blocked by your organisation</body></html>"
    assert first(f"API Error: 403 {page}", TOKENBAY) == "proxy-refused"
