"""What a run says of its builds: the settings of the project that hold for what builds require.

In: the manifest of the run. Out: the manifest of some build requirements, for the Pythons of the run or for one
environment.
"""

from __future__ import annotations

from locktool._native import (
    MANIFEST_SCHEMA,
    SpecifierSet,
    build_manifest,
    build_settings,
    recorded_requires,
    requirement_text,
)
from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: locks record what builds require.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from locktool.interpreter.facts import Interpreter

_MINOR_VERSIONS = range(8, 16)
"""The versions of Python 3 from which on a set of requirements is tried where all Pythons of the run have no answer."""


class RequiredByBuild(Record):
    """What a build requires: what its tree states, and what its backend asks for on this machine."""

    static: tuple[str, ...]
    further: tuple[str, ...] = ()


class BuildRules(Record):
    """What a run says of what builds require."""

    requires_python: str | None = None
    """The Pythons of the run; None where nothing says which."""
    constraints: tuple[str, ...] = ()
    """Limits of the versions of what builds require, beside those of the manifest."""
    extra: dict[str, list[str]] = {}
    """What the builds of packages require beside what they say."""
    matched: dict[str, list[str]] = {}
    """What they require beside it in the version that is locked."""
    without_isolation: frozenset[str] = frozenset()
    """Packages that are built in the active environment."""
    allowed: frozenset[str] = frozenset()
    """The packages that may be built; empty for all."""
    run: bytes = b""
    """The manifest of the run."""
    root: str = "."
    """What relative paths of the manifest start from."""

    @classmethod
    def of(
        cls,
        manifest: bytes | None,
        root: str,
        constraints: Sequence[str] = (),
        requires_python: str | None = None,
    ) -> Self:
        """The rules of a run with this manifest, in MessagePack, whose paths start at `root`.

        `requires_python` are its Pythons, where the caller names some.
        """
        run = _without_project() if manifest is None else manifest
        python, (extra, matched, without_isolation, allowed) = build_settings(run)
        return cls(
            requires_python=requires_python or python,
            constraints=tuple(sorted({requirement_text(text) for text in constraints})),
            extra=extra,
            matched=matched,
            without_isolation=frozenset(without_isolation),
            allowed=frozenset(allowed),
            run=run,
            root=root,
        )

    def with_manifest(self, manifest: bytes) -> Self:
        """The same rules where the run turned out to have this manifest."""
        requires_python, _ = build_settings(manifest)
        return self._replace(run=manifest, requires_python=requires_python)

    def recorded(self, requirements: Iterable[str]) -> tuple[str, ...]:
        """What a build requires, as locks record it. Raises ProjectError."""
        return tuple(recorded_requires(list(requirements), self.root))

    def installed(self, requirements: Iterable[str], package: str | None) -> tuple[str, ...]:
        """The same with what the build of a package requires beside what it says."""
        return self.recorded((*requirements, *self.extra.get(package or "", [])))

    def manifest(
        self, requirements: Iterable[str], *, python: str | None = None, environment: str | None = None
    ) -> bytes:
        """The manifest of some build requirements: for the Pythons of the run, for others, or for one environment."""
        return build_manifest(
            self.run,
            list(requirements),
            constraints=list(self.constraints),
            requires_python=python or self.requires_python,
            environment=environment,
        )

    def pythons(self) -> list[str]:
        """The Pythons that versions are looked for, most first: those of the run, then those from a later one on."""
        if self.requires_python is None:
            return []
        whole = SpecifierSet(self.requires_python)
        bounds = [part for part in self.requires_python.split(",") if not part.strip().startswith(">")]
        found = [self.requires_python]
        for minor in _MINOR_VERSIONS:
            is_narrower = any(whole.contains(f"3.{earlier}.99") for earlier in range(minor))
            if is_narrower and whole.contains(f"3.{minor}.99"):
                found.append(",".join([*bounds, f">=3.{minor}"]))
        return found

    def admits(self, interpreter: Interpreter) -> bool:
        """Whether an interpreter is one of the Pythons of the run."""
        version = interpreter.marker_environment["python_full_version"].rstrip("+")
        return self.requires_python is not None and SpecifierSet(self.requires_python).contains(version, True)


def _without_project() -> bytes:
    """The manifest of a run without a project."""
    from msgspec import msgpack

    return msgpack.encode({"schema": MANIFEST_SCHEMA})
