"""Adds and removes requirements in the text of a pyproject.toml; what is not edited stays byte for byte.

In: the text, a requirement and the list it belongs to. Out: the edited text. An existing array is edited where it
stands; a list that does not exist is created with tomlkit, which keeps comments and order. Every result is read back
and compared with the intended values before it is returned.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from locktool._native import Requirement, normalize_name, requirement_text, toml_extents
from locktool.edit.array_text import ArrayText
from locktool.exceptions import DocumentError, ProjectError

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = "pyproject.toml"
LOCATION_IN_MESSAGE = re.compile(r"^line \d+, column \d+: ")
BARE_NEWLINE = re.compile(r"(?<!\r)\n")
LEADING_NAME_END = " \t[(<>=!~;@,"


class RequirementList(NamedTuple):
    """Which list of a project is meant: the dependencies, those of an extra, or those of a group."""

    kind: str = "dependencies"
    name: str | None = None

    @classmethod
    def of_extra(cls, name: str) -> RequirementList:
        """The requirements of an extra."""
        return cls("extra", normalize_name(name))

    @classmethod
    def of_group(cls, name: str) -> RequirementList:
        """The requirements of a dependency group."""
        return cls("group", normalize_name(name))

    def key_path(self, values: dict[str, Any]) -> tuple[str, ...]:
        """Where the list is or would be written, in the spelling that the file uses for its name."""
        if self.name is None:
            return ("project", "dependencies")
        table = ("project", "optional-dependencies") if self.kind == "extra" else ("dependency-groups",)
        written = values_at(values, table) or {}
        spelling = next((key for key in written if normalize_name(key) == self.name), self.name)
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
    """Add a requirement, or replace the only one of the same package.

    A sorted list stays sorted. Raises ProjectError when the file leaves the list to its build system or has no
    [project] table, InvalidRequirement when the requirement is not one.
    """
    canonical = requirement_text(requirement)
    values = parse_toml(text)
    path = target.key_path(values)
    check_editable(text, values, path)
    existing = values_at(values, path)
    if existing is None:
        return checked(text, create_list(text, path, requirement), path, [requirement])
    if any(isinstance(item, str) and requirement_text(item) == canonical for item in existing):
        return text
    name = Requirement(canonical).name
    same = [index for index, item in enumerate(existing) if isinstance(item, str) and written_name(item) == name]
    expected = list(existing)
    if len(same) == 1:
        expected[same[0]] = requirement
        return edit_array(text, path, expected, lambda array: array.replace(same[0], quote(requirement)))
    index = sorted_index(existing, name)
    expected.insert(index, requirement)
    return edit_array(text, path, expected, lambda array: array.insert(index, quote(requirement)))


def remove_requirement(text: str, name: str, target: RequirementList = DEPENDENCIES) -> str:
    """Remove every requirement of a package from a list.

    Raises ProjectError when the list does not name the package.
    """
    values = parse_toml(text)
    path = target.key_path(values)
    existing = values_at(values, path) or []
    package = normalize_name(name)
    doomed = [index for index, item in enumerate(existing) if isinstance(item, str) and written_name(item) == package]
    if not doomed:
        raise ProjectError("not-required", f"{package} is not in {'.'.join(path)}", path=FILE, package=package)
    expected = list(existing)
    for index in reversed(doomed):
        del expected[index]
        text = edit_array(text, path, expected, partial(ArrayText.remove, index=index))
    return text


def written_name(requirement: str) -> str:
    """The normalised name at the head of a requirement as written."""
    end = next((index for index, character in enumerate(requirement) if character in LEADING_NAME_END), None)
    head = requirement.strip() if end is None else requirement[:end]
    try:
        return normalize_name(head.strip())
    except ValueError:
        return head


def sorted_index(existing: list[Any], name: str) -> int:
    """Where a name keeps a sorted list sorted; the end of the requirements where the list is not."""
    named = [(index, written_name(item)) for index, item in enumerate(existing) if isinstance(item, str)]
    names = [each for _, each in named]
    if names == sorted(names):
        for index, each in named:
            if each > name:
                return index
    return named[-1][0] + 1 if named else len(existing)


def parse_toml(text: str) -> dict[str, Any]:
    """The values of the text. Raises ProjectError with line and column where it is not TOML."""
    import tomllib

    extents_of(text)
    return tomllib.loads(text)


def extents_of(text: str) -> dict[tuple[str | int, ...], tuple[int, int]]:
    """Where each value begins and ends. Raises ProjectError with line and column where the text is not TOML."""
    try:
        return toml_extents(text)
    except DocumentError as error:
        location = "".join(f":{number}" for number in (error.line, error.column) if number is not None)
        raise ProjectError(
            "broken-toml",
            f"{FILE}{location}: not TOML: {LOCATION_IN_MESSAGE.sub('', error.message)}",
            path=FILE,
            line=error.line,
            column=error.column,
        ) from None


def check_editable(text: str, values: dict[str, Any], path: tuple[str, ...]) -> None:
    """Refuse to write a list that the file says is made elsewhere, or that belongs to a table it lacks."""
    if path[0] != "project":
        return
    if "project" not in values:
        message = f"{FILE}: there is no [project] table to add to; create one first"
        raise ProjectError("no-project-table", message, path=FILE)
    if path[1] in (values_at(values, ("project", "dynamic")) or []):
        start, _ = extents_of(text)["project", "dynamic"]
        line_start = text.rfind("\n", 0, start) + 1
        line_text = text[line_start:start]
        line, column = text.count("\n", 0, start) + 1, len(line_text) - len(line_text.lstrip()) + 1
        message = f"project.{path[1]} is dynamic: its build system makes it, so it is edited there"
        raise ProjectError(
            "dynamic-dependencies", f"{FILE}:{line}:{column}: {message}", path=FILE, line=line, column=column
        )


def edit_array(text: str, path: tuple[str, ...], expected: list[Any], edit: Callable[[ArrayText], str]) -> str:
    """Edit the array at a path within the text of the file."""
    extent = extents_of(text).get(path)
    if extent is None:
        raise ProjectError("not-editable", f"cannot find where {'.'.join(path)} is written", path=FILE)
    start, end = extent
    return checked(text, text[:start] + edit(ArrayText(text[start:end])) + text[end:], path, expected)


def checked(before: str, after: str, path: tuple[str, ...], expected: list[Any]) -> str:
    """Return the edited text, in the line endings of the file, if it reads as intended.

    A wrong edit must never reach a person's file.
    """
    if "\r\n" in before and not BARE_NEWLINE.search(before):
        after = BARE_NEWLINE.sub("\r\n", after)
    if values_at(parse_toml(after), path) != expected:
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
