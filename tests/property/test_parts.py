"""What a group or a member of a workspace needs is what a walk through its requirements meets, in each environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.requirements import Requirement

from locktool.export.part import Part, part_of
from locktool.lock.model import Lock, LockTool, Package, PackageRecord, PackageReference, PackageTool

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMES = ("ant", "bee", "cat", "dog", "elk")
ENVIRONMENTS = [
    {"sys_platform": platform, "python_version": python, "python_full_version": f"{python}.1"}
    for platform in ("linux", "win32")
    for python in ("3.11", "3.13")
]
MARKERS = ("", " ; sys_platform == 'win32'", " ; python_version < '3.12'", " ; sys_platform != 'win32'")

targets = st.builds(str.__add__, st.sampled_from(NAMES), st.sampled_from(("", "[x]", "[y]", "[x,y]")))
required = st.builds(str.__add__, targets, st.sampled_from(MARKERS))
published = required | st.builds("{0} ; extra == '{1}'".format, targets, st.sampled_from("xy"))


@st.composite
def locks(draw: st.DrawFn) -> Lock:
    """A lock of a workspace of two, every package of which is locked everywhere."""
    lists = st.lists(required, max_size=3, unique=True)
    members = [
        {"name": name, "path": path, "dependencies": draw(lists), "extras": {}, "groups": {"g": draw(lists)}}
        for name, path in (("one", "."), ("two", "two"))
    ]
    members[0]["extras"] = {"e": draw(lists)}
    packages = []
    for name in NAMES:
        requires = tuple(draw(st.lists(published, max_size=3, unique=True)))
        edges = tuple(PackageReference(name=each) for each in sorted({Requirement(text).name for text in requires}))
        tool = PackageTool(locktool=PackageRecord(requires=requires))
        packages.append(Package(name=name, version="1", dependencies=edges, tool=tool))
    return Lock(
        lock_version="1.0",
        requires_python=">=3.11",
        created_by="locktool",
        extras=("e",),
        dependency_groups=("g",),
        tool=LockTool(locktool={"members": members}),
        packages=tuple(packages),
    )


def met(lock: Lock, texts: Iterable[str], environment: dict[str, str]) -> set[str]:
    """The names that a walk meets, requirement by requirement, as an installer of one environment would."""
    requires = {
        package.name: package.tool.locktool.requires
        for package in lock.packages
        if package.tool and package.tool.locktool
    }
    seen: set[tuple[str, str]] = set()
    queue = [(text, "") for text in texts]
    while queue:
        text, extra = queue.pop()
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({**environment, "extra": extra}):
            continue
        for asked in ("", *requirement.extras):
            if (requirement.name, asked) not in seen:
                seen.add((requirement.name, asked))
                queue += [(each, asked) for each in requires[requirement.name]]
    return {name for name, _ in seen}


def exported(lock: Lock, part: Part, environment: dict[str, str]) -> set[str]:
    packages = part_of(lock, part).lock.packages
    return {each.name for each in packages if not each.marker or Marker(each.marker).evaluate(environment)}


@given(lock=locks())
@settings(max_examples=150, deadline=None)
def test_a_part_is_what_its_requirements_meet(lock: Lock) -> None:
    one, two = lock.members
    parts = [
        (Part(only_groups=("g",)), [*one.groups["g"], *two.groups["g"]]),
        (Part(member="two", only_groups=("g",)), two.groups["g"]),
        (Part(member="two"), two.dependencies),
        (Part(member="one"), one.dependencies),
    ]
    for part, texts in parts:
        for environment in ENVIRONMENTS:
            assert exported(lock, part, environment) == met(lock, texts, environment)
