"""Every key of pyproject.toml that locktool reads: a recorded one changes the manifest, a machine-only one does not.

And every key with every type of TOML: it is read, or refused by the place and the name of the key, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from locktool._native import Project, SettingKey, setting_keys
from locktool.exceptions import ProjectError

if TYPE_CHECKING:
    from pathlib import Path

Pair = tuple[str, str]

HEAD = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["a", "b"]
optional-dependencies = { x = ["a", "c"], y = ["d"] }
"""
GROUPS = '[dependency-groups]\ndev = ["a", "e"]\ndocs = ["f"]\n'
DYNAMIC = """\
[build-system]
requires = []
build-backend = "setuptools.build_meta"
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.11"
dynamic = ["dependencies"]
"""


def setting(after: str, before: str = "") -> Pair:
    return tuple(f"{HEAD}{GROUPS}[tool.locktool]\n{text}\n" for text in (before, after))  # type: ignore[return-value] # two


def index(after: str, before: str = "") -> Pair:
    """An index `main` that a source names, with one more key."""
    return tuple(
        f'{HEAD}[tool.locktool]\nsources.a = {{ index = "main" }}\n'
        f'[[tool.locktool.index]]\nname = "main"\nurl = "https://one.invalid/simple"\n{text}\n'
        for text in (before, after)
    )  # type: ignore[return-value] # two


def source(after: str, before: str, rest: str = "") -> Pair:
    """A source of `a`, with two indexes to name."""
    return tuple(
        f"{HEAD}{GROUPS}[tool.locktool]\nsources.a = {{ {text} }}\n"
        'index = [{ name = "one", url = "https://one.invalid/simple" }, '
        f'{{ name = "two", url = "https://two.invalid/simple" }}]\n{rest}\n'
        for text in (before, after)
    )  # type: ignore[return-value] # two


GIT = 'git = "https://git.invalid/a"'
INDEX = 'index = "one"'

RECORDED: dict[tuple[str, str], Pair] = {
    ("", "environments"): setting("environments = [\"sys_platform == 'linux'\"]"),
    ("", "required-environments"): setting("required-environments = [\"sys_platform == 'linux'\"]"),
    ("", "resolution"): setting('resolution = "lowest"'),
    ("", "prerelease"): setting('prerelease = "allow"'),
    ("", "prerelease-package"): setting('prerelease-package.a = "allow"'),
    ("", "fork-strategy"): setting('fork-strategy = "fewest"'),
    ("", "exclude-newer"): setting("exclude-newer = 2026-01-01"),
    ("", "exclude-newer-package"): setting("exclude-newer-package.a = 2026-01-01"),
    ("", "constraints"): setting('constraints = ["a<2"]'),
    ("", "overrides"): setting('overrides = ["a==2"]'),
    ("", "excludes"): setting('excludes = ["a"]'),
    ("", "conflicts"): setting('conflicts = [[{ extra = "x" }, { extra = "y" }]]'),
    ("", "default-groups"): setting('default-groups = ["docs"]'),
    ("", "no-build"): setting("no-build = true"),
    ("", "no-build-package"): setting('no-build-package = ["a"]'),
    ("", "no-binary"): setting("no-binary = true"),
    ("", "no-binary-package"): setting('no-binary-package = ["a"]'),
    ("", "quality-pass"): setting("quality-pass = false"),
    ("", "dependency-metadata"): setting('dependency-metadata = [{ name = "a", requires-dist = ["b"] }]'),
    ("", "build-constraints"): setting('build-constraints = ["setuptools<80"]'),
    ("", "extra-build-dependencies"): setting('extra-build-dependencies = { a = ["torch"] }'),
    ("", "no-build-isolation-package"): setting('no-build-isolation-package = ["a"]'),
    ("", "allow-build"): setting('allow-build = ["a"]'),
    ("", "find-links"): setting('find-links = ["https://links.invalid/"]'),
    ("", "index"): setting('index = [{ url = "https://one.invalid/simple" }]'),
    ("", "workspace"): setting('workspace.members = ["member"]'),
    ("", "dependency-groups"): setting('dependency-groups.dev = { requires-python = ">=3.13" }'),
    ("", "package"): setting("package = true"),
    ("", "sources"): setting('sources.a = { path = "a" }'),
    ("", "build-inputs"): (f"{DYNAMIC}[tool.locktool]\n", f'{DYNAMIC}[tool.locktool]\nbuild-inputs = ["*.in"]\n'),
    ("index", "url"): tuple(text.replace("one.invalid", host) for text, host in zip(index(""), "ab", strict=True)),  # type: ignore[dict-item] # two
    ("index", "explicit"): index("explicit = true"),
    ("index", "default"): index("default = true"),
    ("index", "exclude-newer"): index("exclude-newer = 2026-01-01"),
    ("index", "format"): index('format = "flat"'),
    ("sources", "workspace"): source("workspace = true", 'path = "other"', 'workspace.members = ["member"]'),
    ("sources", "path"): source('path = "member"', 'path = "other"'),
    ("sources", "url"): source('url = "https://one.invalid/a-1.0.tar.gz"', 'url = "https://two.invalid/a-1.0.tar.gz"'),
    ("sources", "git"): source(GIT, 'git = "https://git.invalid/b"'),
    ("sources", "index"): source('index = "two"', INDEX),
    ("sources", "rev"): source(f'{GIT}, rev = "abc"', GIT),
    ("sources", "tag"): source(f'{GIT}, tag = "v1"', GIT),
    ("sources", "branch"): source(f'{GIT}, branch = "main"', GIT),
    ("sources", "subdirectory"): source(f'{GIT}, subdirectory = "a"', GIT),
    ("sources", "editable"): source('path = "member", editable = true', 'path = "member"'),
    ("sources", "marker"): source(f"{INDEX}, marker = \"sys_platform == 'linux'\"", INDEX),
    ("sources", "extra"): source(f'{INDEX}, extra = "x"', INDEX),
    ("sources", "group"): source(f'{INDEX}, group = "dev"', INDEX),
}

