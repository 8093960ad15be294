"""Which wheel of a release says what the release requires, where its wheels say different things.

The page lists them in any order and the lock is the same; a wheel that the project cannot install says nothing; what
the wheels of one platform alone require is locked for that platform, and told.
"""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from input_changes import locked_packages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex
    from local_index.release import Metadata

LINUX = "cp312-cp312-manylinux_2_17_x86_64"
MACOS = "cp312-cp312-macosx_11_0_arm64"
WINDOWS = "cp312-cp312-win_amd64"
Wheels = dict[str, list[str]]


def publish(index: LocalIndex, wheels: Wheels, order: Sequence[str], metadata: Metadata = "sidecar") -> None:
    """Publish `pkg` 1.0 with a wheel for each tag, each with requirements of its own, in an order of the page."""
    for tag in order:
        index.add("pkg", "1.0", requires=wheels[tag], wheel_tags=(tag,), metadata=metadata)


@pytest.mark.parametrize(
    "wheels",
    [
        {LINUX: ["one ; extra == 'x'"], "cp310-cp310-macosx_10_12_x86_64": []},
        {LINUX: [], MACOS: [], WINDOWS: ["one"]},
        {"py3-none-any": [], "py2-none-any": ["one"], LINUX: ["one"]},
    ],
    ids=["an extra", "a platform", "a Python"],
)
@pytest.mark.parametrize("metadata", ["sidecar", "announced", "none"])
def test_the_order_of_the_page_changes_nothing(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, wheels: Wheels, metadata: Metadata
) -> None:
    index.add("one", "1.0")
    project.pyproject("pkg[x]", requires_python=">=3.12")
    locks = set()
    for order in permutations(wheels):
        publish(index, wheels, order, metadata)
        (project.directory / "pylock.toml").unlink(missing_ok=True)
        run_locktool("lock", "--no-cache").succeeded()
        locks.add(project.read())
        index.remove("pkg")
    assert len(locks) == 1


@pytest.mark.parametrize("order", list(permutations([LINUX, "cp310-cp310-macosx_10_12_x86_64"])), ids=["first", "last"])
def test_an_extra_of_the_wheel_that_can_be_installed_is_there(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, order: tuple[str, ...]
) -> None:
    index.add("one", "1.0")
    publish(index, {LINUX: ["one ; extra == 'x'"], "cp310-cp310-macosx_10_12_x86_64": []}, order)
    project.pyproject("pkg[x]")
    assert "has no extra" not in run_locktool("lock").succeeded().err
    assert "one" in locked_packages(project)


@pytest.mark.parametrize("metadata", ["sidecar", "none"])
@pytest.mark.parametrize("other", ["cp27-cp27mu-manylinux1_x86_64", "py2-none-any", "cp313-cp313-win_amd64"])
def test_a_wheel_that_the_project_cannot_install_says_nothing(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, metadata: Metadata, other: str
) -> None:
    for version in ("1.0", "2.0"):
        index.add("dep", version)
    project.pyproject("pkg", requires_python=">=3.12,<3.13")
    for order in permutations([LINUX, other]):
        publish(index, {LINUX: ["dep"], other: ["dep<2", "futures"]}, order, metadata)
        (project.directory / "pylock.toml").unlink(missing_ok=True)
        finished = run_locktool("lock", "--no-cache").succeeded()
        index.remove("pkg")
        assert "state different requirements" not in finished.err
        packages = locked_packages(project)
        assert [entry["version"] for entry in packages["dep"]] == ["2.0"]
        assert "futures" not in packages


