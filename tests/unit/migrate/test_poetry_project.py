"""A project of Poetry becomes a standard one: nothing said is lost, other tables stay byte for byte."""

from __future__ import annotations

import contextlib
import tomllib
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from locktool._native import Project
from locktool.exceptions import DocumentError, LocktoolError, ProjectError
from locktool.migrate.poetry_project import import_poetry

if TYPE_CHECKING:
    from pathlib import Path

POETRY = """\
# the project
[tool.poetry]
name = "demo"  # its name
version = "0.1.0"
# who
authors = ["Ann <a@example.invalid>", "Bob"]
license = "MIT"
homepage = "https://example.invalid"
packages = [{ include = "demo" }]  # stays

[build-system]
requires = ["poetry-core>=1.0"]   # built by

# what it needs
[tool.poetry.dependencies]
python = "^3.11"  # supported
# the framework
web = "^1.0"  # not 2 yet
parts = { version = "~1.1", extras = ["fast"], python = "<3.13" }

# only for s3
store = { version = "*", optional = true }  # the store
multi = [
  { version = "^1.0", python = "<3.12" },
  { version = "^2.0", markers = "python_version >= '3.12' or sys_platform == 'win32'" },
]
lib = { path = "../lib", develop = true }
gitted = { git = "https://example.invalid/g.git", tag = "v1" }
private = { version = "1.2", source = "company", allow-prereleases = true }
far = { url = "https://example.invalid/far-1.0.tar.gz", platform = "linux" }
# the end

[tool.poetry.dependencies.tabled]  # of its own
version = "^3"

[tool.poetry.extras]
s3 = ["store"]  # cloud

[tool.black]
line-length = 100   # untouched
'quoted' = '''
[tool.poetry.dependencies]
'''

[tool.poetry.group.dev.dependencies]
num = ">=1,<2"  # why
local = { path = "tools/local" }

[tool.poetry.group.docs]
optional = true

[tool.poetry.group.docs.dependencies]
win = "3.*"

[tool.poetry.scripts]
demo = "demo:main"  # entry

[tool.poetry.plugins."demo.plugins"]
one = "demo:one"

# our index
[[tool.poetry.source]]
name = "company"
url = "https://packages.example.invalid/simple"  # inside
priority = "explicit"
"""


INCLUDING = """
[tool.poetry.group.all]
include-groups = ["dev", "docs"]

[tool.poetry.group.all.dependencies]
own = "*"

[tool.poetry.dev-dependencies]
older = { version = "^1 || ^3", python = "<3.12 || >=3.14" }
"""


def imported(text: str) -> dict[str, Any]:
    return tomllib.loads(import_poetry(text).text)


@pytest.mark.parametrize("text", [POETRY, POETRY + INCLUDING], ids=["plain", "including"])
def test_a_project_asks_the_same_as_its_import(tmp_path: Path, text: str) -> None:
    manifests = []
    for name, content in (("poetry", text), ("standard", import_poetry(text).text)):
        directory = tmp_path / name
        directory.mkdir()
        (directory / "pyproject.toml").write_text(content)
        manifests.append(msgspec.msgpack.decode(Project.read(str(directory)).manifest()))
    assert manifests[0] == manifests[1]


def test_everything_that_poetry_says_is_in_the_tables_of_the_standard() -> None:
    document = imported(POETRY)
    assert document["project"] == {
        "name": "demo",
        "version": "0.1.0",
        "authors": [{"name": "Ann", "email": "a@example.invalid"}, {"name": "Bob"}],
        "license": {"text": "MIT"},
        "urls": {"Homepage": "https://example.invalid"},
        "requires-python": ">=3.11,<4.0",
        "dependencies": [
            "web>=1.0,<2.0",
            "parts[fast]>=1.1,<1.2 ; python_version < '3.13'",
            "multi>=1.0,<2.0 ; python_version < '3.12'",
            "multi>=2.0,<3.0 ; python_version >= '3.12' or sys_platform == 'win32'",
            "lib",
            "gitted",
            "private==1.2",
            "far ; sys_platform == 'linux'",
            "tabled>=3,<4",
        ],
        "optional-dependencies": {"s3": ["store"]},
        "scripts": {"demo": "demo:main"},
        "entry-points": {"demo.plugins": {"one": "demo:one"}},
    }
    assert document["dependency-groups"] == {"dev": ["num>=1,<2", "local"], "docs": ["win==3.*"]}
    assert document["tool"]["locktool"] == {
        "default-groups": ["dev"],
        "prerelease-package": {"private": "allow"},
        "sources": {
            "lib": {"path": "../lib", "editable": True},
            "gitted": {"git": "https://example.invalid/g.git", "tag": "v1"},
            "private": {"index": "company"},
            "far": {"url": "https://example.invalid/far-1.0.tar.gz", "marker": "sys_platform == 'linux'"},
            "local": {"path": "tools/local", "group": "dev"},
        },
        "index": [{"name": "company", "url": "https://packages.example.invalid/simple", "explicit": True}],
    }
    assert document["tool"]["poetry"] == {"packages": [{"include": "demo"}]}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_comments_and_other_tables_stay(newline: str) -> None:
    text = POETRY.replace("\n", newline)
    made = import_poetry(text).text
    comments = [line[line.index("# ") :] for line in POETRY.splitlines() if "# " in line]
    assert [comment for comment in comments if comment not in made] == []
    assert made.count("\n") == made.count(newline)
    black = text[text.index("[tool.black]") : text.index("[tool.poetry.group.dev.dependencies]")]
    assert black.rstrip() in made
    build = text[text.index("[build-system]") : text.index("# what it needs")]
    assert build in made