MACHINE_ONLY: dict[tuple[str, str], Pair] = {
    ("index", "name"): tuple(index("")[0].replace('"main"', f'"{name}"') for name in ("one", "two")),  # type: ignore[dict-item] # two
    # A mirror is no change where the address that it mirrors is the one that stood there.
    ("index", "mirror-of"): (
        index("")[0],
        index('mirror-of = "https://one.invalid/simple/"')[1].replace(
            'url = "https://one.invalid', 'url = "https://mirror.invalid'
        ),
    ),
    ("index", "cache-control"): index('cache-control = "max-age=600"'),
}

KEYS = {(key.table, key.name): key for key in setting_keys()}


def identifier(key: tuple[str, str]) -> str:
    return ".".join(part for part in key if part)


def manifest(directory: Path, text: str) -> bytes:
    (directory / "pyproject.toml").write_text(text, encoding="utf-8")
    (directory / "listed.in").touch()
    for name in ("member", "other"):
        (directory / name).mkdir(exist_ok=True)
        member = '[project]\nname = "a"\nversion = "1.0"\nrequires-python = ">=3.11"\n'
        (directory / name / "pyproject.toml").write_text(member, encoding="utf-8")
    project = Project.read(str(directory))
    for unbuilt in project.unbuilt:
        project = project.with_metadata(unbuilt, "Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n")
    return project.manifest()


def test_a_key_is_recorded_or_machine_only_for_a_reason() -> None:
    assert {key.role for key in KEYS.values()} == {"recorded", "machine-only"}
    for key in KEYS.values():
        assert (key.reason is None) == (key.role == "recorded"), identifier((key.table, key.name))
        assert key.description


def test_every_key_has_an_example_and_every_example_a_key() -> None:
    recorded = {name for name, key in KEYS.items() if key.role == "recorded"}
    assert set(RECORDED) == recorded
    assert set(MACHINE_ONLY) == set(KEYS) - recorded


@pytest.mark.parametrize("name", RECORDED, ids=identifier)
def test_a_recorded_key_changes_the_manifest(tmp_path: Path, name: tuple[str, str]) -> None:
    before, after = RECORDED[name]
    assert manifest(tmp_path, before) != manifest(tmp_path, after)