@pytest.mark.parametrize("metadata", ["sidecar", "none"])
def test_compile_reads_a_wheel_that_its_target_can_install(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, metadata: Metadata
) -> None:
    wheels: Wheels = {LINUX: ["one"], "cp311-cp311-manylinux_2_17_x86_64": ["two"], WINDOWS: ["three"]}
    targets = [("3.12", "linux", "one"), ("3.11", "linux", "two"), ("3.12", "windows", "three")]
    for name in ("one", "two", "three"):
        index.add(name, "1.0")
    publish(index, wheels, list(wheels), metadata)
    project.write("requirements.in", "pkg\n")
    # The second time from the cache: that of one target does not answer for another one.
    for python, platform, expected in (*targets, *targets):
        arguments = ("--python-version", python, "--python-platform", platform, "--no-hashes")
        finished = run_locktool("compile", "requirements.in", *arguments, "-o", "out.txt").succeeded()
        assert "state different requirements" not in finished.err
        text = project.read("out.txt")
        assert [name for name in ("one", "two", "three") if f"{name}==1.0" in text] == [expected]


@pytest.fixture
def platforms(index: LocalIndex, project: ProjectWriter) -> LocalIndex:
    """A package whose wheel for Windows requires `intel`, and that for macOS an older `dep`."""
    index.add("dep", "1.0")
    index.add("dep", "2.0")
    index.add("intel", "1.0")
    wheels: Wheels = {LINUX: ["dep"], MACOS: ["dep<2"], WINDOWS: ["dep", "intel"]}
    publish(index, wheels, [MACOS, WINDOWS, LINUX])
    project.pyproject("pkg", requires_python=">=3.12")
    return index


