"""Edits of a lock that mean the same: of the text alone, and of the document where order or spelling has no meaning."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from tampering.edit import with_digests
from tampering.toml_text import toml_text

if TYPE_CHECKING:
    from collections.abc import Callable

Table = dict[str, Any]


def _substituting(pattern: str, replacement: str) -> Callable[[str], str]:
    return lambda text: re.sub(pattern, replacement, text, flags=re.MULTILINE)


def _of_document(change: Callable[[Table], object]) -> Callable[[str], str]:
    """A change of the document in place; its digests are those of the blocks as they then are."""

    def edit(text: str) -> str:
        lock = tomllib.loads(text)
        change(lock)
        return toml_text(with_digests(lock))

    return edit


def _of_entries(change: Callable[[Table], object]) -> Callable[[str], str]:
    return _of_document(lambda lock: [change(entry) for entry in lock["packages"]])


def _of_markers(change: Callable[[str], str]) -> Callable[[str], str]:
    return _of_entries(lambda entry: "marker" in entry and entry.update(marker=change(entry["marker"])))


def _reverse(*keys: str) -> Callable[[Table], None]:
    def change(table: Table) -> None:
        for key in keys:
            if key in table:
                table[key] = table[key][::-1]

    return change


def _reverse_keys(table: Table) -> None:
    for key in list(table)[::-1]:
        table[key] = table.pop(key)


def _of_files(change: Callable[[Table], object]) -> Callable[[str], str]:
    def of_entry(entry: Table) -> None:
        for kind in ("archive", "sdist", "wheels"):
            files = entry.get(kind, [])
            for file in files if isinstance(files, list) else [files]:
                change(file)

    return _of_entries(of_entry)


def _respell_version(entry: Table) -> None:
    if "version" in entry:
        entry["version"] += ".0"
    for edge in entry.get("dependencies", []):
        if "version" in edge:
            edge["version"] += ".0"


def _name_file(file: Table) -> None:
    if file.get("url", "").startswith("http") and "upload-time" in file:
        file["name"] = file["url"].rpartition("/")[2]


def _swap_operands(marker: str) -> str:
    return re.sub(r"\b(sys_platform|python_version) (==|!=) ('[^']*')", r"\3 \2 \1", marker)


HARMLESS: dict[str, Callable[[str], str]] = {
    "comments added": _substituting(r"^\[\[packages\]\]$", "# A comment.\n[[packages]] # Another."),
    "comments removed": _substituting(r"^#.*\n", ""),
    "blank lines added": _substituting(r"^\[", "\n\n["),
    "blank lines removed": _substituting(r"^\n", ""),
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "indented": _substituting(r"^(\w)", r"    \1"),
    "tabs": _substituting(r"^  ", "\t"),
    "spaces around equals signs": _substituting(r"^([\w-]+) = ", r"\1   =   "),
    "no spaces around equals signs": _substituting(r"^([\w-]+) = ", r"\1="),
    "spaces at ends of lines": _substituting(r"$", "  "),
    "no newline at the end": str.rstrip,
    "newlines at the end": lambda text: text + "\n\n\n",
    "literal strings": _substituting(r'^(\w+) = "([\w.-]+)"$', r"\1 = '\2'"),
    "quoted keys": _substituting(r"^(name|version|marker) = ", r'"\1" = '),
    "headers with spaces": _substituting(r"^\[\[packages\]\]$", "[[ packages ]]"),
    "written in one line each": _of_document(lambda _: None),
    "entries reversed": _of_document(_reverse("packages")),
    "keys of the lock reversed": _of_document(_reverse_keys),
    "keys of entries reversed": _of_entries(_reverse_keys),
    "keys of files reversed": _of_files(_reverse_keys),
    "edges reversed": _of_entries(_reverse("dependencies")),
    "wheels reversed": _of_entries(_reverse("wheels")),
    "extras and groups reversed": _of_document(_reverse("extras", "dependency-groups")),
    "recorded members reversed": _of_document(lambda lock: _reverse("members")(lock["tool"]["locktool"])),
    "recorded keys reversed": _of_document(lambda lock: _reverse_keys(lock["tool"]["locktool"])),
    "recorded requirements reversed": _of_document(
        lambda lock: [_reverse("dependencies")(member) for member in lock["tool"]["locktool"]["members"]]
    ),
    "requirements of entries reversed": _of_entries(
        lambda entry: _reverse("requires")(entry.get("tool", {}).get("locktool", {}))
    ),
    "made by another tool": _of_document(lambda lock: lock.update({"created-by": "another"})),
    "table of another tool": _of_document(lambda lock: lock["tool"].update(another={"key": [1, 2]})),
    "tables of another tool in entries": _of_entries(
        lambda entry: entry.setdefault("tool", {}).update(another={"key": True})
    ),
    "markers in other quotes": _of_markers(lambda marker: marker.replace("'", '"')),
    "markers with operands swapped": _of_markers(_swap_operands),
    "markers in parentheses": _of_markers(lambda marker: f"({marker})"),
    "markers said twice": _of_markers(lambda marker: f"({marker}) and ({marker})"),
    "markers with spaces": _of_markers(lambda marker: f"  {marker.replace(' ', '  ')} "),
    "markers where there are none": _of_entries(lambda entry: entry.setdefault("marker", "python_version >= '3'")),
    "versions with a zero more": _of_entries(_respell_version),
    "names of files written": _of_files(_name_file),
    "empty lists written": _of_document(
        lambda lock: [lock.setdefault(key, []) for key in ("extras", "dependency-groups", "default-groups")]
    ),
    "empty edges written": _of_entries(lambda entry: entry.setdefault("dependencies", [])),
    "not editable written": _of_entries(
        lambda entry: "directory" in entry and entry["directory"].setdefault("editable", False)
    ),
    "escapes in texts": _substituting(r'^name = "a', r'name = "\\u0061'),
}
