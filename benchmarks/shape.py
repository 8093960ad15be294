"""The shape of a recorded index: what synthetic.py imitates.

Versions are counted a package, files a version, and requirements without extras in the newest recorded metadata of a
package, so that a package whose releases were all asked for counts once.

    python benchmarks/shape.py [STORE]
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.metadata import Metadata
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from replay import default_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from packaging.requirements import Requirement
    from packaging.version import Version

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)


def version_of_file(filename: str) -> Version | None:
    """The version in the name of a distribution, or None where it has none of the standard's forms."""
    try:
        if filename.endswith(".whl"):
            return parse_wheel_filename(filename)[1]
        return parse_sdist_filename(filename)[1]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None


def files_by_version(page: Path) -> Counter[Version]:
    """How many files each version of a page has."""
    listed = (version_of_file(file["filename"]) for file in json.loads(page.read_bytes())["files"])
    return Counter(version for version in listed if version is not None)


def newest_requirements(folder: Path) -> list[Requirement] | None:
    """What the newest recorded release of a package requires without extras; None where no metadata is recorded."""
    recorded = [
        (version, path)
        for path in folder.glob("*.metadata")
        if (version := version_of_file(path.name.removesuffix(".metadata"))) is not None
    ]
    if not recorded:
        return None
    _, path = max(recorded)
    metadata = Metadata.from_email(path.read_bytes(), validate=False)
    return [each for each in metadata.requires_dist or [] if "extra" not in str(each.marker or "")]


def kind(requirement: Requirement) -> str:
    """What a requirement bounds: `none`, `lower`, `upper` (with a lower bound or without) or `pin`."""
    operators = {specifier.operator for specifier in requirement.specifier}
    exact = any(each.operator == "==" and not each.version.endswith("*") for each in requirement.specifier)
    if exact:
        return "pin"
    if operators & {"<", "<=", "~=", "=="}:
        return "upper"
    return "lower" if operators & {">", ">="} else "none"


def excludes_newest(requirement: Requirement, newest: dict[str, Version]) -> bool:
    """Whether the newest final release of a recorded package is not admitted."""
    version = newest.get(canonicalize_name(requirement.name))
    return version is not None and not requirement.specifier.contains(version)


def quantiles(values: Iterable[int]) -> str:
    """The values at SHARES, and the mean."""
    ordered: Sequence[int] = sorted(values)
    shares = ", ".join(f"{share:.0%} {ordered[int(len(ordered) * share)]}" for share in SHARES)
    return f"{shares}, mean {statistics.mean(ordered):.1f} (of {len(ordered)})"


def main() -> None:
    """Print the shape."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", nargs="?", type=Path, default=default_store())
    store: Path = parser.parse_args().store
    found = {path.parent.name: files_by_version(path) for path in store.glob("simple/*/index.json")}
    pages = {name: counted for name, counted in found.items() if counted}
    print("versions a package:", quantiles(len(page) for page in pages.values()))
    print("files a version:", quantiles(count for page in pages.values() for count in page.values()))
    listed = [each for folder in store.glob("files/*") if (each := newest_requirements(folder)) is not None]
    print("requirements of the newest release:", quantiles(map(len, listed)))
    requirements = [requirement for each in listed for requirement in each]
    total = len(requirements)
    kinds = Counter(map(kind, requirements))
    print("bounds:", ", ".join(f"{name} {count / total:.0%}" for name, count in kinds.most_common()))
    newest = {name: max((v for v in page if not v.is_prerelease), default=max(page)) for name, page in pages.items()}
    print(
        f"exclude the newest final release: {sum(excludes_newest(each, newest) for each in requirements) / total:.1%}"
    )
    print(f"with a marker: {sum(each.marker is not None for each in requirements) / total:.0%} of {total}")


if __name__ == "__main__":
    main()
