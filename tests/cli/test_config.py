"""Settings of projects and machines: their files, variables, and what `locktool config` says of them."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

import pytest

from locktool.configuration.machine import KEYS

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def served(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """An index with two versions of a package, and a project that requires it."""
    index.add("a", "1.0")
    index.add("a", "2.0")
    project.pyproject("a")
    return run_locktool


@pytest.fixture
def user_file(run_locktool: Command, tmp_path: Path) -> Path:
    """The file of settings of the user."""
    path = tmp_path / "user" / "settings.toml"
    path.parent.mkdir()
    run_locktool.environment["LOCKTOOL_CONFIG_FILE"] = str(path)
    return path


def locked_versions(project: ProjectWriter) -> list[str]:
    return re.findall(r'^version = "(.*)"$', project.read("pylock.toml"), re.MULTILINE)


def test_settings_beside_the_project_come_before_its_tables(served: Command, project: ProjectWriter) -> None:
    project.pyproject("a", tool={"resolution": "highest"})
    project.write("locktool.toml", 'resolution = "lowest"\n')
    served("lock").succeeded()
    assert "1.0" in locked_versions(project)
    served("check", "--frozen").succeeded()
    project.write("locktool.toml", "")
    assert "resolution" in served("check", "--frozen").failed(1).err
    served("lock").succeeded()
    assert "2.0" in locked_versions(project)


def test_an_unknown_key_beside_the_project_is_an_error_at_its_line(served: Command, project: ProjectWriter) -> None:
    project.write("locktool.toml", '\nresolutoin = "lowest"\n')
    error = served("lock").failed(2).err
    assert error.startswith("error: locktool.toml:2:1: resolutoin")
    assert "did you mean 'resolution'?" in error
    project.write("locktool.toml", "resolution = ")
    assert "locktool.toml:1" in served("check").failed(2).err


def test_sources_and_members_may_stand_beside_the_project(served: Command, project: ProjectWriter) -> None:
    project.write("libs/b/pyproject.toml", '[project]\nname = "b"\nversion = "3"\n')
    project.pyproject("a", "b")
    project.write("locktool.toml", 'sources = { b = { workspace = true } }\n[workspace]\nmembers = ["libs/*"]\n')
    served("lock").succeeded()
    assert 'path = "libs/b"' in project.read("pylock.toml")
    project.write("libs/b/locktool.toml", 'resolution = "lowest"\n')
    assert "holds for the whole workspace" in served("check").failed(2).err


def test_edits_leave_the_sources_beside_the_project_alone(served: Command, project: ProjectWriter) -> None:
    project.write("locktool.toml", 'sources = { a = { url = "https://example.invalid/a-1.0.tar.gz" } }\n')
    error = served("add", "--path", "libs/b", "b").failed(2).err
    assert "locktool.toml:1: sources is written here" in error


def test_build_inputs_may_stand_beside_the_project(served: Command, project: ProjectWriter) -> None:
    (setting,) = config(served, project, build_inputs="build-inputs = ['*.in']\n")["project"]
    assert (setting["key"], setting["value"], setting["origin"]) == ("build-inputs", ["*.in"], "locktool.toml:1")


def config(run: Command, project: ProjectWriter, build_inputs: str = "") -> dict[str, list[dict[str, object]]]:
    project.write("locktool.toml", build_inputs)
    shown: dict[str, list[dict[str, object]]] = json.loads(run("config", "show", "--json").succeeded().out)
    return shown


def test_each_setting_is_shown_with_its_place(served: Command, project: ProjectWriter, user_file: Path) -> None:
    secret = "https://user:secret@example.invalid/simple/"
    tables = '[tool.uv]\nexclude-newer = "2026-01-01"\n[tool.locktool]\nresolution = "lowest"\n'
    index = f'[[tool.locktool.index]]\nname = "own"\nurl = "{secret}"\nexplicit = true\n'
    path = project.pyproject("a")
    path.write_text(path.read_text(encoding="utf-8") + tables + index, encoding="utf-8")
    project.write("locktool.toml", 'constraints = ["a<9"]\n')
    user_file.write_text('timeout = 7\ncache-dir = "here"\n', encoding="utf-8")
    pip = {"PIP_PROXY": "http://me:secret@127.0.0.1:9"}
    out = served("config", "show", env={**pip, "COLUMNS": "300"}).succeeded().out
    for line in (
        r"resolution +\"lowest\" +pyproject.toml:\d+ \[tool.locktool\]",
        r"exclude-newer +\"2026-01-01\" +pyproject.toml:\d+ \[tool.uv\]",
        r"constraints +\[\"a<9\"\] +locktool.toml:1",
        rf"timeout +7.0 +{re.escape(str(user_file))}",
        r"index-url .* LOCKTOOL_INDEX_URL",
        r"proxy .* PIP_PROXY",
        r"offline +false +default",
    ):
        assert re.search(rf"^  {line}$", out, re.MULTILINE), line
    assert "secret" not in out
    assert "secret" not in served("config", "show", "--json", env=pip).succeeded().out


def test_what_is_shown_fits_the_terminal(served: Command, project: ProjectWriter) -> None:
    environments = ["sys_platform == 'linux'", "sys_platform == 'darwin' and platform_machine == 'arm64'"]
    project.pyproject("a", tool={"environments": environments, "resolution": "lowest"})
    lines = served("config", "show", env={"COLUMNS": "80"}).succeeded().out.splitlines()
    assert [line for line in lines if len(line) > 80] == []
    place = next(number for number, line in enumerate(lines) if line.startswith("  environments  "))
    assert lines[place].endswith("…")
    assert re.fullmatch(r" {16}pyproject.toml:\d+ \[tool.locktool\]", lines[place + 1])
    assert re.fullmatch(r"  resolution    \"lowest\"  pyproject.toml:\d+ \[tool.locktool\]", lines[place + 2])


def test_variables_come_before_the_file_and_options_before_both(served: Command, user_file: Path) -> None:
    user_file.write_text('cache-dir = "mine"\noffline = true\n', encoding="utf-8")
    cache = {"LOCKTOOL_CACHE_DIR": ""}
    assert served("cache", "dir", env=cache).succeeded().out.strip() == str(user_file.parent / "mine")
    variable = {"LOCKTOOL_CACHE_DIR": str(user_file.parent / "other")}
    assert served("cache", "dir", env=variable).succeeded().out.strip() == variable["LOCKTOOL_CACHE_DIR"]
    assert served("cache", "dir", "--cache-dir", "/given", env=variable).succeeded().out.strip() == "/given"
    assert "offline" in served("lock", env=cache).failed(2).err
    served("lock", env=cache | {"LOCKTOOL_OFFLINE": "no"}).succeeded()


def test_the_user_may_name_the_default_index(served: Command, index: LocalIndex, user_file: Path) -> None:
    user_file.write_text(f'index-url = "{index.url}"\n', encoding="utf-8")
    served("lock", env={"LOCKTOOL_INDEX_URL": "", "PIP_INDEX_URL": "http://127.0.0.1:9/simple/"}).succeeded()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cach-dir = 'x'", "cach-dir, which is not a setting of a machine; did you mean 'cache-dir'?"),
        ("resolution = 'lowest'", "resolution, which is a matter of a project: write it in [tool.locktool]"),
        ("timeout = 'long'", "timeout that is not a number of seconds"),
        ("timeout = 0", "timeout that is not a number of seconds"),
        ("offline = 1", "offline that is not true or false"),
        ("cache-dir = 1", "cache-dir that is not a text"),
        ("cache-dir", "is not TOML"),
        ("cache-dir = '\udc80'", "is not UTF-8"),
    ],
)
def test_a_file_of_the_user_that_is_wrong_is_told(served: Command, user_file: Path, text: str, message: str) -> None:
    user_file.write_bytes(text.encode("utf-8", "surrogateescape"))
    error = served("lock").failed(2).err
    assert message in error
    assert "LOCKTOOL_CONFIG_FILE=" in error


@pytest.mark.parametrize("variable", ["LOCKTOOL_TIMEOUT", "LOCKTOOL_OFFLINE"])
def test_a_variable_that_is_wrong_is_told(served: Command, variable: str) -> None:
    assert f"{variable} is 'perhaps', which is not" in served("lock", env={variable: "perhaps"}).failed(2).err


def test_a_check_reads_no_settings_of_the_machine(served: Command, user_file: Path) -> None:
    user_file.touch()
    served("lock").succeeded()
    user_file.write_text("broken", encoding="utf-8")
    served("check", "--frozen").succeeded()


def test_the_schemas_name_every_key(isolated_command: Command) -> None:
    project = json.loads(isolated_command("config", "schema").succeeded().out)
    assert {"resolution", "index", "sources"} <= set(project["properties"])
    user = json.loads(isolated_command("config", "schema", "--user").succeeded().out)
    assert list(user["properties"]) == [key.name for key in KEYS]
    assert all(entry["description"] for entry in user["properties"].values())


def test_without_a_project_the_machine_is_shown(isolated_command: Command) -> None:
    out = isolated_command("config", "show").succeeded().out
    assert "project\n  nothing is set" in out
    assert "cache-dir" in out


@pytest.mark.parametrize("kind", ["missing", "directory"])
def test_a_file_that_the_user_names_has_to_be_read(served: Command, user_file: Path, kind: str) -> None:
    if kind == "directory":
        user_file.mkdir()
    error = served("lock").failed(2).err
    assert f"{user_file}, the settings of this user, cannot be read" in error


@pytest.mark.skipif(os.name != "posix", reason="links as POSIX has them")
@pytest.mark.parametrize("kind", ["directory", "loop", "dangling"])
def test_settings_that_cannot_be_read_are_not_passed_over(served: Command, project: ProjectWriter, kind: str) -> None:
    path = project.directory / "locktool.toml"
    if kind == "directory":
        path.mkdir()
    else:
        path.symlink_to(path.name if kind == "loop" else "nowhere")
    for command in ("lock", "check"):
        assert "locktool.toml" in served(command).failed(2).err