@pytest.mark.parametrize("name", MACHINE_ONLY, ids=identifier)
def test_a_machine_only_key_changes_nothing(tmp_path: Path, name: tuple[str, str]) -> None:
    before, after = MACHINE_ONLY[name]
    assert before != after
    assert manifest(tmp_path, before) == manifest(tmp_path, after)


OTHER_SPELLINGS = [(key, spelling) for key in KEYS.values() for spelling in key.other_spellings]


@pytest.mark.parametrize(("key", "spelling"), OTHER_SPELLINGS, ids=[spelling for _, spelling in OTHER_SPELLINGS])
@pytest.mark.parametrize("table", ["tool.locktool", "tool.uv"])
def test_another_spelling_means_the_same(tmp_path: Path, key: SettingKey, spelling: str, table: str) -> None:
    _, text = RECORDED[key.table, key.name]
    other = text.replace(f"\n{key.name} ", f"\n{spelling} ").replace("tool.locktool", table)
    assert manifest(tmp_path, other) == manifest(tmp_path, text)


# What each key of an array or a table holds is of the wrong kind for some and of the right one for others.
VALUES = {
    "string": '"text"',
    "empty string": '""',
    "long string": '"' + "x" * 70000 + '"',
    "integer": "1",
    "large integer": "9223372036854775807",
    "float": "1.5",
    "not a number": "nan",
    "true": "true",
    "false": "false",
    "date": "2026-01-31",
    "time": "12:00:00",
    "datetime": "2026-01-31T12:00:00Z",
    "local datetime": "2026-01-31T12:00:00",
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "array": '["text"]',
    "empty array": "[]",
    "array of integers": "[1]",
    "array of dates": "[2026-01-31]",
    "array of arrays": '[["text"], []]',
    "table": '{ key = "text" }',
    "empty table": "{}",
    "table of tables": '{ key = { key = "text" } }',
    "array of tables": '[{ key = "text" }]',
    "array of empty tables": "[{}]",
    "table of integers": "{ a = 1 }",
    "table of dates": "{ a = 9999-12-31 }",
}


def with_value(key: SettingKey, value: str) -> tuple[str, int]:
    """A project that gives this value to a key, and the line of the key."""
    if key.table == "index":
        required = "" if key.name == "url" else 'url = "https://one.invalid/simple"\n'
        required += "" if key.name == "name" else 'name = "main"\n'
        text = f"{HEAD}{GROUPS}[[tool.locktool.index]]\n{required}{key.name} = {value}\n"
    elif key.table == "sources":
        needs = {"rev": GIT, "tag": GIT, "branch": GIT, "subdirectory": GIT, "editable": 'path = "a"'}
        given = needs.get(key.name, "" if key.name in {"workspace", "path", "url", "git", "index"} else 'path = "a"')
        required = given.replace(", ", "\n") + "\n" if given else ""
        text = f"{HEAD}{GROUPS}[tool.locktool.sources.a]\n{required}{key.name} = {value}\n"
    else:
        text = f"{HEAD}{GROUPS}[tool.locktool]\n{key.name} = {value}\n"
    return text, text.count("\n")


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("key", KEYS.values(), ids=[identifier(name) for name in KEYS])
def test_a_value_is_read_or_refused_by_place_and_name(tmp_path: Path, key: SettingKey, value: str) -> None:
    text, line = with_value(key, VALUES[value])
    error = refusal(tmp_path, text)
    if error is None:
        return
    assert (error.path or "").endswith("pyproject.toml")
    assert error.line is not None
    assert error.column is not None
    # Only what is wrong with a whole table (no url, two kinds of source) is said at its first line.
    assert error.line == line or (key.table and error.line <= line), (str(error), line)
    assert key.name in str(error) or (key.table and key.table in str(error)), str(error)
    assert len(str(error)) < 1000, "a long value is cut"


def refusal(directory: Path, text: str) -> ProjectError | None:
    try:
        manifest(directory, text)
    except ProjectError as error:
        return error
    return None
