"""Each kind of change of pyproject.toml fails `check` by its name, and `lock` follows it without `--upgrade`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from input_changes import HEAD, PLAIN, Change, assert_is_noticed, assert_locks_again, assert_named, setting
from local_index import LocalIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Command, ProjectWriter

X_AND_Y = f'{PLAIN}optional-dependencies = {{ x = ["c"], y = ["d"] }}\n'
GROUPS = f'{PLAIN}[dependency-groups]\ndev = ["c"]\ndocs = ["d"]\n'
ON_LINKS = PLAIN.replace('"b"', '"e"') + "[tool.locktool]\n"

SETTINGS = {
    "resolution": setting('resolution = "lowest"', "resolution", now="lowest", a="1.0"),
    "resolution lowest-direct": setting('resolution = "lowest-direct"', "resolution", now="lowest-direct", a="1.0"),
    "prerelease": setting('prerelease = "allow"', "prerelease", now="allow", a="3.0rc1"),
    "prerelease-package": setting('prerelease-package = { A = "allow" }', "prerelease-package.a", a="3.0rc1"),
    "exclude-newer": setting('exclude-newer = "2024-03-01"', "exclude-newer", now="2024-03-02T00:00:00Z", a="1.0"),
    "exclude-newer as a span": setting('exclude-newer = "7 days"', "exclude-newer", now="P7D"),
    "exclude-newer-package": setting(
        "exclude-newer-package = { a = 2024-03-01 }", "exclude-newer-package.a", now="2024-03-02T00:00:00Z", a="1.0"
    ),
    "fork-strategy": setting('fork-strategy = "fewest"', "fork-strategy", now="fewest", b="1.0"),
    "environments": setting("environments = [\"sys_platform == 'linux'\"]", "environments", now="linux", d=None),
    "required-environments": setting(
        "required-environments = [\"sys_platform == 'linux'\"]", "required-environments", now="linux"
    ),
    "constraints": setting('constraints = ["c<2"]', "constraints", now="c<2", c="1.0"),
    "constraints under one parent": setting(
        'constraints = [{ package = { name = "b" }, dependencies = ["c<2"] }]', "constraints", now="c<2", c="1.0"
    ),
    "overrides": setting('overrides = ["c==1.0"]', "overrides", now="c==1.0", c="1.0"),
    "overrides under one parent": setting(
        'overrides = [{ package = { name = "b" }, dependencies = ["c==1.0"] }]', "overrides", now="c==1.0", c="1.0"
    ),
    "excludes": setting('excludes = ["c"]', "excludes", now="c", c=None),
    "excludes under one parent": setting(
        'excludes = [{ package = { name = "b" }, dependencies = ["c"] }]', "excludes", now="c", c=None
    ),
    "no-binary": setting("no-binary = true", "no-binary", now="true"),
    "no-binary-package": setting('no-binary-package = ["a"]', "no-binary-package", now="a"),
    "no-build": setting("no-build = true", "no-build", now="true"),
    "no-build-package": setting('no-build-package = ["a"]', "no-build-package", now="a"),
    "quality-pass": setting("quality-pass = false", "quality-pass", now="false"),
    "package": setting("package = true", "package", now="true"),
    "find-links added": setting('find-links = ["FLAT"]', "find-links", now="FLAT"),
    "find-links changed": Change(
        f'{ON_LINKS}find-links = ["FLAT"]\n',
        f'{ON_LINKS}find-links = ["FLAT-OF-THIRD"]\n',
        "find-links",
        "FLAT",
        "FLAT-OF-THIRD",
        (("e", "1.7"),),
    ),
    "order of find-links": Change(
        f'{ON_LINKS}find-links = ["FLAT", "FLAT-OF-THIRD"]\n',
        f'{ON_LINKS}find-links = ["FLAT-OF-THIRD", "FLAT"]\n',
        "find-links",
    ),
    "prerelease disallowed again": Change(
        f'{PLAIN}[tool.locktool]\nprerelease = "allow"\n', PLAIN, "prerelease", then="allow", versions=(("a", "2.0"),)
    ),
    "conflicts": Change(
        X_AND_Y,
        f'{X_AND_Y}[tool.locktool]\nconflicts = [[{{ extra = "x" }}, {{ extra = "y" }}]]\n',
        "conflicts",
        now="x",
    ),
    "default-groups": Change(GROUPS, f'{GROUPS}[tool.locktool]\ndefault-groups = ["docs"]\n', "default-groups"),
    "requires-python of a group": Change(
        GROUPS, f'{GROUPS}[tool.locktool.dependency-groups]\ndocs = {{ requires-python = ">=3.13" }}\n', "groups.docs"
    ),
    "group added": Change(f'{PLAIN}[dependency-groups]\ndev = ["c"]\n', GROUPS, "groups.docs", now="d"),
    "empty group added": Change(PLAIN, f"{PLAIN}[dependency-groups]\ndev = []\n", "groups.dev"),
    "group removed": Change(GROUPS, f'{PLAIN}[dependency-groups]\ndev = ["c"]\n', "groups.docs", then="d"),
    "group changed": Change(GROUPS, GROUPS.replace('["c"]', '["c<2"]'), "groups.dev", now="c<2"),
    "include of a group": Change(
        GROUPS, GROUPS.replace('["c"]', '["c", { include-group = "docs" }]'), "groups.dev", now="d"
    ),
    "extra added": Change(PLAIN, X_AND_Y, "extras.x", now="c"),
    "extra removed": Change(X_AND_Y, PLAIN, "extras.y", then="d"),
    "extra changed": Change(X_AND_Y, X_AND_Y.replace('["c"]', '["c<2"]'), "extras.x", now="c<2"),
    "requires-python": Change(PLAIN, PLAIN.replace(">=3.11", ">=3.12"), "requires-python", ">=3.11", ">=3.12"),
    "dependency added": Change(PLAIN, PLAIN.replace('"a"', '"a", "d"'), "dependencies", now="d"),
    "dependency removed": Change(PLAIN, PLAIN.replace('"a", ', ""), "dependencies", then="a", versions=(("a", None),)),
    "marker of a dependency": Change(
        PLAIN, PLAIN.replace('"a"', "\"a; sys_platform == 'win32'\""), "dependencies", now="win32"
    ),
}

ON_A = 'requires-python = ">=3.11"\ndependencies = ["a"]\n'


def tables(*indexes: str, source: str = "") -> str:
    """A project that names these indexes, each as the inside of an inline table."""
    listed = ",\n  ".join(f"{{ {index} }}" for index in indexes)
    sources = f"sources.a = {{ {source} }}\n" if source else ""
    return f"{ON_A}[tool.locktool]\n{sources}index = [\n  {listed},\n]\n"


SECOND = 'name = "second", url = "SECOND"'
THIRD = 'name = "third", url = "THIRD"'
DEFAULT = ", default = true"
EXPLICIT = ", explicit = true"
FLAT = 'name = "second", url = "FLAT"'

INDEXES = {
    "url": Change(
        tables(SECOND + DEFAULT),
        tables(SECOND.replace("SECOND", "THIRD") + DEFAULT),
        "url",
        "SECOND",
        "THIRD",
        (("a", "1.7"),),
    ),
    "url of an explicit index": Change(
        tables(SECOND + EXPLICIT, source='index = "second"'),
        tables(SECOND.replace("SECOND", "THIRD") + EXPLICIT, source='index = "second"'),
        "url",
        "SECOND",
        "THIRD",
        (("a", "1.7"),),
    ),
    "order": Change(tables(SECOND, THIRD), tables(THIRD, SECOND), "indexes", versions=(("a", "1.7"),)),
    "explicit": Change(tables(SECOND), tables(SECOND + EXPLICIT), "explicit", now="true", versions=(("a", "2.0"),)),
    "default": Change(
        tables(SECOND, THIRD + DEFAULT), tables(SECOND + DEFAULT, THIRD), "default", versions=(("a", "1.7"),)
    ),
    "exclude-newer": Change(
        tables(SECOND),
        tables(f"{SECOND}, exclude-newer = 2024-03-01"),
        "exclude-newer",
        now="2024-03-02T00:00:00Z",
        versions=(("a", "1.4"),),
    ),
    "format": Change(tables(FLAT), tables(f'{FLAT}, format = "flat"'), "flat", versions=(("a", "1.5"),)),
    "index added": Change(ON_A, tables(SECOND), "indexes", now="SECOND", versions=(("a", "1.5"),)),
    "index removed": Change(tables(SECOND), ON_A, "indexes", then="SECOND", versions=(("a", "2.0"),)),
    "second index added": Change(
        tables(SECOND), tables(THIRD, SECOND), "indexes", now="THIRD", versions=(("a", "1.7"),)
    ),
    "source moved to another index": Change(
        tables(SECOND + EXPLICIT, THIRD + EXPLICIT, source='index = "second"'),
        tables(SECOND + EXPLICIT, THIRD + EXPLICIT, source='index = "third"'),
        "sources",
        versions=(("a", "1.7"),),
    ),
    "source added": Change(
        tables(SECOND + EXPLICIT),
        tables(SECOND + EXPLICIT, source='index = "second"'),
        "sources",
        versions=(("a", "1.5"),),
    ),
    "source removed": Change(
        tables(SECOND + EXPLICIT, source='index = "second"'),
        tables(SECOND + EXPLICIT),
        "sources",
        versions=(("a", "2.0"),),
    ),
    "marker of a source": Change(
        tables(SECOND + EXPLICIT, source='index = "second"'),
        tables(SECOND + EXPLICIT, source='index = "second", marker = "sys_platform == \'linux\'"'),
        "sources",
        versions=(("a", "1.5 2.0"),),
    ),
}


@pytest.fixture
def addresses(index: LocalIndex) -> Iterator[dict[str, str]]:
    """Three indexes with other versions of `a`; the first is the machine's."""
    index.add("a", "1.0", sdist=True)
    index.add("a", "2.0", sdist=True, upload_time="2024-06-01T00:00:00Z")
    index.add("a", "3.0rc1", upload_time="2024-06-01T00:00:00Z")
    index.add("b", "1.0", sdist=True, requires=["c", "d; sys_platform == 'win32'"])
    index.add("b", "2.0", sdist=True, requires=["c", "d; sys_platform == 'win32'"], requires_python=">=3.13")
    for name in ("c", "d"):
        index.add(name, "1.0", sdist=True)
        index.add(name, "2.0", sdist=True)
    with LocalIndex() as second, LocalIndex() as third:
        second.add("a", "1.4", sdist=True)
        second.add("a", "1.5", sdist=True, upload_time="2024-06-01T00:00:00Z")
        third.add("a", "1.7", sdist=True)
        second.add("e", "1.5")
        third.add("e", "1.7")
        # The longer name comes first, since each is replaced wherever it stands.
        yield {
            "FLAT-OF-THIRD": third.flat_url.rstrip("/"),
            "FLAT": second.flat_url.rstrip("/"),
            "SECOND": second.url.rstrip("/"),
            "THIRD": third.url.rstrip("/"),
        }


