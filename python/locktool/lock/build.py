"""From a resolution and its manifest to a Lock: everything of pylock.toml that is not a package entry."""

from msgspec import Struct, msgpack

from locktool.lock.model import CREATED_BY, LOCK_VERSION, Lock, LockTool, Package
from locktool.project.manifest import Manifest


class _Resolved(Struct, frozen=True, kw_only=True, rename="kebab"):
    """What the extension hands over: entries in the order of the lock."""

    packages: tuple[Package, ...]
    requires_python: str | None = None


def build_lock(resolution: bytes, manifest: Manifest) -> Lock:
    """Build the document from `Resolution.to_messagepack()` and the manifest it was resolved from.

    Extras and groups are the union over all members: in a workspace a name means that of every member that
    has it.
    """
    resolved = msgpack.decode(resolution, type=_Resolved)
    return Lock(
        lock_version=LOCK_VERSION,
        requires_python=resolved.requires_python,
        environments=tuple(manifest.environments),
        extras=tuple(sorted({extra for member in manifest.members for extra in member.extras})),
        dependency_groups=tuple(sorted({group for member in manifest.members for group in member.groups})),
        created_by=CREATED_BY,
        tool=LockTool(locktool=manifest),
        packages=resolved.packages,
    )
