"""Decides which indexes and find-links a run uses, and which credentials go to them.

The default index is the first of: `--index-url`, the table of [[tool.locktool.index]] marked `default`,
`LOCKTOOL_INDEX_URL`, pip's configuration, pip's own default. Further indexes of the project are asked before it, in the
order of the file. pip's indexes count only where nothing nearer names the default index; its proxy, certificates and
timeout are about the way from this machine to any index, and always count.

pip's find-links are a matter of the machine: `compile`, whose output is for this machine, uses them; a lock is for
every machine, so `lock` leaves them out and says so. Those that the project or the command line names always count.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from locktool.exceptions import ProjectError
from locktool.project.address import Address, split_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from locktool.project.options import ToolTables
    from locktool.project.pip_configuration import PipConfiguration
    from locktool.project.table import Table

INDEX_KEYS = {"name", "url", "explicit", "default", "mirror-of", "cache-control", "exclude-newer", "format"}


class IndexLocation(msgspec.Struct, frozen=True, kw_only=True):
    """One index: where it is asked and, where that is a mirror, which address is recorded."""

    name: str | None = None
    url: str
    explicit: bool = False
    default: bool = False
    mirror_of: str | None = None
    cache_control: str | None = None
    exclude_newer: str | None = None
    flat: bool = False
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        """Show everything but the credentials, so that no log can hold them."""
        return f"IndexLocation(name={self.name!r}, url={self.url!r}, default={self.default}, explicit={self.explicit})"


class ProjectSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The addresses that the project's own file names; find-links directories are relative to the root."""

    indexes: tuple[IndexLocation, ...] = ()
    find_links: tuple[str, ...] = ()

    def index_cutoffs(self) -> dict[str, str]:
        """The moment from which on files of an index are left out, by the address that locks record for it."""
        cutoffs = ((index.mirror_of or index.url, index.exclude_newer) for index in self.indexes)
        return {url: moment for url, moment in sorted(cutoffs) if moment is not None}


class IndexSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The addresses of one run, in the order in which they are asked.

    `notes` say what was left out on purpose, `warnings` what is probably a mistake. `proxy` is pip's, which may hold
    credentials; without one the usual variables decide. `certificate_bundle` takes the place of the system's.
    """

    indexes: tuple[IndexLocation, ...] = ()
    find_links: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    timeout_seconds: float | None = None
    proxy: str | None = None
    certificate_bundle: str | None = None

    def __repr__(self) -> str:
        """Leave out what may hold credentials."""
        return f"IndexSettings(indexes={self.indexes!r})"


class CommandLineAddresses(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line, or the options of a requirements file, say of indexes."""

    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False

    def __repr__(self) -> str:
        """Leave the addresses out, since they may hold credentials."""
        return f"CommandLineAddresses(find_links={self.find_links!r}, no_index={self.no_index})"


def read_project_settings(tools: ToolTables) -> ProjectSettings:
    """Read the index tables and find-links of a workspace root."""
    table, key = tools.having("index")
    indexes = [read_index(entry) for entry in table.tables(key)]
    defaults = [index for index, location in enumerate(indexes) if location.default]
    if len(defaults) > 1:
        raise table.error("two-default-indexes", "two indexes are marked default; keep one", key, defaults[1])
    names = [location.name for location in indexes if location.name]
    for index, location in enumerate(indexes):
        if location.name in names[: names.index(location.name)] if location.name else False:
            raise table.error("duplicate-name", f"two indexes are named {location.name!r}; rename one", key, index)
    if tools.uv is table or "index" not in tools.uv:
        indexes += read_older_uv_indexes(tools.uv)
    links, links_key = tools.having("find-links")
    return ProjectSettings(indexes=tuple(indexes), find_links=tuple(links.strings(links_key)))


def read_index(entry: Table) -> IndexLocation:
    """Read one index table."""
    if entry.path[1] == "locktool":
        entry.refuse_unknown(INDEX_KEYS)
    name, written = entry.string("name"), entry.required_string("url", 'write url = "https://..."')
    explicit = entry.boolean("explicit") or False
    if explicit and name is None:
        raise entry.error("unnamed-index", "an explicit index serves the packages assigned to its name; give it a name")
    address = split_credentials(written)
    check_url(entry, address.url)
    mirror_of = entry.string("mirror-of")
    cache_control = entry.values.get("cache-control")
    if isinstance(cache_control, dict):  # uv's form: one directive for pages and one for files
        cache_control = cache_control.get("api")
    return IndexLocation(
        name=name,
        url=address.url,
        explicit=explicit,
        default=entry.boolean("default") or False,
        mirror_of=None if mirror_of is None else split_credentials(mirror_of).url,
        cache_control=cache_control,
        exclude_newer=entry.moment_or_never("exclude-newer"),
        flat=entry.one_of("format", ("simple", "flat")) == "flat",
        username=address.username,
        password=address.password,
    )


def check_url(entry: Table, url: str) -> None:
    """Refuse an address that no index can have."""
    if "://" not in url and not url.startswith((".", "/", "~")):
        raise entry.error("invalid-url", f"{entry.name_of('url')} is {url!r}, which is not a URL", "url")


