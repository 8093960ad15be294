"""Registries that are made up from a seed, of any size and shaped as the public index is.

`python benchmarks/shape.py` said on 2026-11-27, of 1,250 recorded packages with 92,811 versions:
- versions a package: median 38, a tenth above 145, mean 74: a log-normal distribution
- files a version: 2 for most, a tenth above 14, mean 6.1: a wheel and an sdist, or one package in seven with wheels of
  twenty platforms and Pythons
- requirements of a release without extras: mean 2.3, half of the packages have at most one
- bounds: lower alone 50 %, with an upper one 31 %, none 18 %; a marker at 13 %; 3.0 % exclude the newest release
- 6 kB of metadata a release

Package number i requires packages with higher numbers alone. Each is required by one before it, nearer the roots more
often, so that the roots reach all; further requirements go to the end of the list more often, as to libraries that many
use. A bound moves with the release that has it, and one upper bound in ten excludes the newest release. Lower bounds
stay below all upper ones, so that there is always an answer.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

import tomlkit

from question import Question
from replay.pages import RecordedFile
from replay.upstream import Missing

if TYPE_CHECKING:
    from collections.abc import Mapping

MEDIAN_VERSIONS, SPREAD, MOST_VERSIONS = 38, 1.05, 1500
COMPILED = 0.15
PYTHONS = ("cp310", "cp311", "cp312", "cp313", "cp314")
PLATFORMS = ("manylinux_2_17_x86_64", "manylinux_2_17_aarch64", "macosx_11_0_arm64", "win_amd64")
REQUIREMENTS_A_PACKAGE = 2.3
WITH_UPPER, WITHOUT_BOUND, WITH_MARKER, EXCLUDES_NEWEST = 0.31, 0.18, 0.13, 0.1
LOWER_SHARE, UPPER_SHARE = 0.7, 0.8
MARKERS = ("python_version < '3.12'", "sys_platform == 'win32'", "platform_system == 'Linux'")
ROOTS = 20
REQUIRES_PYTHON = ">=3.10"
DESCRIPTION = "\n".join(f"{line:03} of a description, which a reader of metadata skips." for line in range(100))


@dataclass(frozen=True)
class Edge:
    """A requirement of every release of a package: on which one, and the draws that shape its bounds and its marker."""

    on: int
    bound: float
    excludes: bool
    marker: str


@dataclass(frozen=True)
class SyntheticIndex:
    """An index of `size` packages, which a store can record."""

    size: int
    seed: int = 20261127

    def _random(self, *of: object) -> Random:
        return Random(f"{self.seed} {of}")  # noqa: S311 - the same in each run, and of nobody's security

    @cached_property
    def edges(self) -> Mapping[int, list[Edge]]:
        """The requirements of each package."""
        random = self._random("edges")
        roots = min(ROOTS, self.size)
        pairs = {(int(random.random() ** 2 * child), child) for child in range(roots, self.size)}
        while len(pairs) < min(REQUIREMENTS_A_PACKAGE * self.size, self.size * (self.size - 1) // 2):
            parent = random.randrange(self.size - 1)
            pairs.add((parent, self.size - 1 - int((self.size - 1 - parent) * random.random() ** 3)))
        edges: dict[int, list[Edge]] = {package: [] for package in range(self.size)}
        for parent, child in sorted(pairs):
            if parent != child:
                marker = random.choice(MARKERS) if random.random() < WITH_MARKER else ""
                edges[parent].append(Edge(child, random.random(), random.random() < EXCLUDES_NEWEST, marker))
        return edges

    def versions(self, package: int) -> int:
        """How many versions a package has."""
        drawn = self._random("versions", package).lognormvariate(math.log(MEDIAN_VERSIONS), SPREAD)
        return max(2, min(MOST_VERSIONS, round(drawn)))

    def page(self, name: str) -> list[RecordedFile]:
        """The files of a package. Raises Missing."""
        package = self._number(name)
        compiled = self._random("compiled", package).random() < COMPILED
        tags = [f"{python}-{python}-{platform}" for python in PYTHONS for platform in PLATFORMS]
        files = []
        for release in range(self.versions(package)):
            version = version_text(release)
            wheels = [f"{name}-{version}-{tag}.whl" for tag in (tags if compiled else ["py3-none-any"])]
            files += [_file(filename, release) for filename in (*wheels, f"{name}-{version}.tar.gz")]
        return files

    def metadata(self, wheel: str) -> bytes:
        """The metadata of a release. Raises Missing."""
        name, version, *_ = wheel.split("-")
        package = self._number(name)
        release = release_number(version)
        position = release / max(self.versions(package) - 1, 1)
        required = [f"Requires-Dist: {self._requirement(edge, position)}\n" for edge in self.edges[package]]
        head = f"Metadata-Version: 2.3\nName: {name}\nVersion: {version}\nRequires-Python: {REQUIRES_PYTHON}\n"
        return f"{head}{''.join(required)}\n{DESCRIPTION}\n".encode()

    def file(self, url: str) -> bytes:
        """No file: what the metadata says is enough for a lock. Raises Missing."""
        raise Missing(url)

    def _requirement(self, edge: Edge, position: float) -> str:
        """A requirement as the release at a share of the package's history has it."""
        count = self.versions(edge.on)
        bounds = ""
        if edge.bound > WITHOUT_BOUND:
            bounds = f">={version_text(int((count - 1) * LOWER_SHARE * position))}"
        if edge.bound > 1 - WITH_UPPER:
            excluded = math.ceil((count - 1) * UPPER_SHARE) if edge.excludes else count + 30
            bounds += f",<{version_text(max(excluded, 1))}"
        return package_name(edge.on) + bounds + (f" ; {edge.marker}" if edge.marker else "")

    def _number(self, name: str) -> int:
        kind, _, number = name.rpartition("k")
        if kind != "pac" or int(number) >= self.size:
            raise Missing(name)
        return int(number)


