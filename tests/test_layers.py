"""Imports go downwards only, in Rust and in Python, and neighbours on a line do not import each other.

The lines below are those of the design. The imports are read from the sources, lazy ones and those for types included:
a layer is about who may know of whom, not about what is loaded when.
"""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
CORE = REPOSITORY / "rust" / "locktool-core"
PACKAGE = REPOSITORY / "python" / "locktool"

RUST_LINES: list[set[str]] = [
    {"name", "solver", "document", "trace"},
    {"version"},
    {"marker"},
    {"requirement", "distribution"},
    {"metadata"},
    {"cache", "manifest", "source"},
    {"lock", "project"},
    {"resolver", "index", "certify"},
    {"pipeline"},
]
PYTHON_LINES: list[set[str]] = [
    {"exceptions", "record"},
    {"_native"},
    {"interpreter", "edit", "requirements_files", "scripts", "configuration", "cancellation"},
    {"lock", "building", "migrate"},
    {"export"},
    {"operations"},
    {"api"},
    {"cli"},
]
# The public names are loaded lazily from anywhere, and `python -m` knows only the command line.
ENTRIES = {"__init__", "__main__"}


def level(lines: list[set[str]], module: str) -> int:
    """The line a module stands on; an unknown module belongs on one first."""
    for number, line in enumerate(lines):
        if module in line:
            return number
    message = f"{module} stands on no line of the design"
    raise LookupError(message)


def upward(lines: list[set[str]], importer: str, imported: set[str]) -> list[str]:
    """The imports that do not go down."""
    own = level(lines, importer)
    return sorted(module for module in imported - {importer} if level(lines, module) >= own)


def without_comments(source: str) -> str:
    """Rust without comments and string literals, and without its own tests, which may look around."""
    pattern = r'//[^\n]*|/\*.*?\*/|r#".*?"#|"(?:\\.|[^"\\])*"'
    code = re.sub(pattern, lambda found: "" if found[0].startswith("/") else '""', source, flags=re.DOTALL)
    return re.split(r"#\[cfg\(test\)\]\s*(?:pub(?:\([a-z]+\))? )?mod \w+ \{", code)[0]


def first_names(tree: str) -> set[str]:
    """The first path segments of a use tree: `{a, b::{c, d}}` gives a and b."""
    tree = tree.strip()
    if not tree.startswith("{"):
        found = re.match(r"\w+", tree)
        return {found[0]} if found else set()
    depth = 0
    names, start = set(), 1
    for place, character in enumerate(tree):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if (character == "," and depth == 1) or depth == 0:
            names |= first_names(tree[start:place])
            start = place + 1
        if depth == 0:
            break
    return names


def rust_imports(source: str, depth: int) -> set[str]:
    """The top-level modules that a file names through `crate::` or enough `super::`.

    `depth` is how many modules enclose the file's own: 1 for `version/mod.rs` and `name.rs`, 2 for `version/order.rs`.
    """
    code = without_comments(source)
    names: set[str] = set()
    for prefix in ("crate::", "super::" * depth):
        for found in re.finditer(rf"(?<![\w:]){prefix}(?!super)", code):
            names |= first_names(code[found.end() :])
    return names


def rust_files() -> list[tuple[str, Path]]:
    sources = CORE / "src"
    return [
        (path.relative_to(sources).parts[0].removesuffix(".rs"), path)
        for path in sorted(sources.rglob("*.rs"))
        if path != sources / "lib.rs"
    ]


def python_imports(source: str) -> set[str]:
    """The packages of locktool that a file imports, wherever the statement stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("locktool.")}
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            head, _, rest = node.module.partition(".")
            if head == "locktool":
                names |= {rest.split(".")[0]} if rest else {alias.name for alias in node.names}
    return names


def python_files() -> list[tuple[str, Path]]:
    return [
        (path.relative_to(PACKAGE).parts[0].removesuffix(".py").removesuffix(".pyi"), path)
        for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.pyi")])
    ]


def label(value: object) -> str:
    return str(value.relative_to(REPOSITORY)) if isinstance(value, Path) else ""


@pytest.mark.parametrize(("module", "path"), rust_files(), ids=label)
def test_rust_imports_go_down(module: str, path: Path) -> None:
    parts = path.relative_to(CORE / "src").parts
    depth = len(parts) - (path.name == "mod.rs")
    imported = rust_imports(path.read_text(encoding="utf-8"), depth)
    assert upward(RUST_LINES, module, imported & {name for line in RUST_LINES for name in line}) == []


def test_every_rust_module_stands_on_a_line() -> None:
    assert {module for module, _ in rust_files()} <= {name for line in RUST_LINES for name in line}


def test_the_core_knows_nothing_of_python() -> None:
    manifest = tomllib.loads((CORE / "Cargo.toml").read_text(encoding="utf-8"))
    assert not any(name.startswith("pyo3") for name in manifest["dependencies"])


@pytest.mark.parametrize(("module", "path"), python_files(), ids=label)
def test_python_imports_go_down(module: str, path: Path) -> None:
    if module in ENTRIES:
        return
    # Names of the two lowest lines are public too.
    public = {"__version__"}
    assert upward(PYTHON_LINES, module, python_imports(path.read_text(encoding="utf-8")) - public) == []


def test_every_python_package_stands_on_a_line() -> None:
    assert {module for module, _ in python_files()} - ENTRIES <= {name for line in PYTHON_LINES for name in line}


def test_python_never_imports_by_relative_path() -> None:
    relative = [
        str(path)
        for _, path in python_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


@pytest.mark.parametrize(
    ("source", "depth", "expected"),
    [
        ("use crate::version::Version;", 1, {"version"}),
        ("use crate::{name::PackageName, marker::{Marker, parse}};", 1, {"name", "marker"}),
        ("use super::super::marker::Marker;", 2, {"marker"}),
        ("use super::order::compare;", 2, set()),
        ("// crate::index\nlet x = crate::source::File { url };", 1, {"source"}),
        ('let x = "crate::index";', 1, set()),
        ("#[cfg(test)]\nmod tests { use crate::pipeline; }", 1, set()),
    ],
)
def test_rust_imports_are_read(source: str, depth: int, expected: set[str]) -> None:
    assert rust_imports(source, depth) == expected


def test_python_imports_are_read() -> None:
    source = (
        "import locktool.cli.parser\nfrom locktool import lock\ndef f():\n    from locktool.edit.requirements import g"
    )
    assert python_imports(source) == {"cli", "lock", "edit"}


def test_an_import_upwards_or_sideways_is_seen() -> None:
    assert upward(RUST_LINES, "version", {"name", "marker", "version"}) == ["marker"]
    assert upward(RUST_LINES, "index", {"resolver", "cache"}) == ["resolver"]
