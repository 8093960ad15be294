"""The scripts of `locktool completions`, run by the shells that they are for; a shell that is absent is skipped."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from locktool.cli.commands import COMMANDS
from locktool.cli.completion_scripts import (
    CompletedCommand,
    CompletedOption,
    fish_script,
    powershell_script,
    zsh_script,
)
from locktool.cli.completions import SHELLS, completed_commands

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command

BASH = shutil.which("bash")
ZSH = shutil.which("zsh")
FISH = shutil.which("fish")

# A command whose summaries have what each shell quotes.
ODD = CompletedCommand(
    "odd",
    "it's [odd]: 100%",
    (CompletedOption(("-o", "--odd"), 'isn\'t "plain": [x] \\ $y', takes_value=True, choices=("a", "b")),),
)


def run(*words: str, at: Path) -> list[str]:
    finished = subprocess.run(words, capture_output=True, text=True, cwd=at, check=False, timeout=60)
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    return finished.stdout.split()


@pytest.fixture
def script(isolated_command: Command, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The script of a shell, in a directory with a file and a directory."""
    (tmp_path / "file.txt").touch()
    (tmp_path / "folder").mkdir()
    path = tmp_path / "script"
    path.write_text(isolated_command("completions", request.param).succeeded().out, encoding="utf-8")
    return path


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_option_is_in_the_script(isolated_command: Command, shell: str) -> None:
    script = isolated_command("completions", shell).succeeded().out
    for command in completed_commands():
        assert command.name in script
        for option in command.options:
            # fish writes flags without their dashes.
            assert all(flag.lstrip("-") in script for flag in option.flags)
    assert json.loads(isolated_command("completions", shell, "--json").succeeded().out)["script"] == script


def test_each_option_has_a_summary_and_hidden_ones_are_left_out() -> None:
    options = [option for command in completed_commands() for option in command.options]
    assert options
    assert all(option.summary and "==" not in option.summary.split()[0] for option in options)


def test_another_shell_is_refused(isolated_command: Command) -> None:
    assert "'tcsh' is not one of bash, zsh, fish, powershell" in isolated_command("completions", "tcsh").failed(2).err


@pytest.mark.skipif(BASH is None, reason="there is no bash here")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ch"], {"check"}),
        (["lock", "--upg"], {"--upgrade", "--upgrade-package"}),
        (["lock", "--resolution", ""], {"highest", "lowest", "lowest-direct"}),
        (["--quiet", "export", "--format", "c"], {"cyclonedx"}),
        (["cache", "p"], {"prune"}),
        (["lock", "--project", "fo"], {"folder"}),
        (["compile", "fi"], {"file.txt"}),
        (["lock", "--index-url", ""], set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
@pytest.mark.parametrize("script", ["bash"], indirect=True)
def test_bash_completes(script: Path, words: list[str], expected: set[str]) -> None:
    line = " ".join(f"'{word}'" for word in ["locktool", *words])
    text = f'. ./script; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _locktool; printf "%s\\n" "${{COMPREPLY[@]}}"'
    assert set(run(str(BASH), "-c", text, at=script.parent)) == expected


def test_bash_offers_every_command_first(isolated_command: Command) -> None:
    assert f'*) words="{" ".join(COMMANDS)} ' in isolated_command("completions", "bash").succeeded().out


@pytest.mark.skipif(ZSH is None, reason="there is no zsh here")
@pytest.mark.parametrize("script", ["zsh"], indirect=True)
def test_zsh_loads_the_script(script: Path) -> None:
    text = "autoload -U compinit; compinit -u -d .zcompdump; source ./script; whence -w _locktool"
    assert run(str(ZSH), "-f", "-c", text, at=script.parent) == ["_locktool:", "function"]


@pytest.mark.skipif(FISH is None, reason="there is no fish here")
@pytest.mark.parametrize("script", ["fish"], indirect=True)
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("locktool ch", {"check"}),
        ("locktool lock --upg", {"--upgrade", "--upgrade-package"}),
        ("locktool export --format c", {"cyclonedx"}),
        ("locktool cache p", {"prune"}),
    ],
)
def test_fish_completes(script: Path, line: str, expected: set[str]) -> None:
    text = f'source ./script; complete -C "{line}" | string split -f1 \\t; true'
    assert expected <= set(run(str(FISH), "--no-config", "-c", text, at=script.parent))


def test_summaries_are_quoted() -> None:
    assert r"'*--odd=[isn'\''t " in zsh_script([ODD])
    assert r'"plain"\: \[x\] \\ $y]:value:(a b)' in zsh_script([ODD])
    assert r"""-d 'isn\'t "plain": [x] \\ $y'""" in fish_script([ODD])
    assert """'--odd' = 'isn''t "plain": [x] \\ $y'""" in powershell_script([ODD])
