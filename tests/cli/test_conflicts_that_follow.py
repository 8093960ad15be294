"""What brings a side of a conflict conflicts as well: references of the project to itself, members, included groups."""

from __future__ import annotations

import itertools
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from lock_oracle import read_project, refutations

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

ONE, TWO = {"extra": "one"}, {"extra": "two"}


@dataclass(frozen=True)
class Kind:
    """A project whose sides `old` and `recent` need different versions; `pairs` are the conflicts that follow."""

    conflict: list[dict[str, str]]
    pairs: list[list[dict[str, str]]]
    extras: dict[str, list[str]] = field(default_factory=dict)
    groups: dict[str, list[Any]] = field(default_factory=dict)
    member: dict[str, Any] | None = None


SIDES = {"one": ["lum==1"], "two": ["lum==2"]}
KINDS = {
    "a reference of the project to itself": Kind(
        [ONE, TWO], [[{"extra": "more"}, TWO]], {**SIDES, "more": ["demo[one]"]}
    ),
    "references on both sides": Kind(
        [ONE, TWO],
        [[{"extra": "p"}, TWO], [{"extra": "p"}, {"extra": "q"}], [ONE, {"extra": "q"}]],
        {**SIDES, "p": ["demo[one]"], "q": ["demo[two]"]},
    ),
    "a chain of references": Kind(
        [ONE, TWO],
        [[{"extra": "far"}, TWO], [{"extra": "near"}, TWO]],
        {**SIDES, "near": ["demo[one]"], "far": ["demo[near]"]},
    ),
    "an extra of a member": Kind(
        [{"package": "member", "extra": "one"}, {"package": "member", "extra": "two"}],
        [[{"extra": "pone"}, {"extra": "ptwo"}], [{"extra": "pone"}, TWO], [ONE, {"extra": "ptwo"}]],
        {"pone": ["member[one]"], "ptwo": ["member[two]"]},
        member={"extras": SIDES},
    ),
    "a group that asks for an extra": Kind([ONE, TWO], [[TWO, {"group": "dev"}]], SIDES, {"dev": ["demo[one]"]}),
    "an included group": Kind(
        [{"group": "one"}, {"group": "two"}],
        [[{"group": "dev"}, {"group": "two"}]],
        groups={**SIDES, "dev": [{"include-group": "one"}]},
    ),
    "a group included twice over": Kind(
        [{"group": "one"}, {"group": "two"}],
        [[{"group": "dev"}, {"group": "two"}], [{"group": "mid"}, {"group": "two"}]],
        groups={**SIDES, "mid": [{"include-group": "one"}], "dev": [{"include-group": "mid"}]},
    ),
}


@pytest.fixture
def world(index: LocalIndex) -> LocalIndex:
    for version in ("1", "2"):
        index.add("lum", version)
    index.add("other", "1")
    return index


def write(project: ProjectWriter, kind: Kind) -> None:
    tool: dict[str, Any] = {"conflicts": [kind.conflict]}
    if kind.member is not None:
        tool["workspace"] = {"members": ["member"]}
        project.pyproject(member="member", name="member", **kind.member)
    project.pyproject(extras=kind.extras, groups=kind.groups, tool=tool)


def sides(conflict: list[dict[str, str]]) -> frozenset[tuple[str, str]]:
    return frozenset((kind, side[kind]) for side in conflict for kind in ("extra", "group") if kind in side)


@pytest.mark.parametrize("name", KINDS)
def test_what_brings_a_side_conflicts_with_the_other(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, name: str
) -> None:
    kind = KINDS[name]
    write(project, kind)
    run_locktool("lock").succeeded()
    lock = tomllib.loads(project.read())
    recorded = {sides(conflict) for conflict in lock["tool"]["locktool"]["conflicts"]}
    assert recorded == {sides(conflict) for conflict in (kind.conflict, *kind.pairs)}
    assert sorted(entry["version"] for entry in lock["packages"] if entry["name"] == "lum") == ["1", "2"]
    run_locktool("check", "--frozen").succeeded()
    assert list(refutations(read_project(project.directory), lock)) == []


