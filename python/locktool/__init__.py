"""The public names of locktool, each loaded when it is first asked for (PEP 562).

`import locktool` itself loads neither the extension nor a third-party library, so a command
pays only for what it uses.
"""

# What type checkers set; `typing` itself is not loaded, since that would be most of what an import costs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from locktool._native import (
        IndexLocation,
        LockFile,
        Marker,
        Requirement,
        Resolution,
        ResolvedPackage,
        Specifier,
        SpecifierSet,
        StaleReason,
        Version,
        certify,
        resolve,
    )
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

__version__ = "0.1.0"

__all__ = [
    "BuildError",
    "CacheError",
    "DocumentError",
    "IndexLocation",
    "IndexUnavailable",
    "Interrupted",
    "InvalidMarker",
    "InvalidName",
    "InvalidRequirement",
    "InvalidSpecifier",
    "InvalidText",
    "InvalidVersion",
    "LockError",
    "LockFile",
    "LocktoolError",
    "Marker",
    "OfflineError",
    "PackageNotFound",
    "ProjectError",
    "Requirement",
    "Resolution",
    "ResolutionImpossible",
    "ResolvedPackage",
    "Specifier",
    "SpecifierSet",
    "StaleReason",
    "UndefinedComparison",
    "UndefinedEnvironmentName",
    "Version",
    "__version__",
    "certify",
    "resolve",
]

_NATIVE = frozenset(
    {
        "IndexLocation",
        "LockFile",
        "Marker",
        "Requirement",
        "Resolution",
        "ResolvedPackage",
        "Specifier",
        "SpecifierSet",
        "StaleReason",
        "Version",
        "certify",
        "resolve",
    }
)


def __getattr__(name: str) -> "Any":  # noqa: ANN401 - a module attribute can be anything
    if name not in __all__:
        message = f"module 'locktool' has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    module = import_module("locktool._native" if name in _NATIVE else "locktool.exceptions")
    value = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
