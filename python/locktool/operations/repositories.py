"""The repositories that a run reads, checked out for as long as it lasts. A locked commit stays unless it is to move.

In: the manifest, the lock that is there, and the choices of the run. Out: for each address the tree and its commit, as
the extension takes them. What the project names and no lock holds is fetched at once, the rest when it is required.
"""

from __future__ import annotations

from _thread import allocate_lock

from locktool._native import git_addresses, normalize_name
from locktool.cancellation import run_cancellation, running_under

# What type checkers set; `typing` itself is not loaded: every lock may have repositories.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from tempfile import TemporaryDirectory
    from typing import Self

    from locktool._native import LockFile
    from locktool.building.repository import Checkout
    from locktool.operations.options import RunOptions

    _Revision = tuple[str, str | None]


class Checkouts:
    """The checkouts of one run: one for each repository and revision, whatever packages are in it.

    What the project names and `locked` has no commit for is there from the start. They are below a directory that is
    made for the first of them and goes when the `with` ends.
    """

    def __init__(self, manifest: bytes, locked: LockFile | None, options: RunOptions) -> None:
        """Check out nothing yet."""
        self.trees: dict[str, tuple[str, str]] = {}
        self._manifest = manifest
        self._locked = locked
        self._options = options
        self._known: dict[_Revision, Checkout] = {}
        self._temporary: TemporaryDirectory[str] | None = None
        self._mutex = allocate_lock()
        self._cancellation = run_cancellation()

    def __enter__(self) -> Self:
        """Check out what the project names. Raises BuildError with what git said."""
        addresses = {} if self._options.works_offline else git_addresses(self._manifest)
        try:
            for address, name in sorted(addresses.items()):
                self._begin(name, address)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()

    def check_out(self, _name: str, address: str) -> tuple[str, str]:
        """The tree and commit of an address, for the extension, which calls from its threads.

        Raises BuildError with what git said, OfflineError, and Interrupted.
        """
        from locktool.building.repository import subdirectory_of

        with self._mutex, running_under(self._cancellation):
            checkout = self._checkout(address)
            return str(subdirectory_of(address, checkout.path)), checkout.commit

    def _begin(self, name: str, address: str) -> None:
        """Check an address out before the resolution, where the lock holds no commit for it that may do without."""
        from locktool.building.repository import parse_address

        repository = parse_address(address)
        if locked_commit((repository.url, repository.revision), self._locked, self._options) is None:
            self.trees[address] = self.check_out(name, address)

    def _checkout(self, address: str) -> Checkout:
        from locktool.building.repository import CommitStore, check_out, parse_address

        repository = parse_address(address)
        revision = (repository.url, repository.revision)
        if revision not in self._known:
            commit = locked_commit(revision, self._locked, self._options)
            store = CommitStore(self._options.cache_directory(), self._options.works_offline)
            folder = self._directory() / str(len(self._known))
            self._known[revision] = check_out(address, folder, commit, store)
        return self._known[revision]

    def _directory(self) -> Path:
        from pathlib import Path
        from tempfile import TemporaryDirectory

        if self._temporary is None:
            self._temporary = TemporaryDirectory(prefix="locktool-git-", ignore_cleanup_errors=True)
        return Path(self._temporary.name)


def locked_commit(revision: _Revision, locked: LockFile | None, options: RunOptions) -> str | None:
    """The commit that the lock has for a revision of a repository, unless a package of it is to move."""
    commits = [] if locked is None else locked.commits
    of_revision = [(name, commit) for name, url, asked, commit in commits if (url, asked) == revision]
    upgrade = options.upgrade
    moved = set() if isinstance(upgrade, bool) else set(map(normalize_name, upgrade))
    if upgrade is True or any(name in moved for name, _ in of_revision):
        return None
    return next((commit for _, commit in of_revision), None)
