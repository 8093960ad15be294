"""A source for an extra or a group is for the requirements written there, by whatever way they are reached.

The public index has a higher version of the private name in every test: whoever loses the source installs that one.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from input_changes import reasons_of
from local_index import LocalIndex
from lock_oracle import read_project, refutations
from tampering.edit import with_digests
from tampering.toml_text import toml_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Command, ProjectWriter

EXTRA, GROUP = {"extra": "one"}, {"group": "base"}
LINUX = "sys_platform == 'linux'"


@dataclass(frozen=True)
class Way:
    """A project in which the requirement of a part is reached from another; `chosen` is what is chosen for it."""

    part: dict[str, str]
    chosen: str
    extras: dict[str, list[str]] = field(default_factory=dict)
    groups: dict[str, list[Any]] = field(default_factory=dict)
    dependencies: tuple[str, ...] = ()
    member: dict[str, Any] | None = None


WAYS = {
    "the extra itself": Way(EXTRA, "'one' in extras", {"one": ["lumen"]}),
    "an extra that names it": Way(EXTRA, "'all' in extras", {"one": ["lumen"], "all": ["demo[one]"]}),
    "an extra that names one that names it": Way(
        EXTRA, "'all' in extras", {"one": ["lumen"], "two": ["demo[one]"], "all": ["demo[two]"]}
    ),
    "an extra that names it under a marker": Way(
        EXTRA, f"'all' in extras and {LINUX}", {"one": ["lumen"], "all": [f"demo[one] ; {LINUX}"]}
    ),
    "a group that names it": Way(EXTRA, "'dev' in dependency_groups", {"one": ["lumen"]}, {"dev": ["demo[one]"]}),
    "the dependencies": Way(EXTRA, "", {"one": ["lumen"]}, dependencies=("demo[one]",)),
    "an extra of another member": Way(
        EXTRA, "'more' in extras", {"one": ["lumen"]}, member={"extras": {"more": ["demo[one]"]}}
    ),
    "a group of another member": Way(
        EXTRA, "'test' in dependency_groups", {"one": ["lumen"]}, member={"groups": {"test": ["demo[one]"]}}
    ),
    "the dependencies of another member": Way(EXTRA, "", {"one": ["lumen"]}, member={"dependencies": ["demo[one]"]}),
    "the group itself": Way(GROUP, "'base' in dependency_groups", groups={"base": ["lumen"]}),
    "a group that includes it": Way(
        GROUP, "'dev' in dependency_groups", groups={"base": ["lumen"], "dev": [{"include-group": "base"}]}
    ),
    "a group that includes one that includes it": Way(
        GROUP,
        "'dev' in dependency_groups",
        groups={"base": ["lumen"], "mid": [{"include-group": "Base"}], "dev": [{"include-group": "mid"}, "other"]},
    ),
}


@pytest.fixture
def private() -> Iterator[LocalIndex]:
    with LocalIndex() as running:
        running.add("lumen", "1.0")
        yield running


@pytest.fixture
def public(index: LocalIndex) -> LocalIndex:
    """The index that serves everything; its `lumen` is nobody's."""
    index.add("lumen", "9.0")
    index.add("other", "1.0")
    index.add("wants-lumen", "1.0", requires=["lumen"])
    return index


def ask(project: ProjectWriter, private: LocalIndex, way: Way, *sources: dict[str, str]) -> None:
    entries = [{"index": "private", **source} for source in sources or (way.part,)]
    tool: dict[str, Any] = {
        "index": [{"name": "private", "url": private.url, "explicit": True}],
        "sources": {"lumen": entries},
    }
    if way.member is not None:
        tool["workspace"] = {"members": ["member"]}
        member = dict(way.member)
        project.pyproject(*member.pop("dependencies", ()), member="member", name="member", **member)
    project.pyproject(*way.dependencies, extras=way.extras, groups=way.groups, tool=tool)


def entries_of(project: ProjectWriter, name: str = "lumen") -> list[dict[str, Any]]:
    return [entry for entry in tomllib.loads(project.read())["packages"] if entry["name"] == name]


@pytest.mark.parametrize("name", WAYS)
def test_the_requirement_comes_from_its_source_however_it_is_reached(
    public: LocalIndex, private: LocalIndex, project: ProjectWriter, run_locktool: Command, name: str
) -> None:
    way = WAYS[name]
    ask(project, private, way)
    run_locktool("lock").succeeded()
    (entry,) = entries_of(project)
    assert (entry["version"], entry["index"]) == ("1.0", private.url)
    assert not any("lumen" in request.path for request in public.requests)
    assert way.chosen.split(" and ")[0] in entry.get("marker", "")
    run_locktool("check", "--frozen").succeeded()
    assert list(refutations(read_project(project.directory), tomllib.loads(project.read()))) == []