@pytest.mark.parametrize("kind", SETTINGS)
def test_a_changed_key_is_named_and_followed(
    addresses: dict[str, str], project: ProjectWriter, run_locktool: Command, kind: str
) -> None:
    assert_is_noticed(run_locktool, project, SETTINGS[kind], addresses)


@pytest.mark.parametrize("kind", INDEXES)
def test_a_changed_index_is_named_and_followed(
    addresses: dict[str, str], project: ProjectWriter, run_locktool: Command, kind: str
) -> None:
    assert_is_noticed(run_locktool, project, INDEXES[kind], addresses)


def workspace(*members: str) -> str:
    return f"{PLAIN}[tool.locktool.workspace]\nmembers = {list(members)}\n"


MEMBER = '[project]\nname = "{name}"\nversion = "0.1.0"\nrequires-python = ">=3.11"\ndependencies = ["d"]\n'


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [(("one",), ("one", "two"), "two"), (("one", "two"), ("two",), "one")],
    ids=["added", "removed"],
)
def test_a_member_that_is_added_or_removed_is_named_and_followed(
    addresses: dict[str, str],
    project: ProjectWriter,
    run_locktool: Command,
    before: tuple[str, ...],
    after: tuple[str, ...],
    named: str,
) -> None:
    for name in ("one", "two"):
        project.write(f"{name}/pyproject.toml", MEMBER.format(name=name))
    project.write("pyproject.toml", HEAD + workspace(*before))
    run_locktool("lock").succeeded()
    project.write("pyproject.toml", HEAD + workspace(*after))
    assert named in run_locktool("check", "--frozen").failed(1).err
    assert_locks_again(run_locktool, project)


