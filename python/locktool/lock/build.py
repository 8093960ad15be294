"""From a resolution to a Lock: everything of pylock.toml that is not a package entry."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct, msgpack, structs

from locktool.lock.model import CREATED_BY, LOCK_VERSION, Lock, LockTool, Package


class _Resolved(Struct, frozen=True, kw_only=True, rename="kebab"):
    """What the extension returns: entries in the order of the lock, and the table [tool.locktool]."""

    packages: tuple[Package, ...]
    requires_python: str | None = None
    inputs: dict[str, Any]


def build_lock(resolution: bytes) -> Lock:
    """Build the document from `Resolution.to_messagepack()`.

    Extras and groups are the union over all members: in a workspace a name means that of every member that
    has it.
    """
    resolved = msgpack.decode(resolution, type=_Resolved)
    lock = Lock(
        lock_version=LOCK_VERSION,
        requires_python=resolved.requires_python,
        environments=tuple(_effective(resolved.inputs, "environments") or ()),
        created_by=CREATED_BY,
        tool=LockTool(locktool=resolved.inputs),
        packages=resolved.packages,
    )
    groups = _sorted_names(member.groups for member in lock.members)
    default_groups = _effective(resolved.inputs, "default-groups") or ()
    return structs.replace(
        lock,
        extras=_sorted_names(member.extras for member in lock.members),
        dependency_groups=groups,
        default_groups=groups if default_groups == "all" else tuple(default_groups),
    )


def _effective(inputs: dict[str, Any], key: str) -> Any:  # noqa: ANN401 - a TOML value
    """What the command line said of a setting, else what the project says."""
    return inputs.get("command-line", {}).get(key) or inputs.get(key)


def _sorted_names(tables: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(sorted({name for table in tables for name in table}))
