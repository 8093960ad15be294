"""Resolves requirements for one environment or for several Pythons; no file is read or written, but for the cache.

In: requirements and what they are resolved for. Out: the lock that answers them, in memory.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from msgspec import msgpack, structs

from locktool._native import (
    MANIFEST_SCHEMA,
    LockFile,
    Marker,
    SpecifierSet,
    environment_marker,
    requirement_text,
    resolve,
)
from locktool.configuration.indexes import CommandLineAddresses
from locktool.interpreter.environment import MarkerEnvironment
from locktool.operations.lock import Progress
from locktool.operations.metadata import source_builder
from locktool.operations.options import RunOptions, Target, merge_addresses, resolve_options
from locktool.operations.outcome import Counters, counters_of
from locktool.operations.repositories import checked_out

# Those that tell environments apart; the release and the build of a kernel would only make the lock narrower.
_DECISIVE_FIELDS = (
    "python_full_version",
    "implementation_name",
    "platform_python_implementation",
    "os_name",
    "sys_platform",
    "platform_system",
    "platform_machine",
)


class Scope(NamedTuple):
    """What a run is for: the Pythons of `requires_python` on every platform, or one environment, as a marker."""

    requires_python: str | None = None
    environment: str | None = None


class ResolveOutcome(NamedTuple):
    """The lock of a run, and what it has to say."""

    lock: LockFile
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    counters: Counters


def scope_of(python: object) -> Scope:
    """What a Python stands for: `>=3.11` for those, `3.12` for that one on this machine, None for the running one.

    It is a MarkerEnvironment, or a text, a version or a set of specifiers of any library.

    Raises InvalidSpecifier and InvalidVersion.
    """
    if isinstance(python, MarkerEnvironment):
        comparisons = (f"{field} == '{python[field]}'" for field in _DECISIVE_FIELDS)
        return Scope(environment=str(Marker(" and ".join(comparisons))))
    text = (MarkerEnvironment.current().python_version if python is None else str(python)).strip()
    if text[:1] in set("<>=!~"):
        return Scope(requires_python=str(SpecifierSet(text)))
    return Scope(environment=environment_marker(text))


def resolve_requirements(
    requirements: Iterable[str], scope: Scope, options: RunOptions, progress: Progress | None = None
) -> ResolveOutcome:
    """Resolve some requirements.

    Raises InvalidRequirement, ProjectError, ResolutionImpossible and the errors of the index.
    """
    if scope.environment is not None:
        options = structs.replace(options, choices={**options.choices, "environments": [scope.environment]})
    dependencies = sorted({requirement_text(text) for text in requirements})
    record = {
        "schema": MANIFEST_SCHEMA,
        "requires-python": scope.requires_python,
        "members": [{"path": ".", "dependencies": dependencies}],
    }
    manifest = options.apply_to(msgpack.encode({key: value for key, value in record.items() if value is not None}))
    settings = merge_addresses(options, None, CommandLineAddresses())
    target = Target(reads_upper_python=scope.environment is not None)
    with checked_out(manifest, None, options) as checkouts:
        resolution = resolve(
            manifest,
            resolve_options(options, settings, Path.cwd(), target, checkouts=checkouts.trees),
            indexes=list(settings.indexes),
            builder=source_builder(settings),
            checkout=checkouts.check_out,
            progress=progress,
        )
    return ResolveOutcome(
        lock=resolution.lock,
        warnings=(*settings.warnings, *resolution.warnings),
        notes=settings.notes,
        counters=counters_of(resolution),
    )
