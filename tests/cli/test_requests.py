"""How often an index is asked: no more than needed on the first run, nearly never on the second."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import pytest

from local_index import LocalIndex, Slow, Truncated
from locktool._native import IndexLocation, resolve

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index.pages import Format

PACKAGES = 80


def fill(index: LocalIndex, project: ProjectWriter) -> None:
    """Many packages of three versions each; half of them are required by another one."""
    for number in range(PACKAGES):
        requires = [f"package-{number + PACKAGES // 2}>=2"] if number < PACKAGES // 2 else []
        for version in ("1.0.0", "2.0.0", "3.0.0"):
            index.add(f"package-{number}", version, requires=requires)
    project.pyproject(*(f"package-{number}" for number in range(PACKAGES // 2)))


def counts_of(index: LocalIndex) -> dict[str, int]:
    """The counts since the last time they were asked for."""
    counts = dict(index.counts)
    index.forget_requests()
    return counts


def relock(run_locktool: Command, project: ProjectWriter, *arguments: str) -> None:
    """Lock from nothing but the cache and the index."""
    (project.directory / "pylock.toml").unlink(missing_ok=True)
    run_locktool("lock", *arguments).succeeded()


@pytest.mark.parametrize("formats", [("json",), ("html",)], ids=["json", "html"])
def test_with_sidecars_a_cold_run_asks_for_pages_and_metadata_only(
    project: ProjectWriter, isolated_command: Command, formats: tuple[Format, ...]
) -> None:
    with LocalIndex(formats=formats) as index:
        fill(index, project)
        isolated_command.environment["LOCKTOOL_INDEX_URL"] = index.url
        relock(isolated_command, project)
        assert counts_of(index) == {"page": PACKAGES, "sidecar": PACKAGES}


def test_without_sidecars_a_wheel_costs_one_range_and_hosts_are_remembered(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for number in range(20):
        requires = [f"package-{number + 1}"] if number < 19 else []
        index.add(f"package-{number}", "1.0.0", requires=requires, metadata="none", padding=100_000)
    project.pyproject("package-0")
    relock(run_locktool, project)
    counts = counts_of(index)
    assert counts["page"] == 20
    assert counts["range"] == 20
    assert counts.get("file", 0) == 0


@pytest.mark.parametrize("breaks_off", [False, True])
def test_a_source_distribution_that_has_to_be_built_is_fetched_once(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, *, breaks_off: bool
) -> None:
    index.add("a", "1.0", sdist=True, wheel_tags=[], dynamic=["requires-dist"], requires=["b"])
    index.add("b", "1.0")
    if breaks_off:
        index.fail("/files/a/*", Truncated(100), times=1)
    project.pyproject("a")
    run_locktool("lock").succeeded()
    assert 'name = "b"' in project.read()
    asked = [request for request in index.requests if request.path.endswith(".tar.gz")]
    assert len(asked) == (2 if breaks_off else 1)


def test_many_requests_are_in_flight_at_once(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    for number in range(PACKAGES):
        index.add(f"package-{number}", "1.0.0")
    project.pyproject(*(f"package-{number}" for number in range(PACKAGES)))
    index.fail("/simple/*", Slow(delay=1.0))
    relock(run_locktool, project)
    assert 50 <= index.most_in_flight <= 64


def test_within_max_age_nothing_is_asked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    fill(index, project)
    relock(run_locktool, project)
    index.forget_requests()
    relock(run_locktool, project)
    assert counts_of(index) == {}
    relock(run_locktool, project, "--offline")
    assert counts_of(index) == {}
    relock(run_locktool, project, "--refresh-package", "Package_3")
    assert [request.path for request in index.requests] == ["/simple/package-3/"]
    assert counts_of(index) == {"not-modified": 1}
    relock(run_locktool, project, "--refresh")
    assert counts_of(index) == {"not-modified": PACKAGES}


def test_after_max_age_each_package_costs_one_conditional_request(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.max_age = 0
    fill(index, project)
    relock(run_locktool, project)
    first = project.read()
    index.forget_requests()
    relock(run_locktool, project)
    assert all("if-none-match" in request.headers for request in index.requests)
    assert Counter(request.path for request in index.requests).most_common(1)[0][1] == 1
    assert counts_of(index) == {"not-modified": PACKAGES}
    assert project.read() == first
    relock(run_locktool, project, "--offline")
    assert counts_of(index) == {}


def test_an_upgrade_with_aged_pages_costs_one_conditional_request_a_package(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    """Bodies come only for what has changed."""
    index.max_age = 0
    for number in range(400):
        index.add(f"package-{number}", "1.0.0")
    project.pyproject(*(f"package-{number}" for number in range(400)))
    run_locktool("lock").succeeded()
    for number in range(3):
        index.add(f"package-{number}", "2.0.0")
    index.forget_requests()
    run_locktool("lock", "--upgrade").succeeded()
    pages = [request for request in index.requests if request.path.startswith("/simple/")]
    assert all("if-none-match" in request.headers for request in pages)
    assert Counter(request.path for request in pages).most_common(1)[0][1] == 1
    assert counts_of(index) == {"not-modified": 397, "page": 3, "sidecar": 3}


@pytest.mark.parametrize("form", ["find-links", "flat index"])
def test_a_page_of_links_is_cached_as_the_pages_of_an_index_are(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, form: str
) -> None:
    with LocalIndex() as links:
        links.add("a", "1.0.0")
        flat = {"name": "links", "url": links.flat_url, "format": "flat"}
        project.pyproject("a", tool={"index": [flat]} if form == "flat index" else {"find-links": [links.flat_url]})
        relock(run_locktool, project)
        first = project.read()
        assert links.counts["flat"] == 1
        links.forget_requests()
        for arguments in ((), ("--offline",)):
            relock(run_locktool, project, *arguments)
            assert not links.requests
            assert project.read() == first
        relock(run_locktool, project, "--refresh")
        assert counts_of(links) == {"not-modified": 1}
        links.add("a", "2.0.0")
        relock(run_locktool, project, "--refresh")
        assert 'version = "2.0.0"' in project.read()


def test_one_v_tells_what_each_index_was_asked(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.max_age = 0
    index.add("a", "1.0.0", requires=["b"])
    index.add("b", "1.0.0")
    project.pyproject("a")

    def counts(*arguments: str) -> str:
        (project.directory / "pylock.toml").unlink(missing_ok=True)
        lines = run_locktool("lock", "-v", *arguments).succeeded().err.splitlines()
        (line,) = [line for line in lines if line.startswith("pages of ")]
        return line

    assert counts() == f"pages of {index.url}: 2 fetched, 0 revalidated, 0 from the cache"
    assert counts() == f"pages of {index.url}: 0 fetched, 2 revalidated, 0 from the cache"
    assert counts("--offline") == f"pages of {index.url}: 0 fetched, 0 revalidated, 2 from the cache"


def test_an_answer_304_transfers_nothing_and_renews_the_record(index: LocalIndex, tmp_path: Path) -> None:
    index.max_age = 0
    index.add("a", "1.0.0")
    member = {"name": "demo", "path": ".", "dependencies": ["a"]}
    manifest = msgspec.msgpack.encode({"schema": 2, "requires-python": ">=3.11", "members": [member]})
    options = {"cache-dir": str(tmp_path / "cache")}
    indexes = [IndexLocation(index.url)]
    assert resolve(manifest, options, indexes=indexes).counters.bytes > 0
    index.max_age = 600
    counters = resolve(manifest, options, indexes=indexes).counters
    assert (counters.requests, counters.bytes) == (1, 0)
    assert resolve(manifest, options, indexes=indexes).counters.requests == 0


def test_an_index_may_be_given_its_own_lifetime(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.max_age = 0
    index.add("a", "1.0.0")
    table = {"name": "inner", "url": index.url, "default": True, "cache-control": "max-age=3600"}
    project.pyproject("a", tool={"index": [table]})
    relock(run_locktool, project)
    index.forget_requests()
    relock(run_locktool, project)
    assert counts_of(index) == {}
    project.pyproject("a", tool={"index": [table | {"cache-control": "no-cache"}]})
    relock(run_locktool, project, "--refresh")
    index.forget_requests()
    relock(run_locktool, project)
    assert counts_of(index) == {"not-modified": 1}


def test_no_index_hears_the_name_of_what_has_a_source_of_its_own(
    index: LocalIndex, run_locktool: Command, project: ProjectWriter
) -> None:
    index.add("public", "1.0")
    with LocalIndex() as private:
        private.add("internal", "1.0")
        project.pyproject(name="part", member="part")
        project.pyproject(
            "public",
            "part",
            "internal",
            tool={
                "index": [{"name": "private", "url": private.url, "explicit": True}],
                "sources": {"part": {"path": "part"}, "internal": {"index": "private"}},
            },
        )
        run_locktool("lock").succeeded()
        assert {request.path for request in index.requests if "/simple/" in request.path} == {"/simple/public/"}
        assert {request.path for request in private.requests if "/simple/" in request.path} == {"/simple/internal/"}