def read_older_uv_indexes(uv: Table) -> list[IndexLocation]:
    """Read uv's older keys: `extra-index-url`, asked first, and `index-url`, the default."""
    extra, default = uv.strings("extra-index-url"), uv.string("index-url")
    locations = [location_of(url) for url in extra]
    return locations if default is None else [*locations, location_of(default, default=True)]


def location_of(url: str, *, default: bool = False) -> IndexLocation:
    """Make an index of a bare address."""
    address = split_credentials(url)
    return IndexLocation(url=address.url, default=default, username=address.username, password=address.password)


def gather_settings(
    project: ProjectSettings | None = None,
    command_line: CommandLineAddresses | None = None,
    *,
    portable: bool = True,
    environ: Mapping[str, str] | None = None,
) -> IndexSettings:
    """Decide the addresses of one run.

    `portable` is true for a lock, false for output that is meant for this machine. Raises ProjectError where no index
    is left to ask.
    """
    environ = os.environ if environ is None else environ
    from locktool.project.pip_configuration import read_pip_configuration

    project = project or ProjectSettings()
    given = command_line or CommandLineAddresses()
    pip = read_pip_configuration(environ)
    settings = IndexSettings(
        find_links=(*given.find_links, *project.find_links),
        timeout_seconds=pip.timeout_seconds,
        proxy=pip.proxy,
        certificate_bundle=certificate_bundle(pip, environ),
    )
    if given.no_index:
        return settings
    nearest_url = given.index_url
    own = project.indexes
    if nearest_url is not None:
        own = tuple(location for location in own if not location.default)
    elif not any(location.default for location in own):
        nearest_url = environ.get("LOCKTOOL_INDEX_URL") or None
    indexes = [location_of(url) for url in given.extra_index_urls]
    indexes += [location for location in own if not location.default]
    indexes += [location for location in own if location.default]
    if nearest_url is not None:
        indexes.append(location_of(nearest_url, default=True))
    elif not any(location.default for location in own):
        settings = with_pip(settings, pip, indexes, portable=portable)
    return msgspec.structs.replace(settings, indexes=with_environment_credentials(indexes, environ))


def with_pip(
    settings: IndexSettings, pip: PipConfiguration, indexes: list[IndexLocation], *, portable: bool
) -> IndexSettings:
    """Add the addresses that pip's configuration names: its indexes to `indexes`, its find-links to the settings."""
    notes: list[str] = []
    warnings: list[str] = []
    find_links = settings.find_links
    if not pip.no_index:
        indexes += [location_of(url) for url in pip.extra_index_urls]
        indexes.append(location_of(pip.index_url or pip_default_index(), default=True))
    elif portable and not indexes:
        raise ProjectError(
            "no-index", f"{pip.origin_of('no-index')} switches every index off; pass --index-url to lock from one"
        )
    if pip.find_links and portable:
        places = ", ".join(split_credentials(link).url for link in pip.find_links)
        notes.append(f"find-links of pip's configuration ({places}) are left out, since a lock is for every machine")
    elif pip.find_links:
        usable, missing = usable_links(pip.find_links)
        find_links += usable
        warnings += [f"find-links {link} of pip's configuration does not exist" for link in missing]
    return msgspec.structs.replace(settings, find_links=find_links, notes=tuple(notes), warnings=tuple(warnings))


def certificate_bundle(pip: PipConfiguration, environ: Mapping[str, str]) -> str | None:
    """The file of authorities that takes the place of the system's: pip's, else that of the usual variables."""
    variables = (environ.get(name) for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))
    return pip.certificate_bundle or next((path for path in variables if path), None)


def usable_links(links: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """Split find-links into those that can be asked and the local ones that do not exist."""
    expanded = [link if "://" in link else str(Path(link).expanduser()) for link in links]
    missing = [link for link in expanded if "://" not in link and not Path(link).exists()]
    return tuple(link for link in expanded if link not in missing), missing


def pip_default_index() -> str:
    """The index that pip itself uses when nothing is configured; pip is the one place that knows its address."""
    try:
        from pip._internal.models.index import PyPI
    except ImportError:
        raise ProjectError(
            "no-index",
            "no index is configured, and pip, whose default would be used, is not installed; pass --index-url",
        ) from None
    return str(PyPI.simple_url)


def with_environment_credentials(
    indexes: Sequence[IndexLocation], environ: Mapping[str, str]
) -> tuple[IndexLocation, ...]:
    """Fill in LOCKTOOL_INDEX_<NAME>_USERNAME and _PASSWORD for the named indexes whose address lacks them."""
    result = []
    for location in indexes:
        if location.name and location.password is None:
            stem = "LOCKTOOL_INDEX_" + "".join(c if c.isalnum() else "_" for c in location.name.upper())
            username = location.username or environ.get(f"{stem}_USERNAME")
            password = environ.get(f"{stem}_PASSWORD")
            result.append(msgspec.structs.replace(location, username=username, password=password))
        else:
            result.append(location)
    return tuple(result)


__all__ = ["Address", "CommandLineAddresses", "IndexLocation", "IndexSettings", "ProjectSettings", "gather_settings"]
