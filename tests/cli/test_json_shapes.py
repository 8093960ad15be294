"""What `--json` prints is what its published schema describes: nothing is missing, and nothing else is there.

The schemas allow further keys, for later releases; here they are closed, so that a key which nobody described is found.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # it comes without types

from documentation.json_shapes import ERROR, SHAPES, schema

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

# Documents that are open by nature: another schema, and facts of a Python of which the page describes some.
OPEN = {"`config schema`.", "`python show`, among further facts."}


def closed(shape: Any) -> Any:  # noqa: ANN401 - JSON
    """The schema without room for keys that it does not name."""
    if isinstance(shape, list):
        return [closed(item) for item in shape]
    if not isinstance(shape, dict):
        return shape
    inner = {key: closed(value) for key, value in shape.items()}
    if "properties" in shape and shape.get("description") not in OPEN:
        inner["additionalProperties"] = False
    return inner


def problems(name: str, text: str) -> list[str]:
    """What keeps a document from being what its schema says, as published and closed; of several forms the parts."""
    published = json.loads(schema(name))
    Draft202012Validator.check_schema(published)
    found, document = [], json.loads(text)
    errors = [
        error for form in (published, closed(published)) for error in Draft202012Validator(form).iter_errors(document)
    ]
    for error in errors:
        parts = error.context or [error]
        found += [f"{'/'.join(map(str, part.absolute_path))}: {part.message}" for part in parts]
    return found


@pytest.fixture
def demo(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A locked project with an extra, a group, a fork and a condition, and a newer release of one package."""
    index.add("web", "1.0.0", requires=["base", "only-windows; sys_platform == 'win32'"], extras={"tls": ["lib<2"]})
    index.add("base", "1.0")
    index.add("base", "2.0", sdist=True, wheel_tags=[])
    index.add("lib", "1.0")
    index.add("lib", "2.0", requires_python=">=3.12")
    index.add("only-windows", "1.0", yanked="broken")
    index.add("only-windows", "0.9")
    project.pyproject("web[tls]", extras={"s3": ["lib"]}, groups={"dev": ["base<2"]})
    run_locktool("lock").succeeded()
    project.write("old.toml", project.read())
    return run_locktool


QUERIES = [
    ("init", ["init", "other"]),
    ("add", ["add", "--group", "lint", "only-windows"]),
    ("remove", ["remove", "--group", "dev", "base"]),
    ("upgrade", ["upgrade", "--bump"]),
    ("lock", ["lock", "--upgrade"]),
    ("lock", ["lock", "--dry-run"]),
    ("check", ["check"]),
    ("check", ["check", "--frozen", "--strict"]),
    ("compile", ["compile", "pyproject.toml"]),
    ("compile", ["compile", "pyproject.toml", "-o", "requirements.txt"]),
    ("export", ["export"]),
    ("export", ["export", "-o", "requirements.txt"]),
    ("list", ["list", "--extra", "s3"]),
    ("outdated", ["outdated", "--all"]),
    ("tree", ["tree", "--outdated"]),
    ("tree", ["tree", "--invert"]),
    ("diff", ["diff", "old.toml", "pylock.toml"]),
    ("why", ["why", "only-windows"]),
    ("why", ["why", "lib", "--latest"]),
    ("why", ["why", "base==2.0"]),
    ("why", ["why", "web==1.0.0"]),
    ("python", ["python", "list"]),
    ("python", ["python", "find"]),
    ("python", ["python", "show"]),
    ("cache", ["cache", "dir"]),
    ("cache", ["cache", "info"]),
    ("cache", ["cache", "prune"]),
    ("cache", ["cache", "clean"]),
    ("config", ["config", "show"]),
    ("config", ["config", "schema"]),
    ("completions", ["completions", "bash"]),
]


@pytest.mark.parametrize(
    ("name", "words"), QUERIES, ids=lambda value: value if isinstance(value, str) else " ".join(value)
)
def test_a_document_is_what_its_schema_says(demo: Command, name: str, words: list[str]) -> None:
    assert problems(name, demo(*words, "--json").out) == []


def test_every_command_has_a_document_here() -> None:
    assert {name for name, _ in QUERIES} | {"import"} == set(SHAPES)


def test_an_import_and_its_trial(project: ProjectWriter, isolated_command: Command) -> None:
    project.write(
        "pyproject.toml",
        '[tool.poetry]\nname = "demo"\nversion = "1"\n[tool.poetry.dependencies]\npython = "^3.11"\nweb = "*"\n',
    )
    assert problems("import", isolated_command("import", "--dry-run", "--json").succeeded().out) == []
    assert problems("import", isolated_command("import", "--json").succeeded().out) == []


def test_what_moved_with_its_origins(demo: Command, project: ProjectWriter) -> None:
    project.pyproject("web", "mine", tool={"sources": {"mine": {"path": "mine"}}})
    project.pyproject(member="mine", name="mine", version="1.0")
    moved = demo("lock", "--upgrade", "--json").succeeded().out
    assert json.loads(moved)["added"]
    assert json.loads(moved)["removed"]
    assert problems("lock", moved) == []
    assert problems("diff", demo("diff", "old.toml", "pylock.toml", "--json").succeeded().out) == []
    assert problems("tree", demo("tree", "--json").succeeded().out) == []
    assert problems("list", demo("list", "--json").succeeded().out) == []


def test_reasons_against_a_lock(demo: Command, project: ProjectWriter) -> None:
    project.pyproject("web[tls]<3", "new", extras={"s3": ["lib"]}, requires_python=">=3.12")
    stale = demo("check", "--json").failed().out
    assert {reason["code"] for reason in json.loads(stale)["reasons"]} >= {
        "requirement-added",
        "requires-python-changed",
    }
    assert problems("check", stale) == []


def test_checks_of_directories(demo: Command, project: ProjectWriter) -> None:
    project.write("broken/pylock.toml", "lock-version = 1")
    found = demo("check", ".", "--json").failed(2).out
    documents = json.loads(found)
    assert {document["holds"] for document in documents} == {True, False}
    for document in documents:
        assert problems("check", json.dumps(document)) == []


@pytest.mark.parametrize(
    "words",
    [["lock"], ["lock", "--nosuch"], ["why", "nosuch"], ["diff", "nosuch"], ["list", "--extra", "nosuch"]],
    ids=" ".join,
)
def test_a_failure_is_what_the_schema_of_errors_says(demo: Command, project: ProjectWriter, words: list[str]) -> None:
    project.pyproject("web>2", "web<2")
    finished = demo(*words, "--json")
    assert finished.code in {1, 2}
    assert problems(ERROR, finished.out) == []
