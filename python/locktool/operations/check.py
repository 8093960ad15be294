"""Checks locks: of one project, or all at and below some directories.

The proof itself is the extension's `check` and `check_lock`; here the locks are found. Imports are few on purpose: this
runs in hooks and before installs.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from locktool import _native
from locktool.exceptions import LockError, LocktoolError, ProjectError
from locktool.lock.file_name import is_lock_name
from locktool.operations.find_locks import FoundLock, UnreadableDirectory, find_lock, find_locks, path_of_lock

_LOCK_COMMAND = "`locktool lock`"


class StaleReason(NamedTuple):
    """A reason against a lock, with the suggestion that fits where the lock lies."""

    code: str
    """A stable identifier for programs."""
    message: str
    """What is wrong, in one sentence."""
    package: str | None
    """The package, member or directory it is about."""
    suggestion: str | None
    """What to do, as a phrase in the imperative."""
    key: str | None
    """Of a changed input, its key."""
    then: str | None
    """Of a changed input, what the lock records."""
    now: str | None
    """Of a changed input, what it is today."""

    def as_json(self) -> dict[str, str | None]:
        """The reason as a JSON object; the fields of an input stand there only where it is about one."""
        fields = self._asdict()
        return {name: fields[name] for name in fields if self.key is not None or name not in {"key", "then", "now"}}


_SUGGESTIONS = {
    "unverified": "name the files that its build reads in `build-inputs` of its [tool.locktool]",
    "absent": "restore it, so that it is compared with the lock",
}


def unverified_text(name: str) -> str:
    """The sentence about a member or directory whose requirements nobody can compare with a build."""
    return f"only the build system of {name} knows its requirements; they are not verified against a build"


def absent_text(path: str) -> str:
    """The sentence about a directory or file that is not there."""
    return f"{path} is not there; what the lock records of it is used"


def _reason(*, code: str, text: str, subject: str) -> StaleReason:
    return StaleReason(code, text, subject, _SUGGESTIONS[code], None, None, None)


class LockCheck(NamedTuple):
    """One lock: the outcome of its check, or the error that kept it from being checked.

    `against_project` is false for a lock beside neither project nor script: it is proved to be sound, but the files it
    was made from are not read. `script` is the script that it was compared with. `strict` says that what had to be
    believed is a reason against the lock.
    """

    path: Path
    outcome: "_native.CheckOutcome | LocktoolError"
    against_project: bool = True
    strict: bool = False
    script: Path | None = None

    @property
    def compared_with(self) -> Path | None:
        """The file that the lock was compared with: pyproject.toml of the project, or the script."""
        return self.script or (self.path.parent / "pyproject.toml" if self.against_project else None)

    @property
    def holds(self) -> bool:
        """Whether there is no reason against the lock."""
        return not isinstance(self.outcome, LocktoolError) and not self.reasons

    @property
    def reasons(self) -> list[StaleReason]:
        """What is wrong with the lock, and what to do about each; empty where it could not be checked."""
        if isinstance(self.outcome, LocktoolError):
            return []
        believed = [
            *(_reason(code="unverified", text=unverified_text(name), subject=name) for name in self.outcome.unverified),
            *(_reason(code="absent", text=absent_text(path), subject=path) for path in self.outcome.absent),
        ]
        return [
            *(believed if self.strict else ()),
            *map(self._placed, self.outcome.reasons),
        ]

    def _placed(self, reason: "_native.StaleReason") -> StaleReason:
        """A reason of the core as it reads where this lock lies."""
        message = reason.message
        suggestion = reason.suggestion and reason.suggestion.replace(_LOCK_COMMAND, self._command())
        if reason.code == "not-certifiable" and not self.against_project and _is_export(self.path):
            message = "it is an export for installers, which records nothing that it could be proved by"
            suggestion = "check the pylock.toml that it was made from, and name only directories without exports"
        if self.script is not None:
            message = message.replace(" of the project", f" of {self.script.name}")
        return StaleReason(reason.code, message, reason.package, suggestion, reason.key, reason.then, reason.now)

    def _command(self) -> str:
        """The command that makes this lock again, as the core's suggestions do not know its directory."""
        if not self.against_project:
            return "the command that made it"
        if self.script is not None:
            return f"`locktool lock --script {_native.display_path(str(self.script))}`"
        directory = self.path.parent
        option = "" if directory == Path.cwd() else f" --project {_native.display_path(str(directory))}"
        return f"`locktool lock{option}`"

    def as_json(self) -> dict[str, Any]:
        """The outcome as a JSON document."""
        if isinstance(self.outcome, LocktoolError):
            error = {"code": self.outcome.code, "message": self.outcome.message}
            return {"path": str(self.path), "holds": False, "error": error}
        compared_with = self.compared_with
        return {
            "path": str(self.path),
            "holds": self.holds,
            "compared_with": str(compared_with) if compared_with else None,
            "reasons": [reason.as_json() for reason in self.reasons],
            "warnings": list(self.outcome.warnings),
            "unverified": list(self.outcome.unverified),
            "absent": list(self.outcome.absent),
        }


