"""What changes no answer fails no check: the lock holds, and `lock` leaves it as it is, byte for byte."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from local_index import LocalIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Command, ProjectWriter

PROJECT = """\
[project]
name = "demo"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["flask-login>=1.0", "part", "other", "c", "d[x]"]
optional-dependencies = { s3 = ["e", "c"], web = ["d"] }

[dependency-groups]
dev = ["e"]
docs = ["c", { include-group = "dev" }]

[tool.locktool]
constraints = ["e<9", "c<9"]
exclude-newer = 2026-01-31
exclude-newer-package = { e = "7 days" }
environments = ["sys_platform == 'linux'", "sys_platform == 'win32'"]
find-links = []
workspace.members = ["packages/*"]

[tool.locktool.sources]
part = { path = "../beside/part" }
other = { path = "inside/other", editable = true }
c = { index = "second" }

[[tool.locktool.index]]
name = "second"
url = "SECOND"
explicit = true

[[tool.locktool.index]]
name = "main"
url = "MAIN"
default = true
"""


def replacing(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new)

    return change


def with_crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def renaming(old: str, new: str) -> Callable[[str], str]:
    """An index with its sources."""
    return replacing(f'"{old}"', f'"{new}"')


def keys_reversed(text: str) -> str:
    """The keys of [project] and of [tool.locktool] in the opposite order."""
    blocks = text.split("\n\n")
    for number in (0, 2):
        head, *lines = blocks[number].splitlines()
        blocks[number] = "\n".join([head, *reversed(lines)])
    return "\n\n".join(blocks)


CHANGES: dict[str, Callable[[str], str]] = {
    "comments": replacing("[project]\n", "# A comment.\n[project] # another\n"),
    "blank lines": replacing("\n[", "\n\n\n["),
    "CRLF": with_crlf,
    "order of keys": keys_reversed,
    "order of dependencies": replacing('"part", "other", "c"', '"c", "part", "other"'),
    "a dependency twice": replacing('"part", "other"', '"part", "other", "part"'),
    "order of extras": replacing('s3 = ["e", "c"], web = ["d"]', 'web = ["d"], s3 = ["c", "e"]'),
    "order in a group": replacing('["c", { include-group = "dev" }]', '[{ include-group = "dev" }, "c"]'),
    "an include written out": replacing('{ include-group = "dev" }', '"e"'),
    "order of constraints": replacing('"e<9", "c<9"', '"c<9", "e<9"'),
    "order of environments": replacing(
        "\"sys_platform == 'linux'\", \"sys_platform == 'win32'\"",
        "\"sys_platform == 'win32'\", \"sys_platform == 'linux'\"",
    ),
    "an environment spelled otherwise": replacing("\"sys_platform == 'linux'\"", "\"('linux'==sys_platform)\""),
    "quotes": replacing('"flask-login>=1.0"', "'flask-login>=1.0'"),
    "descriptions": replacing(
        'version = "0.1.0"\n',
        'version = "0.1.0"\ndescription = "a demo"\nauthors = [{ name = "A" }]\nclassifiers = ["Topic :: Utilities"]\n'
        'keywords = ["k"]\nlicense = "MIT"\nreadme = "README.md"\nurls = { Home = "https://a.invalid" }\n'
        'scripts = { demo = "demo:main" }\n',
    ),
    "tables of other tools": lambda text: f"{text}[tool.ruff]\nline-length = 80\n[tool.mypy]\nstrict = true\n",
    "a table of uv that locktool does not read": lambda text: f"{text}[tool.uv]\nnative-tls = true\n",
    "name of the project spelled otherwise": replacing('name = "demo"', 'name = "DEMO"'),
    "name of a dependency spelled otherwise": replacing("flask-login", "Flask_Login"),
    "name of an extra spelled otherwise": replacing("s3 =", "S3 ="),
    "name of a group spelled otherwise": replacing("dev = ", "Dev = "),
    "name of a source spelled otherwise": replacing("other = {", "Other = {"),
    "name of a constraint spelled otherwise": replacing('"e<9"', '"E < 9"'),
    "spaces in a requirement": replacing("flask-login>=1.0", "flask-login >= 1.0"),
    "parentheses in a requirement": replacing("flask-login>=1.0", "flask-login (>=1.0)"),
    "space in an extra": replacing("d[x]", "d [ X ]"),
    "the version of the project": replacing('version = "0.1.0"', 'version = "2.0.0"'),
    "a date as a text": replacing("2026-01-31", '"2026-01-31"'),
    "a date as an instant": replacing("2026-01-31", "2026-02-01T00:00:00Z"),
    "a date as an instant elsewhere": replacing("2026-01-31", "2026-02-01T02:00:00+02:00"),
    "a date as an instant in a text": replacing("2026-01-31", '"2026-02-01T00:00:00.000Z"'),
    "a span in weeks": replacing('"7 days"', '"1 week"'),
    "a span in ISO 8601": replacing('"7 days"', '"P7D"'),
    "a default written out": replacing(
        "[tool.locktool]\n",
        '[tool.locktool]\nresolution = "highest"\nprerelease = "if-necessary-or-explicit"\nquality-pass = true\n'
        'fork-strategy = "requires-python"\nno-build = false\nno-binary = false\nno-build-package = []\n'
        "overrides = []\nexcludes = []\nconflicts = []\ndefault-groups = []\npackage = false\n",
    ),
    "defaults of an index written out": replacing(
        'name = "second"\n', 'name = "second"\nformat = "simple"\ndefault = false\n'
    ),
    "a source that is not editable": replacing('"../beside/part"', '"../beside/part", editable = false'),
    "a default left out": replacing("find-links = []\n", ""),
    "an index renamed with its sources": renaming("second", "another"),
    "an index named that no source names": renaming("main", "pypi"),
    "the name of an index left out": replacing('name = "main"\n', ""),
    "a slash behind an index": replacing('MAIN"', 'MAIN/"'),
    "cache-control of an index": replacing('name = "main"\n', 'name = "main"\ncache-control = "max-age=60"\n'),
    "a path spelled otherwise": replacing("inside/other", "./inside/../inside/other/"),
    "members by name": replacing("packages/*", "packages/one"),
    "requires-python spelled otherwise": replacing('">=3.11"', '">= 3.11"'),
    "TOML spelled otherwise": replacing(
        'c = { index = "second" }\n', '[tool.locktool.sources.c]\nindex = """second"""\n'
    ),
}


@pytest.fixture
def mirror() -> Iterator[LocalIndex]:
    """A second index on loopback."""
    with LocalIndex() as running:
        yield running


@pytest.fixture
def locked(index: LocalIndex, mirror: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """`PROJECT` with directories inside and beside it, locked."""
    for name in ("flask-login", "c", "e"):
        for running in (index, mirror):
            running.add(name, "1.0")
            running.add(name, "2.0")
    index.add("d", "1.0", extras={"x": ["e"]})
    tree = '[project]\nname = "{}"\nversion = "1.0"\nrequires-python = ">=3.11"\ndependencies = ["e>=1"]\n'
    for path in ("../beside/part", "inside/other", "packages/one"):
        project.write(f"{path}/pyproject.toml", tree.format(path.rpartition("/")[2]))
    write(project, PROJECT, index, mirror)
    run_locktool("lock").succeeded()
    run_locktool("check", "--frozen").succeeded()
    return run_locktool


def write(project: ProjectWriter, text: str, index: LocalIndex, mirror: LocalIndex) -> None:
    text = text.replace("MAIN", index.url.rstrip("/")).replace("SECOND", mirror.url)
    (project.directory / "pyproject.toml").write_bytes(text.encode())


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_of_nothing_fails_no_check(
    locked: Command, index: LocalIndex, mirror: LocalIndex, project: ProjectWriter, kind: str
) -> None:
    text = CHANGES[kind](PROJECT)
    assert text != PROJECT
    write(project, text, index, mirror)
    locked("check", "--frozen").succeeded()
    before = project.read()
    locked("lock").succeeded()
    assert project.read() == before


TREE_CHANGES: dict[str, Callable[[str], str]] = {
    "comments": lambda text: f"# A comment.\n{text}",
    "CRLF": with_crlf,
    "spelling of a name": replacing('"e>=1"', '"E >= 1"'),
    "description": replacing('version = "1.0"\n', 'version = "1.0"\ndescription = "a part"\n'),
    "a dependency twice": replacing('["e>=1"]', '["e>=1", "e>=1"]'),
    "other tools": lambda text: f"{text}[tool.ruff]\nline-length = 80\n",
    "its version": replacing('"1.0"', '"1.1"'),
}


@pytest.mark.parametrize("path", ["../beside/part", "inside/other", "packages/one"])
@pytest.mark.parametrize("kind", TREE_CHANGES)
def test_a_change_of_nothing_in_a_directory_fails_no_check(
    locked: Command, project: ProjectWriter, kind: str, path: str
) -> None:
    text = TREE_CHANGES[kind](project.read(f"{path}/pyproject.toml"))
    (project.directory / path / "pyproject.toml").write_bytes(text.encode())
    locked("check", "--frozen").succeeded()
    before = project.read()
    locked("lock").succeeded()
    assert project.read() == before


@pytest.mark.parametrize("path", ["../beside/part", "inside/other"])
def test_the_groups_of_a_directory_are_no_inputs(locked: Command, project: ProjectWriter, path: str) -> None:
    text = project.read(f"{path}/pyproject.toml")
    project.write(f"{path}/pyproject.toml", f'{text}[dependency-groups]\ndev = ["c"]\n')
    locked("check", "--frozen").succeeded()


def test_a_mirror_in_an_index_table_is_no_change(
    locked: Command, index: LocalIndex, mirror: LocalIndex, project: ProjectWriter
) -> None:
    mirror.add("d", "1.0", extras={"x": ["e"]})
    before = project.read()
    mirrored = f'url = "{mirror.url}"\nmirror-of = "{index.url.rstrip("/")}"\ndefault = true'
    write(project, replacing('url = "MAIN"\ndefault = true', mirrored)(PROJECT), index, mirror)
    locked("check", "--frozen").succeeded()
    locked("lock", "--refresh").succeeded()
    assert project.read() == before


def test_a_project_may_move_with_what_is_inside_and_beside_it(locked: Command, project: ProjectWriter) -> None:
    elsewhere = project.directory.parent / "deep" / "er"
    elsewhere.mkdir(parents=True)
    shutil.move(project.directory.parent / "beside", elsewhere)
    shutil.move(project.directory, elsewhere / "renamed")
    before = (elsewhere / "renamed" / "pylock.toml").read_bytes()
    locked("check", "--frozen", cwd=elsewhere / "renamed").succeeded()
    locked("lock", cwd=elsewhere / "renamed").succeeded()
    assert (elsewhere / "renamed" / "pylock.toml").read_bytes() == before
    locked("check", "--frozen", cwd=elsewhere / "renamed" / "packages" / "one").succeeded()


@pytest.fixture
def plain(index: LocalIndex, mirror: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A project that names no index and no option, locked; the mirror has the same files."""
    for running in (index, mirror):
        running.add("c", "1.0")
        running.add("c", "2.0", upload_time="2024-06-01T00:00:00Z")
        running.add("c", "3.0rc1", upload_time="2024-06-01T00:00:00Z")
    project.pyproject("c")
    run_locktool("lock").succeeded()
    return run_locktool