MEMBER_CHANGES = {
    "dependency": ('["d"]', '["d", "c<2"]', "one.dependencies"),
    "requires-python": (">=3.11", ">=3.12", "one.requires-python"),
    "extra": ('["d"]', '["d"]\noptional-dependencies = { x = ["c"] }', "one.extras.x"),
    "group": ('["d"]', '["d"]\n[dependency-groups]\ndev = ["c"]', "one.groups.dev"),
    "package": ('["d"]', '["d"]\n[build-system]\nrequires = []', "one.package"),
}


@pytest.mark.parametrize("kind", MEMBER_CHANGES)
def test_a_changed_member_is_named_and_followed(
    addresses: dict[str, str], project: ProjectWriter, run_locktool: Command, kind: str
) -> None:
    old, new, key = MEMBER_CHANGES[kind]
    member = MEMBER.format(name="one")
    project.write("one/pyproject.toml", member)
    project.write("pyproject.toml", HEAD + workspace("one"))
    run_locktool("lock").succeeded()
    project.write("one/pyproject.toml", member.replace(old, new))
    assert_named(run_locktool, key)
    assert_locks_again(run_locktool, project)


def test_the_name_of_the_project_is_an_input(
    addresses: dict[str, str], project: ProjectWriter, run_locktool: Command
) -> None:
    project.write("pyproject.toml", HEAD + PLAIN)
    run_locktool("lock").succeeded()
    project.write("pyproject.toml", HEAD.replace("demo", "other") + PLAIN)
    assert_named(run_locktool, "name", "demo", "other")
    assert_locks_again(run_locktool, project)
