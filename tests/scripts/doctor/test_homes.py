from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from portal.scripts.doctor import FINDINGS, render_doctor_ps1, render_doctor_sh
from tests.profile.documents import read
from tests.real_parts.plugin import real_part
from tests.scripts.doctor.faulty import USER, Faulty
from tests.scripts.doctor.faulty_places import FAULTY_PLACES
from tests.scripts.doctor.faulty_values import FAULTY_VALUES
from tests.scripts.doctor.homes import GOOD, OLD_KEY, Prepared, exports, prepare, settings

FAULTY = {**FAULTY_PLACES, **FAULTY_VALUES}
SAMPLE = [
    "left-over key in .zshrc",
    "trailing comma",
    "settings.json wins over the shell",
    "CLAUDE_CONFIG_DIR",
]
UTF_8_BOM = b"\xef\xbb\xbf"
HEALTHY = {
    "user settings": Prepared({USER: settings()}),
    "start-up file": Prepared({".bashrc": exports(**GOOD)}, GOOD),
    "byte order mark": Prepared({USER: UTF_8_BOM + settings().encode()}),
    "UTF-16": Prepared({USER: settings().encode("utf-16")}),
    "CRLF": Prepared({USER: settings().replace("\n", "\r\n")}),
    "empty project file": Prepared({USER: settings(), "./.claude/settings.json": ""}),
    "left-over key that the settings blank": Prepared(
        {USER: settings(ANTHROPIC_API_KEY=""), ".bashrc": exports(ANTHROPIC_API_KEY=OLD_KEY)},
        {"ANTHROPIC_API_KEY": OLD_KEY},
    ),
    "left-over key that the start-up file removes": Prepared(
        {USER: settings(), ".bashrc": exports(ANTHROPIC_API_KEY=OLD_KEY) + "unset ANTHROPIC_API_KEY\n"}
    ),
    "key for one command": Prepared({USER: settings(), ".bashrc": f"ANTHROPIC_API_KEY={OLD_KEY} other-tool run\n"}),
    "cloud switched off": Prepared({USER: settings(CLAUDE_CODE_USE_VERTEX="")}, {"CLAUDE_CODE_USE_VERTEX": "1"}),
    "shell with another address": Prepared({USER: settings()}, {"ANTHROPIC_BASE_URL": "https://old.example.org"}),
    "slash and capitals": Prepared({USER: settings(ANTHROPIC_BASE_URL="HTTPS://API.example.com/")}),
    "gateway at /v1": Prepared(
        {USER: settings(ANTHROPIC_BASE_URL="https://api.example.com/v1")},
        profile={"base_url": "https://api.example.com/v1", "base_url_includes_version": True},
    ),
    "saved login beside the key": Prepared({USER: settings(), ".claude/.credentials.json": '{"claudeAiOauth": {}}'}),
    "proxy": Prepared({USER: settings()}, {"https_proxy": "http://me:secret@proxy:3128", "NO_PROXY": "localhost,.lan"}),
    "long context": Prepared({USER: settings(ANTHROPIC_DEFAULT_OPUS_MODEL="big-1[1m]", API_TIMEOUT_MS="3_000_000")}),
}


@pytest.mark.parametrize("faulty", FAULTY.values(), ids=FAULTY.keys())
def test_source_of_the_fault_is_named_first(faulty: Faulty, tmp_path: Path) -> None:
    answer = prepare(tmp_path / "h", faulty.prepared).ask()
    assert answer.first == (faulty.id, faulty.place)
    assert answer.code == 1
    assert set(answer.report.ids) <= set(FINDINGS)
    assert answer.report.ids == sorted(answer.report.ids, key=FINDINGS.index)


@pytest.mark.parametrize("prepared", HEALTHY.values(), ids=HEALTHY.keys())
def test_nothing_is_found_when_the_home_is_healthy(prepared: Prepared, tmp_path: Path) -> None:
    answer = prepare(tmp_path / "h", prepared).ask()
    assert answer.report.findings == []
    assert "Nothing wrong was found." in answer.output


@pytest.mark.parametrize("name", SAMPLE)
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_other_shells_say_the_same(name: str, shell: str, tmp_path: Path) -> None:
    real_part(shell)
    house = prepare(tmp_path / "h", FAULTY[name].prepared)
    assert house.ask(shell=shell).output == house.ask().output


@pytest.mark.parametrize("name", SAMPLE)
@pytest.mark.parametrize("awk", ["gawk", "mawk", "original-awk", "busybox"])
def test_every_awk_says_the_same(name: str, awk: str, tmp_path: Path) -> None:
    program = shutil.which(awk)
    if not program:
        pytest.skip(f"{awk} is not on this machine; Debian: apt-get install {awk}")
    house = prepare(tmp_path / "h", FAULTY[name].prepared)
    usual = house.ask()
    house.add_tools(awk=Path(program))
    assert house.ask().output == usual.output


@pytest.mark.parametrize("engine", ["python3", "node", "jq", "perl"])
def test_no_json_program_is_needed_and_none_changes_the_answer(engine: str, tmp_path: Path) -> None:
    house = prepare(tmp_path / "h", FAULTY["trailing comma"].prepared)
    without = house.ask()
    house.add_tools(engine)
    with_engine = house.ask()
    assert with_engine.first == without.first
    assert with_engine.report.repeated["settings"] == without.report.repeated["settings"]


def test_broken_settings_lead_to_the_page_that_repairs_them(tmp_path: Path) -> None:
    guide = "https://portal.example/#fold-merge"
    text = render_doctor_sh(read(), guide_url=guide)
    house = prepare(tmp_path / "h", Prepared({".claude/settings.json": "{,}"}))
    assert f"repair the file in your browser: {guide}" in house.ask(text=text).output
    assert guide in render_doctor_ps1(read(), guide_url=guide)
    state = prepare(tmp_path / "s", Prepared({".claude.json": "{,}", ".claude/settings.json": settings()}))
    assert guide not in state.ask(text=text).output
