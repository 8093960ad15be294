"""The files of an entry: their names, the hosts they come from, and the one that suits an environment.

A wheel suits by its tags (platform compatibility tags): the wheel whose best tag stands first in the environment's
order is taken, and the source distribution where no wheel suits (PEP 751, "Installation").
"""

from collections.abc import Iterable, Iterator, Sequence
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
    return {host for address in addresses if address and (host := _host(address))}


def source_of(package: Package, tags: Sequence[str]) -> Source | None:
    """What an environment with these wheel tags, the preferred ones first, installs an entry from; None for nothing."""
    direct = package.vcs or package.directory or package.archive
    if direct is not None:
        return direct
    places = {tag: place for place, tag in reversed(list(enumerate(tags)))}
    suited = [(places[tag], wheel) for wheel in package.wheels for tag in _best(wheel, places)]
    return min(suited, key=lambda found: found[0])[1] if suited else package.sdist


def _best(wheel: Distribution, places: dict[str, int]) -> list[str]:
    """The tag of a wheel that stands first, alone; empty where the wheel does not suit."""
    known = [tag for tag in wheel_tags(file_name(wheel)) if tag in places]
    return [min(known, key=places.__getitem__)] if known else []


def wheel_tags(name: str) -> Iterator[str]:
    """The tags that the name of a wheel stands for: `py2.py3-none-any` is `py2-none-any` and `py3-none-any`."""
    stem = name.removesuffix(".whl").lower()
    for tag in product(*(part.split(".") for part in stem.rsplit("-", 3)[1:])):
        yield "-".join(tag)


def _host(address: str) -> str:
    # Cheaper than `urlsplit`, which a lock of four hundred packages would call ten thousand times.
    return address.partition("://")[2].partition("/")[0].rpartition("@")[2].lower()
