"""What the inputs of `compile` leave open and a build, a repository or the network knows: names and requirements.

In: a project with dynamic metadata, a setup.py, or a path or address whose package nobody named. Out: the completed
project, core metadata, or the name. Builds find their own requirements on the indexes of the run.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from locktool._native import (
    Marker,
    Project,
    Requirement,
    fetch_files,
    normalize_name,
    requirement_text,
    requirement_under,
)
from locktool.configuration.indexes import CommandLineAddresses
from locktool.exceptions import OfflineError, ProjectError
from locktool.lock.file_name import LOCK_NAME
from locktool.lock.graph import without_condition
from locktool.operations.builds import Builds, BuildsAsked
from locktool.operations.options import RunOptions, merge_addresses, resolve_options
from locktool.operations.project_inputs import ChosenParts
from locktool.requirements_files.line import line_error
from locktool.requirements_files.local import name_of_tree
from locktool.requirements_files.read import RequirementLine

if TYPE_CHECKING:
    from email.message import Message


class InputMetadata(Struct, frozen=True, kw_only=True):
    """Asks for one run; `build_constraints` limit the versions of what builds require."""

    options: RunOptions = RunOptions()
    build_constraints: tuple[str, ...] = ()
    python: str | None = None
    """What builds run on, where the caller names it."""
    requires_python: str | None = None
    """The Pythons of the run, where the caller names some."""
    locked: Path | None = None
    """The lock that records what builds require; None for that of the project, where there is one."""

    def builds_asked(self, manifest: bytes | None, root: Path, project: Project | None = None) -> BuildsAsked:
        """What this run says of the builds of a project, with a manifest whose paths start at `root`."""
        locked = self.locked or (project and Path(project.root) / LOCK_NAME)
        return BuildsAsked(
            manifest=manifest,
            root=str(root),
            constraints=self.build_constraints,
            requires_python=self.requires_python,
            python=self.python,
            locked=None if locked is None else str(locked),
        )

    def complete(self, project: Project, addresses: CommandLineAddresses) -> Project:
        """The project with what it leaves to its build system. Raises BuildError and ProjectError."""
        if not project.unbuilt:
            return project
        settings = merge_addresses(self.options, project, addresses)
        asked = self.builds_asked(self.options.apply_to(project.rules()), Path.cwd(), project)
        return Builds(self.options, settings, asked).complete(project)

    def of_directory(self, directory: Path, addresses: CommandLineAddresses) -> str:
        """The METADATA text of a source tree. Raises BuildError."""
        settings = merge_addresses(self.options, None, addresses)
        return Builds(self.options, settings, self.builds_asked(None, Path.cwd())).metadata(str(directory.resolve()))

    def name_of(self, line: RequirementLine, addresses: CommandLineAddresses) -> str:
        """The package of a path or an address. Raises BuildError, ProjectError, and the errors of the network."""
        with self._tree_of(line, addresses) as tree:
            name = name_of_tree(tree) or _headers(self.of_directory(tree, addresses)).get("Name")
        # setuptools has these where a setup.py says nothing.
        if not name or name in {"UNKNOWN", "unknown", "unnamed"}:
            raise line_error(Path(line.path), line.line, f"the package at {line.text} has no name")
        return name

    @contextmanager
    def _tree_of(self, line: RequirementLine, addresses: CommandLineAddresses) -> Iterator[Path]:
        """The source tree of a requirement, for as long as the context lasts."""
        from locktool.building.repository import PREFIX, CommitStore, check_out, subdirectory_of
        from locktool.building.unpack import unpack
        from locktool.building.workspace import build_directory

        direct = line.direct
        if direct is None:
            raise line_error(Path(line.path), line.line, f"{line.text} is neither a path nor an address")
        if direct.path is not None and Path(direct.path).is_dir():
            yield Path(direct.path)
            return
        with build_directory(self.options.cache_directory()) as work:
            if direct.address is not None and direct.address.startswith(PREFIX):
                store = CommitStore(self.options.cache_directory(), self.options.works_offline)
                try:
                    checkout = check_out(direct.address, work / "tree", store=store)
                except OfflineError as error:
                    message = f"{error}; the repository is read to know its name"
                    raise OfflineError(error.code, message, what=direct.address) from error
                yield subdirectory_of(direct.address, checkout.path)
                return
            archive = (
                Path(direct.path) if direct.path is not None else self._fetched(direct.address or "", work, addresses)
            )
            (work / "tree").mkdir()
            yield unpack(archive, work / "tree")

    def _fetched(self, address: str, directory: Path, addresses: CommandLineAddresses) -> Path:
        settings = merge_addresses(self.options, None, addresses)
        options = resolve_options(self.options, settings, Path.cwd())
        return fetch_files([(address, str(directory), None)], options, indexes=list(settings.indexes))[0]


def requirements_of_metadata(text: str, chosen: ChosenParts) -> list[str]:
    """What metadata requires with the chosen extras. Raises ProjectError for an extra that it does not have."""
    parsed = _headers(text)
    known = {normalize_name(extra) for extra in parsed.get_all("Provides-Extra", [])}
    extras = known if chosen.all_extras else {normalize_name(extra) for extra in chosen.extras}
    if chosen.groups:
        raise ProjectError("unknown-group", "dependency groups stand in a pyproject.toml, and there is none")
    missing = next(iter(sorted(extras - known)), None)
    if missing is not None:
        listed = ", ".join(sorted(known)) or "none"
        raise ProjectError("unknown-extra", f"the project has no extra {missing!r}; it has {listed}")
    found = []
    for written in parsed.get_all("Requires-Dist", []):
        requirement = Requirement(written)
        marker = _marker_with(requirement.marker or Marker.always(), known, extras)
        if not marker.is_false():
            plain = without_condition(requirement)
            found.append(requirement_text(plain) if marker.is_true() else requirement_under(plain, str(marker)))
    return found


def _marker_with(marker: Marker, known: set[str], chosen: set[str]) -> Marker:
    """The condition of a published requirement for those who choose these extras of all that are known."""
    result = Marker.never()
    for one in (None, *sorted(chosen)):
        within = marker
        for name in known:
            condition = Marker(f"extra == '{name}'")
            within = within.restrict(condition if name == one else ~condition)
        result |= within
    return result


def _headers(text: str) -> "Message":
    """The fields of core metadata."""
    from email.parser import HeaderParser

    return HeaderParser().parsestr(text)
