"""The machine's index never moves a pin: what is locked stays with the index that the lock records.

A is the index that the lock was made with, B the one of another machine, where `a` is 9.9. Where a run would need B, it
ends with 1 and names both and the ways out.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from local_index import LocalIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Command, Completed, ProjectWriter


@pytest.fixture
def b() -> Iterator[LocalIndex]:
    """The index of another machine."""
    with LocalIndex() as running:
        running.add("a", "9.9")
        for name in ("b", "c", "d"):
            running.add(name, "5.0")
        yield running


def by_variable(url: str, directory: Path) -> dict[str, str]:
    return {"LOCKTOOL_INDEX_URL": url}


def by_variable_of_pip(url: str, directory: Path) -> dict[str, str]:
    return {"LOCKTOOL_INDEX_URL": "", "PIP_INDEX_URL": url}


def by_configuration_of_pip(url: str, directory: Path) -> dict[str, str]:
    file = directory / "pip.conf"
    file.write_text(f"[global]\nindex-url = {url}\n")
    return {"LOCKTOOL_INDEX_URL": "", "PIP_CONFIG_FILE": str(file)}


WAYS: dict[str, Callable[[str, Path], dict[str, str]]] = {
    "LOCKTOOL_INDEX_URL": by_variable,
    "PIP_INDEX_URL": by_variable_of_pip,
    "pip.conf": by_configuration_of_pip,
}


@pytest.fixture(params=WAYS)
def with_b(request: pytest.FixtureRequest, b: LocalIndex, tmp_path: Path) -> dict[str, str]:
    """The environment of a machine whose index is B."""
    return WAYS[request.param](b.url, tmp_path)


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A project that names no index, locked with A while A had one version of each."""
    index.add("a", "1.0")
    index.add("c", "1.0", requires=["d"])
    index.add("d", "1.0")
    project.pyproject("a", "c")
    run_locktool("lock").succeeded()
    index.add("a", "2.0")
    index.add("b", "1.0")
    # Another machine has another cache.
    run_locktool.environment["LOCKTOOL_CACHE_DIR"] = str(run_locktool.home / "other-cache")
    index.forget_requests()
    return run_locktool


def entries(project: ProjectWriter) -> dict[str, dict[str, Any]]:
    return {package["name"]: package for package in tomllib.loads(project.read())["packages"]}


def versions(project: ProjectWriter) -> dict[str, str]:
    return {name: entry["version"] for name, entry in entries(project).items()}


def addresses(project: ProjectWriter) -> set[str]:
    """Where entries come from and where their files are, up to the port."""
    found = set()
    for entry in entries(project).values():
        found |= {url.split("/simple")[0].split("/files")[0] for url in (entry["index"], entry["wheels"][0]["url"])}
    return found


def assert_names_both(finished: Completed, index: LocalIndex, b: LocalIndex) -> None:
    for text in (index.url.rstrip("/"), b.url.rstrip("/"), "mirror-of", "--index-url", "[[tool.locktool.index]]"):
        assert text in finished.err, (text, finished.err)


def test_a_check_holds_whatever_the_machine_says(
    locked: Command, b: LocalIndex, index: LocalIndex, with_b: dict[str, str]
) -> None:
    locked("check", "--frozen", env=with_b).succeeded()
    assert b.requests == []
    assert index.requests == []


def test_a_lock_without_a_change_stays_as_it_is(
    locked: Command, b: LocalIndex, project: ProjectWriter, with_b: dict[str, str]
) -> None:
    before = project.read()
    for options in ([], ["--refresh"], ["--dry-run"], ["--offline"]):
        locked("lock", *options, env=with_b).succeeded()
        assert project.read() == before
    assert b.requests == []


@pytest.mark.parametrize("added", ["b", "nowhere"])
def test_a_name_that_only_the_machines_index_could_serve_is_refused(
    locked: Command, b: LocalIndex, index: LocalIndex, project: ProjectWriter, with_b: dict[str, str], added: str
) -> None:
    before = project.read()
    project.pyproject("a", "c", added)
    for options in ([], ["--dry-run"]):
        finished = locked("lock", *options, env=with_b).failed(1)
        assert_names_both(finished, index, b)
        assert added in finished.err
        assert project.read() == before
    assert b.requests == []