def test_what_one_platform_requires_is_locked_for_it_and_told(
    platforms: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    said = run_locktool("lock").succeeded().err
    (line,) = [line for line in said.splitlines() if "state different requirements" in line]
    assert "pkg 1.0" in line
    assert "macosx" in line
    packages = locked_packages(project)
    assert packages["intel"][0]["marker"] == "sys_platform == 'win32'"
    versions = {entry["version"]: entry["marker"] for entry in packages["dep"]}
    assert versions == {
        "1.0": "sys_platform == 'darwin'",
        "2.0": "sys_platform == 'linux' or sys_platform == 'win32'",
    }
    run_locktool("check", "--frozen").succeeded()


def test_the_cache_answers_for_every_wheel(
    platforms: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    run_locktool("lock").succeeded()
    first = project.read()
    (project.directory / "pylock.toml").unlink()
    platforms.forget_requests()
    said = run_locktool("lock").succeeded().err
    assert "state different requirements" in said
    assert project.read() == first
    assert not [request for request in platforms.requests if "/files/" in request.path]
    (project.directory / "pylock.toml").unlink()
    run_locktool("lock", "--offline").succeeded()
    assert project.read() == first


def test_an_environment_of_the_project_reads_its_own_wheel(
    platforms: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject("pkg", requires_python=">=3.12", tool={"environments": ["sys_platform == 'win32'"]})
    assert "state different requirements" not in run_locktool("lock").succeeded().err
    assert set(locked_packages(project)) >= {"intel", "dep"}
    project.pyproject("pkg", requires_python=">=3.12", tool={"environments": ["sys_platform == 'linux'"]})
    run_locktool("lock").succeeded()
    assert "intel" not in locked_packages(project)


def test_wheels_that_say_the_same_are_read_once(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("pkg", "1.0", wheel_tags=(LINUX, MACOS, WINDOWS))
    project.pyproject("pkg", requires_python=">=3.12")
    assert "state different requirements" not in run_locktool("lock").succeeded().err
    assert len([request for request in index.requests if "/files/" in request.path]) == 1


@pytest.mark.parametrize("part", ["markers", "an extra"])
def test_what_makes_no_difference_to_the_lock_is_not_told(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, part: str
) -> None:
    index.add("dep", "1.0")
    written = {"markers": "dep ; sys_platform == 'linux'", "an extra": "dep ; extra == 'unused'"}[part]
    publish(index, {LINUX: [written], WINDOWS: []}, [LINUX, WINDOWS])
    project.pyproject("pkg", requires_python=">=3.12")
    assert "state different requirements" not in run_locktool("lock").succeeded().err
    for entry in locked_packages(project).get("dep", []):
        assert entry["marker"] == "sys_platform == 'linux'"


def test_a_broken_wheel_beside_others_is_passed_over(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("dep", "1.0")
    publish(index, {LINUX: ["dep"], WINDOWS: ["dep >>> 1"]}, [WINDOWS, LINUX])
    project.pyproject("pkg", requires_python=">=3.12")
    run_locktool("lock").succeeded()
    assert "dep" in locked_packages(project)


@pytest.mark.parametrize("metadata", ["sidecar", "none"])
def test_what_the_first_wheel_says_of_another_platform_is_asked_of_the_wheel_for_it(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, metadata: Metadata
) -> None:
    """`gone` is on no index: a lock that believes the wheel for x86_64 is impossible."""
    aarch64 = LINUX.replace("x86_64", "aarch64")
    index.add("intel", "1.0")
    index.add("mac", "1.0")
    conditional = ["gone ; sys_platform == 'linux' and platform_machine == 'aarch64'", "intel ; os_name == 'nt'"]
    wheels: Wheels = {LINUX: conditional, aarch64: [], MACOS: ["mac"], WINDOWS: ["intel"]}
    publish(index, wheels, list(wheels), metadata)
    project.pyproject("pkg", requires_python=">=3.12")
    said = run_locktool("lock").succeeded().err
    assert "pkg 1.0 state different requirements" in said
    packages = locked_packages(project)
    assert "gone" not in packages
    assert packages["intel"][0]["marker"] == "sys_platform == 'win32'"
    assert packages["mac"][0]["marker"] == "sys_platform == 'darwin'"
    run_locktool("check", "--frozen").succeeded()
    lock = project.read()
    index.forget_requests()
    (project.directory / "pylock.toml").unlink()
    run_locktool("lock").succeeded()
    assert project.read() == lock
    assert not [request for request in index.requests if "/files/" in request.path]


def test_one_wheel_is_read_where_nothing_depends_on_the_platform(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("pkg", "1.0", wheel_tags=(LINUX, MACOS, WINDOWS), requires=["dep ; extra == 'x'"], metadata="none")
    project.pyproject("pkg", requires_python=">=3.12")
    run_locktool("lock").succeeded()
    assert len({request.path for request in index.requests if request.path.endswith(".whl")}) == 1


@pytest.mark.parametrize("python", [">=3.12", ">=3.9"])
def test_the_python_of_a_release_is_that_of_the_wheel_that_speaks_first(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, python: str
) -> None:
    """The page gives each file's requires-python; a wheel for Python 2 in front caps nothing."""
    locks = set()
    for order in permutations([("py2-none-any", "<3"), ("py3-none-any", ">=3.9")]):
        for tag, requires_python in order:
            index.add("pkg", "1.0", wheel_tags=(tag,), requires_python=requires_python)
        project.pyproject("pkg", requires_python=python)
        (project.directory / "pylock.toml").unlink(missing_ok=True)
        run_locktool("lock", "--no-cache").succeeded()
        locks.add(project.read())
        index.remove("pkg")
    (lock,) = locks
    assert 'requires-python = ">=3.9"' in lock


def test_wheels_in_a_directory_are_told_apart(project: ProjectWriter, index: LocalIndex, run_locktool: Command) -> None:
    publish(index, {LINUX: [], WINDOWS: ["intel"]}, [LINUX, WINDOWS])
    index.add("intel", "1.0")
    links = project.directory / "links"
    links.mkdir()
    for release in index.releases():
        for file in release.files:
            (links / file.filename).write_bytes(file.content)
    index.remove("pkg")
    project.pyproject("pkg", requires_python=">=3.12", tool={"find-links": ["links"]})
    assert "state different requirements" in run_locktool("lock").succeeded().err
    assert locked_packages(project)["intel"][0]["marker"] == "sys_platform == 'win32'"
