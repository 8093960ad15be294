"""Adds and removes requirements in the text of a pyproject.toml or of a script's block; other bytes stay as they are.

In: the text, a requirement and the list it belongs to. Out: the edited text. The rule for a package that the list has
already: an entry is the same one where its marker is. It is then merged with what is added (`merged`), and an entry
with another marker stays and gets a line beside it. Every result is read back and compared before it is returned.

    requests>=2      add requests[socks]                  requests[socks]>=2
    requests>=2      add requests>=2.30                   requests>=2.30
    requests>=2      add requests<3; os_name == 'nt'      both, the second on a line of its own

A list that an addition makes has no comma behind its only element. A list in this form goes with its last requirement,
and so does its table if nothing else is in it; a list in another form stays, empty, and so does one that the file
names elsewhere (`include-group`, `default-groups`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from locktool._native import Requirement, did_you_mean, normalize_name, requirement_text
from locktool.edit.array_text import ArrayText, made_list
from locktool.edit.document import FILE, checked, extents_of, newline_of, parse_toml, quote, values_at
from locktool.edit.table_text import TableText
from locktool.edit.written import Written, is_same_entry, merged, written_name
from locktool.exceptions import InvalidRequirement, ProjectError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class RequirementList(NamedTuple):
    """Which list is meant: the dependencies of a project, those of an extra, a group, or a script."""

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
            return ("dependencies",) if self.kind == "script" else ("project", "dependencies")
        table = ("project", "optional-dependencies") if self.kind == "extra" else ("dependency-groups",)
        written = values_at(values, table) or {}
        spelling = next((key for key in written if normalize_name(key) == self.name), self.name)
        return (*table, spelling)


# The keys whose values name an extra or a group, in [dependency-groups], `default-groups`, `conflicts` and `sources`.
REFERENCES = {
    "dependencies": (),
    "script": (),
    "extra": ("extra",),
    "group": ("include-group", "default-groups", "group"),
}
DEPENDENCIES = RequirementList()
SCRIPT = RequirementList("script")


def add_requirement(text: str, requirement: str, target: RequirementList = DEPENDENCIES) -> str:
    """Add a requirement, or merge it into the entry of its package that has its marker. A sorted list stays sorted.

    Raises ProjectError when the file leaves the list to its build system, has no [project] table, or has several such
    entries, when the requirement is on the project itself, and InvalidRequirement when it is none.
    """
    added = Requirement(requirement_text(requirement))
    name = added.name
    values = parse_toml(text)
    path = target.key_path(values)
    check_editable(text, values, path)
    refuse_itself(added, values, target)
    existing = values_at(values, path)
    if existing is None:
        quoted = quote(requirement)
        after = TableText(text).put(path[:-1], path[-1], made_list(quoted, newline_of(text)), f"[{quoted}]")
        return checked(text, after, path, [requirement])
    named = [index for index, item in enumerate(existing) if isinstance(item, str) and written_name(item) == name]
    same = [index for index in named if is_same_entry(existing[index], requirement)]
    if len(same) > 1:
        message = f"{'.'.join(path)} has several entries of {name} with the same marker; make them one, then add"
        raise ProjectError("ambiguous-requirement", message, path=FILE, package=name)
    if same:
        return replace_requirement(text, path, same[0], merged(existing[same[0]], requirement))
    expected, index = list(existing), sorted_index(existing, name, requirement)
    expected.insert(index, requirement)
    return edit_array(text, path, expected, lambda array: array.insert(index, quote(requirement, like=array.quotes())))


def replace_requirement(text: str, path: tuple[str, ...], index: int, requirement: str) -> str:
    """Write another requirement in the place of one, in the quotes that it has; an equal one stays as it is written."""
    existing = values_at(parse_toml(text), path)
    if requirement_text(existing[index]) == requirement_text(requirement):
        return text
    expected = [*existing[:index], requirement, *existing[index + 1 :]]
    return edit_array(
        text, path, expected, lambda array: array.replace(index, quote(requirement, like=array.element(index)))
    )


def remove_requirement(text: str, name: str, target: RequirementList = DEPENDENCIES) -> str:
    """Remove every requirement of a package from a list, whatever its marker.

    Raises ProjectError with the code `not-required` when the list does not name the package.
    """
    values = parse_toml(text)
    path = target.key_path(values)
    check_editable(text, values, path, has_list=False)
    existing = values_at(values, path) or []
    package = normalize_name(name)
    named = {index: written_name(item) for index, item in enumerate(existing) if isinstance(item, str)}
    doomed = [index for index, each in named.items() if each == package]
    if not doomed:
        hint = did_you_mean(package, sorted(set(named.values())))
        message = f"{package} is not in {'.'.join(path)}{hint}"
        raise ProjectError("not-required", message, path=FILE, package=package)
    expected = list(existing)
    for index in reversed(doomed):
        del expected[index]
        if not expected and is_made_list(text, path) and not is_named_elsewhere(values, path, target):
            return checked(text, TableText(text).take(path), path, None)
        text = edit_array(text, path, expected, lambda array, index=index: array.remove(index))  # type: ignore[misc]
    return text


def is_made_list(text: str, path: tuple[str, ...]) -> bool:
    """Whether a list has the form in which `add_requirement` makes one; in braces that is one line."""
    table = TableText(text)
    start, end = table.extents[path]
    array = ArrayText(text[start:end])
    in_braces = any(table.is_braced(path[:length]) for length in range(1, len(path)))
    return array.is_made or (in_braces and len(array.extents) == 1 and array.text == f"[{array.element(0)}]")


def is_named_elsewhere(values: dict[str, Any], path: tuple[str, ...], target: RequirementList) -> bool:
    """Whether the file names the extra or group of a list elsewhere, which would then lead nowhere."""
    own = values_at(values, ("project", "name"))
    return any(
        (keys[-1] in REFERENCES[target.kind] and normalized(text) == target.name)
        or (target.kind == "extra" and has_extra(text, own, target.name))
        for keys, text in texts_of(values)
        if keys[: len(path)] != path
    )


def has_extra(text: str, package: str | None, extra: str | None) -> bool:
    """Whether a text is a requirement of an extra of a package: `demo[web]`."""
    if package is None or "[" not in text or written_name(text) != normalized(package):
        return False
    try:
        return extra in map(normalized, Written.of(text).extras)
    except InvalidRequirement:
        return False


def texts_of(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:  # noqa: ANN401 - TOML values
    """Every text of the values, with the keys that lead to it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts_of(inner, (*path, key))
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner, path)


