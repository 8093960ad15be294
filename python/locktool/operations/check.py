"""Checks a lock: fresh (it records today's inputs) and sound (every entry can be derived again).

The proof itself is the extension's `certify`; here the two files are found and read. Imports are few on
purpose: this runs in hooks and before installs.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from locktool._native import certify
from locktool.exceptions import LockError, ProjectError
from locktool.lock.read import LOCK_NAME, check_header, parse_content, read_content
from locktool.project.pyproject import Project, load_project
from locktool.project.toml_source import place
from locktool.project.workspace import find_workspace

if TYPE_CHECKING:
    from locktool.lock.reasons import Reason


class CheckOutcome(Struct, frozen=True, kw_only=True):
    """The answer: the lock holds exactly when there is no reason against it.

    `trusted` names the members whose requirements only their build system knows: those recorded were believed.
    """

    path: Path
    reasons: tuple[Any, ...] = ()
    trusted: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the lock is fresh and sound."""
        return not self.reasons

    def as_json(self) -> dict[str, Any]:
        """The outcome as a JSON document."""
        return {
            "path": str(self.path),
            "holds": self.holds,
            "reasons": [_as_json(reason) for reason in self.reasons],
            "trusted": list(self.trusted),
        }


def check_project(
    directory: Path = Path(), *, frozen: bool = False, cache_dir: Path | None = None, cache: bool = True
) -> CheckOutcome:
    """Check the lock of the project in `directory`.

    With `frozen` nothing is read but the project's files and the lock, and nothing is written. Without it the
    parsed lock may be remembered in the cache. No network in either case. Raises ProjectError and LockError where the
    question cannot be answered.
    """
    project = _load(directory)
    root = project.root if project else find_workspace(directory.resolve())[0].path.parent
    path = root / LOCK_NAME
    content = read_content(path)
    messagepack = parse_content(content, path) if frozen or not cache else _parse_remembering(content, path, cache_dir)
    check_header(messagepack, path)
    trusted: tuple[str, ...] = ()
    if project is None:
        project, trusted = _load_trusting(directory, root, messagepack)
    try:
        reasons = certify(messagepack, project.to_manifest().to_messagepack())
    except LockError as error:
        raise LockError(error.code, f"{place(path)}: {error.message}", path=str(path)) from None
    return CheckOutcome(path=path, reasons=tuple(reasons), trusted=trusted)


def _load(directory: Path) -> Project | None:
    """The project, or None where some of it is known to a build system only."""
    try:
        return load_project(directory)
    except ProjectError as error:
        if error.code == "dynamic-dependencies":
            return None
        raise


def _load_trusting(directory: Path, root: Path, messagepack: bytes) -> tuple[Project, tuple[str, ...]]:
    from locktool.operations.recorded import RecordedMembers

    recorded = RecordedMembers(messagepack, root)
    return load_project(directory, build_metadata=recorded.metadata), tuple(recorded.trusted)


def _parse_remembering(content: bytes, path: Path, cache_dir: Path | None) -> bytes:
    from locktool.lock.blob import load_blob, store_blob
    from locktool.operations.cache import cache_directory

    cache = cache_directory(cache_dir)
    known = load_blob(content, cache)
    if known is not None:
        return known
    messagepack = parse_content(content, path)
    store_blob(content, messagepack, cache)
    return messagepack


def _as_json(reason: "Reason") -> dict[str, str | None]:
    return {
        "code": reason.code,
        "message": reason.message,
        "package": reason.package,
        "suggestion": reason.suggestion,
    }
