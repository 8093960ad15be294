"""Decides which indexes and find-links a run uses, and which credentials go to them.

The default index is the first of: `--index-url`, the table of [[tool.locktool.index]] marked `default`,
`index-url` of the machine's settings (with `index-mirror-of`, the address that locks record for it), pip's
configuration, pip's own default. Further indexes of the project are asked before it, in the order of the file. pip's
indexes count only where nothing nearer names the default index; its proxy, certificates and timeout are about the way
from this machine to any index, and count unless the machine's settings have others.

pip's find-links are a matter of the machine: `compile`, whose output is for this machine, uses them; a lock is for
every machine, so `lock` leaves them out and says so. Those that the project or the command line names always count.
"""

from __future__ import annotations

import os

from locktool._native import IndexLocation, hide_credentials, split_credentials
from locktool.configuration.keyring import asks_keyring, password_of
from locktool.configuration.machine import read_machine_settings
from locktool.configuration.pip import default_index, read_pip_configuration
from locktool.exceptions import ProjectError
from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: every lock gathers these settings.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from locktool._native import Project
    from locktool.configuration.pip import PipConfiguration


class IndexSettings(Record):
    """The addresses of one run, in the order in which they are asked.

    `given` says whether the command line names an index or find-links. `notes` say what was left out on purpose,
    `warnings` what is probably a mistake. `proxy` is pip's, which may hold credentials; without one the usual variables
    decide. `certificate_bundle` is used instead of the system's.
    """

    indexes: tuple[IndexLocation, ...] = ()
    find_links: tuple[str, ...] = ()
    given: bool = False
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    timeout_seconds: float | None = None
    proxy: str | None = None
    certificate_bundle: str | None = None

    def __repr__(self) -> str:
        """Leave out what may hold credentials."""
        return f"IndexSettings(indexes={self.indexes!r})"


class CommandLineAddresses(Record):
    """What the command line, or the options of a requirements file, say of indexes and the way to them."""

    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    certificate_bundle: str | None = None

    def __repr__(self) -> str:
        """Leave the addresses out, since they may hold credentials."""
        return f"CommandLineAddresses(no_index={self.no_index})"

    def __bool__(self) -> bool:
        """Whether any address is said, or that there is none."""
        return self.no_index or bool(self.index_url or self.extra_index_urls or self.find_links)


def gather_settings(
    project: Project | None = None,
    command_line: CommandLineAddresses | None = None,
    *,
    portable: bool = True,
    environ: Mapping[str, str] | None = None,
) -> IndexSettings:
    """Decide the addresses of one run.

    `portable` is true for a lock, false for output that is meant for this machine. Raises ProjectError where no index
    is left to ask, and for an address that is none.
    """
    environ = os.environ if environ is None else environ
    addresses = CommandLineAddresses() if command_line is None else command_line
    own = project.indexes if project else []
    pip = read_pip_configuration(environ)
    machine = {name: found.value for name, found in read_machine_settings(environ).items()}
    for link in (*addresses.find_links, *(project.find_links if project else ()), *pip.find_links):
        check_links(link)
    if not portable:
        addresses = absolute_addresses(addresses)
    settings = IndexSettings(
        find_links=(*addresses.find_links, *links_of_project(project, portable=portable)),
        given=bool(addresses),
        timeout_seconds=machine.get("timeout") or pip.timeout_seconds,
        proxy=machine.get("proxy") or pip.proxy,
        certificate_bundle=addresses.certificate_bundle or certificate_bundle(machine, pip, environ),
    )
    if addresses.no_index:
        return settings
    default = None if addresses.index_url is None else location_of(addresses.index_url, default=True)
    if default is not None:
        own = [location for location in own if not location.default]
    elif not any(location.default for location in own):
        default = index_of_machine(machine)
    indexes = [location_of(url) for url in addresses.extra_index_urls]
    indexes += [location for location in own if not location.default]
    indexes += [location for location in own if location.default]
    if default is not None:
        indexes.append(default)
    elif not any(location.default for location in own):
        settings = with_pip(settings, pip, indexes, portable=portable)
    for location in indexes:
        check_address(location.url)
    located = with_environment_credentials(indexes, environ)
    if asks_keyring(machine, pip.keyring_provider):
        located = tuple(location.with_keyring(password_of) for location in located)
    return settings._replace(indexes=located)


def absolute_addresses(addresses: CommandLineAddresses) -> CommandLineAddresses:
    """The addresses with relative paths made absolute: output for this machine may lie in any directory."""
    from pathlib import Path

    def absolute(text: str) -> str:
        return text if "://" in text or text.startswith("file:") else str(Path(text).expanduser().absolute())

    return addresses._replace(
        index_url=addresses.index_url and absolute(addresses.index_url),
        extra_index_urls=tuple(map(absolute, addresses.extra_index_urls)),
        find_links=tuple(map(absolute, addresses.find_links)),
    )


