"""`locktool compile` against an index on loopback."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest
from packaging.pylock import Pylock

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def web(index: LocalIndex, project: ProjectWriter) -> LocalIndex:
    """An index with a small web framework, and a requirements file that asks for it."""
    index.add("web", "1.0.0", requires=["parts>=1", "win ; sys_platform == 'win32'"])
    index.add("parts", "1.0.0")
    index.add("parts", "1.1.0", sdist=True)
    index.add("win", "3.0.0")
    index.add("store", "2.0.0", requires=["parts<2"])
    project.write("requirements.in", "# what we need\nweb\n")
    return index


def test_requirements_carry_hashes_and_who_requires_them(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    arguments = ("requirements.in", "--python-version", "3.12", "--python-platform", "linux", "-o", "requirements.txt")
    run_locktool("compile", *arguments).succeeded()
    text = project.read("requirements.txt")
    lines = text.splitlines()
    assert lines[0].startswith("# Made by locktool")
    assert f"#   locktool compile {' '.join(arguments)}" in lines
    body = [line for line in lines if not line.startswith("#")]
    assert body[0] == "parts==1.1.0 \\"
    assert body[1].startswith("    --hash=sha256:")
    assert body[3] == "    # via web"
    assert "    # via -r requirements.in" in body
    assert "win" not in text.partition("parts")[2].replace("window", "")

    assert "Unchanged" in run_locktool("compile", *arguments).succeeded().err
    assert project.read("requirements.txt") == text


def test_the_result_is_printed_where_no_file_is_named(web: LocalIndex, run_locktool: Command) -> None:
    finished = run_locktool("compile", "requirements.in", "--no-hashes", "--no-annotate", "--no-header").succeeded()
    assert "parts==1.1.0\n" in finished.out
    assert finished.err == ""
    assert "parts==1.1.0" in json.loads(run_locktool("compile", "requirements.in", "--json").succeeded().out)["text"]


def test_standard_input_is_read(web: LocalIndex, run_locktool: Command) -> None:
    finished = run_locktool("compile", "-", "--no-hashes", stdin="store\n").succeeded()
    assert "store==2.0.0\n    # via -r -" in finished.out


def test_a_universal_result_has_markers(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    run_locktool(
        "compile", "requirements.in", "--universal", "--python-version", "3.11", "--no-hashes", "-o", "all.txt"
    ).succeeded()
    assert "win==3.0.0 ; sys_platform == 'win32'\n" in project.read("all.txt")


def test_a_lock_is_written_where_the_name_is_one(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    run_locktool("compile", "requirements.in", "--universal", "-o", "pylock.dev.toml").succeeded()
    document = tomllib.loads(project.read("pylock.dev.toml"))
    Pylock.from_dict(document)
    assert [package["name"] for package in document["packages"]] == ["parts", "web", "win"]


def test_paths_of_a_lock_start_at_the_lock(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject(member="tree", name="tree")
    (project.directory / "links").mkdir()
    project.write("requirements.in", "--find-links links\n./tree\n")
    (project.directory / "other").mkdir()
    command = ("compile", "requirements.in", "--universal", "-o", "other/pylock.toml")
    run_locktool(*command).succeeded()
    document = tomllib.loads(project.read("other/pylock.toml"))
    assert [package["directory"]["path"] for package in document["packages"]] == ["../tree"]
    assert "Unchanged" in run_locktool(*command).succeeded().err
    run_locktool("check", "other").succeeded()


def test_versions_stay_until_an_upgrade(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    command = ("compile", "requirements.in", "-o", "requirements.txt", "--refresh")
    run_locktool(*command).succeeded()
    web.add("parts", "1.2.0")
    run_locktool(*command).succeeded()
    assert "parts==1.1.0" in project.read("requirements.txt")
    finished = run_locktool(*command, "--upgrade-package", "parts").succeeded()
    assert "parts==1.2.0" in project.read("requirements.txt")
    assert "~ parts 1.1.0 -> 1.2.0" in finished.err


def test_constraints_limit_and_overrides_replace(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.write("limits.txt", "parts<1.1\nstore<1\n")
    text = run_locktool("compile", "requirements.in", "-c", "limits.txt").succeeded().out
    assert "parts==1.0.0" in text
    assert "-c limits.txt" in text
    assert "store" not in text.partition("parts==")[2]
    project.write("override.txt", "parts==1.0.0\n")
    assert "parts==1.0.0" in run_locktool("compile", "requirements.in", "--override", "override.txt").succeeded().out


@pytest.mark.parametrize(
    ("option", "fact", "change"),
    [
        ("-c", "a constraint in limits.txt allows only web<1", ("web<1", "web")),
        ("--override", "an override in limits.txt asks for web==99 instead", ("web==99", "web==1.0.0")),
    ],
)
def test_a_failure_names_the_file_that_a_rule_stands_in(
    web: LocalIndex, run_locktool: Command, option: str, fact: str, change: tuple[str, str]
) -> None:
    (run_locktool.directory / "limits.txt").write_text(f"{change[0]}\n")
    refused = run_locktool("compile", "requirements.in", option, "limits.txt", "--json").failed()
    error = json.loads(refused.out)["error"]
    assert fact in error["facts"]
    assert error["facts"][0] == "requirements.in requires web"
    assert "project" not in error["explanation"]
    changes = [one for suggestion in error["suggestions"] for one in suggestion["changes"]]
    assert {"member": ".", "key": "limits.txt", "from": change[0], "to": change[1]} in changes
    assert f'"{change[0]}" to "{change[1]}" (limits.txt)' in error["explanation"]


def test_a_failure_names_the_files_that_a_requirement_stands_in(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.write("requirements.in", "web==99\n-r more.in\n")
    project.write("more.in", "web==99\n")
    refused = run_locktool("compile", "requirements.in", "--json").failed()
    error = json.loads(refused.out)["error"]
    assert "requirements.in and more.in require web==99" in error["facts"]
    [suggestion] = error["suggestions"]
    assert [one["key"] for one in suggestion["changes"]] == ["requirements.in", "more.in"]


def test_a_project_is_compiled_with_its_extras_and_groups(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject(
        "parts", extras={"s3": ["store"], "all": ["demo[s3]"]}, groups={"dev": ["web"]}, requires_python=">=3.11"
    )
    plain = run_locktool("compile", "pyproject.toml", "--no-hashes").succeeded().out
    assert "parts==1.1.0\n    # via demo (pyproject.toml)\n" in plain
    assert "store==" not in plain
    everything = run_locktool(
        "compile", "pyproject.toml", "--extra", "all", "--group", "dev", "--no-hashes"
    ).succeeded()
    assert "store==2.0.0\n    # via demo (pyproject.toml)\n" in everything.out
    assert "web==1.0.0" in everything.out
    assert "demo==" not in everything.out
    refused = run_locktool("compile", "pyproject.toml", "--extra", "s4").failed(2)
    assert "s3" in refused.err


def test_an_unknown_platform_is_named(web: LocalIndex, run_locktool: Command) -> None:
    finished = run_locktool("compile", "requirements.in", "--python-platform", "amiga").failed(2)
    assert "amiga" in finished.err
    assert "bug" not in finished.err
    assert "3.x.y" in run_locktool("compile", "requirements.in", "--python-version", "3.x.y").failed(2).err


def test_the_header_names_the_settings_of_the_command_line(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    options = ["--resolution", "lowest", "--no-quality-pass", "--prerelease-package", "web=allow"]
    options += ["--no-build-package", "web", "--no-build-package", "win"]
    run_locktool("compile", "requirements.in", *options, "-o", "requirements.txt").succeeded()
    line = next(line for line in project.read("requirements.txt").splitlines() if "locktool compile" in line)
    assert line == f"#   locktool compile requirements.in {' '.join(options)} -o requirements.txt"


def test_a_file_may_refuse_a_format_for_all_packages(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0", sdist=True)
    index.add("a", "2.0")
    project.write("requirements.in", "--no-binary :all:\na\n")
    assert "a==1.0" in run_locktool("compile", "requirements.in").succeeded().out


@pytest.mark.parametrize(
    ("text", "expected"),
    [("web\nnot ok ok\n", "requirements.in:2"), ("-r missing.in\n", "missing.in"), ("web==99\n", "1.0.0")],
)
def test_bad_input_is_refused(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command, text: str, expected: str
) -> None:
    project.write("requirements.in", text)
    finished = run_locktool("compile", "requirements.in", "-o", "requirements.txt")
    assert finished.code in (1, 2)
    assert expected in finished.err
    assert not (project.directory / "requirements.txt").exists()


FOR_ONE = ("requirements.in", "--python-version", "3.12", "--python-platform", "linux", "-o", "pylock.dev.toml")


def test_a_lock_for_one_environment_says_so_and_is_proved(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    run_locktool("compile", *FOR_ONE).succeeded()
    document = tomllib.loads(project.read("pylock.dev.toml"))
    (environment,) = Pylock.from_dict(document).environments or ()
    linux = {"sys_platform": "linux", "platform_machine": "x86_64", "implementation_name": "cpython"}
    assert environment.evaluate(linux | {"python_version": "3.12", "python_full_version": "3.12.7"})
    assert not environment.evaluate(linux | {"python_version": "3.13", "python_full_version": "3.13.0"})
    assert not environment.evaluate(linux | {"python_version": "3.12", "sys_platform": "win32"})
    assert [package["name"] for package in document["packages"]] == ["parts", "web"]
    assert not any("marker" in package for package in document["packages"])
    assert "is sound" in run_locktool("check", ".").succeeded().err
    assert "Unchanged" in run_locktool("compile", *FOR_ONE).succeeded().err


def test_an_edited_lock_for_one_environment_is_refused(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    run_locktool("compile", *FOR_ONE).succeeded()
    text = project.read("pylock.dev.toml")
    for was, edited in (
        ("sys_platform == 'linux'", "sys_platform == 'win32'"),
        ('name = "parts"\n', 'name = "parts"\nmarker = "os_name == \'nt\'"\n'),
        ('version = "1.1.0"', 'version = "1.0.0"'),
    ):
        assert was in text
        project.write("pylock.dev.toml", text.replace(was, edited, 1))
        assert "is not sound" in run_locktool("check", ".").failed().err, edited
    project.write("pylock.dev.toml", text.replace("'linux'", "'win32'"))
    assert "is not sound" in run_locktool("check", ".").failed().err


def test_the_running_interpreter_is_an_environment(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    web.add("old", "1.0.0", requires_python="<3")
    web.add("patch", "1.0.0", requires=["parts ; python_full_version < '3.0.5' or platform_release != ''"])
    project.write("requirements.in", "web\npatch\n")
    run_locktool("compile", "requirements.in", "-o", "pylock.toml").succeeded()
    (environment,) = Pylock.from_dict(tomllib.loads(project.read("pylock.toml"))).environments or ()
    assert environment.evaluate()
    run_locktool("check", ".").succeeded()
    project.write("requirements.in", "old\n")
    assert "needs Python <3" in run_locktool("compile", "requirements.in", "-o", "pylock.toml").failed().err


def test_a_patch_release_of_python_is_recorded_where_it_is_named(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    web.add("capped", "1.0.0", requires_python="<3.13")
    web.add("capped", "2.0.0", requires_python="<3.12")
    project.write("requirements.in", "capped\n")
    options = ("--python-version", "3.12.4", "--python-platform", "windows")
    run_locktool("compile", "requirements.in", *options, "-o", "pylock.toml").succeeded()
    text = project.read("pylock.toml")
    assert "python_full_version == '3.12.4'" in text
    assert 'version = "1.0.0"' in text
    run_locktool("check", ".").succeeded()


def test_a_project_is_locked_for_one_environment_and_for_all(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    tool = {"environments": ["sys_platform != 'darwin'"]}
    project.pyproject("web", requires_python=">=3.11", tool=tool)
    options = ("--python-version", "3.12", "--python-platform", "windows")
    run_locktool("compile", "pyproject.toml", *options, "-o", "pylock.windows.toml").succeeded()
    run_locktool("compile", "pyproject.toml", "--universal", "-o", "pylock.all.toml").succeeded()
    windows, everywhere = (tomllib.loads(project.read(f"pylock.{name}.toml")) for name in ("windows", "all"))
    assert [package["name"] for package in windows["packages"]] == ["parts", "web", "win"]
    assert not any("marker" in package for package in windows["packages"])
    assert [package["name"] for package in everywhere["packages"] if "marker" in package] == ["win"]
    assert run_locktool("check", ".").succeeded().err.count("is sound") == 2