def package_name(package: int) -> str:
    """The name of a package: `pack0007`."""
    return f"pack{package:04}"


def version_text(release: int) -> str:
    """The version of a release: three patches a minor version, ten minor ones a major."""
    return f"{release // 30}.{release % 30 // 3}.{release % 3}"


def release_number(version: str) -> int:
    """The release of a version: the other way round."""
    major, minor, patch = map(int, version.split("."))
    return major * 30 + minor * 3 + patch


def _file(filename: str, release: int) -> RecordedFile:
    digest = hashlib.sha256(filename.encode()).hexdigest()
    day = f"{2010 + release // 120}-{1 + release // 10 % 12:02}-{1 + release % 28:02}T00:00:00Z"
    return RecordedFile(filename, filename, {"sha256": digest}, REQUIRES_PYTHON, upload_time=day, size=10_000)


def project(index: SyntheticIndex) -> Question:
    """A project that requires the roots, through which it reaches every package."""
    roots = [package_name(package) for package in range(min(ROOTS, index.size))]
    return Question("registry", str(index.size), _document("registry", roots), REQUIRES_PYTHON)


def workspace(index: SyntheticIndex, count: int) -> Question:
    """A workspace whose members each require four packages and the two members before them."""
    random = Random(f"{index.seed} members")  # noqa: S311 - the same in each run
    members = {}
    for number in range(count):
        before = [f"member{other:04}" for other in range(max(0, number - 2), number)]
        packages = [package_name(package) for package in sorted(random.sample(range(index.size), 4))]
        members[f"members/member{number:04}/pyproject.toml"] = _document(f"member{number:04}", before + packages)
    sources = {f"member{number:04}": {"workspace": True} for number in range(count)}
    tables = {"tool": {"uv": {"workspace": {"members": ["members/*"]}, "sources": sources}}}
    text = _document("members", []) + tomlkit.dumps(tables)
    return Question("members", str(count), text, REQUIRES_PYTHON, members=members)


def _document(name: str, requires: list[str]) -> str:
    table = {"name": name, "version": "0", "requires-python": REQUIRES_PYTHON, "dependencies": requires}
    return tomlkit.dumps({"project": table})