def test_a_name_in_a_group_or_extra_is_refused_too(
    locked: Command, b: LocalIndex, index: LocalIndex, project: ProjectWriter, with_b: dict[str, str]
) -> None:
    before = project.read()
    for groups, extras in (({"dev": ["b"]}, {}), ({}, {"x": ["b"]})):
        project.pyproject("a", "c", groups=groups, extras=extras)
        assert_names_both(locked("lock", env=with_b).failed(1), index, b)
        assert project.read() == before
    assert b.requests == []


@pytest.mark.parametrize("options", [["--upgrade"], ["-P", "a"], ["-P", "d"]], ids=" ".join)
def test_an_upgrade_is_refused(
    locked: Command,
    b: LocalIndex,
    index: LocalIndex,
    project: ProjectWriter,
    with_b: dict[str, str],
    options: list[str],
) -> None:
    before = project.read()
    assert_names_both(locked("lock", *options, env=with_b).failed(1), index, b)
    assert project.read() == before
    assert b.requests == []


@pytest.mark.parametrize("bound", ["a>=2", "a>=9"], ids=["that the lock's index meets", "that the machine's meets"])
def test_a_bound_that_the_pin_does_not_meet_is_refused(
    locked: Command,
    b: LocalIndex,
    index: LocalIndex,
    project: ProjectWriter,
    with_b: dict[str, str],
    bound: str,
) -> None:
    before = project.read()
    project.pyproject(bound, "c")
    finished = locked("lock", env=with_b).failed(1)
    assert_names_both(finished, index, b)
    assert "a" in finished.err
    assert project.read() == before
    assert b.requests == []


LEFT = {
    "a removed": (["c"], {"c": "1.0", "d": "1.0"}),
    "c removed": (["a"], {"a": "1.0"}),
    "bound of a loosened": (["a>=1", "c"], {"a": "1.0", "c": "1.0", "d": "1.0"}),
}


@pytest.mark.parametrize("kind", LEFT)
def test_what_is_left_stays_at_the_index_of_the_lock(
    locked: Command, b: LocalIndex, project: ProjectWriter, with_b: dict[str, str], kind: str
) -> None:
    dependencies, left = LEFT[kind]
    project.pyproject(*dependencies)
    locked("lock", env=with_b).succeeded()
    assert versions(project) == left
    (address,) = addresses(project)
    assert address != b.root
    locked("check", "--frozen", env=with_b).succeeded()
    assert b.requests == []


def test_a_requirement_on_what_is_locked_needs_no_other_index(
    locked: Command, b: LocalIndex, index: LocalIndex, project: ProjectWriter, with_b: dict[str, str]
) -> None:
    project.pyproject("a", "c", "d", groups={"dev": ["a", "d"]})
    locked("lock", env=with_b).succeeded()
    assert versions(project) == {"a": "1.0", "c": "1.0", "d": "1.0"}
    assert addresses(project) == {index.root}
    assert b.requests == []


def test_a_setting_that_changes_no_pin_needs_no_other_index(
    locked: Command, b: LocalIndex, index: LocalIndex, project: ProjectWriter, with_b: dict[str, str]
) -> None:
    project.pyproject("a", "c", tool={"constraints": ["d<2"], "environments": ["sys_platform == 'linux'"]})
    locked("lock", env=with_b).succeeded()
    assert versions(project) == {"a": "1.0", "c": "1.0", "d": "1.0"}
    assert addresses(project) == {index.root}
    assert b.requests == []


def test_an_index_on_the_command_line_is_followed(
    locked: Command, b: LocalIndex, index: LocalIndex, project: ProjectWriter, with_b: dict[str, str]
) -> None:
    locked("lock", "--index-url", b.url, env=with_b).succeeded()
    assert addresses(project) == {b.root}
    assert set(versions(project)) >= {"a", "c"}
    locked("check", "--frozen", env=with_b).succeeded()
    assert index.requests == []
    project.pyproject("a", "b", "c")
    locked("lock", env=with_b).succeeded()
    assert versions(project)["b"] == "5.0"


def test_an_index_that_the_project_names_is_followed(
    locked: Command, b: LocalIndex, project: ProjectWriter, with_b: dict[str, str]
) -> None:
    project.pyproject("a", "b", "c", tool={"index": [{"name": "own", "url": b.url, "default": True}]})
    locked("check", "--frozen", env=with_b).failed(1)
    locked("lock", env=with_b).succeeded()
    assert versions(project) == {"a": "9.9", "b": "5.0", "c": "5.0"}
    assert addresses(project) == {b.root}
    locked("check", "--frozen", env=with_b).succeeded()


