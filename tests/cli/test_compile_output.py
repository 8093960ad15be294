"""What `locktool compile` writes: never over an input, what stands there is kept, the options of pip-tools and uv."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

PLAIN = ("--no-hashes", "--no-annotate", "--no-header")
UNIVERSAL = ("--universal", "--python-version", "3.11")


@pytest.fixture
def web(index: LocalIndex, project: ProjectWriter) -> LocalIndex:
    """An index with a package that forks, and a requirements file that asks for it."""
    index.add("web", "1.0", requires=["parts", "num"])
    index.add("web", "2.0", requires=["parts", "num"])
    index.add("parts", "1.0", sdist=True)
    for version in ("1.0", "1.1"):
        index.add("num", version, requires_python=">=3.8")
    for version in ("2.0", "2.1"):
        index.add("num", version, requires_python=">=3.13")
    project.write("requirements.in", "web\n")
    return index


@pytest.mark.parametrize("output", ["pyproject.toml", "sub/../pyproject.toml", "linked", "more.in", "limits.txt"])
def test_an_input_is_never_written_over(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command, output: str
) -> None:
    project.pyproject("web")
    project.write("more.in", "-c limits.txt\n")
    project.write("limits.txt", "num<9\n")
    (project.directory / "sub").mkdir()
    (project.directory / "linked").symlink_to("pyproject.toml")
    before = {path.name: path.read_text() for path in project.directory.iterdir() if path.is_file()}
    project.write("all.in", "-r more.in\n")
    refused = run_locktool("compile", "pyproject.toml", "all.in", "-o", output).failed(2)
    assert "is one of the inputs" in refused.err
    assert {name: project.read(name) for name in before} == before


@pytest.mark.parametrize("output", ["pyproject.toml", "other.toml", "pylock.a.b.toml", "PYPROJECT.TOML"])
def test_toml_is_written_only_under_the_name_of_a_lock(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command, output: str
) -> None:
    project.write(output, "[project]\n")
    assert "is not the name of a lock" in run_locktool("compile", "requirements.in", "-o", output).failed(2).err
    assert project.read(output) == "[project]\n"


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "notes.txt:1: not utf-8"),
        (b"\x00\x01\x02", "notes.txt:1:"),
        (b"# to do\nweb==1.0\nbuy more milk\n", "notes.txt:3: 'buy more milk' is no requirement"),
        (b"web==1.0 \\\n  --colour=red\n", "notes.txt:1:"),
        (b"[tool]\nname = 'web'\n", "notes.txt:1: '[tool]'"),
        (b'{"web": "1.0"}\n', "notes.txt:1:"),
        (b"#!/usr/bin/env python\nimport os\n", "notes.txt:2: 'import os'"),
    ],
)
def test_a_file_of_something_else_is_left_as_it_is(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command, content: bytes, where: str
) -> None:
    path = project.directory / "notes.txt"
    path.write_bytes(content)
    refused = run_locktool("compile", "requirements.in", "-o", "notes.txt").failed(2)
    assert "notes.txt cannot be read as requirements, so it is left as it is" in refused.err
    assert where in refused.err
    assert "name another file with -o, or delete this one" in refused.err
    assert path.read_bytes() == content


def test_whatever_is_in_requirements_may_be_written_over(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    # An editor's byte-order mark, a hand-written range, every kind of line, and a conflict that git left.
    text = """\ufeff# -*- coding: utf-8 -*-
-i https://host.invalid/simple
--extra-index-url=https://host.invalid/more
-rother.txt
<<<<<<< HEAD
web==1.0 \\
    --hash=sha256:00  # via
=======
web==2.0 ; python_version < '3' \\
    --hash=sha256:11
