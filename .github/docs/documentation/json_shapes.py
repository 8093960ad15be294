"""The page of JSON documents and their JSON Schemas, from the shapes of `shapes` and `shapes_of_queries`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from documentation import shapes, shapes_of_queries
from locktool.cli.commands import COMMANDS

if TYPE_CHECKING:
    from documentation.shapes import Shape

SHAPES: dict[str, Shape] = {
    "init": shapes_of_queries.INIT,
    "add": shapes.EDIT,
    "remove": shapes.EDIT,
    "upgrade": shapes.EDIT,
    "lock": shapes.LOCK,
    "check": shapes.CHECK,
    "compile": shapes.COMPILE,
    "import": shapes_of_queries.IMPORT,
    "export": shapes_of_queries.EXPORT,
    "list": shapes_of_queries.LIST,
    "outdated": shapes_of_queries.OUTDATED,
    "tree": shapes_of_queries.TREE,
    "diff": shapes_of_queries.DIFF,
    "why": shapes_of_queries.WHY,
    "python": shapes_of_queries.PYTHON,
    "cache": shapes_of_queries.CACHE,
    "config": shapes_of_queries.CONFIG,
    "completions": shapes_of_queries.COMPLETIONS,
}
ERROR = "error"

# What each section shows: a command whose output is short, run in the project that the page begins with.
_EXAMPLES = {
    "init": "locktool -q init other --dry-run --json",
    "add": "locktool -q add --json idna",
    "lock": "locktool -q lock --json",
    "check": "locktool check --json",
    "outdated": "locktool -q outdated --json",
    "diff": "locktool -q diff --json pylock.old.toml pylock.toml",
    "why": "locktool why --json h11",
    "cache": "locktool cache clean nosuch --json",
}


def schema(name: str) -> str:
    """The JSON Schema of a command's document, as it is published."""
    shape = shapes.ERROR if name == ERROR else SHAPES[name]
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"locktool {name} --json", **shape}
    return json.dumps(document, indent=2) + "\n"


def page() -> str:
    """The page."""
    if list(SHAPES) != list(COMMANDS):
        message = (
            f"shapes are described of {sorted(SHAPES.keys() ^ COMMANDS.keys())} or in another order than the commands"
        )
        raise ValueError(message)
    parts = [_introduction()]
    for name in COMMANDS:
        same = next(other for other in SHAPES if SHAPES[other] is SHAPES[name])
        if same != name:
            parts.append(f"## {name}\n\nAs [{same}](#{same}). [Schema](schemas/{name}.json).\n")
            continue
        parts.append(f"## {name}\n\n[Schema](schemas/{name}.json).\n\n{_example(name)}{_tables(SHAPES[name])}")
    return "\n".join(parts)


def _introduction() -> str:
    """What all documents have in common, the project of the examples, and the document of a failure."""
    return f"""\
# JSON

With `--json` stdout is one JSON document and nothing else; messages for people stay on stderr, and exit codes are the same.
Later releases may add keys, so read those that you know and skip the others. Each document has a JSON Schema, against which
the tests validate real outputs.

The examples are those of this project:

<!-- session -->
```toml title="pyproject.toml"
[project]
name = "demo"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["httpcore==1.0.7"]
```

```console
$ locktool lock
$ cp pylock.toml pylock.old.toml
```

## Errors

A command that fails prints this in place of its own document. [Schema](schemas/{ERROR}.json).

```console
$ locktool -q why nosuch --json 2>/dev/null
```

{_tables(shapes.ERROR)}
"""


def _example(name: str) -> str:
    command = _EXAMPLES.get(name)
    return f"```console\n$ {command}\n```\n\n" if command else ""


def _tables(shape: Shape) -> str:
    """A table for each form of a document."""
    return "\n".join(_table(form) for form in shape.get("anyOf", [shape]))


def _table(form: Shape) -> str:
    rows = "".join(_rows(form, ""))
    return f"{form['description']}\n\n| key | type | meaning |\n|---|---|---|\n{rows}"


def _rows(shape: Shape, prefix: str) -> list[str]:
    """A row for each key, those of inner tables below their own."""
    rows = []
    if shape.get("type") == "array":
        return _rows(shape["items"], f"{prefix}[]")
    for key, value in shape.get("properties", {}).items():
        path = f"{prefix}.{key}".lstrip(".")
        sometimes = "" if key in shape.get("required", ()) else " Not always there."
        rows.append(f"| `{path}` | {_type(value)} | {value['description']}{sometimes} |\n")
        rows += _rows(_inner(value), path)
    return rows


def _inner(shape: Shape) -> Shape:
    """The shape of a value that may be null."""
    inner: Shape = shape["anyOf"][0] if "anyOf" in shape else shape
    return inner


def _type(shape: Shape) -> str:
    kind = _inner(shape).get("type", "boolean")
    words = " or ".join([kind] if isinstance(kind, str) else kind)
    if "anyOf" in shape:
        words += " or null"
    if kind == "array":
        items = shape["items"]
        words = "list of " + {"string": "strings", "object": "objects", "array": "lists"}[items["type"]]
    if "enum" in shape:
        words = ", ".join(f"`{each}`" for each in shape["enum"])
    return words
