"""What a command line may look like: options before the command, words of other tools, values, and errors as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from locktool.cli.commands import COMMANDS

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

EVERY_HELP = pytest.mark.parametrize(
    "command", [[], *([name] for name in COMMANDS)], ids=lambda words: " ".join(words) or "none"
)


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A locked project."""
    index.add("web", "1.0.0")
    project.pyproject("web", extras={"s3": ["web"]})
    run_locktool("lock").succeeded()
    return run_locktool


@EVERY_HELP
def test_help_fits_eighty_columns(isolated_command: Command, command: list[str]) -> None:
    out = isolated_command(*command, "--help", env={"COLUMNS": "80"}).succeeded().out
    assert [line for line in out.splitlines() if len(line) > 80] == []


@EVERY_HELP
def test_help_says_what_the_exit_codes_mean(isolated_command: Command, command: list[str]) -> None:
    assert "exit codes: 0 " in isolated_command(*command, "--help").succeeded().out


@pytest.mark.parametrize(
    "words",
    [["-q", "check"], ["--frozen", "check"], ["-vq", "--json", "tree"], ["--project", ".", "-q", "lock"]],
    ids=" ".join,
)
def test_options_may_stand_before_the_command(locked: Command, words: list[str]) -> None:
    before = locked(*words).succeeded()
    after = locked(words[-1], *words[:-1]).succeeded()
    assert before.out == after.out
    assert len(before.err.splitlines()) == len(after.err.splitlines())


def test_a_wrong_option_before_the_command_is_refused_by_the_command(isolated_command: Command) -> None:
    assert "--extra is not an option of `locktool lock`" in isolated_command("--extra", "lock").failed(2).err


@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_the_version_has_two_flags(isolated_command: Command, flag: str) -> None:
    assert isolated_command(flag).succeeded().out.startswith("locktool 0.")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["update"], "did you mean 'upgrade'?"),
        (["install"], "`uv pip install -r pylock.toml`"),
        (["sync"], "`uv pip install -r pylock.toml`"),
        (["add", "--dev", "web"], "did you mean '--group dev'?"),
        (["add", "--optional", "s3", "web"], "did you mean '--extra NAME'?"),
        (["lock", "--check"], "did you mean `locktool check`?"),
        (["upgrade", "-P", "web"], "`locktool upgrade NAME`"),
        (["compile", "--no-build-isolation"], "no-build-isolation-package"),
        (["tree", "flask"], "did you mean '--package flask'?"),
        (["export", "--without-hashes"], "did you mean '--no-hashes'?"),
        (["list", "--python-vers", "3"], "did you mean '--python-version'?"),
    ],
    ids=" ".join,
)
def test_words_of_other_tools_lead_to_ours(isolated_command: Command, words: list[str], hint: str) -> None:
    assert hint in isolated_command(*words).failed(2).err


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("lcok", "lock"),
        ("chekc", "check"),
        ("ad web", "add"),
        ("compil", "compile"),
        ("upgrde", "upgrade"),
        ("delete web", "remove"),
        ("completion zsh", "completions"),
        ("help", "--help"),
        ("lock --ofline", "--offline"),
        ("lock --no-chache", "--no-cache"),
        ("lock -u", "--upgrade"),
        ("lock --extra-index x", "--extra-index-url"),
        ("lock --resolution lowst", "lowest"),
        ("check --frozn", "--frozen"),
        ("list --python-verson 3.12", "--python-version"),
        ("compile --univeral", "--universal"),
        ("export --format pylok", "pylock"),
        ("export --format sbom", "cyclonedx"),
        ("cache clear", "clean"),
        ("python ls", "list"),
        ("why web --lastest", "--latest"),
        ("diff --md", "--markdown"),
        ("init --python 3.12", "--requires-python"),
    ],
)
def test_a_usual_typo_leads_to_what_was_meant(locked: Command, words: str, meant: str) -> None:
    assert f"did you mean '{meant}'?" in locked(*words.split()).failed(2).err


def test_an_option_is_similar_in_its_name_and_not_in_its_dashes(isolated_command: Command) -> None:
    assert "did you mean" not in isolated_command("lock", "--nosuch").failed(2).err


@pytest.mark.parametrize(
    "words",
    [
        ["lock", "--nosuch"],
        ["nosuch"],
        ["list", "--extra", ""],
        ["check", ".", "--project", "x"],
        ["why", "web==1", "--latest"],
        ["cache", "dir", "web"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_a_document_too(isolated_command: Command, words: list[str]) -> None:
    finished = isolated_command(*words, "--json").failed(2)
    error = json.loads(finished.out)["error"]
    assert error["code"] in {"usage", "contradicting-options"}
    assert error["message"] in finished.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["why", "pytest>=x"], "argument NAME[VERSIONS]: 'pytest>=x' has an invalid version"),
        (["why", "rich[x]"], "argument NAME[VERSIONS]: 'rich[x]' is neither NAME nor NAME with versions"),
        (["why", "rich==x y"], "argument NAME[VERSIONS]: 'rich==x y' has an invalid version"),
        (["remove", "rich>=3"], "argument NAME: 'rich>=3' is not a name"),
        (["init", "--requires-python", "3.11"], "argument --requires-python: '3.11' is not a range of Pythons"),
        (["init", "--requires-python", "3.11"], "write '>=3.11'"),
        (["compile", "--python-version", "abc"], "argument --python-version: 'abc' is not a version of Python"),
        (["list", "--python-version", "abc"], "argument --python-version: 'abc' is not a version of Python"),
        (["list", "--extra", ""], "argument --extra: '' is not a name"),
        (["add", "--group", "a b", "web"], "argument --group: 'a b' is not a name"),
        (["export", "--only-group", "a b"], "argument --only-group: 'a b' is not a name"),
        (["tree", "--package", "a b"], "argument --package: 'a b' is not a name"),
        (["lock", "--refresh-package", "a b"], "argument --refresh-package: 'a b' is not a name"),
        (["lock", "--no-build-package", "a b"], "argument --no-build-package: 'a b' is not a name"),
        (["compile", "-o", ""], "argument -o/--output-file/--output: it is empty"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_an_error_of_a_value_names_the_option(isolated_command: Command, words: list[str], message: str) -> None:
    assert message in isolated_command(*words).failed(2).err


@pytest.mark.parametrize("other", ["requirements.txt", "pylock.toml", "dot"])
def test_formats_have_the_names_of_other_tools(locked: Command, other: str) -> None:
    ours = {"requirements.txt": "requirements", "pylock.toml": "pylock", "dot": "graphviz"}[other]
    assert locked("export", "--format", other).succeeded().out == locked("export", "--format", ours).succeeded().out


def test_a_dash_is_the_standard_output(locked: Command, project: ProjectWriter) -> None:
    assert locked("export", "-o", "-").succeeded().out == locked("export").succeeded().out
    assert "web==1.0.0" in locked("compile", "pyproject.toml", "--output-file=-").succeeded().out
    assert not (project.directory / "-").exists()
    locked("export", "--output-file", "web.txt").succeeded()
    assert "web==1.0.0" in project.read("web.txt")
