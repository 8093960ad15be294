"""A lock as a value: read, asked what an environment installs and who requires what, and written.

The file is kept as the core read it, so that a lock which is written again says to the letter what it said.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from locktool._native import LockFile, did_you_mean, normalize_name
from locktool.exceptions import LockError, refuse_one_text
from locktool.interpreter.environment import MarkerEnvironment
from locktool.lock.file_name import LOCK_NAME
from locktool.lock.graph import Edge, LockGraph, Requirer
from locktool.lock.model import Package
from locktool.lock.read import lock_of
from locktool.lock.replace import replace_file
from locktool.lock.requirers import LockedRequirers, find_requirers
from locktool.lock.select import SelectedPackage, select_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    import packaging.markers

    from locktool.lock import model


class Dependency(Struct, frozen=True, kw_only=True):
    """An edge between locked packages: who requires what, which entry meets it, and where."""

    requirer: Requirer
    """Who requires: a member of the project, one of its extras or groups, or a locked package."""
    requirement: str
    """What is required, without its condition: `boto3[crt]>=1.30`."""
    extras: tuple[str, ...]
    """The extras that are asked for."""
    marker: str | None
    """Where it applies, seen from its requirer; None where the requirer is always followed by it."""
    name: str
    """The normalised name of what is required."""
    package: Package | None
    """The entry that meets it; None for a member of the project that is no package."""


class Lock:
    """A lock, frozen: read from a file or a text, or made by a run.

    >>> lock = Lock.parse('''
    ... lock-version = "1.0"
    ... created-by = "example"
    ... [[packages]]
    ... name = "attrs"
    ... version = "25.3.0"
    ... sdist = { url = "https://example.org/attrs-25.3.0.tar.gz", hashes = { sha256 = "00" } }
    ... ''')
    >>> [(package.name, package.version) for package in lock.packages]
    [('attrs', '25.3.0')]
    >>> [selected.package.name for selected in lock.select()]
    ['attrs']
    """

    _file: LockFile
    _document: model.Lock

    def __init__(self, file: LockFile, path: Path) -> None:
        """Take a lock that the core read or made; programs use `read` and `parse`."""
        object.__setattr__(self, "_file", file)
        object.__setattr__(self, "_document", lock_of(file, path))

    @classmethod
    def read(cls, path: str | os.PathLike[str] = LOCK_NAME) -> Lock:
        """Read a lock from its file.

        Raises LockError, with line and column where it is not TOML, and with the code `lock-invalid` where it does not
        follow the standard.
        """
        return cls(LockFile.read(os.fspath(path)), Path(path))

    @classmethod
    def parse(cls, text: str, path: str | os.PathLike[str] = LOCK_NAME) -> Lock:
        """Read a lock from the content of a file; `path` is for messages. Raises LockError as `read` does."""
        return cls(LockFile.parse(text.encode(), os.fspath(path)), Path(path))

    def write(self, path: str | os.PathLike[str] = LOCK_NAME) -> bool:
        """Write the lock to a file, whole or not at all, and say whether that changed the file.

        A lock that was read stays to the letter. One that a run made takes the comments and unchanged blocks of the
        lock that it replaces. Raises OSError, and LockError where the file that it replaces cannot be read.
        """
        text = self._file.text
        if text is None:
            text = self._file.write(LockFile.read_replaced(os.fspath(path)))
        return replace_file(Path(path), text.encode())

    @property
    def text(self) -> str:
        """The lock as TOML."""
        return self._file.write() if self._file.text is None else self._file.text

    @property
    def packages(self) -> tuple[Package, ...]:
        """The entries, in the order of the file."""
        return self._document.packages

    @property
    def requires_python(self) -> str | None:
        """The Pythons that it is for."""
        return self._document.requires_python

    @property
    def environments(self) -> tuple[str, ...]:
        """The markers of the environments that it is for; empty for all."""
        return self._document.environments

    @property
    def extras(self) -> tuple[str, ...]:
        """The extras that can be chosen."""
        return self._document.extras

    @property
    def groups(self) -> tuple[str, ...]:
        """The dependency groups that can be chosen."""
        return self._document.dependency_groups

    @property
    def default_groups(self) -> tuple[str, ...]:
        """The dependency groups that are chosen where none is named."""
        return self._document.default_groups

    @property
    def created_by(self) -> str:
        """The tool that made it."""
        return self._document.created_by

    def select(
        self,
        environment: MarkerEnvironment | packaging.markers.Environment | None = None,
        *,
        extras: Iterable[str] = (),
        groups: Iterable[str] | None = None,
    ) -> tuple[SelectedPackage, ...]:
        """What an environment installs, the running one unless another is given, each entry with its file.

        The rules are those for installers in PEP 751. Without `groups` the default groups are chosen. Of an environment
        as `packaging` has it the wheel tags are not known, so an entry that has wheels is selected without a file.
        Raises TypeError for one text in the place of several, ProjectError for an extra or group that the lock does not
        have, and LockError where it refuses the environment or an installer could not obey, with the code
        `unsupported-python`, `unsupported-environment`, `ambiguous-package` or `no-suitable-file`.
        """
        refuse_one_text("extras", extras)
        refuse_one_text("groups", groups)
        if environment is None:
            environment = MarkerEnvironment.current()
        elif not isinstance(environment, MarkerEnvironment):
            environment = MarkerEnvironment(**environment)
        return select_for(self._document, environment, extras, groups, file=self._file)

    def dependencies(self, name: str | None = None) -> tuple[Dependency, ...]:
        """What a package requires, extras that are asked for included; without a name what the project requires.

        In a lock of another tool, which records no project, that is empty. Raises InvalidName, and LockError with the
        code `not-locked` for a package that is not there.

        >>> [(str(edge.requirer), edge.requirement) for edge in Lock.read().dependencies("app")]
        [('app 2.0', 'base>=1'), ('app 2.0', 'winonly'), ('app[fast] 2.0', 'speed')]
        """
        graph = self._graph
        nodes = [node for node, _ in graph.roots] if name is None else graph.nodes_of(self._known(name))
        wanted = [node for node in nodes if name is not None or node.requirer.member is not None]
        return tuple(_dependency(graph, edge) for node in wanted for edge in graph.dependencies(node))

    def dependents(self, name: str) -> tuple[Dependency, ...]:
        """Who requires a package. Raises InvalidName and LockError as `dependencies` does."""
        graph = self._graph
        return tuple(_dependency(graph, edge) for edge in graph.dependents(self._known(name)))

    def why(self, name: str) -> tuple[LockedRequirers, ...]:
        """Why a package is locked: its entries, each with the chains of requirements that lead to it from the project.

        Raises InvalidName and LockError as `dependencies` does.
        """
        return tuple(find_requirers(self._document, self._known(name)))

    def _known(self, name: str) -> str:
        package = normalize_name(name)
        known = {node.requirer.name for node in self._graph.nodes if node.requirer.name}
        if package not in known:
            raise LockError("not-locked", f"{package} is not in the lock{did_you_mean(package, sorted(known))}")
        return package

    @cached_property
    def _graph(self) -> LockGraph:
        return LockGraph(self._document)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: a lock is frozen."""
        message = f"a Lock is frozen: {name!r} cannot be set"
        raise AttributeError(message)

    def __eq__(self, other: object) -> bool:
        """Whether both locks say the same; comments and layout do not count."""
        return self._document == other._document if isinstance(other, Lock) else NotImplemented

    def __hash__(self) -> int:
        """The hash of names and versions."""
        return hash(tuple((package.name, package.version) for package in self.packages))

    def __repr__(self) -> str:
        """Say how many packages are locked."""
        return f"<Lock of {len(self.packages)} packages>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild from the text."""
        return Lock.parse, (self.text,)


def _dependency(graph: LockGraph, edge: Edge) -> Dependency:
    return Dependency(
        requirer=edge.source.requirer,
        requirement=edge.requirement,
        extras=edge.extras,
        marker=graph.condition(edge),
        name=str(edge.target.requirer.name),
        package=graph.package(edge.target),
    )