def check_project(directory: Path = Path(), *, absent_sources: bool = False, strict: bool = False) -> LockCheck:
    """Check the lock of the project in `directory`: the project's files are read, and nothing is written.

    With `absent_sources` required directories that are not there are believed as the lock records them. With `strict`
    whatever is believed is a reason against the lock. Raises ProjectError and LockError where a file cannot be read.
    """
    outcome = _native.check(str(directory), absent_sources=absent_sources)
    return LockCheck(Path(outcome.path), outcome, strict=strict)


def check_script(script: Path, *, absent_sources: bool = False, strict: bool = False) -> LockCheck:
    """Check the lock of a script (PEP 723) against its metadata block, as `check_project` does for a project."""
    from locktool.scripts.read import read_script

    project = read_script(script)
    path = path_of_lock(script.parent, script)
    outcome = _native.check_script(project, str(path), absent_sources=absent_sources)
    return LockCheck(path, outcome, strict=strict, script=script.resolve())


def check_directories(
    directories: Iterable[Path], *, absent_sources: bool = False, strict: bool = False
) -> list[LockCheck]:
    """Check every lock at and below some directories, and locks that are named; no failure stops the others.

    Beside a pyproject.toml a `pylock.toml` is checked against the project, beside a script NAME.py its
    `pylock.NAME.toml` against the script, every other lock only for being sound. The lock of a workspace is checked
    wherever one of its members is found. Hidden directories and virtual environments are left out. A directory without
    a lock is an error among the results, with the code `lock-missing`; one that cannot be listed has the code
    `directory-unreadable`.
    """
    checks: dict[Path, LockCheck] = {}
    for directory in directories:
        found = _found_at(directory)
        if not found:
            checks[directory] = LockCheck(directory, _nothing_found(directory))
        for each in found:
            if each.path not in checks:
                checks[each.path] = _check_found(each, absent_sources=absent_sources)
    return [check._replace(strict=strict) for check in checks.values()]


def _found_at(path: Path) -> list[FoundLock | UnreadableDirectory]:
    if path.is_dir():
        return list(find_locks(path.resolve()))
    return [find_lock(path.parent.resolve() / path.name)] if path.is_file() and is_lock_name(path.name) else []


def _is_export(path: Path) -> bool:
    from locktool.export.pylock import HEADER

    with path.open(encoding="utf-8") as file:
        return file.readline() == HEADER


def _nothing_found(directory: Path) -> LocktoolError:
    if directory.is_file():
        message = f"{directory} is neither a directory nor a lock, which is pylock.toml or pylock.NAME.toml"
        suggestion = f"check its lock with --script {directory}" if directory.suffix in {".py", ".pyw"} else None
        return ProjectError("missing-project", message, path=str(directory), suggestion=suggestion)
    if not directory.is_dir():
        what = "is not a directory" if directory.exists() else "does not exist"
        return ProjectError("missing-project", f"{directory} {what}", path=str(directory))
    message = f"there is no lock in {directory} or below it"
    return LockError("lock-missing", message, path=str(directory), suggestion="run `locktool lock` to make one")


def _check_found(found: FoundLock | UnreadableDirectory, *, absent_sources: bool) -> LockCheck:
    if isinstance(found, UnreadableDirectory):
        return LockCheck(found.path, found.error)
    try:
        if found.has_project:
            return check_project(found.path.parent, absent_sources=absent_sources)
        if found.script is not None:
            return check_script(found.script, absent_sources=absent_sources)
        if found.root is not None:
            _refuse_lock_of_member(found.path, found.root)
        return LockCheck(found.path, _native.check_lock(str(found.path)), against_project=False)
    except LocktoolError as error:
        return LockCheck(found.path, error, against_project=found.has_project, script=found.script)


def _refuse_lock_of_member(path: Path, root: Path) -> None:
    """Raise LockError where `locktool lock` made a lock whose project has become a member of a workspace.

    A lock that `compile` or another tool made for the member alone names no project among its inputs.
    """
    from locktool.lock.read import read_lock

    if any(member.name for member in read_lock(path).members):
        lock, workspace = _native.display_path(str(path)), _native.display_path(str(root))
        message = f"{lock} is out of date: its project is a member of the workspace in {workspace} and is locked there"
        raise LockError("lock-of-member", message, path=str(path), suggestion=f"delete {lock}")