@pytest.mark.parametrize("name", WAYS)
def test_a_lock_with_the_public_package_in_its_place_is_refused(
    public: LocalIndex, private: LocalIndex, project: ProjectWriter, run_locktool: Command, name: str
) -> None:
    ask(project, private, WAYS[name])
    run_locktool("lock").succeeded()
    other = LocalIndexEntry.of(public)
    lock = tomllib.loads(project.read())
    for entry in lock["packages"]:
        if entry["name"] == "lumen":
            entry.update(other.keys)
    project.write("pylock.toml", toml_text(with_digests(lock)))
    assert {"index-changed"} <= {reason["code"] for reason in reasons_of(run_locktool)}
    assert list(refutations(read_project(project.directory), tomllib.loads(project.read())))


@dataclass(frozen=True)
class LocalIndexEntry:
    """The keys of an entry for the public `lumen`."""

    keys: dict[str, Any]

    @classmethod
    def of(cls, public: LocalIndex) -> LocalIndexEntry:
        file = public.add("lumen", "9.0").files[0]
        wheel = {
            "url": f"{public.root}/files/lumen/{file.filename}",
            "hashes": {"sha256": file.digests["sha256"]},
        }
        return cls({"version": "9.0", "index": public.url, "wheels": [wheel]})


def test_what_another_package_requires_of_the_name_comes_from_the_source_too(
    public: LocalIndex, private: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    way = Way(EXTRA, "", {"one": ["lumen"], "all": ["demo[one]", "wants-lumen"]})
    ask(project, private, way)
    run_locktool("lock").succeeded()
    (entry,) = entries_of(project)
    assert entry["index"] == private.url
    run_locktool("check", "--frozen").succeeded()


def test_a_requirement_written_elsewhere_keeps_the_index_that_serves_all(
    public: LocalIndex, private: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    """The group `dev` has one of `base` on Linux, with its source, and one of its own on Windows."""
    groups: dict[str, list[Any]] = {
        "base": [f"lumen ; {LINUX}"],
        "dev": [{"include-group": "base"}, "lumen ; sys_platform == 'win32'"],
    }
    ask(project, private, Way(GROUP, "", groups=groups))
    run_locktool("lock").succeeded()
    found = {entry["version"]: entry["marker"] for entry in entries_of(project)}
    assert found.keys() == {"1.0", "9.0"}
    assert "linux" in found["1.0"]
    assert "win32" in found["9.0"]
    run_locktool("check", "--frozen").succeeded()
    assert list(refutations(read_project(project.directory), tomllib.loads(project.read()))) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--extra", "one"], "1.0"),
        (["--extra", "all"], "1.0"),
        (["--group", "base"], "1.0"),
        (["--group", "dev"], "1.0"),
        (["--extra", "free"], "9.0"),
    ],
)
def test_compile_follows_the_sources_of_what_is_chosen(
    public: LocalIndex,
    private: LocalIndex,
    project: ProjectWriter,
    run_locktool: Command,
    options: list[str],
    expected: str,
) -> None:
    extras = {"one": ["lumen"], "all": ["demo[one]"], "free": ["lumen"]}
    groups: dict[str, list[Any]] = {"base": ["lumen"], "dev": [{"include-group": "base"}]}
    ask(project, private, Way(EXTRA, "", extras, groups), EXTRA, GROUP)
    finished = run_locktool("compile", "pyproject.toml", *options).succeeded()
    assert f"lumen=={expected}" in finished.out


REFUSED = {
    "an extra that is not there": ({"extra": "onee"}, "no such extra; did you mean 'one'?"),
    "a group that is not there": ({"group": "bas"}, "no such group; did you mean 'base'?"),
    "an extra without the package": ({"extra": "free"}, "the extra free, which does not require lumen"),
    "a group without the package": ({"group": "docs"}, "the group docs, which does not require lumen"),
    "an extra and a group": ({"extra": "one", "group": "base"}, "names an extra and a group"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_source_that_is_for_no_requirement_is_refused(
    public: LocalIndex, private: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str
) -> None:
    part, said = REFUSED[kind]
    extras, groups = {"one": ["lumen"], "free": ["other"]}, {"base": ["lumen"], "docs": ["other"]}
    ask(project, private, Way(part, "", extras, groups), EXTRA)
    run_locktool("lock").succeeded()
    ask(project, private, Way(part, "", extras, groups))
    for command in (["lock"], ["check", "--frozen"]):
        error = " ".join(run_locktool(*command).failed(2).err.split())
        assert said in error, error
        assert "pyproject.toml:" in error


def test_included_groups_with_different_sources_are_refused(
    public: LocalIndex, private: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject(
        groups={
            "one": ["lumen"],
            "two": ["lumen"],
            "dev": [{"include-group": "one"}, {"include-group": "two"}],
        },
        tool={
            "index": [{"name": "private", "url": private.url, "explicit": True}],
            "sources": {"lumen": [{"index": "private", "group": "one"}, {"path": "lumen", "group": "two"}]},
        },
    )
    error = run_locktool("lock").failed(2).err
    assert "the group dev has two sources of lumen" in " ".join(error.split())
