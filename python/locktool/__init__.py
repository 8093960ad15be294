"""The public names of locktool, each loaded when it is first asked for (PEP 562).

`import locktool` itself loads neither the extension nor a third-party library, so a command
pays only for what it uses.
"""

import sys

# What type checkers set; `typing` itself is not loaded, since that would be most of what an import costs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from locktool._native import Marker, Requirement, Specifier, SpecifierSet, Version, normalize_name
    from locktool.api import edit
    from locktool.api.cache import CachedFile, CachedMetadata, CachedPackage, CachedRelease, CacheReader
    from locktool.api.check import CheckResult, check, diff
    from locktool.api.lock import Dependency, Lock
    from locktool.api.progress import Progress
    from locktool.api.project import Member, Project
    from locktool.api.run import CompileResult, LockResult, Resolution, compile, lock, resolve  # noqa: A004
    from locktool.cancellation import Cancellation
    from locktool.exceptions import (
        BuildError,
        CacheError,
        DocumentError,
        IndexUnavailable,
        Interrupted,
        InvalidMarker,
        InvalidName,
        InvalidRequirement,
        InvalidSpecifier,
        InvalidText,
        InvalidVersion,
        LockError,
        LocktoolError,
        OfflineError,
        PackageNotFound,
        ProjectError,
        ResolutionImpossible,
        UndefinedComparison,
        UndefinedEnvironmentName,
    )
    from locktool.interpreter.environment import MarkerEnvironment
    from locktool.lock.diff import LockDiff, NewFile, PackageChange, SdistOnly
    from locktool.lock.graph import Requirer
    from locktool.lock.model import Archive, Directory, Distribution, Package, PackageReference, Vcs
    from locktool.lock.origin import Origin
    from locktool.lock.requirers import Link, LockedRequirers
    from locktool.lock.rules import Rule
    from locktool.lock.select import SelectedPackage
    from locktool.operations.check import StaleReason
    from locktool.operations.options import RunOptions
    from locktool.operations.outcome import Counters

__version__ = "0.1.0"

# Where each public name is defined.
_MODULES = {
    "locktool._native": ("Marker", "Requirement", "Specifier", "SpecifierSet", "Version", "normalize_name"),
    "locktool.api": ("edit",),
    "locktool.api.cache": ("CacheReader", "CachedFile", "CachedMetadata", "CachedPackage", "CachedRelease"),
    "locktool.api.check": ("CheckResult", "check", "diff"),
    "locktool.api.lock": ("Dependency", "Lock"),
    "locktool.api.progress": ("Progress",),
    "locktool.api.project": ("Member", "Project"),
    "locktool.api.run": ("CompileResult", "LockResult", "Resolution", "compile", "lock", "resolve"),
    "locktool.cancellation": ("Cancellation",),
    "locktool.exceptions": (
        "BuildError",
        "CacheError",
        "DocumentError",
        "IndexUnavailable",
        "Interrupted",
        "InvalidMarker",
        "InvalidName",
        "InvalidRequirement",
        "InvalidSpecifier",
        "InvalidText",
        "InvalidVersion",
        "LockError",
        "LocktoolError",
        "OfflineError",
        "PackageNotFound",
        "ProjectError",
        "ResolutionImpossible",
        "UndefinedComparison",
        "UndefinedEnvironmentName",
    ),
    "locktool.interpreter.environment": ("MarkerEnvironment",),
    "locktool.lock.diff": ("LockDiff", "NewFile", "PackageChange", "SdistOnly"),
    "locktool.lock.graph": ("Requirer",),
    "locktool.lock.model": ("Archive", "Directory", "Distribution", "Package", "PackageReference", "Vcs"),
    "locktool.lock.origin": ("Origin",),
    "locktool.lock.requirers": ("Link", "LockedRequirers"),
    "locktool.lock.rules": ("Rule",),
    "locktool.lock.select": ("SelectedPackage",),
    "locktool.operations.check": ("StaleReason",),
    "locktool.operations.options": ("RunOptions",),
    "locktool.operations.outcome": ("Counters",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "Archive",
    "BuildError",
    "CacheError",
    "CacheReader",
    "CachedFile",
    "CachedMetadata",
    "CachedPackage",
    "CachedRelease",
    "Cancellation",
    "CheckResult",
    "CompileResult",
    "Counters",
    "Dependency",
    "Directory",
    "Distribution",
    "DocumentError",
    "IndexUnavailable",
    "Interrupted",
    "InvalidMarker",
    "InvalidName",
    "InvalidRequirement",
    "InvalidSpecifier",
    "InvalidText",
    "InvalidVersion",
    "Link",
    "Lock",
    "LockDiff",
    "LockError",
    "LockResult",
    "LockedRequirers",
    "LocktoolError",
    "Marker",
    "MarkerEnvironment",
    "Member",
    "NewFile",
    "OfflineError",
    "Origin",
    "Package",
    "PackageChange",
    "PackageNotFound",
    "PackageReference",
    "Progress",
    "Project",
    "ProjectError",
    "Requirement",
    "Requirer",
    "Resolution",
    "ResolutionImpossible",
    "Rule",
    "RunOptions",
    "SdistOnly",
    "SelectedPackage",
    "Specifier",
    "SpecifierSet",
    "StaleReason",
    "UndefinedComparison",
    "UndefinedEnvironmentName",
    "Vcs",
    "Version",
    "__version__",
    "check",
    "compile",
    "diff",
    "edit",
    "lock",
    "normalize_name",
    "resolve",
]


def __getattr__(name: str) -> "Any":  # noqa: ANN401 - a module attribute can be anything
    if name not in _HOMES:
        message = f"module 'locktool' has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    home = import_module(f"{_HOMES[name]}.{name}" if name == "edit" else _HOMES[name])
    value = home if name == "edit" else getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


class _Public(type(sys)):  # type: ignore[misc] # the type of modules, without loading `types`
    """Keeps `locktool.lock` and `locktool.edit` the public names that they are.

    The import system binds a package to its parent when it is first imported, and ours have packages of these names.
    """

    def __setattr__(self, name: str, value: object) -> None:
        """Leave out what the import system binds over a public name."""
        if not (name in _HOMES and isinstance(value, type(sys))):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Public
