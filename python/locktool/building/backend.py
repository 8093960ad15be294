"""The build backend of a source tree: what [build-system] says, and its hooks, each run in a process of its own.

In: a tree, and who makes environments for it. Out: metadata or a wheel below a directory of the caller (PEP 517,
PEP 518). Without [build-system] the backend is setuptools in its legacy mode.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from locktool._native import SourceTree, hide_credentials
from locktool.building.advice import named, ways_out
from locktool.building.environment import Built, environ_outside_of_trees
from locktool.building.process import run
from locktool.exceptions import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from locktool.building.environment import Environments

LEGACY_BACKEND = "setuptools.build_meta:__legacy__"


class BuildSystem(NamedTuple):
    """What [build-system] says, or the defaults that stand for its absence."""

    requirements: tuple[str, ...]
    backend: str
    backend_path: tuple[str, ...] | None

    @classmethod
    def of(cls, source: SourceTree) -> BuildSystem:
        """That of a tree which was read."""
        path = None if source.backend_path is None else tuple(source.backend_path)
        return cls(tuple(source.build_requires), source.build_backend or LEGACY_BACKEND, path)


class HookFailure(Exception):
    """A hook process ended with an error; its output says why."""

    def __init__(self, output: str) -> None:
        """Keep what the process printed."""
        super().__init__(output)
        self.output = output


def read_source(tree: Path, subject: str) -> SourceTree:
    """Read what a tree says of itself. Raises BuildError where there is nothing to build, and ProjectError."""
    if not any((tree / name).is_file() for name in ("pyproject.toml", "setup.py", "setup.cfg")):
        message = f"{subject}: there is no pyproject.toml, setup.py or setup.cfg"
        raise BuildError("nothing-to-build", message, path=str(tree))
    return SourceTree.read(str(tree))


class Backend:
    """The backend of a tree, with its build requirements installed.

    `source` is what the tree says of itself; `work` is a directory of this build, which the caller removes; `subject`
    names what is built in messages.
    """

    def __init__(self, tree: Path, source: SourceTree, subject: str, environments: Environments, work: Path) -> None:
        """Install what the backend requires, then what it says that it requires for a wheel. Raises BuildError."""
        self._tree = tree.resolve()
        self._subject = subject
        self._work = work
        self._environments = environments
        self._system = BuildSystem.of(source)
        self._environ = environ_outside_of_trees(work)
        built = Built(subject, named(tree, subject).package or source.name)
        self._environment = environments.having(self.requires, built)
        with self._caller() as caller:
            further = tuple(str(each) for each in caller.get_requires_for_build_wheel())
        if further:
            self._environment = environments.having(self.requires, built, further)

    @property
    def requires(self) -> tuple[str, ...]:
        """What the tree states that its build requires."""
        return self._system.requirements

    def prepare_metadata(self, output: Path) -> Path:
        """Make the .dist-info directory of the tree below `output`, if need be by way of a wheel. Raises BuildError."""
        with self._caller() as caller:
            return output / Path(str(caller.prepare_metadata_for_build_wheel(str(output)))).name

    def build_wheel(self, output: Path) -> Path:
        """Build the wheel of the tree below `output`. Raises BuildError."""
        with self._caller() as caller:
            return output / Path(str(caller.build_wheel(str(output)))).name

    def close(self) -> None:
        """Leave nothing of the build behind but in `work`."""
        self._environment.forget(self._tree)

    def error(self, reason: str, output: str = "") -> BuildError:
        """Build the error for a backend that did not do what was asked; `output` is what it printed."""
        # Only a failure has use for it.
        from locktool.building.log import last_lines, missing_parts

        shown, missing = hide_credentials(last_lines(output, [self._work])), missing_parts(output)
        why = f"{reason}; {missing}" if missing else reason
        message = f"{self._subject}: no metadata from {self._system.backend}: {why}"
        return BuildError(
            "build-failed",
            f"{message}:\n{shown}" if shown else message,
            path=self._subject,
            output=shown or None,
            suggestion=ways_out(self._tree, self._subject, self._environments.nearest),
        )

    @contextmanager
    def _caller(self) -> Iterator[Any]:
        """The hooks, and their failures as BuildError."""
        import pyproject_hooks

        # A backend's warnings are for its own developers. They are silenced for the whole process, because builds run
        # on several threads, which share the filters: `catch_warnings` of one would undo that of another.
        warnings.filterwarnings("ignore", category=pyproject_hooks.BuildBackendWarning)
        # What hooks import is compiled once, and never beside a source of somebody's own.
        is_own = not self._tree.is_relative_to(self._work.resolve())
        environ = self._environment.environ(leaves_bytecode=not is_own) | self._environ

        def runner(cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
            outcome = run(cmd, cwd=cwd, environ={**environ, **(extra_environ or {})})
            if outcome.code:
                raise HookFailure(outcome.output)

        try:
            yield pyproject_hooks.BuildBackendHookCaller(
                str(self._tree),
                self._system.backend,
                backend_path=self._system.backend_path,
                runner=runner,
                python_executable=str(self._environment.python),
            )
        except HookFailure as failure:
            raise self.error("its build ended with an error", failure.output) from failure
        except pyproject_hooks.BackendUnavailable as error:
            raise self.error("the backend cannot be imported", error.traceback) from error
        except pyproject_hooks.HookMissing as error:
            raise self.error(f"the backend has no hook {error.hook_name}") from error
        except pyproject_hooks.UnsupportedOperation as error:
            raise self.error("the backend says that it cannot", str(error)) from error
        except (OSError, ValueError) as error:
            raise self.error(str(error)) from error
