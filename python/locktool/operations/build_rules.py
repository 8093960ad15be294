"""What a run says of its builds: the settings of the project that hold for what builds require.

In: the manifest of the run. Out: the manifest of some build requirements, for all Pythons of the run or for one
environment.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field, msgpack

from locktool._native import MANIFEST_SCHEMA, SpecifierSet, requirement_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from locktool.interpreter.facts import Interpreter

# The keys of a manifest that say where packages come from and which files of them count.
_KEPT_SETTINGS = (
    "exclude-newer",
    "exclude-newer-package",
    "no-build",
    "no-build-package",
    "allow-build",
    "dependency-metadata",
)
_KEPT = (*_KEPT_SETTINGS, "indexes")


class BuildRules(Struct, frozen=True, kw_only=True):
    """What a run says of what builds require."""

    requires_python: str | None = None
    """The Pythons of the run; None where nothing says which."""
    constraints: tuple[str, ...] = ()
    """Limits of the versions of what builds require."""
    extra: dict[str, list[str]] = field(default_factory=dict)
    """What the builds of packages require beside what they say."""
    without_isolation: frozenset[str | None] = frozenset()
    """Packages that are built in the active environment."""
    record: dict[str, Any] = field(default_factory=dict)
    """The keys of a manifest that hold for builds too."""
    root: Path = Path()
    """What relative paths of the record start from."""

    @classmethod
    def of(
        cls,
        manifest: bytes | None,
        root: Path,
        constraints: Sequence[str] = (),
        requires_python: str | None = None,
    ) -> BuildRules:
        """The rules of a run with this manifest, in MessagePack, whose paths start at `root`.

        `requires_python` are its Pythons, where the caller names some.
        """
        whole = {} if manifest is None else msgpack.decode(manifest)
        record = {key: whole[key] for key in _KEPT if key in whole}
        said = whole.get("command-line", {})
        if kept := {key: said[key] for key in _KEPT_SETTINGS if key in said}:
            record["command-line"] = kept
        # A package that the project takes from one index is taken from there for builds too.
        assigned = [source for source in whole.get("sources", ()) if set(source) == {"name", "index"}]
        if assigned:
            record["sources"] = assigned
        return cls(
            requires_python=requires_python or whole.get("requires-python"),
            constraints=(*constraints, *whole.get("build-constraints", ()), *said.get("build-constraints", ())),
            extra=whole.get("extra-build-dependencies", {}) | said.get("extra-build-dependencies", {}),
            without_isolation=frozenset(
                (*whole.get("no-build-isolation-package", ()), *said.get("no-build-isolation-package", ()))
            ),
            record=record,
            root=root,
        )

    def extra_requirements(self, package: str | None) -> list[str]:
        """What the build of a package requires beside what it says."""
        return self.extra.get(package or "", [])

    def manifest(self, requirements: Sequence[str], *, environment: str | None = None) -> bytes:
        """The manifest of some build requirements, for the Pythons of the run or for one environment."""
        members = [{"path": ".", "dependencies": sorted({requirement_text(text) for text in requirements})}]
        asked = {"schema": MANIFEST_SCHEMA, **self.record, "members": members}
        if self.constraints:
            asked["constraints"] = sorted({requirement_text(text) for text in self.constraints})
        if environment is not None:
            return msgpack.encode(asked | {"environments": [environment]})
        return msgpack.encode(asked | {"requires-python": self.requires_python})

    def admits(self, interpreter: Interpreter) -> bool:
        """Whether an interpreter is one of the Pythons of the run."""
        version = interpreter.marker_environment["python_full_version"].rstrip("+")
        return self.requires_python is not None and SpecifierSet(self.requires_python).contains(version, True)
