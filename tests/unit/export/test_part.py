"""The part of a lock that is exported."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from packaging.pylock import Pylock

from locktool.exceptions import LockError, ProjectError
from locktool.export.part import LeftOut, Part, is_local, part_of, refuse_unknown, with_packages, without
from locktool.export.pylock import render_pylock
from locktool.lock.model import (
    Archive,
    Directory,
    Distribution,
    Lock,
    LockTool,
    Package,
    PackageRecord,
    PackageReference,
    PackageTool,
)
from locktool.lock.select import Selection

MEMBERS = [
    {
        "name": "demo",
        "path": ".",
        "dependencies": ["web[tls]", "lib"],
        "extras": {"cpu": ["torch<2"], "cuda": ["torch>=2"]},
        "groups": {"dev": ["run ; sys_platform == 'linux'"], "docs": ["web"]},
    },
    {"name": "lib", "path": "libs/lib", "dependencies": ["parts"], "extras": {"more": ["web"]}, "groups": {}},
]


def package(name: str, version: str, *requires: str, **keys: Any) -> Package:  # noqa: ANN401 - keys of an entry
    wheel = Distribution(url=f"https://x.invalid/{name}-{version}-py3-none-any.whl", hashes={"sha256": "00"})
    names = dict.fromkeys(text.partition(" ")[0].partition("[")[0] for text in requires)
    return Package(
        name=name,
        version=version,
        wheels=(wheel,),
        dependencies=tuple(PackageReference(name=each) for each in names),
        tool=PackageTool(locktool=PackageRecord(requires=requires)),
        **keys,
    )


LOCK = Lock(
    lock_version="1.0",
    requires_python=">=3.11",
    created_by="locktool",
    extras=("cpu", "cuda", "more"),
    dependency_groups=("dev", "docs"),
    default_groups=("dev",),
    tool=LockTool(locktool={"members": MEMBERS, "conflicts": [[{"extra": "cpu"}, {"extra": "cuda"}]]}),
    packages=(
        package("certs", "1"),
        Package(
            name="demo",
            directory=Directory(path="."),
            dependencies=tuple(PackageReference(name=name) for name in ("lib", "torch", "web")),
        ),
        Package(name="lib", directory=Directory(path="libs/lib"), dependencies=(PackageReference(name="parts"),)),
        package("parts", "1", "certs ; python_version < '3.12'"),
        package("run", "1", marker="'dev' in dependency_groups and sys_platform == 'linux'"),
        package("torch", "1", marker="'cpu' in extras"),
        package("torch", "2", marker="'cuda' in extras"),
        package("web", "1", "certs ; extra == 'tls'"),
    ),
)


def entries(part: Part, left_out: LeftOut | None = None) -> dict[str, str | None]:
    chosen = without(part_of(LOCK, part), left_out or LeftOut(), part).lock
    names = {each.name for each in chosen.packages}
    assert all(edge.name in names for each in chosen.packages for edge in each.dependencies)
    return {f"{each.name} {each.version or ''}".strip(): each.marker for each in chosen.packages}


def test_what_the_project_requires_comes_with_the_default_groups() -> None:
    project = {"certs 1": None, "demo": None, "lib": None, "parts 1": None, "web 1": None}
    assert entries(Part()) == project | {"run 1": "sys_platform == 'linux'"}
    assert entries(Part(default_groups=False)) == project
    with_extra = Part(selection=Selection(extras=("CPU",)), default_groups=False)
    assert entries(with_extra) == project | {"torch 1": None}


def test_a_group_alone_is_without_the_project() -> None:
    assert entries(Part(only_groups=("dev",))) == {"run 1": "sys_platform == 'linux'"}
    assert entries(Part(only_groups=("docs",))) == {"web 1": None}


def test_a_member_gets_what_it_needs_where_it_needs_it() -> None:
    own = {"lib": None, "parts 1": None, "certs 1": "python_version < '3.12'"}
    assert entries(Part(member="Lib")) == own
    # Without its extra `tls` the web package needs no certificates.
    assert entries(Part(member="lib", selection=Selection(extras=("more",)))) == own | {"web 1": None}
    assert entries(Part(member="lib", selection=Selection(all_extras=True, all_groups=True))) == own | {"web 1": None}


def test_one_environment_keeps_only_markers_that_it_does_not_decide() -> None:
    linux = entries(Part(environment="sys_platform == 'linux' and python_version == '3.12'"))
    assert linux["run 1"] is None
    assert "run 1" not in entries(Part(environment="sys_platform == 'win32'"))
    with pytest.raises(LockError, match=r"Python >=3\.11"):
        entries(Part(environment="python_version == '3.9'"))


@pytest.mark.parametrize(
    ("left_out", "gone"),
    [
        (LeftOut(project=True), {"demo"}),
        (LeftOut(members=True), {"demo", "lib"}),
        (LeftOut(local=True), {"demo", "lib"}),
        (LeftOut(names=("Web", "certs")), {"web 1", "certs 1"}),
    ],
)
def test_what_is_left_out_is_gone_with_the_edges_to_it(left_out: LeftOut, gone: set[str]) -> None:
    assert entries(Part()).keys() - entries(Part(), left_out).keys() == gone


def test_the_project_of_a_member_is_that_member() -> None:
    assert "lib" not in entries(Part(member="lib"), LeftOut(project=True))


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (Part(selection=Selection(extras=("cpu", "cuda"))), "extra cpu and extra cuda cannot be chosen together"),
        (Part(selection=Selection(all_extras=True)), "extra cpu and extra cuda"),
        (Part(selection=Selection(extras=("gpu",))), "no extra 'gpu'"),
        (Part(only_groups=("dex",)), "no dependency group 'dex'"),
        (Part(member="web"), "no project 'web'; it has demo, lib"),
        (Part(member="lib", selection=Selection(extras=("cpu",))), "lib has no extra 'cpu'"),
        (Part(member="lib", selection=Selection(groups=("docs",))), "lib has no dependency group 'docs'"),
    ],
)
def test_what_cannot_be_exported_is_refused(part: Part, message: str) -> None:
    with pytest.raises(ProjectError, match=message):
        part_of(LOCK, part)


def test_two_entries_of_a_name_in_one_environment_are_refused_in_any_lock() -> None:
    foreign = Lock(lock_version="1.0", created_by="another", packages=(package("a", "1"), package("a", "2")))
    with pytest.raises(ProjectError, match="a 1 and 2 would both be installed"):
        part_of(foreign, Part())
    assert part_of(foreign, Part(), installable=False).lock.packages


def test_a_foreign_lock_does_not_say_what_a_group_or_a_member_needs() -> None:
    foreign = Lock(lock_version="1.0", created_by="another", dependency_groups=("dev",), packages=(package("a", "1"),))
    with pytest.raises(ProjectError, match="what a group alone needs"):
        part_of(foreign, Part(only_groups=("dev",)))
    with pytest.raises(ProjectError, match="no project 'demo'"):
        part_of(foreign, Part(member="demo"))
    assert part_of(foreign, Part(selection=Selection(groups=("dev",)))).lock.packages


def test_a_name_that_is_not_there_cannot_be_left_out() -> None:
    refuse_unknown(LOCK, LeftOut(names=("Torch",)))
    with pytest.raises(ProjectError, match="wep is not in the lock"):
        refuse_unknown(LOCK, LeftOut(names=("web", "wep")))


def test_an_edge_names_a_version_only_where_there_are_several() -> None:
    edges = (PackageReference(name="b", version="1"), PackageReference(name="b", version="2"))
    lock = Lock(lock_version="1.0", created_by="x", packages=(package("b", "1"), package("b", "2")))
    source = Package(name="a", version="1", dependencies=edges)
    (both, *_) = with_packages(lock, [source, *lock.packages]).packages
    assert both.dependencies == edges
    (one, _) = with_packages(lock, [source, lock.packages[0]]).packages
    assert one.dependencies == (PackageReference(name="b"),)


def test_a_part_is_a_lock_of_its_own_that_packaging_reads() -> None:
    chosen = without(part_of(LOCK, Part()), LeftOut(members=True), Part())
    text = render_pylock(chosen.lock, lambda path: path)
    table = tomllib.loads(text)
    lock = Pylock.from_dict(table)
    assert "tool" not in table
    assert not any("tool" in entry for entry in table["packages"])
    assert [each.name for each in lock.packages] == ["certs", "parts", "run", "web"]
    assert not lock.extras
    assert not lock.dependency_groups


def test_paths_of_a_part_start_where_it_lies() -> None:
    packages = (
        Package(name="a", version="1", archive=Archive(path="w/a-1-py3-none-any.whl", hashes={"sha256": "00"})),
        Package(name="b", directory=Directory(path="libs/b")),
        Package(name="c", version="1", sdist=Distribution(path="l/c-1.tar.gz", hashes={"sha256": "00"})),
    )
    assert [is_local(each) for each in packages] == [True, True, False]
    text = render_pylock(Lock(lock_version="1.0", created_by="x", packages=packages), lambda path: f"../{path}")
    assert all(f'path = "../{path}' in text for path in ("w/a-1", "libs/b", "l/c-1"))
