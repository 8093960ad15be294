"""What `locktool compile` reads: paths from their files, names that only a build or a server knows, listed hashes."""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
import threading
import tomllib
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from pip._internal.network.session import PipSession
from pip._internal.req.req_file import parse_requirements

from source_trees import add_build_systems

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

PLAIN = ("--no-hashes", "--no-annotate", "--no-header")
SETUP = "[metadata]\nversion = 1.0\n[options]\ninstall_requires =\n  parts\n"


@pytest.fixture
def parts(index: LocalIndex) -> LocalIndex:
    """An index with a package of two versions, one that needs it, and build systems."""
    add_build_systems(index)
    index.add("parts", "1.0")
    index.add("parts", "2.0", sdist=True)
    index.add("web", "1.0", requires=["parts"])
    return index


def tree(project: ProjectWriter, path: str, name: str = "tree") -> None:
    project.write(f"{path}/pyproject.toml", f"[project]\nname = '{name}'\nversion = '1'\ndependencies = ['parts']\n")


def test_paths_start_at_the_file_that_holds_them(
    parts: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    tree(project, "lib/tree")
    project.write("deep/er/requirements.in", "../../lib/tree\n-c ../limits.txt\n")
    project.write("deep/limits.txt", "parts<2\n")
    (project.directory / "out").mkdir()
    run_locktool("compile", "deep/er/requirements.in", *PLAIN, "-o", "out/requirements.txt").succeeded()
    assert project.read("out/requirements.txt") == "parts==1.0\n../lib/tree\n"
    # What was written is read in the same way.
    again = run_locktool("compile", "out/requirements.txt", *PLAIN).succeeded()
    assert again.out == "parts==1.0\n./lib/tree\n"


@pytest.mark.parametrize("line", ["lib @ {uri}", "{uri}", "-e {uri}", "lib @ {uri} ; python_version >= '3'"])
@pytest.mark.parametrize("folder", ["lib", "my lib", "my -lib"])
def test_an_address_of_this_machine_is_written_as_a_path_from_the_output(
    project: ProjectWriter, run_locktool: Command, folder: str, line: str
) -> None:
    project.write(f"{folder}/pyproject.toml", "[project]\nname = 'lib'\nversion = '1.0'\n")
    project.write("sub/lib.in", line.format(uri=(project.directory / folder).as_uri()))
    project.write("all.in", "-r sub/lib.in\n")
    is_editable = line.startswith("-e")
    # What pip would take for several words is escaped: of an option whatever has a blank.
    is_escaped = " " in folder if is_editable else " -" in folder
    for output, start in (("out.txt", "./"), ("sub/out.txt", "../")):
        run_locktool("compile", "all.in", "--no-header", "--no-annotate", "-o", output).succeeded()
        written = f"file:{start}{quote(folder)}" if is_escaped else f"{start}{folder}"
        assert project.read(output) == f"{'-e ' if is_editable else ''}{written}\n"
        requirement = next(parse_requirements(str(project.directory / output), PipSession()))
        assert requirement.is_editable == is_editable
        assert requirement.requirement == written
        again = run_locktool("compile", output, "--no-header", "--no-annotate").succeeded()
        assert again.out == project.read("out.txt")
    run_locktool("compile", "all.in", "-o", "pylock.toml").succeeded()
    (package,) = tomllib.loads(project.read("pylock.toml"))["packages"]
    assert package["directory"]["path"] == folder
    run_locktool("check", ".").succeeded()


def test_a_path_that_is_a_source_only_from_here_is_taken_from_here(
    parts: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    tree(project, ".")
    project.write("requirements/base.in", "-e .\n")
    assert run_locktool("compile", "requirements/base.in", *PLAIN).succeeded().out == "parts==2.0\n-e .\n"


def test_a_circle_is_seen_in_every_spelling(parts: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    project.write("sub/b.in", "-r ../sub/../a.in\n")
    project.write("a.in", "web\n-r sub/./b.in\n")
    (project.directory / "linked.in").symlink_to(project.directory / "a.in")
    project.write("c.in", "-r linked.in\n")
    for name in ("a.in", "sub/b.in", "c.in"):
        assert "include each other in a circle" in run_locktool("compile", name, timeout=20).failed(2).err


def test_a_tree_of_which_only_the_build_knows_the_name(
    parts: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.write("setup.py", "")
    project.write("setup.cfg", SETUP)
    project.write("requirements.in", ".\n")
    finished = run_locktool("compile", "requirements.in", "--no-hashes", "--no-header").succeeded()
    assert finished.out == ".\n    # via -r requirements.in\nparts==2.0\n    # via part\n"


def test_a_setup_py_is_built_and_not_read_as_requirements(
    parts: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.write("setup.py", "parts\n")
    project.write("setup.cfg", SETUP.replace("  parts\n", "  parts<2\n  web; extra == 'x'\n"))
    assert run_locktool("compile", "setup.py", *PLAIN).succeeded().out == "parts==1.0\n"
    project.write("more.in", "-r setup.py\n")
    assert "more.in:1: setup.py is no requirements file" in run_locktool("compile", "more.in").failed(2).err
    assert "no extra 'y'" in run_locktool("compile", "setup.py", "--extra", "y").failed(2).err


def test_a_build_leaves_the_tree_as_it_was(parts: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    project.write("setup.py", "import sys\n\nsys.path.insert(0, '.')\nfrom own import REQUIRES\n")
    project.write("own.py", "REQUIRES = ['parts<2']\n")
    project.write("setup.cfg", SETUP.partition("[options]")[0])
    before = sorted(project.directory.rglob("*"))
    assert run_locktool("compile", "setup.py", *PLAIN).succeeded().out == "parts==1.0\n"
    assert sorted(project.directory.rglob("*")) == before


@pytest.mark.parametrize("words", [(), ("setup.cfg",)])
def test_a_setup_cfg_alone_is_built(
    words: tuple[str, ...], parts: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.write("setup.cfg", SETUP.replace("  parts\n", "  parts<2\n"))
    run_locktool("compile", *words, *PLAIN, "-o", "out.txt").succeeded()
    assert project.read("out.txt") == "parts==1.0\n"


def test_a_script_gives_its_block_and_nothing_else(
    parts: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    block = "# /// script\n# dependencies = ['parts<2']\n# requires-python = '>=3.11'\n# ///\n"
    project.write("tool.py", f"{block}import web\n")
    finished = run_locktool("compile", "tool.py", "--no-hashes", "--no-header").succeeded()
    assert finished.out == "parts==1.0\n    # via tool.py\n"
    project.write("tool.py", "parts\n")
    assert "no metadata block" in run_locktool("compile", "tool.py").failed(2).err
    project.write("tool", "#!/usr/bin/env python3\nparts\n")
    assert "is a Python script" in run_locktool("compile", "tool").failed(2).err


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A directory, and the address on loopback under which its files are."""
    directory = tmp_path / "served"
    directory.mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=str(directory))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield directory, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_repository_without_a_name_is_asked_for_it(
    parts: LocalIndex, project: ProjectWriter, run_locktool: Command, tmp_path: Path
) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "pyproject.toml").write_text("[project]\nname = 'gitted'\nversion = '1'\n", encoding="utf-8")
    identity = ("-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false")
    for arguments in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-q", "-m", "one")):
        subprocess.run(["git", *identity, *arguments], cwd=repository, check=True)
    project.write("requirements.in", f"git+{repository.as_uri()}\n")
    assert run_locktool("compile", "requirements.in", *PLAIN).succeeded().out.startswith("gitted @ git+file:")
    assert "to know its name" in run_locktool("compile", "requirements.in", "--offline").failed(2).err


def test_an_address_with_credentials_is_refused_before_it_is_asked(
    parts: LocalIndex, project: ProjectWriter, run_locktool: Command, served: tuple[Path, str]
) -> None:
    for scheme, last in (("", "main.tar.gz"), ("git+", "repository.git")):
        project.write("requirements.in", f"{scheme}{served[1].replace('://', '://user:SECRET@')}/{last}\n")
        for options in ((), ("--offline",)):
            finished = run_locktool("compile", "requirements.in", *options).failed(2)
            assert "requirements.in:1" in finished.err
            assert "SECRET" not in finished.err + finished.out


def test_an_archive_without_a_name_is_asked_for_it(
    parts: LocalIndex, project: ProjectWriter, run_locktool: Command, served: tuple[Path, str]
) -> None:
    directory, root = served
    tree(project, "archived-main", "archived")
    with tarfile.open(directory / "main.tar.gz", "w:gz") as tar:
        tar.add(project.directory / "archived-main", "archived-main")
    project.write("requirements.in", f"{root}/main.tar.gz\n")
    out = run_locktool("compile", "requirements.in", *PLAIN).succeeded().out
    assert out == f"archived @ {root}/main.tar.gz\nparts==2.0\n"


def test_constraints_may_be_addresses_and_paths(
    parts: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    file = next(file for file in parts.releases("parts")[0].files if file.filename.endswith(".whl"))
    address = f"{parts.root}/files/parts/{file.filename}"
    project.write("limits.txt", f"parts @ {address}\n")
    project.write("requirements.in", "web\n")
    out = run_locktool("compile", "requirements.in", "-c", "limits.txt", *PLAIN).succeeded().out
    assert out == f"parts @ {address}\nweb==1.0\n"
    tree(project, "sub/parts", "parts")
    project.write("sub/pyproject.txt", "")
    project.write("sub/limits.txt", "parts @ ./parts\n")
    project.write("sub/parts/pyproject.toml", "[project]\nname = 'parts'\nversion = '9'\n")
    out = run_locktool("compile", "requirements.in", "-c", "sub/limits.txt", *PLAIN).succeeded().out
    assert out == "./sub/parts\nweb==1.0\n"


@pytest.mark.parametrize("output", ["requirements.txt", "pylock.toml"])
def test_only_files_with_a_listed_hash_are_used(
    parts: LocalIndex, project: ProjectWriter, run_locktool: Command, output: str
) -> None:
    wheel, sdist = sorted(
        (file for release in parts.releases("parts") if release.version == "2.0" for file in release.files),
        key=lambda file: not file.filename.endswith(".whl"),
    )
    project.write("requirements.in", f"parts==2.0 --hash=sha256:{wheel.digests['sha256']}\n")
    run_locktool("compile", "requirements.in", "-o", output).succeeded()
    text = project.read(output)
    assert wheel.digests["sha256"] in text
    assert sdist.digests["sha256"] not in text
    if output == "pylock.toml":
        run_locktool("check", ".").succeeded()
    project.write("requirements.in", f"parts --hash=sha256:{'0' * 64}\n")
    assert (
        "requirements.in:1: no file of parts 2.0 has a hash" in run_locktool("compile", "requirements.in").failed().err
    )


def test_a_hash_beside_an_address_is_compared_with_its_file(
    parts: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    file = next(file for file in parts.releases("parts")[0].files if file.filename.endswith(".whl"))
    address = f"{parts.root}/files/parts/{file.filename}"
    project.write("requirements.in", f"parts @ {address} --hash=sha256:{file.digests['sha256']}\n")
    assert file.digests["sha256"] in run_locktool("compile", "requirements.in").succeeded().out
    sha512 = hashlib.sha512(file.content).hexdigest()
    project.write("requirements.in", f"parts @ {address} --hash=sha512:{sha512}\n")
    run_locktool("compile", "requirements.in").succeeded()
    project.write(file.filename, "")
    (project.directory / file.filename).write_bytes(file.content)
    project.write("requirements.in", f"./{file.filename} --hash=sha512:{sha512}\n")
    run_locktool("compile", "requirements.in").succeeded()
    project.write("requirements.in", f"./{file.filename} --hash=sha512:{'0' * 128}\n")
    assert "has none of the hashes" in run_locktool("compile", "requirements.in").failed(2).err
    project.write("requirements.in", f"parts @ {address} --hash=sha256:{'0' * 64}\n")
    assert "cannot be used: its SHA-256" in run_locktool("compile", "requirements.in").failed().err


@pytest.mark.parametrize(
    ("line", "marker"),
    [
        ("-e ./tree ; sys_platform == 'win32'", "sys_platform == 'win32'"),
        ("--editable './tree ; sys_platform == \"win32\"'", "sys_platform == 'win32'"),
        ("-e ./tree ;python_version<'3.12'", "python_version < '3.12'"),
    ],
)
def test_a_marker_behind_an_editable_path_holds(
    parts: LocalIndex, project: ProjectWriter, run_locktool: Command, line: str, marker: str
) -> None:
    tree(project, "tree")
    project.write("requirements.in", f"{line}\n")
    options = ("--universal", "--python-version", "3.11", *PLAIN)
    expected = f"parts==2.0 ; {marker}\n-e ./tree ; {marker}\n"
    assert run_locktool("compile", "requirements.in", *options).succeeded().out == expected


def test_the_default_input_is_that_of_pip_tools(
    parts: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    assert "name what to compile" in run_locktool("compile").failed(2).err
    project.write("requirements.txt", "parts\n")
    hint = "hint: `locktool compile requirements.txt` takes that file\n"
    assert run_locktool("compile").failed(2).err.endswith(hint)
    assert hint not in run_locktool("compile", "--all-extras").failed(2).err
    project.pyproject("parts<2")
    assert run_locktool("compile", *PLAIN).succeeded().out == "parts==1.0\n"
    project.write("requirements.in", "parts\n")
    assert run_locktool("compile", *PLAIN).succeeded().out == "parts==2.0\n"
    assert run_locktool("compile", "--all-extras", *PLAIN).succeeded().out == "parts==1.0\n"


def test_groups_of_this_project_and_of_another(
    parts: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject("web", groups={"dev": ["parts<2"]})
    project.pyproject(member="tools", groups={"dev": ["parts"]})
    assert run_locktool("compile", "--group", "dev", *PLAIN).succeeded().out == "parts==1.0\n"
    for path in ("tools/pyproject.toml", "tools"):
        assert run_locktool("compile", "--group", f"{path}:dev", *PLAIN).succeeded().out == "parts==2.0\n"
    both = run_locktool("compile", "--group", "dev", "--group", "tools:dev").failed(2)
    assert "compile one project at a time" in both.err
    assert "has no dependency group 'no'" in run_locktool("compile", "--group", "tools:no").failed(2).err
    assert "is not a group" in run_locktool("compile", "--group", "tools:").failed(2).err


def test_builds_are_constrained(parts: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    project.write("setup.py", "")
    project.write("setup.cfg", SETUP)
    project.write("limits.txt", "setuptools<60\n")
    refused = run_locktool("compile", "setup.py", "--build-constraint", "limits.txt").failed(2)
    assert "setuptools" in refused.err
    project.write("limits.txt", "setuptools<=70\n")
    run_locktool("compile", "setup.py", "--build-constraint", "limits.txt").succeeded()


@pytest.mark.parametrize("beside", ["setup.py", "pyproject.toml"])
@pytest.mark.parametrize("named", ["setup.cfg", "setup.py", "pyproject.toml", "script.py"])
def test_an_input_that_does_not_exist_is_never_another_file(
    parts: LocalIndex, project: ProjectWriter, run_locktool: Command, beside: str, named: str
) -> None:
    if beside == named:
        return
    tree(project, "other")
    project.write(beside, project.read("other/pyproject.toml") if beside == "pyproject.toml" else "import setuptools\n")
    assert run_locktool("compile", named).failed(2).err == f"error: {named}: no such file\n"


def test_a_group_of_a_file_that_does_not_exist_names_the_file(isolated_command: Command) -> None:
    error = isolated_command("compile", "--group", "tools/pyproject.toml:lint").failed(2).err
    assert "tools/pyproject.toml: no such file" in error
