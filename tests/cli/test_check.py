"""`locktool check`: yes without a word too many, no with what is wrong and what to do."""

from __future__ import annotations

import json
import os
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from local_index import Status
from locktool import _native
from locktool.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A workspace of two members with a lock; the index is switched off and the cache is gone."""
    index.add("web", "1.0.0", requires=["parts>=1", "win ; sys_platform == 'win32'"])
    index.add("parts", "1.0.0")
    index.add("parts", "1.1.0")
    index.add("win", "3.0.0")
    index.add("store", "2.0.0", requires=["parts<2"])
    index.add("runner", "0.5.0")
    project.pyproject(
        "web>=1", extras={"s3": ["store"]}, groups={"dev": ["runner"]}, tool={"workspace": {"members": ["lib"]}}
    )
    project.pyproject("parts", member="lib", name="lib")
    run_locktool("lock").succeeded()
    shutil.rmtree(run_locktool.home / "cache", ignore_errors=True)
    index.fail("*", Status(503))
    run_locktool.environment["LOCKTOOL_INDEX_URL"] = "http://127.0.0.1:1/simple/"
    return run_locktool


def test_a_lock_that_is_up_to_date_is_zero(locked: Command, project: ProjectWriter) -> None:
    for options in (["--frozen"], [], ["--frozen", "--project", "lib"]):
        finished = locked("check", *options).succeeded()
        assert finished.out == ""
        assert len(finished.err.splitlines()) == 1
    assert json.loads(locked("check", "--frozen", "--json").succeeded().out)["holds"] is True


@pytest.mark.parametrize("content", ["lock-version = '1.0'\n", "no TOML"], ids=["reasons", "unreadable"])
def test_a_lock_that_does_not_hold_is_read_and_proved_once(
    project: ProjectWriter, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    asked: list[str] = []

    def counting_check(directory: str, **how: bool) -> object:
        asked.append(directory)
        return check(directory, **how)

    check = _native.check
    monkeypatch.setattr(_native, "check", counting_check)
    project.pyproject("a")
    project.write("pylock.toml", content)
    monkeypatch.chdir(project.directory)
    monkeypatch.setattr("sys.argv", ["locktool", "check"])
    for _ in range(2):
        assert main() != 0
        assert capsys.readouterr().err
    assert asked == [".", "."]


def test_quiet_says_nothing(locked: Command) -> None:
    assert locked("check", "-q").succeeded().err == ""


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the administrator may write anywhere")
def test_a_read_only_tree_is_enough(locked: Command, project: ProjectWriter) -> None:
    before = {path: path.stat().st_mtime_ns for path in project.directory.rglob("*")}
    project.directory.chmod(0o555)
    locked.home.chmod(0o555)
    try:
        locked("check", "--frozen").succeeded()
    finally:
        project.directory.chmod(0o755)
        locked.home.chmod(0o755)
    assert {path: path.stat().st_mtime_ns for path in project.directory.rglob("*")} == before


def test_a_check_uses_no_cache(locked: Command) -> None:
    for options in (["--frozen"], []):
        locked("check", *options).succeeded()
        assert not (locked.home / "cache").exists()
    locked("check", "--no-cache").failed(2)


def edit(path: str, old: str, new: str) -> Callable[[ProjectWriter], None]:
    """A change of one text in a file."""

    def apply(project: ProjectWriter) -> None:
        text = project.read(path)
        assert old in text
        project.write(path, text.replace(old, new, 1))

    return apply


def drop_package(name: str) -> Callable[[ProjectWriter], None]:
    """Take one entry out of the lock."""

    def apply(project: ProjectWriter) -> None:
        blocks = project.read().split("\n[[packages]]\n")
        kept = [block for block in blocks if not block.startswith(f'name = "{name}"')]
        assert len(kept) == len(blocks) - 1
        project.write("pylock.toml", "\n[[packages]]\n".join(kept))

    return apply


def edit_first_hash(project: ProjectWriter) -> None:
    text = project.read()
    found = re.search(r'sha256 = "(.)', text)
    assert found
    other = "0" if found[1] != "0" else "1"
    project.write("pylock.toml", text[: found.start(1)] + other + text[found.end(1) :])


TAMPERINGS = {
    "requirement added": (edit("pyproject.toml", '"web>=1"', '"web>=1", "win"'), "win"),
    "requirement removed": (edit("pyproject.toml", '"web>=1"', ""), "web"),
    "bound tightened past the pin": (edit("pyproject.toml", '"web>=1"', '"web>=2"'), "web"),
    "group changed": (edit("pyproject.toml", '"runner"', '"runner>=0.6"'), "runner"),
    "extra changed": (edit("pyproject.toml", '"store"', '"store<2"'), "store"),
    "member's Python raised": (edit("lib/pyproject.toml", '">=3.11"', '">=3.13"'), "python"),
    "pinned version edited": (edit("pylock.toml", 'version = "1.1.0"', 'version = "1.0.0"'), "parts"),
    "entry deleted": (drop_package("parts"), "parts"),
    "orphan left": (
        edit("pylock.toml", 'dependencies = [\n  { name = "parts"', 'dependencies = [\n  { name = "x"'),
        "web",
    ),
    "wheel hash edited": (edit_first_hash, ""),
    "marker edited": (edit("pylock.toml", "sys_platform == 'win32'", "sys_platform == 'linux'"), "win"),
    "lock's Python edited": (edit("pylock.toml", 'requires-python = ">=3.11"', 'requires-python = ">=3.9"'), "python"),
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_each_tampering_is_one_and_says_which_and_what_to_do(
    locked: Command, project: ProjectWriter, tampering: str
) -> None:
    apply, subject = TAMPERINGS[tampering]
    apply(project)
    finished = locked("check", "--frozen").failed(1)
    assert subject in finished.err.lower()
    assert "locktool lock" in finished.err
    reasons = json.loads(locked("check", "--frozen", "--json").failed(1).out)["reasons"]
    assert reasons
    assert all(reason["message"] and len(reason["message"].splitlines()) <= 2 for reason in reasons)


def test_a_changed_input_is_named_with_what_it_was_and_what_it_is(locked: Command, project: ProjectWriter) -> None:
    edit("pyproject.toml", "[tool.locktool", '[tool.locktool]\nresolution = "lowest"\n[tool.locktool')(project)
    reasons = json.loads(locked("check", "--json").failed(1).out)["reasons"]
    (reason,) = (reason for reason in reasons if reason.get("key") == "resolution")
    assert reason["now"] == "lowest"
    assert reason["then"] != "lowest"


def test_a_warning_of_the_project_is_printed(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    index.add("a", "1.0")
    project.pyproject("a", requires_python=None)
    assert "warning: pyproject.toml: no requires-python" in run_locktool("lock").succeeded().err
    assert "warning: pyproject.toml: no requires-python" in run_locktool("check").succeeded().err


def test_conflict_markers_are_two(locked: Command, project: ProjectWriter) -> None:
    line = 'version = "1.1.0"\n'
    edit("pylock.toml", line, f"<<<<<<< HEAD\n{line}=======\n{line}>>>>>>> other\n")(project)
    finished = locked("check", "--frozen").failed(2)
    assert "conflict" in finished.err
    assert "locktool lock" in finished.err
    assert re.search(r"pylock\.toml:\d+", finished.err)


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"packages = 3", b"[[packages]", b'lock-version = "9.0"'])
def test_a_file_that_is_no_lock_is_two(locked: Command, project: ProjectWriter, content: bytes) -> None:
    (project.directory / "pylock.toml").write_bytes(content)
    finished = locked("check", "--frozen").failed(2)
    assert "pylock.toml" in finished.err
    assert len(finished.err.splitlines()) <= 3


BUILD_BACKEND = """
def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    import os
    os.mkdir(os.path.join(metadata_directory, "demo-1.0.dist-info"))
    with open(os.path.join(metadata_directory, "demo-1.0.dist-info", "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.4\\nName: demo\\nVersion: 1.0\\nRequires-Dist: web\\nProvides-Extra: s3\\n")
        file.write("Requires-Dist: win; sys_platform == 'win32' and extra == 's3'\\n")
    return "demo-1.0.dist-info"
"""
BUILT_PROJECT = """
[build-system]
requires = []
build-backend = "own"
backend-path = ["backend"]
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.11"
dynamic = ["dependencies", "optional-dependencies"]
[dependency-groups]
dev = ["win"]
"""


@pytest.fixture
def built_project(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A locked project whose requirements only its own backend knows."""
    index.add("web", "1.0.0")
    index.add("win", "3.0.0")
    project.write("backend/own.py", BUILD_BACKEND)
    project.write("pyproject.toml", BUILT_PROJECT)
    run_locktool("lock").succeeded()
    return run_locktool


def test_requirements_that_only_a_build_knows_are_not_verified(built_project: Command, project: ProjectWriter) -> None:
    assert 'name = "web"' in project.read()
    finished = built_project("check", "--frozen").succeeded()
    assert "warning: only the build system of demo knows its requirements" in finished.err
    assert json.loads(built_project("check", "--frozen", "--json").succeeded().out)["unverified"] == ["demo"]
    edit("pylock.toml", 'version = "1.0.0"', 'version = "1.0.1"')(project)
    built_project("check", "--frozen").failed(1)


def test_what_a_build_reads_is_an_input_and_is_not_built_again_without_change(
    built_project: Command, project: ProjectWriter
) -> None:
    log = project.directory / "backend" / "builds.log"
    project.write("backend/own.py", BUILD_BACKEND + f"\nopen({str(log)!r}, 'a').write('built.')\n")
    project.write("pyproject.toml", BUILT_PROJECT + '[tool.locktool]\nbuild-inputs = ["requirements.txt"]\n')
    project.write("requirements.txt", "web")
    built_project("lock").succeeded()
    assert built_project("check", "--json").succeeded().err.count("only the build system") == 0
    built = log.read_text(encoding="utf-8")
    built_project("lock").succeeded()
    assert log.read_text(encoding="utf-8") == built
    project.write("requirements.txt", "win")
    reasons = json.loads(built_project("check", "--json").failed(1).out)["reasons"]
    assert [reason["key"] for reason in reasons] == ["demo.build.requirements.txt"]
    built_project("lock").succeeded()
    assert log.read_text(encoding="utf-8") != built
    project.write("backend/own.py", "raise SystemExit")
    built_project("check").failed(1)
    assert "no metadata from own" in built_project("lock").failed(2).err


def test_a_missing_lock_is_one(locked: Command, project: ProjectWriter) -> None:
    (project.directory / "pylock.toml").unlink()
    assert "locktool lock" in locked("check").failed(1).err


def test_a_lock_of_another_tool_is_one(locked: Command, project: ProjectWriter) -> None:
    project.write("pylock.toml", 'lock-version = "1.0"\ncreated-by = "another"\npackages = []\n')
    assert "locktool lock" in locked("check", "--frozen").failed(1).err


def test_a_required_environment_whose_wheel_was_taken_out_is_a_reason(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0", wheel_tags=["py3-none-manylinux_2_17_x86_64", "py3-none-win_amd64"])
    project.pyproject("a", tool={"required-environments": ["sys_platform == 'linux'"]})
    run_locktool("lock").succeeded()
    lines = project.read().splitlines(keepends=True)
    project.write("pylock.toml", "".join(line for line in lines if "manylinux" not in line))
    outcome = json.loads(run_locktool("check", "--frozen", "--json").failed().out)
    assert "wheel-missing" in {reason["code"] for reason in outcome["reasons"]}


def test_strict_believes_nothing(built_project: Command, project: ProjectWriter) -> None:
    for arguments in (["check", "--strict"], ["check", "--frozen", "--strict", "."]):
        finished = built_project(*arguments).failed(1)
        assert "is not verified as a whole" in finished.err
        assert "only the build system of demo knows its requirements" in finished.err
        assert "build-inputs" in finished.err
        assert "warning" not in finished.err
    outcome = json.loads(built_project("check", "--strict", "--json").failed(1).out)
    assert outcome["holds"] is False
    assert [(reason["code"], reason["package"]) for reason in outcome["reasons"]] == [("unverified", "demo")]
    assert outcome["unverified"] == ["demo"]
    project.write("pyproject.toml", BUILT_PROJECT + '[tool.locktool]\nbuild-inputs = ["requirements.txt"]\n')
    project.write("requirements.txt", "web")
    built_project("lock").succeeded()
    built_project("check", "--frozen", "--strict").succeeded()
    built_project("check", "--strict", ".").succeeded()


def test_strict_believes_no_absent_sources(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject("part", tool={"sources": {"part": {"path": "part"}}})
    project.pyproject(member="part", name="part")
    run_locktool("lock").succeeded()
    run_locktool("check", "--strict", "--absent-sources").succeeded()
    (project.directory / "part" / "pyproject.toml").unlink()
    (project.directory / "part").rmdir()
    run_locktool("check", "--absent-sources").succeeded()
    finished = run_locktool("check", "--absent-sources", "--strict").failed(1)
    assert "part is not there" in finished.err
