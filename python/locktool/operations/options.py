"""What a person may choose for one run, and what becomes of it: the options that the extension takes.

In: choices of a command line or a caller, and a project. Out: the addresses of the run, the manifest with the choices,
and the table of options.
"""

from __future__ import annotations

from locktool import _native
from locktool.configuration.cache_place import cache_place
from locktool.configuration.indexes import CommandLineAddresses, gather_settings
from locktool.configuration.machine import read_machine_settings
from locktool.exceptions import refuse_one_text
from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: every lock has options.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from locktool._native import Project
    from locktool.configuration.indexes import IndexSettings
    from locktool.interpreter.environment import MarkerEnvironment

TIMEOUT_SECONDS = 30.0


class RunOptions(Record):
    """The choices of one run; each default is "as the project says"."""

    index_url: str | None = None
    """The address of the default index."""
    extra_index_urls: tuple[str, ...] = ()
    """Addresses of indexes that are asked before the default one, in this order."""
    find_links: tuple[str, ...] = ()
    """Directories and pages that list distributions."""
    no_index: bool = False
    """Whether no index is asked, but find-links alone."""
    certificate_bundle: Path | None = None
    """The file of certificate authorities that is used instead of the machine's."""
    offline: bool = False
    """Whether only the cache is asked."""
    refresh: bool | list[str] = False
    """Of which packages the index is asked again, whatever the cache says: all, none, or these."""
    upgrade: bool | list[str] = False
    """Which packages may leave their locked versions: all, none, or these."""
    limit: tuple[str, ...] = ()
    """Constraints of this run alone, which no lock records."""
    without_dependencies: bool = False
    """Whether what packages require is not looked at."""
    hashes: dict[str, list[tuple[str, str]]] = {}
    """The files that may be used of a package, by their hashes: `{"flask": [("sha256", "ab...")]}`."""
    files: tuple[tuple[str, str], ...] = ()
    """The files that requirements, constraints and overrides stand in, for messages: `("flask<3", "limits.txt")`."""
    cache_dir: Path | None = None
    """The cache; None for that of the machine."""
    cache: bool = True
    """Whether a cache is read and written at all."""
    choices: dict[str, Any] = {}
    """Settings in the shape of [tool.locktool], which the lock records: `{"resolution": "lowest"}`."""
    recorder: _native.Recorder | None = None
    """What hears of the steps of the run."""

    def __post_init__(self) -> None:
        """Refuse one text where several are meant. Raises TypeError."""
        for name in ("extra_index_urls", "find_links", "refresh", "upgrade", "limit", "files"):
            refuse_one_text(name, getattr(self, name))

    def apply_to(self, manifest: bytes) -> bytes:
        """The manifest with the choices. Raises ProjectError for one that is not what its key takes."""
        if not self.choices:
            return manifest
        from msgspec import msgpack

        return _native.with_choices(manifest, msgpack.encode(self.choices))

    @property
    def works_offline(self) -> bool:
        """Whether only the cache is asked, by the choice of this run or the settings of the machine."""
        found = read_machine_settings().get("offline")
        return self.offline or (found is not None and found.value)

    def cache_directory(self) -> Path | None:
        """The cache of this run, or None."""
        from pathlib import Path

        place = _cache_place(self)
        return None if place is None else Path(place)


def _cache_place(options: RunOptions) -> str | None:
    """The path of the cache of a run, or None."""
    return cache_place(options.cache_dir) if options.cache else None


class Target(Record):
    """The one environment to resolve for; without it the run is universal.

    `tags` are the wheel tags that the environment of the result installs, also where the run is universal and the
    manifest supports no other one; empty where they are not known. `reads_upper_python` says that upper bounds of the
    packages' requires-python count in a universal run too.
    """

    environment: MarkerEnvironment | None = None
    tags: tuple[str, ...] = ()
    reads_upper_python: bool = False


def index_settings(options: RunOptions, project: Project | None) -> IndexSettings:
    """The addresses of a run whose result is for every machine. Raises ProjectError where none is left to ask."""
    return gather_settings(project, command_line_addresses(options), portable=True)


def merge_addresses(options: RunOptions, project: Project | None, files: CommandLineAddresses) -> IndexSettings:
    """The addresses of a run whose result is for this machine: those of the options come before those of the files."""
    own = command_line_addresses(options)
    merged = CommandLineAddresses(
        index_url=own.index_url or files.index_url,
        extra_index_urls=(*own.extra_index_urls, *files.extra_index_urls),
        find_links=(*own.find_links, *files.find_links),
        no_index=own.no_index or (files.no_index and own.index_url is None),
        certificate_bundle=own.certificate_bundle,
    )
    return gather_settings(project, merged, portable=False)


def command_line_addresses(options: RunOptions) -> CommandLineAddresses:
    """What the options say of indexes."""
    return CommandLineAddresses(
        index_url=options.index_url,
        extra_index_urls=options.extra_index_urls,
        find_links=options.find_links,
        no_index=options.no_index,
        certificate_bundle=None if options.certificate_bundle is None else str(options.certificate_bundle),
    )


def resolve_options(
    options: RunOptions,
    settings: IndexSettings,
    directory: str | os.PathLike[str],
    target: Target | None = None,
    *,
    require: Sequence[str] = (),
    checkouts: Mapping[str, tuple[str, str]] | None = None,
) -> dict[str, Any]:
    """The options as the extension takes them; `directory` is what relative paths start from.

    `require` are requirements beside the project's, to see what follows from them; `checkouts` are git repositories on
    this machine, by the address that requirements give.
    """
    target = target or Target()
    table = {
        "find-links": settings.find_links,
        "cache-dir": _cache_place(options),
        "offline": options.works_offline,
        "refresh": options.refresh,
        "upgrade": options.upgrade,
        "project-dir": str(directory),
        "environment": target.environment and dict(target.environment),
        "tags": target.tags,
        "reads-upper-python": target.reads_upper_python,
        "timeout-seconds": settings.timeout_seconds or TIMEOUT_SECONDS,
        "proxy": settings.proxy,
        "certificate-bundle": settings.certificate_bundle,
        "checkouts": checkouts,
        "require": require,
        "limit": options.limit,
        "files": options.files,
        "hashes": options.hashes,
        "without-dependencies": options.without_dependencies,
        "other-places": settings.given,
    }
    return {key: value for key, value in table.items() if value}
