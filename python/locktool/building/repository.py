"""Checks a commit of a git repository out with the system's git.

In: an address as requirements write it, `git+https://host/owner/name@v1.0#subdirectory=python`. Out: the source tree on
this machine and the full id of its commit. git asks nobody for a password and runs no helper that an address names.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

from locktool.building.git import run_git
from locktool.exceptions import BuildError

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "git+"
SHOWN_LINES = 3


class Repository(NamedTuple):
    """An address taken apart; `revision` is a commit, tag or branch, and what the repository is at where it is None."""

    url: str
    revision: str | None
    subdirectory: str | None


class Checkout(NamedTuple):
    """A source tree and the commit it is at."""

    path: Path
    commit: str


def parse_address(address: str) -> Repository:
    """Take an address apart; what follows the last @ of its path is the revision."""
    location, _, fragment = address.removeprefix(PREFIX).partition("#")
    scheme, separator, rest = location.partition("://")
    host, slash, path = rest.partition("/")
    path, at, revision = path.rpartition("@") if "@" in path else (path, "", "")
    folders = parse_qs(fragment).get("subdirectory", [None])
    return Repository(f"{scheme}{separator}{host}{slash}{path}", revision if at else None, folders[0])


def check_out(address: str, folder: Path, commit: str | None = None) -> Checkout:
    """Check out what an address names into an empty folder: `commit` where one is given, else the revision.

    Raises BuildError with what git said.
    """
    repository = parse_address(address)
    wanted = commit or repository.revision or "HEAD"
    folder.mkdir(parents=True, exist_ok=True)
    _git(address, folder, "init", "--quiet", ".")
    try:
        _git(address, folder, "fetch", "--quiet", "--depth=1", "--", repository.url, wanted)
        wanted = "FETCH_HEAD"
    except BuildError:
        # Servers need not serve a commit by its id, nor do short ids name one to them.
        heads = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
        _git(address, folder, "fetch", "--quiet", "--", repository.url, *heads)
    try:
        found = _git(address, folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{wanted}^{{commit}}")
    except BuildError as error:
        message = f"{address} could not be checked out: there is no {_kind_and_name(wanted)}"
        raise BuildError("no-revision", message, path=address) from error
    _git(address, folder, "checkout", "--quiet", "--detach", found)
    tree = (folder / (repository.subdirectory or "")).resolve()
    if not tree.is_relative_to(folder.resolve()) or not tree.is_dir():
        raise BuildError("no-subdirectory", f"{address}: the repository has no such subdirectory", path=address)
    return Checkout(tree, found)


def _git(address: str, folder: Path, *arguments: str) -> str:
    variables = os.environ | {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh"}
    # A hook runs git with variables of another repository in its environment.
    variables = {name: value for name, value in variables.items() if name not in {"GIT_DIR", "GIT_WORK_TREE"}}
    try:
        finished = run_git(folder, *arguments, environ=variables)
    except FileNotFoundError:
        raise BuildError("git-missing", f"{address} needs git, which is not on the path", path=address) from None
    if finished.returncode:
        said = _decisive(finished.stderr.decode("utf-8", "replace")) or f"git {arguments[0]} failed"
        raise BuildError("git-failed", f"{address} could not be checked out: {said}", path=address, output=said)
    return finished.stdout.decode("utf-8", "replace").strip()


def _kind_and_name(revision: str) -> str:
    """A revision that is not there, as people name it."""
    for prefix, kind in (("refs/tags/", "tag"), ("refs/heads/", "branch")):
        if revision.startswith(prefix):
            return f"{kind} {revision.removeprefix(prefix)!r}"
    return "commit" if revision == "HEAD" else f"commit, tag or branch {revision!r}"


def _decisive(output: str) -> str:
    """The last of what git said, without the advice that may follow its last `fatal:`."""
    lines = [line for line in output.splitlines() if line.strip()]
    fatal = [place for place, line in enumerate(lines) if line.startswith("fatal:")]
    return "\n".join((lines[: fatal[-1] + 1] if fatal else lines)[-SHOWN_LINES:])
