"""The files of entries: what an entry is installed from, the names of files, and the hosts that they come from."""

from collections.abc import Iterable
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

from locktool.lock.model import Archive, Directory, Distribution, Package, Vcs

Source: TypeAlias = Distribution | Archive | Directory | Vcs
"""What an installer installs an entry from."""


def file_name(file: Distribution | Archive) -> str:
    """The name of a file: the one that is written down, else the end of its path or address."""
    name = file.name if isinstance(file, Distribution) else None
    if name:
        return name
    if file.path:
        return file.path.replace("\\", "/").rpartition("/")[2]
    return unquote(urlsplit(file.url or "").path.rpartition("/")[2])


def hosts(packages: Iterable[Package]) -> set[str]:
    """The hosts that an installer of these entries would ask."""
    addresses = (
        address
        for package in packages
        for address in (*(file.url for file in package.files()), package.vcs.url if package.vcs else None)
    )
    # Thousands of files have a handful of hosts: what is taken from each address is what is cheap to take.
    authorities = {address.partition("://")[2].partition("/")[0] for address in addresses if address}
    return {host for authority in authorities if (host := authority.rpartition("@")[2].lower())}