def test_a_mirror_of_the_machine_is_no_change(
    plain: Command, index: LocalIndex, mirror: LocalIndex, project: ProjectWriter
) -> None:
    before = project.read()
    of_mirror = {"LOCKTOOL_INDEX_URL": mirror.url, "LOCKTOOL_INDEX_MIRROR_OF": index.url}
    index.forget_requests()
    plain("check", "--frozen", env=of_mirror).succeeded()
    for options in ([], ["--upgrade"], ["--refresh"]):
        plain("lock", *options, env=of_mirror).succeeded()
        assert project.read() == before
    assert index.requests == []
    assert mirror.requests != []


COMMAND_LINES = {
    "resolution": (["--resolution", "lowest"], "1.0"),
    "exclude-newer": (["--exclude-newer", "2024-03-01"], "1.0"),
    "exclude-newer as a span": (["--exclude-newer", "7 days"], "2.0"),
    "exclude-newer-package": (["--exclude-newer-package", "c=2024-03-01"], "1.0"),
    "prerelease": (["--prerelease", "allow"], "3.0rc1"),
    "prerelease-package": (["--prerelease-package", "c=allow"], "3.0rc1"),
    "no-build": (["--no-build"], "2.0"),
    "no-binary-package of another": (["--no-binary-package", "nothing"], "2.0"),
    "fork-strategy": (["--fork-strategy", "fewest"], "2.0"),
}


