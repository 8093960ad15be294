"""The build backend of a source tree: what [build-system] says, and its hooks, called in the environment of the build.

In: a tree, and who makes environments for it. Out: metadata or a wheel below a directory of the caller (PEP 517,
PEP 518). Without [build-system] the backend is setuptools in its legacy mode.
"""

from __future__ import annotations

import sys
from pathlib import Path

from locktool._native import SourceTree, hide_credentials
from locktool.building import hook_script
from locktool.building.advice import named, ways_out
from locktool.building.environment import Built, environ_outside_of_trees
from locktool.building.hook_script import METADATA_HOOK, REQUIRES_HOOK, WHEEL_HOOK
from locktool.building.process import run
from locktool.exceptions import BuildError
from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: it takes longer than what a build does here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from locktool.building.environment import BuildEnvironment, Environments

LEGACY_BACKEND = "setuptools.build_meta:__legacy__"


class BuildSystem(Record):
    """What [build-system] says, or the defaults that stand for its absence."""

    requirements: tuple[str, ...]
    backend: str
    backend_path: tuple[str, ...] | None

    @classmethod
    def of(cls, source: SourceTree) -> BuildSystem:
        """That of a tree which was read."""
        path = None if source.backend_path is None else tuple(source.backend_path)
        requirements = tuple(source.build_requires)
        return cls(requirements=requirements, backend=source.build_backend or LEGACY_BACKEND, backend_path=path)


def read_source(tree: Path, subject: str) -> SourceTree:
    """Read what a tree says of itself. Raises BuildError where there is nothing to build, and ProjectError."""
    if not any((tree / name).is_file() for name in ("pyproject.toml", "setup.py", "setup.cfg")):
        message = f"{subject}: there is no pyproject.toml, setup.py or setup.cfg"
        raise BuildError("nothing-to-build", message, path=str(tree))
    return SourceTree.read(str(tree))


class Backend:
    """The backend of a tree.

    `source` is what the tree says of itself; `work` is a directory of this build, which the caller removes; `subject`
    names what is built in messages.
    """

    def __init__(self, tree: Path, source: SourceTree, subject: str, environments: Environments, work: Path) -> None:
        """Run nothing yet."""
        self._tree = tree.resolve()
        self._subject = subject
        self._work = work
        self._environments = environments
        self._system = BuildSystem.of(source)
        self._built = Built(subject=subject, package=named(tree, subject).package or source.name)
        self._environment: BuildEnvironment | None = None

    @property
    def requires(self) -> tuple[str, ...]:
        """What the tree states that its build requires."""
        return self._system.requirements

    def prepare_metadata(self, output: Path) -> Path:
        """Make the .dist-info directory of the tree below `output`, if need be by way of a wheel. Raises BuildError."""
        return output / Path(self._called(METADATA_HOOK, output)).name

    def build_wheel(self, output: Path) -> Path:
        """Build the wheel of the tree below `output`. Raises BuildError."""
        return output / Path(self._called(WHEEL_HOOK, output)).name

    def close(self) -> None:
        """Leave nothing of the build behind but in `work`."""
        if self._environment is not None:
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

    def _called(self, hook: str, output: Path) -> str:
        """What a hook returns, with everything installed that the tree states and the backend asks for."""
        kind, *texts = self._outcome(f"{REQUIRES_HOOK},{hook}", output, ())
        if kind == "requires":
            kind, *texts = self._outcome(hook, output, tuple(texts))
        if kind == "unavailable":
            raise self.error("the backend cannot be imported", texts[0])
        return texts[0]

    def _outcome(self, hooks: str, output: Path, further: tuple[str, ...]) -> list[str]:
        """What the script wrote that calls hooks in the environment of the build."""
        self._environment = self._environments.having(self.requires, self._built, further)
        # What hooks import is compiled once, and never beside a source of somebody's own.
        is_own = not self._tree.is_relative_to(self._work.resolve())
        environ = self._environment.environ(leaves_bytecode=not is_own) | environ_outside_of_trees(self._work)
        file = self._work / "outcome"
        script = _script(self._environment)
        command = [self._environment.python, script, file, output, self._system.backend, hooks, *self._paths()]
        try:
            done = run([str(part) for part in command], cwd=self._tree, environ=environ)
            if done.code:
                raise self.error("its build ended with an error", done.output)
            if not file.exists():
                raise self.error("its build ended without a result", done.output)
            texts = file.read_bytes().decode("utf-8", "surrogateescape").split("\0")[:-1]
            file.unlink()
        except (OSError, ValueError) as error:
            raise self.error(str(error)) from error
        return texts

    def _paths(self) -> list[Path]:
        """The directories of the tree that its backend is loaded from. Raises BuildError."""
        paths = [(self._tree / path).resolve() for path in self._system.backend_path or ()]
        for path in paths:
            if not path.is_relative_to(self._tree):
                raise self.error(f"backend-path leads out of the tree, to {path}")
        return paths


def _script(environment: BuildEnvironment) -> str:
    """The script that calls hooks, in the compiled form of its import here where that is for the environment's Python.

    A program is compiled at each start, which takes an eighth of the time of one that calls a hook.
    """
    compiled = getattr(hook_script, "__cached__", None)
    if environment.reads_our_bytecode and not sys.dont_write_bytecode and compiled and Path(compiled).exists():
        return str(compiled)
    return hook_script.__file__
