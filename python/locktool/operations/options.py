"""What a person may choose for one run, and what becomes of it: the extension's options.

In: choices of a command line or a caller, and a project's settings. Out: the options as the extension takes them.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from locktool.exceptions import ProjectError
from locktool.operations.cache import cache_directory
from locktool.project.canonical import canonical_name
from locktool.project.manifest import Manifest

if TYPE_CHECKING:
    from locktool._native import ResolveOptions
    from locktool.project.settings import CommandLineAddresses, IndexSettings, ProjectSettings


_TIMEOUT_SECONDS = 30.0


class RunOptions(Struct, frozen=True, kw_only=True):
    """The choices of one run; each default is "as the project says".

    `upgrade` and `refresh` are all (True), none (False) or the named packages. `cache` false means neither to
    read nor to write one.
    """

    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    offline: bool = False
    refresh: bool | list[str] = False
    upgrade: bool | list[str] = False
    cache_dir: Path | None = None
    cache: bool = True
    resolution: str | None = None
    prerelease: str | None = None
    prerelease_package: dict[str, str] = {}
    fork_strategy: str | None = None
    exclude_newer: str | None = None
    exclude_newer_package: dict[str, str] = {}
    quality_pass: bool = True
    no_build: tuple[str, ...] = ()
    no_binary: tuple[str, ...] = ()

    def apply_to(self, manifest: Manifest) -> Manifest:
        """The manifest with the choices that are inputs of the lock itself."""
        chosen = {
            "resolution": self.resolution,
            "prerelease": self.prerelease,
            "fork_strategy": self.fork_strategy,
            "exclude_newer": self.exclude_newer,
            "prerelease_package": _with_packages(manifest.prerelease_package, self.prerelease_package),
            "exclude_newer_package": _with_packages(manifest.exclude_newer_package, self.exclude_newer_package),
        }
        return structs.replace(manifest, **{name: value for name, value in chosen.items() if value is not None})

    def with_formats(self, no_build: tuple[str, ...], no_binary: tuple[str, ...]) -> "RunOptions":
        """These choices and, beside them, what the inputs say of formats."""
        return structs.replace(self, no_build=(*self.no_build, *no_build), no_binary=(*self.no_binary, *no_binary))

    def cache_place(self) -> Path | None:
        """The cache of this run, or None."""
        return cache_directory(self.cache_dir) if self.cache else None


def _with_packages(said: dict[str, str], chosen: dict[str, str]) -> dict[str, str]:
    """What the project says of single packages, and what was chosen for this run, which comes first."""
    merged = said | {canonical_name(name): value for name, value in chosen.items()}
    return {name: merged[name] for name in sorted(merged)}


class Target(Struct, frozen=True, kw_only=True):
    """One environment to resolve for; with neither field the run is universal."""

    python_version: str | None = None
    python_platform: str | None = None


def index_settings(options: RunOptions, project: "ProjectSettings") -> "IndexSettings":
    """The addresses of a run whose answer is for every machine. Raises ProjectError where none is left to ask."""
    from locktool.project.settings import gather_settings

    return _with_addresses(gather_settings(project, _given(options), portable=True))


def merge_addresses(options: RunOptions, project: "ProjectSettings", files: "CommandLineAddresses") -> "IndexSettings":
    """The addresses of a run whose answer is for this machine: those of the files, and of options, which come first."""
    from locktool.project.settings import CommandLineAddresses, gather_settings

    given = _given(options)
    merged = CommandLineAddresses(
        index_url=given.index_url or files.index_url,
        extra_index_urls=(*given.extra_index_urls, *files.extra_index_urls),
        find_links=(*given.find_links, *files.find_links),
        no_index=files.no_index and given.index_url is None,
    )
    return _with_addresses(gather_settings(project, merged, portable=False))


def _with_addresses(settings: "IndexSettings") -> "IndexSettings":
    # The options and the environment are not checked where they are gathered.
    for location in settings.indexes:
        if "://" not in location.url and not location.url.startswith((".", "/", "~")):
            message = f"{location.url!r} is not the address of an index: an address starts with https:// or file://"
            raise ProjectError("invalid-url", message)
    return settings


def _given(options: RunOptions) -> "CommandLineAddresses":
    from locktool.project.settings import CommandLineAddresses

    return CommandLineAddresses(
        index_url=options.index_url, extra_index_urls=options.extra_index_urls, find_links=options.find_links
    )


def resolve_options(
    options: RunOptions,
    settings: "IndexSettings",
    directory: Path,
    target: Target | None = None,
    *,
    require: Sequence[str] = (),
) -> "ResolveOptions":
    """The options as the extension takes them; `directory` is what relative paths start from.

    `require` are requirements beside the project's, to see what follows from them.
    """
    from locktool._native import IndexLocation, ResolveOptions

    cache = options.cache_place()
    target = target or Target()
    return ResolveOptions(
        indexes=[
            IndexLocation(
                location.url,
                name=location.name,
                explicit=location.explicit,
                default=location.default,
                username=location.username,
                password=location.password,
                cache_control=location.cache_control,
                mirror_of=location.mirror_of,
                flat=location.flat,
            )
            for location in settings.indexes
        ],
        find_links=list(settings.find_links),
        cache_dir=None if cache is None else str(cache),
        offline=options.offline,
        refresh=options.refresh,
        upgrade=options.upgrade,
        project_dir=str(directory),
        python_version=target.python_version,
        python_platform=target.python_platform,
        no_build=list(options.no_build),
        no_binary=list(options.no_binary),
        quality_pass=options.quality_pass,
        require=list(require),
        timeout_seconds=_TIMEOUT_SECONDS if settings.timeout_seconds is None else settings.timeout_seconds,
        proxy=settings.proxy,
        certificate_bundle=settings.certificate_bundle,
    )
