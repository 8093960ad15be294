"""Checks a commit of a git repository out with the system's git, submodules included.

In: an address as requirements write it, `git+https://host/owner/name@v1.0#subdirectory=python`. Out: the tree of its
repository on this machine and the full id of its commit. git asks nobody for a password (its credential helpers answer)
and runs no helper that an address names. Commits that were fetched are kept under the cache.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, NamedTuple

from locktool._native import split_repository
from locktool.building.git import run_git
from locktool.exceptions import BuildError, OfflineError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "git+"
SHOWN_LINES = 3
_FULL_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Repository(NamedTuple):
    """An address taken apart; `revision` is a commit, tag or branch, and what the repository is at where it is None."""

    url: str
    revision: str | None
    subdirectory: str | None


class Checkout(NamedTuple):
    """The tree of a repository and the commit it is at."""

    path: Path
    commit: str


class CommitStore(NamedTuple):
    """Commits that were fetched, by repository: each a `.git` directory of its own, complete or not there.

    Without a directory nothing is kept; `offline` says that nothing may be fetched either.
    """

    directory: Path | None = None
    offline: bool = False

    def place(self, url: str, commit: str) -> Path | None:
        """Where a commit is kept."""
        if self.directory is None:
            return None
        return self.directory / "git" / sha256(url.encode()).hexdigest()[:16] / commit

    def restore(self, url: str, commit: str, folder: Path) -> bool:
        """Copy a commit that is kept to the empty folder of a checkout; whether it was there."""
        place = self.place(url, commit)
        if place is None or not place.is_dir():
            return False
        shutil.copytree(place, folder / ".git")
        with suppress(OSError):
            os.utime(place)
        return True

    def keep(self, url: str, commit: str, folder: Path) -> None:
        """Keep the commit of a checkout. A cache that cannot be written keeps nothing."""
        place = self.place(url, commit)
        if place is None or place.exists():
            return
        with suppress(OSError, shutil.Error):
            place.parent.mkdir(parents=True, exist_ok=True)
            partial = Path(mkdtemp(prefix="partial-", dir=place.parent))
            try:
                shutil.copytree(folder / ".git", partial / "git")
                (partial / "git").rename(place)
            finally:
                shutil.rmtree(partial, ignore_errors=True)


def parse_address(address: str) -> Repository:
    """Take an address apart. Raises BuildError where it is not one of git."""
    found = split_repository(address)
    if found is None:
        raise BuildError("git-failed", f"{address} is not the address of a git repository", path=address)
    return Repository(*found)


def check_out(address: str, folder: Path, commit: str | None = None, store: CommitStore | None = None) -> Checkout:
    """Check out what an address names into an empty folder: `commit` where one is given, else the revision.

    A commit of the store is not fetched again. The tree is that of the whole repository. Raises BuildError with what
    git said, and OfflineError.
    """
    store = store or CommitStore()
    repository = parse_address(address)
    git = _Git(address, folder, repository.url)
    folder.mkdir(parents=True, exist_ok=True)
    exact = commit or repository.revision or ""
    if _FULL_COMMIT.fullmatch(exact) and store.restore(repository.url, exact, folder):
        with suppress(BuildError):
            git.run("checkout", "--quiet", "--force", "--detach", exact)
            git.update_submodules("--no-fetch")
            return Checkout(folder, exact)
        # What was kept is damaged: it is as if it were not there.
        shutil.rmtree(folder)
        folder.mkdir()
    if store.offline:
        message = f"{address} is not in the cache and --offline forbids fetching it; run once without --offline"
        raise OfflineError("offline", message, what=address)
    found = git.fetch(commit or repository.revision or "HEAD")
    git.run("checkout", "--quiet", "--detach", found)
    git.update_submodules()
    store.keep(repository.url, found, folder)
    return Checkout(folder, found)


def subdirectory_of(address: str, folder: Path) -> Path:
    """The tree that an address means in the checkout of its repository. Raises BuildError where there is none."""
    tree = (folder / (parse_address(address).subdirectory or "")).resolve()
    if not tree.is_relative_to(folder.resolve()) or not tree.is_dir():
        raise BuildError("no-subdirectory", f"{address}: the repository has no such subdirectory", path=address)
    return tree


class _Git(NamedTuple):
    """git in the folder of a checkout, for one address."""

    address: str
    folder: Path
    url: str

    def fetch(self, wanted: str) -> str:
        """Fetch a revision into a new repository; the id of its commit."""
        self.run("init", "--quiet", ".")
        # What submodules are relative to.
        self.run("config", "remote.origin.url", self.url)
        try:
            self.run("fetch", "--quiet", "--depth=1", "--", self.url, wanted)
            name = "FETCH_HEAD"
        except BuildError:
            # Servers need not serve a commit by its id, nor do short ids name one to them.
            heads = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
            self.run("fetch", "--quiet", "--", self.url, *heads)
            name = wanted
        try:
            return self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except BuildError as error:
            message = f"{self.address} could not be checked out: there is no {_kind_and_name(name)}"
            raise BuildError("no-revision", message, path=self.address) from error

    def update_submodules(self, *options: str) -> None:
        """Check out the submodules of the commit, and theirs."""
        if (self.folder / ".gitmodules").is_file():
            self.run("submodule", "--quiet", "update", "--init", "--recursive", *options)

    def run(self, *arguments: str) -> str:
        """What git printed. Raises BuildError with what it said."""
        return _git(self.address, self.folder, *arguments, environ=self._environment())

    def _environment(self) -> Mapping[str, str]:
        # A repository of another machine does not say which directories of this one are read.
        local = ("file",) if "://" not in self.url or self.url.startswith("file:") else ()
        protocols = ":".join((*local, "git", "http", "https", "ssh"))
        variables = os.environ | {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": protocols}
        # A hook runs git with variables of another repository in its environment.
        return {name: value for name, value in variables.items() if name not in {"GIT_DIR", "GIT_WORK_TREE"}}


def _git(address: str, folder: Path, *arguments: str, environ: Mapping[str, str]) -> str:
    try:
        finished = run_git(folder, *arguments, environ=environ)
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