def test_an_explicit_index_for_the_new_name_is_followed(
    locked: Command, b: LocalIndex, index: LocalIndex, project: ProjectWriter, with_b: dict[str, str]
) -> None:
    own = {"name": "own", "url": b.url, "explicit": True}
    project.pyproject("a", "b", "c", tool={"index": [own], "sources": {"b": {"index": "own"}}})
    locked("lock", env=with_b).succeeded()
    assert versions(project) == {"a": "1.0", "b": "5.0", "c": "1.0", "d": "1.0"}
    assert entries(project)["a"]["wheels"][0]["url"].startswith(index.root)
    assert [request.path for request in b.requests if "/b" not in request.path] == []


def test_a_mirror_of_the_index_of_the_lock_is_followed(
    locked: Command, index: LocalIndex, project: ProjectWriter
) -> None:
    with LocalIndex() as mirror:
        for release in index.releases():
            mirror.add(release.name, release.version, requires=release.requires)
        environment = {"LOCKTOOL_INDEX_URL": mirror.url, "LOCKTOOL_INDEX_MIRROR_OF": index.url}
        before = project.read()
        locked("lock", env=environment).succeeded()
        assert project.read() == before
        project.pyproject("a", "b", "c")
        locked("lock", env=environment).succeeded()
        assert versions(project) == {"a": "1.0", "b": "1.0", "c": "1.0", "d": "1.0"}
        locked("lock", "--upgrade", env=environment).succeeded()
        assert versions(project)["a"] == "2.0"
        assert mirror.root not in project.read()
        assert mirror.requests != []
    assert index.requests == []


def test_a_project_without_a_lock_takes_the_machines_index(
    b: LocalIndex, project: ProjectWriter, isolated_command: Command, with_b: dict[str, str]
) -> None:
    project.pyproject("a", "b")
    isolated_command("lock", env=with_b).succeeded()
    assert versions(project) == {"a": "9.9", "b": "5.0"}
    assert addresses(project) == {b.root}


def test_the_machine_of_the_lock_works_as_ever(locked: Command, b: LocalIndex, project: ProjectWriter) -> None:
    project.pyproject("a", "b", "c")
    locked("lock").succeeded()
    assert versions(project) == {"a": "1.0", "b": "1.0", "c": "1.0", "d": "1.0"}
    locked("lock", "--upgrade").succeeded()
    assert versions(project)["a"] == "2.0"
    assert b.requests == []


def extra_by_variable(a: str, b: str, directory: Path) -> dict[str, str]:
    return {"LOCKTOOL_INDEX_URL": "", "PIP_INDEX_URL": a, "PIP_EXTRA_INDEX_URL": b}


def extra_by_configuration(a: str, b: str, directory: Path) -> dict[str, str]:
    file = directory / "pip.conf"
    file.write_text(f"[global]\nindex-url = {a}\nextra-index-url = {b}\n")
    return {"LOCKTOOL_INDEX_URL": "", "PIP_CONFIG_FILE": str(file)}


@pytest.fixture(params=[extra_by_variable, extra_by_configuration], ids=["PIP_EXTRA_INDEX_URL", "pip.conf"])
def with_extra_b(request: pytest.FixtureRequest, index: LocalIndex, b: LocalIndex, tmp_path: Path) -> dict[str, str]:
    """The environment of a machine whose index is A and that asks B before it."""
    environment: dict[str, str] = request.param(index.url, b.url, tmp_path)
    return environment


@pytest.mark.parametrize("dependencies", [["a", "c", "d"], ["a>=1", "c"], ["a"], ["a>=2", "c"]], ids=" ".join)
def test_an_extra_index_moves_no_pin(
    locked: Command,
    b: LocalIndex,
    index: LocalIndex,
    project: ProjectWriter,
    with_extra_b: dict[str, str],
    dependencies: list[str],
) -> None:
    project.pyproject(*dependencies)
    locked("lock", env=with_extra_b).succeeded()
    assert addresses(project) == {index.root}
    assert versions(project)["a"] == ("2.0" if "a>=2" in dependencies else "1.0")
    assert b.requests == []


def test_an_extra_index_does_not_serve_a_name_that_the_index_of_the_lock_has(
    locked: Command, b: LocalIndex, index: LocalIndex, project: ProjectWriter, with_extra_b: dict[str, str]
) -> None:
    project.pyproject("a", "b", "c")
    locked("lock", env=with_extra_b).succeeded()
    assert versions(project) == {"a": "1.0", "b": "1.0", "c": "1.0", "d": "1.0"}
    assert addresses(project) == {index.root}
    assert b.requests == []


