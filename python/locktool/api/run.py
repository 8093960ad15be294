"""The runs that resolve: `lock` writes the lock of a project, `compile` pins, `resolve` answers in memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, msgpack

from locktool._native import LockFile
from locktool.api.lock import Lock
from locktool.api.progress import supervised
from locktool.api.project import directory_of
from locktool.exceptions import refuse_one_text
from locktool.lock.diff import LockDiff
from locktool.lock.file_name import LOCK_NAME
from locktool.operations.options import RunOptions
from locktool.operations.outcome import Counters, RunOutcome

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from typing import Self

    import packaging.requirements
    import packaging.specifiers

    from locktool._native import Requirement, SpecifierSet
    from locktool.api.progress import ProgressCallback
    from locktool.api.project import ProjectLike
    from locktool.cancellation import Cancellation
    from locktool.interpreter.environment import MarkerEnvironment
    from locktool.lock import model
    from locktool.lock.model import Package


class Resolution(Struct, frozen=True, kw_only=True):
    """What requirements resolve to."""

    lock: Lock
    """The answer as a lock, which no file has yet."""
    warnings: tuple[str, ...]
    """Sentences for people on what may be wrong."""
    notes: tuple[str, ...]
    """Sentences for people on what was left out on purpose."""
    counters: Counters
    """What the run read."""

    @property
    def packages(self) -> tuple[Package, ...]:
        """The entries of the lock."""
        return self.lock.packages


class WritingResult(Resolution, frozen=True, kw_only=True):
    """What a run that may write a file did."""

    path: Path | None
    """The file; None where no output was named."""
    diff: LockDiff
    """What moved since the file was written."""
    changed: bool
    """Whether the content differs from the file's."""
    written: bool
    """Whether the file was replaced."""

    @classmethod
    def of(cls, outcome: RunOutcome, lock: Lock, **own: Any) -> Self:  # noqa: ANN401 - the fields of a subclass
        """The result for callers of what an operation did; `own` are the fields that only this kind of result has."""
        shared = {name: getattr(outcome, name) for name in WritingResult.__struct_fields__ if name != "lock"}
        return cls(lock=lock, **shared, **own)


class LockResult(WritingResult, frozen=True, kw_only=True):
    """What locking a project did."""

    path: Path
    """The file of the lock."""


class CompileResult(WritingResult, frozen=True, kw_only=True):
    """What compiling requirements did."""

    text: str
    """What the file says, or would say."""


def lock(
    project: ProjectLike = ".",
    *,
    options: RunOptions | None = None,
    dry_run: bool = False,
    progress: ProgressCallback | None = None,
    cancellation: Cancellation | None = None,
) -> LockResult:
    """Resolve a project and write its lock, keeping locked versions where they fit; with `dry_run` nothing is written.

    The old lock stays as it was when a run fails. Raises ProjectError, LockError, BuildError, ResolutionImpossible,
    PackageNotFound, IndexUnavailable, OfflineError, CacheError and Interrupted.

    >>> result = lock(dry_run=True)
    >>> result.path.name, result.changed, result.written
    ('pylock.toml', False, False)
    """
    from locktool.operations.lock import lock_project

    with supervised(progress, cancellation) as hook:
        outcome = lock_project(directory_of(project), options, dry_run=dry_run, progress=hook)
    return LockResult.of(outcome, _in_memory(outcome.lock) if dry_run else Lock.read(outcome.path))


def resolve(
    requirements: Iterable[str | Requirement | packaging.requirements.Requirement],
    *,
    python: str | SpecifierSet | packaging.specifiers.SpecifierSet | MarkerEnvironment | None = None,
    index: str | None = None,
    options: RunOptions | None = None,
    progress: ProgressCallback | None = None,
    cancellation: Cancellation | None = None,
) -> Resolution:
    """Resolve requirements in memory; no file is read or written, but for the cache.

    `python` is one environment (`3.12` on this machine, or any `MarkerEnvironment`), or a specifier such as `>=3.11`
    for those Pythons on every platform; without it the result is for the running interpreter. `index` is the address of
    the default index, where the options name none. Raises TypeError for one text in the place of a list, and
    InvalidRequirement, InvalidVersion, InvalidSpecifier, BuildError, ResolutionImpossible, PackageNotFound,
    IndexUnavailable, OfflineError, CacheError and Interrupted.

    >>> [package.name for package in resolve(["app>=1"], python=">=3.11").packages]
    ['app', 'base', 'winonly']
    """
    from locktool.operations.resolve import resolve_requirements
    from locktool.operations.scope import scope_of

    refuse_one_text("resolve()", requirements)
    options = options or RunOptions()
    if index is not None:
        options = options._replace(index_url=index)
    with supervised(progress, cancellation) as hook:
        outcome = resolve_requirements(map(str, requirements), scope_of(python), options, hook)
    return Resolution(
        lock=Lock(outcome.lock, Path(LOCK_NAME)),
        warnings=outcome.warnings,
        notes=outcome.notes,
        counters=outcome.counters,
    )


def compile(  # noqa: A001 - the name of the command
    *inputs: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    universal: bool = False,
    options: RunOptions | None = None,
    progress: ProgressCallback | None = None,
    cancellation: Cancellation | None = None,
) -> CompileResult:
    """Resolve requirements files, or a project's pyproject.toml, and pin the result.

    `output` is written where it is named: a lock where that is the name of one, else requirements.txt. The result is
    for the running interpreter, or with `universal` for every platform. Raises what `lock` raises.

    >>> compile("pyproject.toml").path is None
    True
    """
    from locktool.operations.compile import CompileOptions, compile_requirements
    from locktool.operations.inputs import CompileInputs

    with supervised(progress, cancellation) as hook:
        outcome = compile_requirements(
            CompileInputs(paths=tuple(map(Path, inputs))),
            None if output is None else Path(output),
            options,
            CompileOptions(universal=universal),
            progress=hook,
        )
    return CompileResult.of(outcome, _in_memory(outcome.lock), text=outcome.text)


def _in_memory(document: model.Lock) -> Lock:
    return Lock(LockFile.decode(msgpack.encode(document)), Path(LOCK_NAME))