>>>>>>> branch/of-mine
parts >=1, <2
-e ./some where[x] ; os_name == 'nt'
/absolute/lib-1.0.tar.gz
C:\\lib
file:///lib
lib @ ../lib
lib[x] @ git+https://host.invalid/lib@v1
https://host.invalid/lib-1.0-py3-none-any.whl --hash=sha256:22
"""
    project.write("all.txt", text)
    run_locktool("compile", "requirements.in", *PLAIN, "-o", "all.txt").succeeded()
    assert "web==" in project.read("all.txt")
    assert "host.invalid" not in project.read("all.txt")


def test_both_pins_of_a_forked_name_stay(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    command = ("compile", "requirements.in", *UNIVERSAL, *PLAIN, "-o", "all.txt")
    older = "num==1.0 ; python_version < '3.13'\nnum==2.0 ; python_version >= '3.13'\nparts==1.0\nweb==1.0\n"
    project.write("all.txt", older)
    assert "Unchanged" in run_locktool(*command).succeeded().err
    assert project.read("all.txt") == older
    # As other tools write it: with hashes on lines of their own, and a carriage return before each newline.
    (project.directory / "all.txt").write_bytes(older.replace("\n", " \\\n    --hash=sha256:00\n").encode())
    run_locktool(*command).succeeded()
    assert project.read("all.txt") == older
    (project.directory / "all.txt").write_bytes(older.replace("\n", "\r\n").encode())
    assert "Unchanged" in run_locktool(*command).succeeded().err


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("web<2", "web==1.0"), ("web==2.0", "web==2.0"), ("web", "web==2.0"), ("Web>=1,<2", "web==1.0")],
)
def test_an_upgrade_may_have_bounds(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command, limit: str, expected: str
) -> None:
    web.add("web", "0.9", requires=["parts"])
    project.write("requirements.txt", "num==1.0\nparts==1.0\nweb==0.9\n")
    command = ("compile", "requirements.in", *PLAIN, "--python-version", "3.12", "-o", "requirements.txt")
    run_locktool(*command, "-P", limit).succeeded()
    assert expected in project.read("requirements.txt")
    assert "num==1.0" in project.read("requirements.txt")


def test_a_bound_that_cannot_be_met_is_told_as_one(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.write("requirements.in", "web==2.0\n")
    refused = run_locktool("compile", "requirements.in", "-P", "web<2").failed()
    assert "this run allows only web<2" in refused.err
    assert "constraint" not in refused.err


def test_a_bound_of_an_upgrade_is_no_input_of_a_lock(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    run_locktool("compile", "requirements.in", *UNIVERSAL, "-P", "web<2", "-o", "pylock.toml").succeeded()
    document = tomllib.loads(project.read())
    assert [package["version"] for package in document["packages"] if package["name"] == "web"] == ["1.0"]
    assert "constraints" not in document["tool"]["locktool"]
    run_locktool("check", ".").succeeded()
    for wrong in ("web @ file:///x", "web[a]", "web<2; python_version>'3'", "web<"):
        assert "web" in run_locktool("compile", "requirements.in", "-P", wrong).failed(2).err


def test_check_and_dry_run_write_nothing(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    command = ("compile", "requirements.in", "-o", "requirements.txt")
    assert "Would write requirements.txt" in run_locktool(*command, "--dry-run").succeeded().err
    assert "requirements.txt is not up to date" in run_locktool(*command, "--check").failed().err
    assert not (project.directory / "requirements.txt").exists()
    run_locktool(*command).succeeded()
    run_locktool(*command, "--check").succeeded()
    project.write("requirements.in", "web<2\n")
    finished = run_locktool(*command, "--check", "--json").failed()
    assert json.loads(finished.out)["moved"] == [{"name": "web", "from": ["2.0"], "to": ["1.0"]}]
    assert "web==2.0" in project.read("requirements.txt")
    assert "name it with -o" in run_locktool("compile", "requirements.in", "--check").failed(2).err


def test_requirements_of_packages_are_left_out(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    web.forget_requests()
    assert run_locktool("compile", "requirements.in", "--no-deps", *PLAIN).succeeded().out == "web==2.0\n"
    assert not any("parts" in request.path for request in web.requests)
    refused = run_locktool("compile", "requirements.in", "--no-deps", "-o", "pylock.toml").failed(2)
    assert "nothing can prove" in refused.err


def test_a_package_is_resolved_and_not_emitted(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    options = ("--no-emit-package", "Num", "--no-hashes", "--no-header", "--annotation-style", "line")
    finished = run_locktool("compile", "requirements.in", *options).succeeded()
    assert finished.out == (
        f"{'parts==1.0':<24}  # via web\n{'web==2.0':<24}  # via -r requirements.in\n"
        "\n# The following packages were excluded from the output:\n# num\n"
    )
    assert "without num" in run_locktool("compile", "requirements.in", *options, "-o", "pylock.toml").failed(2).err


def test_options_of_pip_are_emitted_without_credentials(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    (project.directory / "links").mkdir()
    options = ("--emit-index-url", "--emit-find-links", "--emit-index-annotation", "--no-hashes", "--no-header")
    places = ("--extra-index-url", web.url.replace("://", "://user:SECRET@"), "--find-links", "links")
    finished = run_locktool("compile", "requirements.in", *options, *places).succeeded()
    lines = finished.out.splitlines()
    assert lines[:3] == [f"--index-url {web.url}", f"--extra-index-url {web.url}", "--find-links links"]
    assert lines[-3:] == ["web==2.0", "    # via -r requirements.in", f"    # from {web.url}"]
    assert "SECRET" not in finished.out + finished.err
    # What was emitted is read again, by the file's own place.
    (project.directory / "sub").mkdir()
    run_locktool("compile", "requirements.in", *options, *places, "-o", "sub/pinned.txt").succeeded()
    assert "--find-links ../links" in project.read("sub/pinned.txt")
    run_locktool("compile", "sub/pinned.txt").succeeded()


def test_no_index_is_asked_where_none_may_be(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    web.forget_requests()
    finished = run_locktool("compile", "requirements.in", "--no-index", "--no-cache").failed()
    assert "web" in finished.err
    assert web.requests == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--only-binary", ":all:"), "web==2.0"),
        (("--only-binary=web,parts",), "web==2.0"),
        (("--no-build",), "web==2.0"),
        (("--no-binary", "web"), "web==3.0"),
        (("--no-binary", ":all:", "--no-binary", ":none:", "--only-binary", "web"), "web==2.0"),
    ],
)
def test_formats_are_chosen_in_the_words_of_pip(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command, options: tuple[str, ...], expected: str
) -> None:
    web.add("web", "3.0", sdist=True, wheel_tags=[])
    assert expected in run_locktool("compile", "requirements.in", *options, *PLAIN).succeeded().out


def test_a_file_is_no_package(web: LocalIndex, run_locktool: Command) -> None:
    assert "write --no-binary :all:" in run_locktool("compile", "--no-binary", "requirements.in").failed(2).err


def test_pre_is_the_word_of_pip(web: LocalIndex, run_locktool: Command, project: ProjectWriter) -> None:
    web.add("web", "3.0rc1", requires=["parts"])
    assert "web==2.0" in run_locktool("compile", "requirements.in", *PLAIN).succeeded().out
    assert "web==3.0rc1" in run_locktool("compile", "requirements.in", "--pre", *PLAIN).succeeded().out


def test_options_that_change_nothing_say_so(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    plain = run_locktool("compile", "requirements.in", "--no-header").succeeded().out
    accepted = ("--generate-hashes", "--strip-extras", "--allow-unsafe", "--reuse-hashes", "--resolver", "backtracking")
    words = ("--max-rounds", "3", "--no-config", "--rebuild")
    assert run_locktool("compile", "requirements.in", "--no-header", *accepted, *words).succeeded().out == plain
    for_pip = run_locktool("compile", "requirements.in", "--no-header", "--pip-args", "--retries 9").succeeded()
    assert for_pip.out == plain
    assert "--pip-args has no effect" in for_pip.err
    assert "These change nothing" in run_locktool("compile", "--help").succeeded().out
    warned = run_locktool("compile", "requirements.in", "--no-annotate", "-o", "pylock.toml").succeeded()
    assert "--no-annotate is about requirements.txt" in warned.err


def test_pins_have_the_extras_that_are_asked_for(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    web.add("site", "1.0", requires=["web[b,a]"], extras={"c": ["parts[z]"], "never": []})
    web.add("web", "3.0", extras={"a": ["num"], "b": [], "other": []})
    project.write("requirements.in", "site[C]\n")
    expected = "num==1.1\nparts[z]==1.0\nsite[c]==1.0\nweb[a,b]==3.0\n"
    command = ("compile", "requirements.in", *PLAIN, "--python-version", "3.12", "--no-strip-extras", "-o", "out.txt")
    run_locktool(*command).succeeded()
    assert project.read("out.txt") == expected
    assert "Unchanged" in run_locktool(*command).succeeded().err
    assert "[" not in run_locktool(*command, "--strip-extras", "--dry-run").succeeded().out


def test_lines_end_as_is_asked_for_and_else_as_they_did(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    path = project.directory / "out.txt"
    command = ("compile", "requirements.in", *PLAIN, "--no-deps", "-o", "out.txt")
    run_locktool(*command).succeeded()
    assert path.read_bytes() == b"web==2.0\n"
    run_locktool(*command, "--newline", "CRLF", "-n").succeeded()
    assert path.read_bytes() == b"web==2.0\n"
    run_locktool(*command, "--newline", "CRLF").succeeded()
    assert path.read_bytes() == b"web==2.0\r\n"
    assert "Unchanged" in run_locktool(*command, "--newline", "preserve").succeeded().err
    project.write("requirements.in", "web\nparts\n")
    run_locktool(*command).succeeded()
    assert path.read_bytes() == b"parts==1.0\r\nweb==2.0\r\n"
    run_locktool(*command, "--newline", "native").succeeded()
    assert path.read_bytes() == f"parts==1.0{os.linesep}web==2.0{os.linesep}".encode()
    run_locktool(*command, "--newline", "LF").succeeded()
    assert path.read_bytes() == b"parts==1.0\nweb==2.0\n"
    header = run_locktool("compile", "requirements.in", "--newline", "CRLF", "--no-strip-extras").succeeded().out
    assert "locktool compile requirements.in --newline CRLF --no-strip-extras" in header
    ignored = ("--newline", "LF", "--no-strip-extras", "-o", "pylock.x.toml")
    warned = run_locktool("compile", "requirements.in", *ignored).succeeded()
    assert "--newline, --no-strip-extras is about requirements.txt" in warned.err


def test_the_header_names_the_command_of_the_project(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    command = ("compile", "--no-hashes", "--output-file", "requirements.txt")
    run_locktool(*command, env={"CUSTOM_COMPILE_COMMAND": "make pins"}).succeeded()
    assert project.read("requirements.txt").splitlines()[1] == "#   make pins"
    run_locktool(*command).succeeded()
    line = project.read("requirements.txt").splitlines()[1]
    assert line == "#   locktool compile requirements.in -o requirements.txt --no-hashes"


def test_a_compiled_lock_says_what_it_is_for_and_claims_no_more(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    run_locktool("compile", "requirements.in", "--python-version", "3.12", "-o", "pylock.one.toml").succeeded()
    run_locktool("compile", "requirements.in", *UNIVERSAL, "-o", "pylock.all.toml").succeeded()
    one, every = (tomllib.loads(project.read(f"pylock.{name}.toml")) for name in ("one", "all"))
    assert (one["requires-python"], len(one["environments"])) == ("==3.12.*", 1)
    assert every["requires-python"] == ">=3.11"
    assert "environments" not in every
    for name in ("one", "all"):
        head = project.read(f"pylock.{name}.toml").partition("\n\n")[0]
        assert "`locktool check` proves that it is." not in head
        assert "not that it is up to date" in head
    assert run_locktool("check", ".").succeeded().err.count("is sound") == 2
    # A project says itself for which Pythons it is.
    project.pyproject("web", requires_python=">=3.10")
    run_locktool("compile", "pyproject.toml", "--universal", "-o", "pylock.own.toml").succeeded()
    assert tomllib.loads(project.read("pylock.own.toml"))["requires-python"] == ">=3.10"
    warned = run_locktool("compile", "requirements.in", "-o", "pylock.toml").succeeded()
    assert "name a compiled lock pylock.NAME.toml" in warned.err


@pytest.mark.parametrize(
    ("words", "ways"),
    [
        ([], "leave it out (--no-emit-package), or write no hashes (--no-hashes), or give pip from 26.3 on"),
        (["-o", "pylock.toml"], "beside those that have one: give pip from 26.3 on the option --no-require-hashes"),
        (["--no-hashes"], None),
        (["--no-emit-package", "tree"], None),
    ],
)
def test_pip_refuses_what_has_no_hash_and_a_note_says_so(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, words: list[str], ways: str | None
) -> None:
    index.add("web", "1.0")
    project.write("tree/pyproject.toml", "[project]\nname = 'tree'\nversion = '1'\n")
    project.write("requirements.in", "web\n-e tree\n")
    err = run_locktool("compile", *words).succeeded().err
    assert ("tree is a directory or repository and has no hash" in err) == (ways is not None)
    assert ways is None or ways in err


@pytest.mark.parametrize("style", [["--no-hashes"], ["--no-hashes", "--annotation-style", "line"], []], ids=" ".join)
def test_a_path_or_an_address_that_was_there_is_not_added(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, style: list[str]
) -> None:
    index.add("web", "1.0")
    file = index.add("direct", "1.0").files[0].filename
    project.write("tree/pyproject.toml", "[project]\nname = 'tree'\nversion = '1'\n")
    project.write("requirements.in", f"web\n-e tree\ndirect @ {index.root}/files/direct/{file}\n")
    run_locktool("compile", "-o", "requirements.txt").succeeded()
    again = json.loads(run_locktool("compile", "-o", "requirements.txt", *style, "--json").succeeded().out)
    assert (again["added"], again["removed"], again["moved"]) == ([], [], [])
    project.write("other/pyproject.toml", "[project]\nname = 'other'\nversion = '1'\n")
    project.write("requirements.in", "web\n-e tree\n./other\n")
    more = json.loads(run_locktool("compile", "-o", "requirements.txt", *style, "--json").succeeded().out)
    assert [change["name"] for change in more["added"]] == ["other"]


@pytest.mark.skipif(os.name != "posix", reason="pipes as POSIX has them")
def test_a_pipe_is_written_to_and_not_read(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    index.add("a", "1.0")
    project.write("requirements.in", "a\n")
    pipe = project.directory / "pipe"
    os.mkfifo(pipe)
    for words in (["compile", "requirements.in"], ["export", "--only-deps"]):
        if words[0] == "export":
            project.pyproject("a")
            run_locktool("lock").succeeded()
        with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE, text=True) as reader:
            run_locktool(*words, "-o", "pipe").succeeded()
            assert "a==1.0" in reader.communicate()[0]
    assert pipe.is_fifo()
