"""Builds the core metadata of a source tree or a source distribution, as its build system defines it (PEP 517).

In: a directory or an archive. Out: METADATA text. A tree that states everything in [project] is read without a build;
else its backend runs in an isolated environment: `prepare_metadata_for_build_wheel`, and where the backend has no such
hook, a whole wheel whose METADATA is read. Without [build-system] the backend is setuptools in its legacy mode.
"""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from locktool._native import SourceTree
from locktool.building.environment import BuildEnvironment
from locktool.building.log import last_lines
from locktool.building.process import run
from locktool.building.unpack import unpack
from locktool.exceptions import BuildError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from locktool.configuration.indexes import IndexSettings

LEGACY_REQUIREMENTS = ("setuptools>=40.8.0",)
LEGACY_BACKEND = "setuptools.build_meta:__legacy__"
MAXIMUM_METADATA_BYTES = 64 * 1024**2


class BuildSystem(NamedTuple):
    """What [build-system] says, or the defaults that stand for its absence."""

    requirements: tuple[str, ...]
    backend: str
    backend_path: tuple[str, ...] | None


class HookFailure(Exception):
    """A hook process ended with an error; its output says why."""

    def __init__(self, output: str) -> None:
        """Keep what the process printed."""
        super().__init__(output)
        self.output = output


def metadata_of_source(
    path: Path,
    is_directory: bool,  # noqa: FBT001 - the resolver hands it on
    *,
    indexes: IndexSettings | None = None,
    constraints: Sequence[str] = (),
) -> str:
    """The METADATA text of a source tree or of a source distribution.

    `indexes` are where build requirements come from; without them pip's configuration decides. `constraints` limit the
    versions of build requirements. Raises BuildError with the last lines of the build log, and ProjectError when the
    tree's pyproject.toml is wrong.
    """
    with tempfile.TemporaryDirectory(prefix="locktool-build-", ignore_cleanup_errors=True) as temporary:
        work = Path(temporary)
        if is_directory:
            tree = path
        else:
            (work / "source").mkdir()
            tree = unpack(path, work / "source")
        stated = SourceTree.read(str(tree)).metadata
        if stated:
            return stated
        return build_metadata(tree, path.name, BuildEnvironment(work / "environment", indexes, constraints), work)


def read_build_system(tree: Path, subject: str) -> BuildSystem:
    """Read [build-system] of a tree. Raises BuildError where there is nothing to build, and ProjectError."""
    if not any((tree / name).is_file() for name in ("pyproject.toml", "setup.py", "setup.cfg")):
        message = f"{subject}: there is no pyproject.toml, setup.py or setup.cfg"
        raise BuildError("nothing-to-build", message, path=str(tree))
    stated = SourceTree.read(str(tree))
    if stated.build_requires is None:
        return BuildSystem(LEGACY_REQUIREMENTS, LEGACY_BACKEND, None)
    path = None if stated.backend_path is None else tuple(stated.backend_path)
    return BuildSystem(tuple(stated.build_requires), stated.build_backend or LEGACY_BACKEND, path)


def build_metadata(tree: Path, subject: str, environment: BuildEnvironment, work: Path) -> str:
    """Run the backend of a tree in an empty environment."""
    import pyproject_hooks

    # A backend's warnings are for its own developers. They are silenced for the whole process, because builds run on
    # several threads, which share the filters: `catch_warnings` of one would undo that of another.
    warnings.filterwarnings("ignore", category=pyproject_hooks.BuildBackendWarning)
    system = read_build_system(tree, subject)
    environment.install(system.requirements, subject)

    def runner(cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
        outcome = run(cmd, cwd=cwd, environ={**environment.environ, **(extra_environ or {})})
        if outcome.code:
            raise HookFailure(outcome.output)

    try:
        caller = pyproject_hooks.BuildBackendHookCaller(
            str(tree.resolve()),
            system.backend,
            backend_path=system.backend_path,
            runner=runner,
            python_executable=str(environment.python),
        )
        return run_hooks(caller, environment, subject, work)
    except HookFailure as failure:
        raise build_error(subject, system, "its build ended with an error", failure.output) from failure
    except pyproject_hooks.BackendUnavailable as error:
        raise build_error(subject, system, "the backend cannot be imported", error.traceback) from error
    except pyproject_hooks.HookMissing as error:
        raise build_error(subject, system, f"the backend has no hook {error.hook_name}", "") from error
    except pyproject_hooks.UnsupportedOperation as error:
        raise build_error(subject, system, "the backend says that it cannot", str(error)) from error
    except (OSError, ValueError) as error:
        raise build_error(subject, system, str(error), "") from error


def run_hooks(caller: Any, environment: BuildEnvironment, subject: str, work: Path) -> str:  # noqa: ANN401 - untyped library
    """Ask for further build requirements, then for the metadata."""
    output = work / "metadata"
    output.mkdir()
    environment.install([str(each) for each in caller.get_requires_for_build_wheel()], subject)
    directory = caller.prepare_metadata_for_build_wheel(str(output))
    file = output / Path(str(directory)).name / "METADATA"
    if not file.is_file():
        raise ValueError("the backend made no METADATA file")  # the caller makes it a BuildError
    if file.stat().st_size > MAXIMUM_METADATA_BYTES:
        raise ValueError("the METADATA file is larger than 64 MiB")
    return file.read_text(encoding="utf-8", errors="replace")


def build_error(subject: str, system: BuildSystem, reason: str, output: str) -> BuildError:
    """Build the error for a backend that made no metadata."""
    shown = last_lines(output)
    message = f"{subject}: no metadata from {system.backend}: {reason}"
    return BuildError("build-failed", f"{message}:\n{shown}" if shown else message, path=subject, output=shown or None)
