"""Turns [tool.poetry] into [project], [dependency-groups] and [tool.locktool], with the comments that stand there.

In: the text of a pyproject.toml. Out: the text with what could be translated in these tables, and notes on what has to
be looked at. What has no counterpart stays where it is, and so does every line of other tables.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any, NamedTuple

from locktool._native import normalize_name, poetry_specifiers
from locktool.exceptions import DocumentError, LocktoolError, ProjectError
from locktool.migrate.new_tables import Listed, NewTables, as_written
from locktool.migrate.poetry_requirements import Translated, is_optional, translate
from locktool.migrate.toml_statements import Path, Section, Statement, TomlStatements

POETRY: Path = ("tool", "poetry")
PERSON = re.compile(r"\s*(?P<name>[^<]*?)\s*(?:<(?P<email>[^>]*)>)?\s*")
SAME = ("name", "version", "description", "keywords", "classifiers")
ADDRESSES = {"homepage": "Homepage", "repository": "Repository", "documentation": "Documentation"}
DEPENDENCIES = ("project", "dependencies")


class Imported(NamedTuple):
    """The text that was made, and what a person should look at."""

    text: str
    notes: tuple[str, ...]


def import_poetry(text: str) -> Imported:
    """Translate. Raises ProjectError for what cannot be, and DocumentError for what is no TOML."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DocumentError("broken-toml", f"not TOML: {error}") from None
    poetry = values.get("tool", {}).get("poetry")
    if not isinstance(poetry, dict):
        raise ProjectError("nothing-to-import", "there is no [tool.poetry] to import")
    if "project" in values:
        raise ProjectError("project-exists", "there is a [project] table already; a project without one is imported")
    # Statements are found by their last line break, so that both kinds of line ends come out as they were.
    importer = Importer(TomlStatements(text.replace("\r\n", "\n")), values, poetry)
    try:
        made = importer.run()
        tomllib.loads(made)
    except LocktoolError:
        raise
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        message = f"[tool.poetry] has another form than Poetry documents, which cannot be translated ({error})"
        raise ProjectError("invalid-poetry-table", message) from error
    return Imported(made.replace("\n", "\r\n") if "\r\n" in text else made, tuple(importer.notes))


