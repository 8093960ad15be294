"""The repositories that a run reads, checked out for as long as it lasts. A locked commit stays unless it is to move.

In: the manifest, the lock that is there, and the choices of the run. Out: for each address the tree and its commit, as
the extension takes them. What the project names and no lock holds is fetched at once, the rest when it is required.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock as Mutex
from typing import TYPE_CHECKING

from locktool._native import git_addresses, normalize_name
from locktool.cancellation import run_cancellation, running_under
from locktool.lock.model import Lock
from locktool.operations.options import RunOptions

if TYPE_CHECKING:
    from locktool.building.repository import Checkout

_Revision = tuple[str, str | None]


class Checkouts:
    """The checkouts of one run: one for each repository and revision, whatever packages are in it.

    They are below a directory that is made for the first of them and goes when `ending` is closed.
    """

    def __init__(self, existing: Lock | None, options: RunOptions, ending: ExitStack) -> None:
        """Check out nothing yet."""
        self.trees: dict[str, tuple[str, str]] = {}
        self._ending = ending
        self._directory: Path | None = None
        self._existing = existing
        self._options = options
        self._known: dict[_Revision, Checkout] = {}
        self._mutex = Mutex()
        self._cancellation = run_cancellation()

    def begin(self, name: str, address: str) -> None:
        """Check an address out before the resolution, where the lock holds no commit for it that may do without."""
        from locktool.building.repository import parse_address

        repository = parse_address(address)
        if locked_commit((repository.url, repository.revision), self._existing, self._options) is None:
            self.trees[address] = self.check_out(name, address)

    def check_out(self, _name: str, address: str) -> tuple[str, str]:
        """The tree and commit of an address, for the extension, which calls from its threads.

        Raises BuildError with what git said, OfflineError, and Interrupted.
        """
        from locktool.building.repository import subdirectory_of

        with self._mutex, running_under(self._cancellation):
            checkout = self._checkout(address)
            return str(subdirectory_of(address, checkout.path)), checkout.commit

    def _checkout(self, address: str) -> "Checkout":
        from locktool.building.repository import CommitStore, check_out, parse_address

        repository = parse_address(address)
        revision = (repository.url, repository.revision)
        if revision not in self._known:
            commit = locked_commit(revision, self._existing, self._options)
            store = CommitStore(self._options.cache_directory(), self._options.works_offline)
            folder = self._temporary() / str(len(self._known))
            self._known[revision] = check_out(address, folder, commit, store)
        return self._known[revision]

    def _temporary(self) -> Path:
        if self._directory is None:
            from tempfile import TemporaryDirectory

            made = TemporaryDirectory(prefix="locktool-git-", ignore_cleanup_errors=True)
            self._directory = Path(self._ending.enter_context(made))
        return self._directory


@contextmanager
def checked_out(manifest: bytes, existing: Lock | None, options: RunOptions) -> Iterator[Checkouts]:
    """Check out what the project names, for as long as the context lasts. Raises BuildError with what git said."""
    with ExitStack() as ending:
        checkouts = Checkouts(existing, options, ending)
        if not options.works_offline:
            for address, name in sorted(git_addresses(manifest).items()):
                checkouts.begin(name, address)
        yield checkouts


def locked_commit(revision: _Revision, existing: Lock | None, options: RunOptions) -> str | None:
    """The commit that the lock has for a revision of a repository, unless a package of it is to move."""
    packages = () if existing is None else existing.packages
    of_revision = [
        package
        for package in packages
        if package.vcs is not None and (package.vcs.url, package.vcs.requested_revision) == revision
    ]
    upgrade = options.upgrade
    moved = set() if isinstance(upgrade, bool) else set(map(normalize_name, upgrade))
    if upgrade is True or any(package.name in moved for package in of_revision):
        return None
    return next((package.vcs.commit_id for package in of_revision if package.vcs is not None), None)