def test_a_name_that_only_an_extra_index_could_serve_is_refused(
    locked: Command, b: LocalIndex, index: LocalIndex, project: ProjectWriter, with_extra_b: dict[str, str]
) -> None:
    b.add("only-on-b", "1.0")
    before = project.read()
    project.pyproject("a", "c", "only-on-b")
    finished = locked("lock", env=with_extra_b).failed(1)
    assert_names_both(finished, index, b)
    assert "only-on-b" in finished.err
    assert project.read() == before
    assert b.requests == []


@pytest.mark.parametrize("options", [["--upgrade"], ["-P", "a"]], ids=" ".join)
def test_an_upgrade_beside_an_extra_index_stays_at_the_index_of_the_lock(
    locked: Command,
    b: LocalIndex,
    index: LocalIndex,
    project: ProjectWriter,
    with_extra_b: dict[str, str],
    options: list[str],
) -> None:
    locked("lock", *options, env=with_extra_b).succeeded()
    assert versions(project) == {"a": "2.0", "c": "1.0", "d": "1.0"}
    assert addresses(project) == {index.root}
    assert b.requests == []


def test_a_first_lock_asks_an_extra_index_and_the_next_one_keeps_each_package_where_it_is(
    b: LocalIndex,
    index: LocalIndex,
    project: ProjectWriter,
    isolated_command: Command,
    with_extra_b: dict[str, str],
) -> None:
    index.add("a", "10.0")
    index.add("only-on-a", "1.0")
    project.pyproject("a", "only-on-a")
    isolated_command("lock", env=with_extra_b).succeeded()
    assert versions(project) == {"a": "9.9", "only-on-a": "1.0"}
    assert [entries(project)[name]["index"] for name in ("a", "only-on-a")] == [b.url, index.url]
    b.add("only-on-a", "2.0")
    # The lock records both indexes, so both serve further names; what is locked stays where it is.
    project.pyproject("a", "only-on-a", "b")
    isolated_command("lock", "--refresh", env=with_extra_b).succeeded()
    assert versions(project) == {"a": "9.9", "only-on-a": "1.0", "b": "5.0"}
    # Where the machine no longer names the extra index, what comes from it stays and cannot be upgraded.
    project.pyproject("a>=1", "only-on-a", "b")
    without = {"LOCKTOOL_INDEX_URL": index.url}
    isolated_command("lock", env=without).succeeded()
    assert versions(project) == {"a": "9.9", "only-on-a": "1.0", "b": "5.0"}
    finished = isolated_command("lock", "-P", "a", env=without).failed(1)
    assert b.url.rstrip("/") in finished.err
    assert index.url.rstrip("/") in finished.err


def test_an_extra_index_of_the_machine_is_not_asked_where_the_project_names_its_default(
    b: LocalIndex,
    index: LocalIndex,
    project: ProjectWriter,
    isolated_command: Command,
    with_extra_b: dict[str, str],
) -> None:
    index.add("a", "1.0")
    own = {"name": "own", "url": index.url, "default": True}
    project.pyproject("a", tool={"index": [own]})
    isolated_command("lock", env=with_extra_b).succeeded()
    project.pyproject("a", "d", tool={"index": [own]})
    finished = isolated_command("lock", env=with_extra_b).failed(1)
    assert "d" in finished.err
    assert versions(project) == {"a": "1.0"}
    assert b.requests == []


def test_an_index_that_the_project_adds_is_asked_before_that_of_the_lock(
    locked: Command, b: LocalIndex, index: LocalIndex, project: ProjectWriter
) -> None:
    project.pyproject("a", "c", tool={"index": [{"name": "own", "url": b.url}]})
    locked("lock").succeeded()
    assert versions(project) == {"a": "9.9", "c": "5.0"}


def test_a_broken_configuration_of_pip_is_named_and_no_other_index_is_asked(
    locked: Command, index: LocalIndex, project: ProjectWriter, tmp_path: Path
) -> None:
    before = project.read()
    file = tmp_path / "pip.conf"
    file.write_bytes(b"[global]\nindex-url = \xff\n")
    project.pyproject("a", "b", "c")
    finished = locked("lock", env={"PIP_CONFIG_FILE": str(file)}).failed(2)
    assert "pip.conf" in finished.err
    assert "it is not UTF-8" in finished.err
    assert "PIP_CONFIG_FILE=" in finished.err
    assert project.read() == before
    assert index.requests == []
