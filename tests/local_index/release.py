"""What a test says of a release, and the files that follow from it.

In: a name, a version and a `Description`. Out: `ServedFile` values whose bytes depend on nothing else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypedDict

from packaging.utils import canonicalize_name

from local_index import archives

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Metadata = Literal["sidecar", "announced", "none"]


class Description(TypedDict, total=False):
    """The keywords of `LocalIndex.add`; what is left out is a plain wheel with a sidecar."""

    requires: Sequence[str]
    requires_python: str | None
    extras: Mapping[str, Sequence[str]]
    wheel_tags: Sequence[str]  # empty: no wheel
    sdist: bool
    dynamic: Sequence[str]  # fields that the sdist's PKG-INFO declares dynamic (PEP 643)
    sdist_metadata_version: str
    build_fails: bool  # the sdist's build backend raises
    build_requires: Sequence[str]
    build_backend: str | None  # a module of what the build requires; None for a backend in the sdist
    yanked: bool | str
    upload_time: str | None
    wheel_upload_time: str | None  # that of the wheels, where it is another
    metadata: Metadata  # "announced": the page promises a sidecar, the server has none
    hashes: Sequence[str]  # algorithms that the page names
    padding: int  # bytes of ballast in each wheel, so that a whole download costs more than ranges
    provenance: str | None
    modules: Mapping[str, str]  # the text of each further module of the wheels, by its path


@dataclass(frozen=True)
class ServedFile:
    """One distribution on a page. `sidecar` is the text at `<filename>.metadata`, `announced` what the page says."""

    filename: str
    content: bytes
    sidecar: bytes | None
    announced: bool
    release: Release = field(repr=False)

    @cached_property
    def digests(self) -> dict[str, str]:
        """Hexadecimal digests of the content, in the order of the description."""
        return {name: hashlib.new(name, self.content).hexdigest() for name in self.release.hashes}

    @cached_property
    def metadata_digest(self) -> str:
        """The sha256 that the page gives for the sidecar."""
        return hashlib.sha256(self.sidecar or b"").hexdigest()


@dataclass(frozen=True)
class Release:
    """One version of a package, with every keyword of `Description` filled in."""

    name: str
    version: str
    requires: tuple[str, ...] = ()
    requires_python: str | None = None
    extras: Mapping[str, Sequence[str]] = field(default_factory=dict)
    wheel_tags: tuple[str, ...] = ("py3-none-any",)
    sdist: bool = False
    dynamic: tuple[str, ...] = ()
    sdist_metadata_version: str = "2.2"
    build_fails: bool = False
    build_requires: tuple[str, ...] = ()
    build_backend: str | None = None
    yanked: bool | str = False
    upload_time: str | None = "2024-01-01T00:00:00Z"
    wheel_upload_time: str | None = None
    metadata: Metadata = "sidecar"
    hashes: tuple[str, ...] = ("sha256",)
    padding: int = 0
    provenance: str | None = None
    modules: Mapping[str, str] = field(default_factory=dict)

    @property
    def normalized_name(self) -> str:
        """The name as it stands in the page's address."""
        return canonicalize_name(self.name)

    @cached_property
    def files(self) -> tuple[ServedFile, ...]:
        """The sdist, if there is one, then the wheels in the order of their tags."""
        source = [self._sdist()] if self.sdist else []
        return (*source, *(self._wheel(tag) for tag in self.wheel_tags))

    def _escaped(self) -> str:
        return self.normalized_name.replace("-", "_")

    def _core(self) -> archives.CoreMetadata:
        return archives.CoreMetadata(
            name=self.name,
            version=self.version,
            requires=tuple(self.requires),
            requires_python=self.requires_python,
            extras={extra: tuple(requires) for extra, requires in self.extras.items()},
        )

    def _wheel(self, tag: str) -> ServedFile:
        text = self._core().render()
        stem = f"{self._escaped()}-{self.version}"
        return ServedFile(
            filename=f"{stem}-{tag}.whl",
            content=archives.wheel(stem, tag, text, padding=self.padding, modules=self.modules),
            sidecar=text if self.metadata == "sidecar" else None,
            announced=self.metadata != "none",
            release=self,
        )

    def _sdist(self) -> ServedFile:
        core = self._core()
        stem = f"{self._escaped()}-{self.version}"
        package_information = core.render(metadata_version=self.sdist_metadata_version, dynamic=tuple(self.dynamic))
        build = archives.SdistBuild(tuple(self.build_requires), self.build_backend, self.build_fails)
        content = archives.sdist(stem, package_information, core.render(), build)
        return ServedFile(filename=f"{stem}.tar.gz", content=content, sidecar=None, announced=False, release=self)
