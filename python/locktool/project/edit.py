"""Adds and removes requirements in the text of a pyproject.toml; what is not edited stays byte for byte.

In: the text, a requirement and the list it belongs to. Out: the edited text. An existing array is edited in place; a
list that does not exist is created with tomlkit, which keeps comments and order. Every result is read back and compared
with the intended values before it is returned.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from locktool.exceptions import ProjectError
from locktool.project.array_text import ArrayText
from locktool.project.canonical import canonical_name, canonical_requirement, name_of_requirement
from locktool.project.toml_position import Scanner
from locktool.project.toml_source import TomlSource, parse_toml

FILE = Path("pyproject.toml")
BARE_NEWLINE = re.compile(r"(?<!\r)\n")
LEADING_NAME_END = " \t[(<>=!~;@,"


class RequirementList(NamedTuple):
    """Which list of a project is meant: the dependencies, those of an extra, or those of a group."""

    kind: str = "dependencies"
    name: str | None = None

    @classmethod
    def of_extra(cls, name: str) -> RequirementList:
        """The requirements of an extra."""
        return cls("extra", canonical_name(name))

    @classmethod
    def of_group(cls, name: str) -> RequirementList:
        """The requirements of a dependency group."""
        return cls("group", canonical_name(name))

    def key_path(self, values: dict[str, Any]) -> tuple[str, ...]:
        """Where the list is or would be written, in the spelling that the file uses for its name."""
        if self.name is None:
            return ("project", "dependencies")
        table = ("project", "optional-dependencies") if self.kind == "extra" else ("dependency-groups",)
        written = values_at(values, table) or {}
        spelling = next((key for key in written if canonical_name(key) == self.name), self.name)
        return (*table, spelling)


DEPENDENCIES = RequirementList()


def values_at(values: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - TOML values
    """The value at a path, or None."""
    for key in path:
        if not isinstance(values, dict) or key not in values:
            return None
        values = values[key]
    return values


def add_requirement(text: str, requirement: str, target: RequirementList = DEPENDENCIES) -> str:
    """Add a requirement, or put it in the place of the only one of the same package.

    A sorted list stays sorted. Raises ProjectError when the file leaves the list to its build system or has no
    [project] table, InvalidRequirement when the requirement is not one.
    """
    canonical = canonical_requirement(requirement)
    values = parse_toml(FILE, text)
    path = target.key_path(values)
    check_editable(text, values, path)
    existing = values_at(values, path)
    if existing is None:
        return checked(text, create_list(text, path, requirement), path, [requirement])
    if any(isinstance(item, str) and canonical_requirement(item) == canonical for item in existing):
        return text
    name = name_of_requirement(canonical)
    same = [index for index, item in enumerate(existing) if isinstance(item, str) and written_name(item) == name]
    expected = list(existing)
    if len(same) == 1:
        expected[same[0]] = requirement
        return edit_array(text, path, expected, lambda array: array.replace(same[0], quote(requirement)))
    place = sorted_place(existing, name)
    expected.insert(place, requirement)
    return edit_array(text, path, expected, lambda array: array.insert(place, quote(requirement)))


def remove_requirement(text: str, name: str, target: RequirementList = DEPENDENCIES) -> str:
    """Remove every requirement of a package from a list.

    Raises ProjectError when the list does not name the package.
    """
    values = parse_toml(FILE, text)
    path = target.key_path(values)
    existing = values_at(values, path) or []
    package = canonical_name(name)
    doomed = [index for index, item in enumerate(existing) if isinstance(item, str) and written_name(item) == package]
    if not doomed:
        raise ProjectError("not-required", f"{package} is not in {'.'.join(path)}", path=str(FILE), package=package)
    expected = list(existing)
    for index in reversed(doomed):
        del expected[index]
        text = edit_array(text, path, expected, lambda array, index=index: array.remove(index))
    return text


def written_name(requirement: str) -> str:
    """The normalised name at the head of a requirement as written."""
    end = next((index for index, character in enumerate(requirement) if character in LEADING_NAME_END), None)
    head = requirement.strip() if end is None else requirement[:end]
    try:
        return canonical_name(head.strip())
    except ValueError:
        return head


def sorted_place(existing: list[Any], name: str) -> int:
    """Where a name keeps a sorted list sorted; the end of the requirements where the list is not."""
    named = [(index, written_name(item)) for index, item in enumerate(existing) if isinstance(item, str)]
    names = [each for _, each in named]
    if names == sorted(names):
        for index, each in named:
            if each > name:
                return index
    return named[-1][0] + 1 if named else len(existing)


def check_editable(text: str, values: dict[str, Any], path: tuple[str, ...]) -> None:
    """Refuse to write a list that the file says is made elsewhere, or that belongs to a table it lacks."""
    source = TomlSource(FILE, text, values)
    if path[0] != "project":
        return
    if "project" not in values:
        raise source.error("no-project-table", "there is no [project] table to add to; create one first", path)
    if path[1] in (values_at(values, ("project", "dynamic")) or []):
        raise source.error(
            "dynamic-dependencies",
            f"project.{path[1]} is dynamic: its build system makes it, so it is edited there",
            ("project", "dynamic"),
        )


def edit_array(text: str, path: tuple[str, ...], expected: list[Any], edit: Any) -> str:  # noqa: ANN401 - a lambda
    """Edit the array at a path within the text of the file."""
    scanner = Scanner(text)
    scanner.scan_document()
    extent = scanner.values.get(path)
    if extent is None:
        raise ProjectError("not-editable", f"cannot find where {'.'.join(path)} is written", path=str(FILE))
    start, end = extent
    return checked(text, text[:start] + edit(ArrayText(text[start:end])) + text[end:], path, expected)


def checked(before: str, after: str, path: tuple[str, ...], expected: list[Any]) -> str:
    """Return the edited text, in the line endings of the file, if it reads as intended.

    A wrong edit must never reach a person's file.
    """
    if "\r\n" in before and not BARE_NEWLINE.search(before):
        after = BARE_NEWLINE.sub("\r\n", after)
    if values_at(parse_toml(FILE, after), path) != expected:
        raise ProjectError("not-editable", f"cannot edit {'.'.join(path)} as it is written; edit it by hand")
    return after


def create_list(text: str, path: tuple[str, ...], requirement: str) -> str:
    """Write a list that does not exist, and the table around it where that does not exist either."""
    import tomlkit

    document = tomlkit.parse(text)
    table: Any = document
    for key in path[:-1]:
        if key not in table:
            if table is document and text and not text.endswith("\n\n"):
                document.add(tomlkit.nl())
            table.add(key, tomlkit.table())
        table = table[key]
    table[path[-1]] = tomlkit.parse(f"x = {ArrayText('[]').insert(0, quote(requirement))}")["x"]
    if not keeps_lines(text, document.as_string()):  # tomlkit drops the blank line before the table that follows
        table[path[-1]].trivia.trail = "\n\n"
    return document.as_string()


def keeps_lines(before: str, after: str) -> bool:
    """Whether every line of the text before stands, in order, in the text after."""
    remaining = iter(after.splitlines())
    return all(line in remaining for line in before.splitlines())


def quote(text: str) -> str:
    """Write a TOML string: basic, or literal where the text holds double quotes but no single ones."""
    if '"' in text and "'" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
