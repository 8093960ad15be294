"""What a project may say of an index: that it is flat, explicit, a mirror, or to be seen as it was at a moment."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from local_index import LocalIndex, Release, Replaced, pages
from local_index.pages import PageStyle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Command, ProjectWriter


@pytest.fixture
def second() -> Iterator[LocalIndex]:
    """Another index on loopback."""
    with LocalIndex() as running:
        yield running


def packages(project: ProjectWriter) -> dict[str, dict[str, Any]]:
    return {package["name"]: package for package in tomllib.loads(project.read())["packages"]}


def versions(project: ProjectWriter) -> dict[str, str]:
    return {name: package["version"] for name, package in packages(project).items()}


def test_a_flat_index_is_one_page_asked_once(
    index: LocalIndex, second: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "2.0.0")
    index.add("c", "1.0.0")
    second.add("a", "1.0.0", requires=["b", "c"])
    second.add("b", "1.0.0")
    project.pyproject("a", tool={"index": [{"name": "wheels", "url": second.flat_url, "format": "flat"}]})
    run_locktool("lock").succeeded()
    assert versions(project) == {"a": "1.0.0", "b": "1.0.0", "c": "1.0.0"}
    assert packages(project)["a"]["index"] == second.flat_url
    assert second.counts["flat"] == 1
    assert [request.path for request in index.requests if request.kind == "page"] == ["/simple/c/"]


def test_a_directory_is_a_flat_index_that_may_be_explicit(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "2.0.0")
    index.add("b", "2.0.0")
    with LocalIndex() as elsewhere:
        for name in ("a", "b"):
            (wheel,) = elsewhere.add(name, "1.0.0").files
            (project.directory / "wheels").mkdir(exist_ok=True)
            (project.directory / "wheels" / wheel.filename).write_bytes(wheel.content)
    table = {"name": "wheels", "url": "./wheels", "format": "flat", "explicit": True}
    project.pyproject("a", "b", tool={"index": [table], "sources": {"a": {"index": "wheels"}}})
    run_locktool("lock").succeeded()
    assert versions(project) == {"a": "1.0.0", "b": "2.0.0"}


def test_an_index_can_be_seen_as_it_was_at_a_moment(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0.0", upload_time="2024-01-01T00:00:00Z")
    index.add("a", "2.0.0", upload_time="2024-06-01T00:00:00Z")
    index.add("a", "3.0.0", upload_time=None)
    table = {"name": "main", "url": index.url, "default": True}
    project.pyproject("a", tool={"index": [table | {"exclude-newer": "2024-05-31"}]})
    run_locktool("lock").succeeded()
    assert versions(project) == {"a": "1.0.0"}
    # What is kept is the whole page, and what was learned of the older release stays known.
    index.forget_requests()
    project.pyproject("a", tool={"index": [table | {"exclude-newer": "2024-06-01"}]})
    run_locktool("lock", "--upgrade").succeeded()
    assert versions(project) == {"a": "2.0.0"}
    assert index.counts.keys() == {"sidecar"}
    # A release that the cutoff hides may be asked for ahead of need, in the first run or in this one.
    asked = {request.path.rpartition("/")[2].split("-")[1] for request in index.requests}
    assert {"2.0.0"} <= asked <= {"2.0.0", "3.0.0"}
    project.pyproject("a", tool={"index": [table | {"exclude-newer": "soon"}]})
    assert "'soon' is neither a date" in run_locktool("lock", "--upgrade").failed(2).err


@pytest.mark.parametrize("status", ["archived", "deprecated", "quarantined"])
def test_the_status_of_a_project_is_said(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, status: str
) -> None:
    index.add("a", "1.0.0")
    index.declare("a", PageStyle(api_version="1.4", status=status, status_reason="see <there>"))
    project.pyproject("a")
    finished = run_locktool("lock")
    assert finished.code == (1 if status == "quarantined" else 0)
    assert f"a is {status}" in finished.err
    assert "see <there>" in finished.err
    if status != "quarantined":
        (project.directory / "pylock.toml").unlink()
        index.forget_requests()
        assert f"a is {status}" in run_locktool("lock").succeeded().err
        assert index.counts == {}


def test_a_later_minor_version_of_the_api_is_said(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0.0")
    index.declare("a", PageStyle(api_version="1.99"))
    project.pyproject("a")
    assert "version 1.99 of the simple API" in run_locktool("lock").succeeded().err


def test_a_mirror_is_asked_and_the_index_it_mirrors_is_recorded(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0.0")
    table = {"name": "main", "url": index.url, "default": True, "mirror-of": "https://packages.invalid/simple/"}
    project.pyproject("a", tool={"index": [table]})
    run_locktool("lock").succeeded()
    assert index.root not in project.read()
    assert packages(project)["a"]["index"] == "https://packages.invalid/simple/"
    assert packages(project)["a"]["wheels"][0]["url"].startswith("https://packages.invalid/files/a/")


def test_a_name_on_two_indexes_comes_from_the_first(
    index: LocalIndex, second: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "2.0.0")
    second.add("a", "1.0.0")
    project.pyproject("a")
    run_locktool("lock", "--extra-index-url", second.url).succeeded()
    assert versions(project) == {"a": "1.0.0"}
    (project.directory / "pylock.toml").unlink()
    project.pyproject("a>=2")
    finished = run_locktool("lock", "--extra-index-url", second.url).failed(1)
    assert "1.0.0" in finished.err


def test_a_name_on_a_second_index_that_was_read_anyway_is_told(
    index: LocalIndex, second: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for name in ("a", "b", "b-c"):
        index.add(name, "1.0.0")
    index.add("d", "1.0.0")
    second.add("a", "9.0.0")
    second.add("b-c", "9.0.0", wheel_tags=[], sdist=True)
    second.add("e", "1.0.0")
    tables = [{"name": "first", "url": index.url}, {"name": "wheels", "url": second.flat_url, "format": "flat"}]
    told = f"a, b-c come from {index.url} and are on {second.flat_url} too"
    # The second index is read for a package that the first lacks, and for no other.
    for required, is_told in (("a", "b", "b-c", "d"), False), (("a", "b", "b-c", "d", "e"), True):
        project.pyproject(*required, tool={"index": tables})
        for _ in ("asked", "cached"):
            (project.directory / "pylock.toml").unlink(missing_ok=True)
            message = " ".join(run_locktool("lock").succeeded().err.split())
            assert (told in message) == is_told
            assert message.count(" too; ") == int(is_told)
        assert second.counts["flat"] == int(is_told)
    assert versions(project) == {"a": "1.0.0", "b": "1.0.0", "b-c": "1.0.0", "d": "1.0.0", "e": "1.0.0"}
    sources = {name: {"index": "first"} for name in ("a", "b-c")}
    project.pyproject(*required, tool={"index": tables, "sources": sources})
    assert " too; " not in run_locktool("lock", "--upgrade").succeeded().err


def stored_in_zstd(content: bytes) -> bytes:
    """A Zstandard frame (RFC 8878) of one raw block, for a Python that has no compressor."""
    size = len(content)
    assert size < 1 << 17
    return b"\x28\xb5\x2f\xfd\xa0" + size.to_bytes(4, "little") + (size << 3 | 1).to_bytes(3, "little") + content


def test_a_page_may_be_encoded_in_zstd(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    index.add("a", "1.0.0")
    page = pages.render(pages.JSON, "a", index.releases("a"), index.root, PageStyle())
    index.fail("/simple/a/", Replaced(stored_in_zstd(page), pages.JSON, {"Content-Encoding": "zstd"}))
    project.pyproject("a")
    run_locktool("lock").succeeded()
    assert versions(project) == {"a": "1.0.0"}
    assert "zstd" in index.requests[0].headers["accept-encoding"]


def test_pips_proxy_is_left_out_for_hosts_that_need_none(
    index: LocalIndex, second: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0.0")
    project.pyproject("a")
    run_locktool("lock", env={"PIP_PROXY": second.root, "NO_PROXY": "127.0.0.1"}).succeeded()
    assert second.requests == []
    second.is_proxy = True
    second.add("a", "2.0.0")
    run_locktool("lock", "--upgrade", "--refresh", env={"PIP_PROXY": second.root}).succeeded()
    assert versions(project) == {"a": "2.0.0"}


def test_a_page_of_links_that_offline_leaves_out_is_named(
    index: LocalIndex, second: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0.0")
    project.pyproject("a")
    run_locktool("lock").succeeded()
    (project.directory / "pylock.toml").unlink()
    finished = run_locktool("lock", "--offline", "--find-links", second.flat_url).succeeded()
    assert f"{second.flat_url} is left out" in finished.err
    assert second.requests == []


def test_find_links_in_pips_spelling(
    index: LocalIndex, second: LocalIndex, project: ProjectWriter, run_locktool: Command, tmp_path: Path
) -> None:
    index.add("a", "1.0.0", requires=["b"])
    second.add("b", "1.0.0")
    (wheel,) = second.add("a", "2.0.0", requires=["b"]).files
    second.remove("a")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / wheel.filename).write_bytes(wheel.content)
    project.pyproject("a")
    run_locktool("lock", "--find-links", tmp_path / "links", "-f", second.flat_url).succeeded()
    assert versions(project) == {"a": "2.0.0", "b": "1.0.0"}


def own_default(index: LocalIndex) -> dict[str, Any]:
    return {"index": [{"name": "own", "url": index.url, "default": True}]}


def by_extra_index(second: LocalIndex, directory: Path) -> list[str]:
    return ["--extra-index-url", second.url]


def by_page_of_links(second: LocalIndex, directory: Path) -> list[str]:
    return ["--find-links", second.flat_url]


def by_directory_of_links(second: LocalIndex, directory: Path) -> list[str]:
    for release in second.releases():
        (directory / release.files[0].filename).write_bytes(release.files[0].content)
    return ["--find-links", str(directory)]


@pytest.fixture(params=[by_extra_index, by_page_of_links, by_directory_of_links], ids=lambda way: way.__name__)
def options_for_second(request: pytest.FixtureRequest, second: LocalIndex, tmp_path: Path) -> list[str]:
    """What the command line says to take `a` and `b` from the second index."""
    second.add("a", "5.0.0")
    second.add("b", "5.0.0")
    (tmp_path / "links").mkdir()
    options: list[str] = request.param(second, tmp_path / "links")
    return options


@pytest.mark.parametrize("default", ["project", "machine"])
def test_what_the_command_line_named_stays_where_it_is_without_it(
    index: LocalIndex,
    project: ProjectWriter,
    run_locktool: Command,
    options_for_second: list[str],
    default: str,
) -> None:
    """The lock records where each package is from; `a` is on both, `b` only where the command line says."""
    tool = own_default(index) if default == "project" else {}
    index.add("a", "1.0.0")
    index.add("c", "1.0.0")
    index.add("d", "1.0.0")
    project.pyproject("a", "b", "d", tool=tool)
    run_locktool("lock", *options_for_second).succeeded()
    assert versions(project) == {"a": "5.0.0", "b": "5.0.0", "d": "1.0.0"}
    before = packages(project)
    project.pyproject("a", "b", "c", "d", tool=tool)
    run_locktool("lock").succeeded()
    assert {name: packages(project)[name] for name in before} == before
    assert versions(project)["c"] == "1.0.0"
    lock = project.read()
    for upgrade in (["--upgrade"], ["-P", "a"]):
        finished = run_locktool("lock", *upgrade).failed(1)
        assert index.url.rstrip("/") in finished.err
        assert before["a"]["index"].rstrip("/") in finished.err
        assert project.read() == lock
    run_locktool("lock", "-P", "c").succeeded()
    run_locktool("lock", "--upgrade", *options_for_second).succeeded()
    assert versions(project) == {"a": "5.0.0", "b": "5.0.0", "c": "1.0.0", "d": "1.0.0"}


def test_a_name_that_only_an_index_of_an_earlier_command_line_has_is_not_found_and_says_where_it_was_not_asked(
    index: LocalIndex, second: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0.0")
    second.add("b", "1.0.0")
    second.add("c", "1.0.0")
    project.pyproject("a", "b", tool=own_default(index))
    run_locktool("lock", "--extra-index-url", second.url).succeeded()
    project.pyproject("a", "b", "c", tool=own_default(index))
    finished = run_locktool("lock").failed(1)
    assert f"{second.url.rstrip('/')} is asked only for what the lock has from there" in finished.err


def local_wheels(project: ProjectWriter, folder: str, *names: str) -> None:
    """Wheels of version 1.0.0 in a folder of the project."""
    with LocalIndex() as elsewhere:
        for name in names:
            (wheel,) = elsewhere.add(name, "1.0.0").files
            target = project.directory / folder / wheel.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(wheel.content)


LOCAL: dict[str, tuple[str, dict[str, Any]]] = {
    "flat index": ("wheels", {"index": [{"name": "own", "url": "./wheels", "format": "flat", "exclude-newer": False}]}),
    "index": ("wheels/a", {"index": [{"name": "own", "url": "./wheels", "exclude-newer": False}]}),
    "links": ("wheels", {"find-links": ["wheels"]}),
    "links with a dot": ("wheels", {"find-links": ["./wheels/"]}),
}


@pytest.mark.parametrize("kind", LOCAL)
def test_wheels_in_the_project_are_locked_by_their_paths(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str
) -> None:
    """The lock holds wherever the project lies, an upgrade asks the same directory, and its cutoff counts."""
    folder, tool = LOCAL[kind]
    index.add("b", "1.0.0", upload_time="2023-01-01T00:00:00Z")
    local_wheels(project, folder, "a")
    tool = {**tool, "exclude-newer": "2024-01-01"}
    project.pyproject("a", "b", tool=tool)
    run_locktool("lock").succeeded()
    (wheel,) = packages(project)["a"]["wheels"]
    assert wheel["path"] == f"{folder}/a-1.0.0-py3-none-any.whl"
    assert "url" not in wheel
    assert str(project.directory) not in project.read()
    assert "file:" not in project.read()
    run_locktool("check", "--frozen").succeeded()
    run_locktool("lock", "--upgrade").succeeded()
    project.pyproject("a>=1", "b", tool=tool)
    run_locktool("lock").succeeded()
    assert versions(project) == {"a": "1.0.0", "b": "1.0.0"}
    moved = project.directory.rename(project.directory.with_name("moved"))
    run_locktool("check", "--frozen", cwd=moved).succeeded()
    (moved / folder / "a-1.0.0-py3-none-any.whl").write_bytes(b"another")
    assert "file-changed" in run_locktool("check", "--frozen", "--json", cwd=moved).failed(1).out


def test_a_note_is_said_once_for_each_change(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    index.add("a", "1.0")
    project.pyproject("a")
    (project.directory / "links").mkdir()
    pip = {"LOCKTOOL_INDEX_URL": "", "PIP_INDEX_URL": index.url, "PIP_FIND_LINKS": str(project.directory / "links")}
    note = "note: find-links of pip's configuration"
    assert note in run_locktool("lock", env=pip).succeeded().err
    assert "note:" not in run_locktool("lock", "--offline", env=pip).succeeded().err
    assert note in run_locktool("lock", "-v", env=pip).succeeded().err
    index.add("b", "1.0")
    project.pyproject("a", "b")
    assert note in run_locktool("lock", env=pip).succeeded().err


def test_links_alone_may_be_asked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    release = Release("a", "1.0")
    (file,) = release.files
    (project.directory / "wheels").mkdir()
    (project.directory / "wheels" / file.filename).write_bytes(file.content)
    index.add("a", "2.0")
    project.pyproject("a")
    run_locktool("lock", "--no-index", "-f", "wheels").succeeded()
    assert index.requests == []
    lock = project.read("pylock.toml")
    assert 'version = "1.0"' in lock
    assert 'path = "wheels/' in lock
    run_locktool("check", "--frozen").succeeded()