def normalized(text: str) -> str | None:
    """The name in its normal form, or None for a text that is no name."""
    try:
        return normalize_name(text)
    except ValueError:
        return None


def sorted_index(existing: list[Any], name: str, requirement: str) -> int:
    """Where a name keeps a sorted list sorted, by its normal form or as written.

    In a list that is not sorted it follows the entries of its package, or else the last requirement.
    """
    texts = [(index, item) for index, item in enumerate(existing) if isinstance(item, str)]
    names = [written_name(item) for _, item in texts]
    for keys, key in ((names, name), ([item for _, item in texts], requirement)):
        if keys == sorted(keys):
            return next(
                (index for (index, _), each in zip(texts, keys, strict=True) if each > key), after_last(existing)
            )
    same = [index for (index, _), each in zip(texts, names, strict=True) if each == name]
    return same[-1] + 1 if same else after_last(existing)


def after_last(existing: list[Any]) -> int:
    """The index behind the last requirement; tables such as `{include-group = "lint"}` may follow it."""
    return max((index + 1 for index, item in enumerate(existing) if isinstance(item, str)), default=len(existing))


def check_editable(text: str, values: dict[str, Any], path: tuple[str, ...], *, has_list: bool = True) -> None:
    """Refuse to write a list that the file says is made elsewhere, or that belongs to a table it lacks."""
    if path[0] != "project":
        return
    if "project" not in values:
        poetry = " (`locktool import` makes one of [tool.poetry])" if values_at(values, ("tool", "poetry")) else ""
        message = f"{FILE}: there is no [project] table to {'add to' if has_list else 'remove from'}; create one first"
        raise ProjectError("no-project-table", message + poetry, path=FILE)
    if path[1] in (values_at(values, ("project", "dynamic")) or []):
        start, _ = extents_of(text)["project", "dynamic"]
        line_start = text.rfind("\n", 0, start) + 1
        line_text = text[line_start:start]
        line, column = text.count("\n", 0, start) + 1, len(line_text) - len(line_text.lstrip()) + 1
        message = f"project.{path[1]} is dynamic: its build system makes it, so it is edited there"
        raise ProjectError(
            "dynamic-dependencies", f"{FILE}:{line}:{column}: {message}", path=FILE, line=line, column=column
        )


def refuse_itself(requirement: Requirement, values: dict[str, Any], target: RequirementList) -> None:
    """Refuse a project among its own dependencies or those of an extra. Raises ProjectError.

    With extras, the requirement asks for these; and a group is installed without the project unless it names it.
    """
    own = values_at(values, ("project", "name"))
    if target.kind == "group" or requirement.extras or not isinstance(own, str) or normalized(own) != requirement.name:
        return
    message = (
        f"{requirement.name} is this project, which cannot depend on itself; "
        f"{requirement.name}[EXTRA] requires one of its extras"
    )
    raise ProjectError("self-dependency", message, path=FILE, package=requirement.name)


def edit_array(text: str, path: tuple[str, ...], expected: list[Any], edit: Callable[[ArrayText], str]) -> str:
    """Edit the array at a path within the text of the file."""
    extent = extents_of(text).get(path)
    if extent is None or not isinstance(values_at(parse_toml(text), path), list):
        raise ProjectError("not-editable", f"cannot find where {'.'.join(path)} is written", path=FILE)
    start, end = extent
    return checked(text, text[:start] + edit(ArrayText(text[start:end])) + text[end:], path, expected)
