"""The files of an entry: their names, the hosts they come from, and the one that suits an environment.

A wheel suits by its tags (platform compatibility tags): the wheel whose best tag stands first in the environment's
order is taken, and the source distribution where no wheel suits (PEP 751, "Installation").
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
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


def tag_places(tags: Sequence[str]) -> dict[str, int]:
    """The place of each wheel tag of an environment, which lists the preferred ones first."""
    return {tag: place for place, tag in reversed(list(enumerate(tags)))}


def source_of(package: Package, places: Mapping[str, int]) -> Source | None:
    """What an environment with these tags installs an entry from; None for nothing."""
    direct = package.vcs or package.directory or package.archive
    if direct is not None:
        return direct
    suited = [(place, wheel) for wheel in package.wheels if (place := _place(wheel, places)) is not None]
    return min(suited, key=lambda found: found[0])[1] if suited else package.sdist


def _place(wheel: Distribution, places: Mapping[str, int]) -> int | None:
    """The place of the best tag of a wheel; None for one that does not suit."""
    return min((places[tag] for tag in wheel_tags(file_name(wheel)) if tag in places), default=None)


def wheel_tags(name: str) -> Iterator[str]:
    """The tags that the name of a wheel stands for: `py2.py3-none-any` is `py2-none-any` and `py3-none-any`."""
    stem = name.removesuffix(".whl").lower()
    for tag in product(*(part.split(".") for part in stem.rsplit("-", 3)[1:])):
        yield "-".join(tag)