def test_what_never_meets_in_one_environment_does_not_conflict(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    extras = {
        **SIDES,
        "p": ["demo[one] ; sys_platform == 'linux'"],
        "q": ["demo[two] ; sys_platform == 'win32'"],
    }
    write(project, Kind([ONE, TWO], [], extras))
    run_locktool("lock").succeeded()
    lock = tomllib.loads(project.read())
    recorded = {sides(conflict) for conflict in lock["tool"]["locktool"]["conflicts"]}
    assert frozenset({("extra", "p"), ("extra", "q")}) not in recorded
    assert frozenset({("extra", "p"), ("extra", "two")}) in recorded
    run_locktool("check", "--frozen").succeeded()
    assert list(refutations(read_project(project.directory), lock)) == []


def test_an_extra_that_brings_both_sides_is_a_failure_that_names_them(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    write(project, Kind([ONE, TWO], [], {**SIDES, "all": ["demo[one,two]"]}))
    error = run_locktool("lock").failed().err
    assert "lum==1" in error
    assert "lum==2" in error


NAMES = [("cu126", "legacy"), ("legacy", "cu126"), ("a", "z"), ("z", "a"), ("new", "old"), ("x1", "x0")]


@pytest.mark.parametrize(("recent", "old"), NAMES)
@pytest.mark.parametrize("kind", ["extra", "group"])
def test_the_plain_install_does_not_depend_on_the_names_of_conflicting_choices(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, recent: str, old: str, kind: str
) -> None:
    for version in ("2.2.2", "2.6.0", "2.7.1"):
        index.add("torch", version)
    choices: dict[str, list[Any]] = {recent: ["torch>=2.6,<2.8"], old: ["torch<2.3"]}
    project.pyproject(
        "torch",
        extras=choices if kind == "extra" else None,
        groups=choices if kind == "group" else None,
        tool={"conflicts": [[{kind: recent}, {kind: old}]]},
    )
    run_locktool("lock").succeeded()
    assert plain_version(run_locktool) == "torch==2.7.1"
    run_locktool("check", "--frozen").succeeded()


@pytest.mark.parametrize(("recent", "old"), NAMES)
def test_conflicting_choices_hold_nothing_back_that_is_installed_without_them(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, recent: str, old: str
) -> None:
    for version in ("2.2.2", "2.7.1", "2.9.0"):
        index.add("torch", version)
    project.pyproject(
        "torch",
        extras={recent: ["torch>=2.6,<2.8"], old: ["torch<2.3"]},
        tool={"conflicts": [[{"extra": recent}, {"extra": old}]]},
    )
    run_locktool("lock").succeeded()
    assert plain_version(run_locktool) == "torch==2.9.0"
    assert plain_version(run_locktool, "--extra", recent) == "torch==2.7.1"
    assert plain_version(run_locktool, "--extra", old) == "torch==2.2.2"
    run_locktool("check", "--frozen").succeeded()


def test_the_versions_of_a_choice_stay_when_something_else_is_added(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    """Without the choice `d` is needed below Python 3.12 only; with it, also above, where it has a newer version."""
    index.add("d", "3")
    index.add("d", "5", requires_python=">=3.12")
    index.add("other", "1")
    versions = []
    for more in ((), ("other",)):
        project.pyproject(
            "demo[one] ; python_version < '3.12'",
            *more,
            extras={"one": ["d"], "two": []},
            tool={"conflicts": [[ONE, TWO]]},
        )
        run_locktool("lock").succeeded()
        entries = tomllib.loads(project.read())["packages"]
        versions.append([(entry["version"], entry["marker"]) for entry in entries if entry["name"] == "d"])
    assert [version for version, _ in versions[0]] == ["3", "5"]
    assert versions[0] == versions[1]


def plain_version(run_locktool: Command, *options: str) -> str:
    out = run_locktool("export", "--no-hashes", *options).succeeded().out
    return next(line.split(" ")[0] for line in out.splitlines() if line.startswith("torch=="))


@pytest.mark.parametrize("order", list(itertools.permutations(["p", "q"])))
def test_conflicts_that_a_member_declares_for_uv_hold(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, order: tuple[str, str]
) -> None:
    project.pyproject(tool={"workspace": {"members": ["member"]}})
    first, second = order
    project.write(
        "member/pyproject.toml",
        "[project]\nname = 'member'\nversion = '1'\nrequires-python = '>=3.11'\n"
        f"optional-dependencies = {{ {first} = ['lum==1'], {second} = ['lum==2'] }}\n"
        "[tool.uv]\nconflicts = [[{ extra = 'p' }, { extra = 'q' }]]\n",
    )
    run_locktool("lock").succeeded()
    (conflict,) = tomllib.loads(project.read())["tool"]["locktool"]["conflicts"]
    assert conflict == [{"member": "member", "extra": "p"}, {"member": "member", "extra": "q"}]
    run_locktool("check", "--frozen").succeeded()


@pytest.mark.parametrize("place", ["root", "member"])
def test_a_conflict_of_whole_members_is_refused_by_name(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, place: str
) -> None:
    conflict = "[tool.uv]\nconflicts = [[{ package = 'demo' }, { package = 'member' }]]\n"
    head = "[project]\nname = '{}'\nversion = '1'\nrequires-python = '>=3.11'\n"
    workspace = "[tool.locktool.workspace]\nmembers = ['member']\n"
    project.write("pyproject.toml", head.format("demo") + workspace + (conflict if place == "root" else ""))
    project.write("member/pyproject.toml", head.format("member") + (conflict if place == "member" else ""))
    error = " ".join(run_locktool("lock").failed(2).err.split())
    assert "names a whole member (demo)" in error
    assert "conflicts" in error
