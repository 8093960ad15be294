"""The package URL (purl) of an entry: what it is, and where it comes from.

Only what an index serves is of the type `pypi`, so that a private tree or wheel is never taken for the public package
of its name; all else is `generic`. An index other than the public one is named. Format: the purl specification.
"""

from urllib.parse import quote

from locktool.lock.files import file_name
from locktool.lock.model import Archive, Package


def package_url(package: Package, version: str | None, public_index: str) -> str:
    """The package URL of an entry; `version` stands for that of an entry without one, where it is known."""
    qualifiers: dict[str, str] = {}
    kind, subdirectory = "generic", None
    if package.vcs is not None:
        subdirectory = package.vcs.subdirectory
        if package.vcs.url is not None:
            qualifiers["vcs_url"] = f"{package.vcs.type}+{package.vcs.url}@{package.vcs.commit_id}"
    elif package.archive is not None:
        subdirectory = package.archive.subdirectory
        qualifiers = _of_archive(package.archive)
    elif package.directory is not None:
        subdirectory = package.directory.subdirectory
    elif package.index is not None and "://" in package.index:
        kind = "pypi"
        if package.index.rstrip("/") != public_index.rstrip("/"):
            qualifiers["repository_url"] = package.index
    else:
        # A directory or a page that lists files, or an index on disk.
        address = next((file.url for file in package.files() if file.url), None)
        qualifiers = {"download_url": address} if address else {}
    return _assembled(kind, package.name, package.version or version, qualifiers, subdirectory)


def project_url(name: str, version: str | None) -> str:
    """The package URL of a project of the workspace, which no index serves."""
    return _assembled("generic", name, version, {}, None)


def _of_archive(archive: Archive) -> dict[str, str]:
    checksum = ",".join(f"{algorithm}:{digest}" for algorithm, digest in sorted(archive.hashes.items()))
    where = {"download_url": archive.url} if archive.url else {"file_name": file_name(archive)}
    return where | ({"checksum": checksum} if checksum else {})


def _assembled(kind: str, name: str, version: str | None, qualifiers: dict[str, str], subdirectory: str | None) -> str:
    end = f"@{quote(version, safe='')}" if version else ""
    query = "&".join(f"{key}={quote(value, safe=':/')}" for key, value in sorted(qualifiers.items()))
    path = f"#{quote(subdirectory.strip('/'))}" if subdirectory else ""
    return f"pkg:{kind}/{quote(name, safe='')}{end}{'?' if query else ''}{query}{path}"