@pytest.mark.parametrize("kind", COMMAND_LINES)
def test_an_option_of_the_command_line_holds_until_the_next_lock(
    plain: Command, project: ProjectWriter, kind: str
) -> None:
    options, version = COMMAND_LINES[kind]
    own = project.read()
    (project.directory / "pylock.toml").unlink()
    plain("lock", *options).succeeded()
    assert f'version = "{version}"' in project.read()
    plain("check", "--frozen").succeeded()
    assert json.loads(plain("check", "--frozen", "--json").succeeded().out)["reasons"] == []
    plain("lock").succeeded()
    assert project.read() == own
    plain("check", "--frozen").succeeded()


@pytest.mark.parametrize("kind", COMMAND_LINES)
def test_an_option_of_the_command_line_is_followed_at_once(plain: Command, project: ProjectWriter, kind: str) -> None:
    options, version = COMMAND_LINES[kind]
    plain("lock", *options).succeeded()
    assert f'version = "{version}"' in project.read()
    plain("check", "--frozen").succeeded()
    first = project.read()
    plain("lock", *options).succeeded()
    assert project.read() == first


def test_an_option_that_the_project_says_too_is_recorded_as_the_projects(
    plain: Command, project: ProjectWriter
) -> None:
    project.pyproject("c", tool={"resolution": "lowest"})
    (project.directory / "pylock.toml").unlink()
    plain("lock").succeeded()
    own = project.read()
    plain("lock", "--resolution", "lowest").succeeded()
    plain("check", "--frozen").succeeded()
    plain("lock").succeeded()
    assert project.read() == own


def test_a_lock_with_other_newlines_holds(locked: Command, project: ProjectWriter) -> None:
    path = project.directory / "pylock.toml"
    path.write_bytes(with_crlf(project.read()).encode())
    locked("check", "--frozen").succeeded()