def test_the_file_may_end_without_a_newline_and_have_nothing_left() -> None:
    made = import_poetry('[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\npython = "^3.11"\nb = "^1"').text
    assert made == ('[project]\nname = "a"\nrequires-python = ">=3.11,<4.0"\ndependencies = [\n    "b>=1,<2",\n]\n')


def test_the_order_of_tables_and_the_end_of_the_file_do_not_matter() -> None:
    text = '[tool.poetry.dependencies]\nb = "^1"\n[tool.a]\nx = 1\n[tool.poetry]\nname = "a"\n[tool.z]\ny = 1\n\n\n'
    assert import_poetry(text).text == (
        '[tool.a]\nx = 1\n[project]\nname = "a"\ndependencies = [\n    "b>=1,<2",\n]\n\n[tool.z]\ny = 1\n\n\n'
    )


def test_values_that_stay_the_same_stay_as_they_are_written() -> None:
    lines = "classifiers = [\n  'A',  # one\n  # two\n  \"B\",\n]  # all\n"
    made = import_poetry(f"[tool.poetry]\nname = 'a'\n{lines}[tool.poetry.dependencies]\n").text
    assert lines in made
    assert "name = 'a'" in made


def test_what_has_to_be_looked_at_is_noted() -> None:
    notes = "\n".join(import_poetry(POETRY).notes)
    assert "poetry-core>=2" in notes
    text = '[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\nx = { version = "1", optional = true }\n'
    text += '[[tool.poetry.source]]\nname = "PyPI"\npriority = "primary"\n'
    found = import_poetry(text)
    assert tomllib.loads(found.text)["tool"]["locktool"] == {"package": False}
    assert "needs a name" in "\n".join(found.notes)
    assert "no extra names the optional x" in "\n".join(found.notes)
    assert "PyPI has no address" in "\n".join(found.notes)


@pytest.mark.parametrize("value", ["3", "[]", "{}", '""', "true", "[3]", "[{}]", "{ a = 1 }", "1979-05-27"])
def test_no_value_of_another_type_is_translated_into_nonsense(value: str) -> None:
    lines = POETRY.splitlines(keepends=True)
    for number, line in enumerate(lines):
        key, equals, _ = line.partition(" = ")
        if not equals or line.startswith(("#", " ")):
            continue
        changed = "".join([*lines[:number], f"{key} = {value}\n", *lines[number + 1 :]])
        try:
            tomllib.loads(changed)
        except tomllib.TOMLDecodeError:
            continue
        with contextlib.suppress(LocktoolError):
            tomllib.loads(import_poetry(changed).text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "nothing-to-import"),
        ("[tool.black]\n", "nothing-to-import"),
        ("[project]\nname = 'a'\n[tool.poetry]\n", "project-exists"),
        ("[tool.poetry]\nname = 'a'\ndependencies.b = '^1'\n", "untranslatable-form"),
        ("[tool]\npoetry = { name = 'a' }\n", "untranslatable-form"),
        ("[tool.poetry]\n[tool.poetry.dependencies]\nb = '^1 || ^2000'\n", "untranslatable-constraint"),
        ("[tool.poetry]\n[tool.poetry.dependencies]\nb = { version = '^1', lock = 1 }\n", "untranslatable-key"),
        ("[tool.poetry]\n[tool.poetry.dependencies]\nb = 3\n", "invalid-poetry-table"),
        ("[tool.poetry]\n[tool.poetry.dependencies]\n'b c' = '^1'\n", "invalid-requirement"),
        ("[tool.poetry]\n[tool.poetry.extras]\nx = ['no']\n", "invalid-poetry-table"),
        ("[tool.poetry]\n[tool.locktool]\n[[tool.poetry.source]]\nname='i'\nurl='https://e.invalid'\n", "table-exists"),
        ("[tool.poetry\n", "broken-toml"),
    ],
)
def test_what_cannot_be_translated_is_refused(text: str, code: str) -> None:
    with pytest.raises(LocktoolError) as caught:
        import_poetry(text)
    assert caught.value.code == code
    assert isinstance(caught.value, ProjectError | DocumentError)
