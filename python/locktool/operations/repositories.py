"""The repositories that a project names, checked out for one run; a commit that is locked stays unless it is to move.

In: the manifest, the lock that is there, and the choices of the run. Out: for each address the tree and its commit, as
the extension takes them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from locktool._native import git_addresses, normalize_name
from locktool.lock.model import Lock, Vcs
from locktool.operations.options import RunOptions


@contextmanager
def checked_out(manifest: bytes, existing: Lock | None, options: RunOptions) -> Iterator[dict[str, tuple[str, str]]]:
    """Check every repository out for as long as the context lasts. Raises BuildError with what git said."""
    addresses = {} if options.offline else git_addresses(manifest)
    if not addresses:
        yield {}
        return
    from locktool.building.repository import check_out

    with TemporaryDirectory(prefix="locktool-git-", ignore_cleanup_errors=True) as temporary:
        trees: dict[str, tuple[str, str]] = {}
        for number, (address, name) in enumerate(sorted(addresses.items())):
            commit = locked_commit(name, address, existing, options)
            path, commit = check_out(address, Path(temporary) / str(number), commit)
            trees[address] = (str(path), commit)
        yield trees


def locked_commit(name: str, address: str, existing: Lock | None, options: RunOptions) -> str | None:
    """The commit that the lock has for an address, unless its package is to move."""
    upgrade = options.upgrade
    moves = upgrade if isinstance(upgrade, bool) else name in map(normalize_name, upgrade)
    packages = () if existing is None or moves else existing.packages
    found = (package.vcs for package in packages if package.name == name)
    return next((vcs.commit_id for vcs in found if vcs is not None and _address(vcs) == address), None)


def _address(vcs: Vcs) -> str:
    """The source of an entry as a requirement writes it; the extension writes the same."""
    revision = f"@{vcs.requested_revision}" if vcs.requested_revision else ""
    return f"git+{vcs.url}{revision}" + (f"#subdirectory={vcs.subdirectory}" if vcs.subdirectory else "")