def links_of_project(project: Project | None, *, portable: bool) -> list[str]:
    """The find-links of the project: relative to its root for a lock, else such as every working directory can use."""
    links = project.find_links if project else []
    if project is None or portable:
        return links
    from pathlib import Path

    return [link if "://" in link else str(Path(project.root, Path(link).expanduser())) for link in links]


def location_of(url: str, *, default: bool = False, of_machine: bool = False) -> IndexLocation:
    """Make an index of a bare address."""
    address, username, password = split_credentials(url)
    return IndexLocation(address, default=default, username=username, password=password, of_machine=of_machine)


def index_of_machine(machine: Mapping[str, Any]) -> IndexLocation | None:
    """The index of the machine's settings, and which address locks record for it."""
    url, original = machine.get("index-url"), machine.get("index-mirror-of")
    if not url:
        return None
    if not original:
        return location_of(url, default=True, of_machine=True)
    check_address(original)
    address, username, password = split_credentials(url)
    return IndexLocation(
        address,
        default=True,
        username=username,
        password=password,
        mirror_of=split_credentials(original)[0],
        of_machine=True,
    )


def check_address(url: str) -> None:
    """Refuse what no index can have as its address."""
    if "://" not in url and not url.startswith((".", "/", "~")):
        shown = hide_credentials(url)
        message = f"{shown!r} is not the address of an index: an address starts with https:// or file://"
        raise ProjectError("invalid-url", message)


def check_links(link: str) -> None:
    """Refuse find-links with a user and a password and no scheme, which would be taken for a path and shown."""
    shown = hide_credentials(link)
    if "://" not in link and shown != link:
        raise ProjectError("invalid-url", f"{shown!r} is not an address: an address starts with https:// or file://")


def with_pip(
    settings: IndexSettings, pip: PipConfiguration, indexes: list[IndexLocation], *, portable: bool
) -> IndexSettings:
    """Add the addresses that pip's configuration names: its indexes to `indexes`, its find-links to the settings."""
    notes: list[str] = []
    warnings: list[str] = []
    find_links = settings.find_links
    if not pip.no_index:
        indexes += [location_of(url, of_machine=True) for url in pip.extra_index_urls]
        indexes.append(location_of(pip.index_url or default_index(), default=True, of_machine=True))
    elif portable and not indexes:
        raise ProjectError(
            "no-index", f"{pip.origin_of('no-index')} switches every index off; pass --index-url to lock from one"
        )
    if pip.find_links and portable:
        shown = ", ".join(map(hide_credentials, pip.find_links))
        notes.append(f"find-links of pip's configuration ({shown}) are left out, since a lock is for every machine")
    elif pip.find_links:
        usable, missing = usable_links(pip.find_links)
        find_links += usable
        warnings += [f"find-links {link} of pip's configuration does not exist" for link in missing]
    return settings._replace(find_links=find_links, notes=tuple(notes), warnings=tuple(warnings))


def certificate_bundle(machine: Mapping[str, Any], pip: PipConfiguration, environ: Mapping[str, str]) -> str | None:
    """The file of authorities that is used instead of the system's: the machine's, pip's, or of the usual variables."""
    variables = (environ.get(name) for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))
    if machine.get("certificate-bundle"):
        return str(machine["certificate-bundle"])
    return pip.certificate_bundle or next((path for path in variables if path), None)


def usable_links(links: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """Split find-links into those that can be asked and the local ones that do not exist."""
    expanded = [link if "://" in link else os.path.expanduser(link) for link in links]
    missing = [link for link in expanded if "://" not in link and not os.path.exists(link)]
    return tuple(link for link in expanded if link not in missing), missing


def with_environment_credentials(
    indexes: Sequence[IndexLocation], environ: Mapping[str, str]
) -> tuple[IndexLocation, ...]:
    """Fill in the user and the password of the named indexes whose address lacks them.

    They are those of LOCKTOOL_INDEX_<NAME>_USERNAME and _PASSWORD, or of the same variables of uv, UV_INDEX_<NAME>_...
    """
    result = []
    for location in indexes:
        if location.name and location.password is None:
            name = "".join(c if c.isalnum() else "_" for c in location.name.upper())
            given = [
                (environ.get(f"{prefix}_INDEX_{name}_USERNAME"), environ.get(f"{prefix}_INDEX_{name}_PASSWORD"))
                for prefix in ("LOCKTOOL", "UV")
            ]
            username, password = next((pair for pair in given if any(pair)), (None, None))
            result.append(location.with_credentials(location.username or username, password))
        else:
            result.append(location)
    return tuple(result)