class Importer:
    """One translation: the tables that it writes, the extents that it takes away, and its notes."""

    def __init__(self, statements: TomlStatements, values: dict[str, Any], poetry: dict[str, Any]) -> None:
        """Start with nothing translated. Raises ProjectError where [tool.poetry] has no header."""
        self.statements = statements
        self.values = values
        self.poetry = poetry
        self.new = NewTables()
        self.taken: list[tuple[int, int]] = []
        self.notes: list[str] = []
        self.optional: dict[str, list[Listed]] = {}
        self.translated: list[tuple[str, Translated, str | None]] = []
        self.place = self.section(POETRY)

    def run(self) -> str:
        """The text with the new tables in the place of [tool.poetry]."""
        self.take_keys()
        self.take_dependencies()
        self.take_extras()
        self.take_maps()
        self.take_groups()
        self.take_sources()
        self.look_at_package()
        if "tool" in self.new.document and "locktool" in self.values["tool"]:
            raise ProjectError("table-exists", "[tool.locktool] exists; take it away, import, and add what it said")
        text, place = self.statements.text, self.place
        left = [one for one in place.statements if (one.start, one.end) not in self.taken]
        if not left:
            self.taken.append((place.start, place.end))
        above = "".join(f"{line}\n" for line in place.above) if not left else ""
        made = self.kept(0, place.start) + above + self.new.text() + self.kept(place.start, len(text))
        # Where the last table was taken away, the blank line before it is the last one.
        return made.rstrip("\n") + "\n" if any(end == len(text) for _, end in self.taken) else made

    def kept(self, start: int, end: int) -> str:
        """What is left of a part of the text."""
        pieces = []
        for begin, stop in sorted(self.taken):
            if begin < end and stop > start:
                pieces.append(self.statements.text[start : max(start, begin)])
                start = max(start, stop)
        return "".join(pieces) + self.statements.text[start:end]

    def section(self, path: Path) -> Section:
        """A table that exists. Raises ProjectError where it is written without a header."""
        found = self.statements.section(path)
        if found is None:
            name = ".".join(map(str, path))
            message = f"[{name}] is not written as a table with a header of its own; write it so, and import again"
            raise ProjectError("untranslatable-form", message)
        return found

    def take_keys(self) -> None:
        """The keys of [tool.poetry] itself that [project] has."""
        for one in self.place.statements:
            values = self.standard_values(one, self.poetry[one.key])
            if not values:
                continue
            self.taken.append((one.start, one.end))
            for number, (path, value) in enumerate(values):
                self.new.set(path, value, one.above if number == 0 else (), one.behind if number == 0 else "")

    def standard_values(self, one: Statement, value: Any) -> list[tuple[tuple[str, ...], Any]]:  # noqa: ANN401 - a TOML value
        """The keys of the standard that say the same as one of [tool.poetry]; none where there is no such key."""
        key = one.key
        if key in SAME or (key == "readme" and isinstance(value, str)):
            return [(("project", key), as_written(one.value))]
        if key == "license" and isinstance(value, str):
            return [(("project", key), {"text": value})]
        if key in {"authors", "maintainers"}:
            people = (PERSON.fullmatch(person) for person in value)
            listed = [{name: text for name, text in one.groupdict().items() if text} for one in people if one]
            return [(("project", key), listed)]
        if key in ADDRESSES:
            return [(("project", "urls", ADDRESSES[key]), value)]
        return []

    def take_dependencies(self) -> None:
        """`requires-python`, the dependencies that are not optional, and their sources."""
        if "dependencies" not in self.poetry:
            self.new.requirements(DEPENDENCIES, [])
            return
        section = self.take_section((*POETRY, "dependencies"))
        listed: list[Listed] = []
        for one in self.entries(section):
            value = self.poetry["dependencies"][one.key]
            if one.key == "python":
                specifiers = poetry_specifiers(value, of_python=True)
                self.new.set(("project", "requires-python"), specifiers, one.above, one.behind)
                continue
            found = translate(one.key, value)
            self.remember(one.key, found, None)
            if is_optional(value):
                self.optional[normalize_name(one.key)] = self.listed(one, found)
                continue
            listed += self.listed(one, found)
        self.new.requirements(DEPENDENCIES, listed, section.above, section.tail)

    def take_extras(self) -> None:
        """The extras, each with the requirements of the packages that it names."""
        extras = self.poetry.get("extras", {})
        section = self.take_section((*POETRY, "extras")) if extras else None
        used: set[str] = set()
        for one in section.statements if section else ():
            names = [normalize_name(name) for name in extras[one.key]]
            unknown = next((name for name in names if name not in self.optional), None)
            if unknown is not None:
                message = f"the extra {one.key} names {unknown}, which is no optional dependency"
                raise ProjectError("invalid-poetry-table", message)
            used.update(names)
            found = [each for name in names for each in self.optional[name]]
            above = (*(section.above if section and one is section.statements[0] else ()), *one.above)
            behind = (one.behind,) if one.behind else ()
            self.new.requirements(("project", "optional-dependencies", one.key), found, (*above, *behind))
        left = sorted(self.optional.keys() - used)
        if left:
            self.notes.append(f"no extra names the optional {', '.join(left)}, so nothing asks for them any more")

    def take_maps(self) -> None:
        """Scripts, addresses and entry points."""
        groups = self.poetry.get("plugins", {})
        maps: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
            (("urls",), ("project", "urls")),
            (("scripts",), ("project", "scripts")),
            *((("plugins", group), ("project", "entry-points", group)) for group in groups),
        ]
        for source, target in maps:
            section = self.statements.section((*POETRY, *source))
            values = self.poetry.get(source[0], {})
            values = values.get(source[1], {}) if len(source) > 1 else values
            if section is None or not values:
                continue
            if not all(isinstance(value, str) for value in values.values()):
                self.notes.append(f"[tool.poetry.{'.'.join(source)}] stays, since it holds more than texts")
                continue
            self.take_section((*POETRY, *source))
            for one in section.statements:
                above = (*(section.above if one is section.statements[0] else ()), *one.above)
                self.new.set((*target, one.key), values[one.key], above, one.behind)

    def take_groups(self) -> None:
        """The dependency groups, [tool.poetry.dev-dependencies] among them; the default ones are not optional."""
        groups: dict[str, list[tuple[Path, Any]]] = {}
        if "dev-dependencies" in self.poetry:
            development = {"dependencies": self.poetry["dev-dependencies"]}
            groups["dev"] = [((*POETRY, "dev-dependencies"), development)]
        for name, group in self.poetry.get("group", {}).items():
            groups.setdefault(name, []).append(((*POETRY, "group", name, "dependencies"), group))
        for name, tables in groups.items():
            listed: list[Any] = []
            above: tuple[str, ...] = ()
            tail: tuple[str, ...] = ()
            for path, group in tables:
                section = self.take_section(path) if group.get("dependencies") else self.statements.section(path)
                listed += [{"include-group": other} for other in group.get("include-groups", [])]
                for one in self.entries(section) if section else ():
                    found = translate(one.key, group["dependencies"][one.key])
                    self.remember(one.key, found, name)
                    listed += self.listed(one, found)
                above += section.above if section else ()
                tail += section.tail if section else ()
            self.new.requirements(("dependency-groups", name), listed, above, tail)
        optional = {
            name for name, tables in groups.items() if any(group.get("optional") is True for _, group in tables)
        }
        chosen = sorted(map(normalize_name, groups.keys() - optional))
        if chosen:
            self.new.set(("tool", "locktool", "default-groups"), chosen)
        for section in self.statements.below((*POETRY, "group")):
            self.taken.append((section.start, section.end))

    def take_sources(self) -> None:
        """Indexes, the sources of packages, and where pre-releases are allowed."""
        sources: dict[str, list[dict[str, Any]]] = {}
        for name, one, group in self.translated:
            if one.source is not None:
                extra = {"group": group} if group else {}
                sources.setdefault(name, []).append({**one.source, **extra})
            if one.prereleases:
                self.new.set(("tool", "locktool", "prerelease-package", name), "allow")
        for name, found in sources.items():
            is_same = all(each == found[0] for each in found)
            value = found[0] if len(found) == 1 or is_same else found
            self.new.set(("tool", "locktool", "sources", name), value)
        indexes = self.poetry.get("source", [])
        sections = self.statements.below((*POETRY, "source"))
        if len(sections) != len(indexes):
            self.section((*POETRY, "source", len(sections)))
        for index, section in zip(indexes, sections, strict=True):
            self.take_index(index, section)
            self.taken.append((section.start, section.end))

    def take_index(self, index: dict[str, Any], section: Section) -> None:
        """One [[tool.poetry.source]]."""
        priority = index.get("priority", "default" if index.get("default") else "primary")
        if "url" not in index:
            self.notes.append(
                f"the index {index.get('name')} has no address and is left out: pip's index is the last one"
            )
            return
        rules = {"explicit": {"explicit": True}, "default": {"default": True}}.get(priority, {})
        above = (*section.above, *comments_of(section))
        self.new.append(("tool", "locktool", "index"), {"name": index["name"], "url": index["url"], **rules}, above)
        if priority in {"supplemental", "secondary"}:
            self.notes.append(f"the index {index['name']} was {priority}; it is asked before the default index now")

    def look_at_package(self) -> None:
        """What decides whether and how the project itself is built."""
        if self.poetry.get("package-mode") is False:
            self.new.set(("tool", "locktool", "package"), value=False)
        if "name" not in self.poetry:
            self.notes.append("[project] needs a name, and [tool.poetry] has none")
        requires = self.values.get("build-system", {}).get("requires", [])
        if any(normalize_name(re.split(r"[^A-Za-z0-9._-]", text)[0]) == "poetry-core" for text in requires):
            self.notes.append(
                "poetry-core reads [project] from version 2 on; let [build-system] require poetry-core>=2"
            )

    def take_section(self, path: Path) -> Section:
        """Take a table away with those below it."""
        section = self.section(path)
        self.taken += [(one.start, one.end) for one in self.statements.below(path)]
        return section

    def entries(self, section: Section) -> list[Statement]:
        """The keys of a table, those with a header of their own among them, in the order of the text."""
        below = [one for one in self.statements.below(section.path) if len(one.path) == len(section.path) + 1]
        own = [
            Statement(
                str(one.path[-1]),
                "",
                one.start,
                one.end,
                (*one.above, *comments_of(one)),
                "",
            )
            for one in below
        ]
        return sorted({one.key: one for one in (*section.statements, *own)}.values(), key=lambda one: one.start)

    def remember(self, name: str, found: list[Translated], group: str | None) -> None:
        """Keep what a requirement says beside its text."""
        self.translated += [(name, one, group) for one in found]

    def listed(self, statement: Statement, found: list[Translated]) -> list[Listed]:
        """The requirements of an entry: the comments above the first, the one behind it at the last."""
        last = len(found) - 1
        return [
            Listed(one.requirement, statement.above if place == 0 else (), statement.behind if place == last else "")
            for place, one in enumerate(found)
        ]


def comments_of(section: Section) -> tuple[str, ...]:
    """Every comment below a header."""
    inside = (line for one in section.statements for line in (*one.above, one.behind) if line)
    return (*inside, *section.tail)
