"""Resolves requirements for one environment or for several Pythons; no file is read or written, but for the cache.

In: requirements and what they are resolved for. Out: the lock that answers them, in memory.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from msgspec import msgpack

from locktool._native import (
    MANIFEST_SCHEMA,
    LockFile,
    requirement_text,
    resolve,
)
from locktool.configuration.indexes import CommandLineAddresses
from locktool.operations.builds import Builds, BuildsAsked
from locktool.operations.options import RunOptions, Target, merge_addresses, resolve_options
from locktool.operations.outcome import Counters, counters_of
from locktool.operations.progress import Progress
from locktool.operations.repositories import Checkouts
from locktool.operations.scope import Scope


class ResolveOutcome(NamedTuple):
    """The lock of a run, and what it has to say."""

    lock: LockFile
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    counters: Counters


def resolve_requirements(
    requirements: Iterable[str], scope: Scope, options: RunOptions, progress: Progress | None = None
) -> ResolveOutcome:
    """Resolve some requirements.

    Raises InvalidRequirement, ProjectError, ResolutionImpossible and the errors of the index.
    """
    if scope.environment is not None:
        options = options._replace(choices={**options.choices, "environments": [scope.environment]})
    dependencies = sorted({requirement_text(text) for text in requirements})
    record = {
        "schema": MANIFEST_SCHEMA,
        "requires-python": scope.requires_python,
        "members": [{"path": ".", "dependencies": dependencies}],
    }
    manifest = options.apply_to(msgpack.encode({key: value for key, value in record.items() if value is not None}))
    settings = merge_addresses(options, None, CommandLineAddresses())
    target = Target(tags=scope.tags, reads_upper_python=scope.environment is not None)
    builds = Builds(options, settings, BuildsAsked(manifest=manifest, root=str(Path.cwd())))
    with Checkouts(manifest, None, options) as checkouts:
        resolution = resolve(
            manifest,
            resolve_options(options, settings, Path.cwd(), target, checkouts=checkouts.trees),
            indexes=list(settings.indexes),
            builder=builds,
            checkout=checkouts.check_out,
            progress=progress,
        )
    return ResolveOutcome(
        lock=resolution.lock,
        warnings=(*settings.warnings, *builds.warnings, *resolution.warnings),
        notes=(*settings.notes, *builds.notes()),
        counters=counters_of(resolution),
    )
