"""packaging's own test files, run against locktool's classes in the place of packaging's.

The tests come from the sdist of the installed packaging at run time and are not kept. What is out of scope is listed
with its reason; every other failure counts. Usage: python benchmarks/packaging_suite.py [pytest options]
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

from packaging.utils import InvalidSdistFilename, parse_sdist_filename
from packaging.version import Version

from replay import Upstream, configured_index

FILES = ("test_version.py", "test_specifiers.py", "test_markers.py", "test_requirements.py")

# Parts of test names, each with why it asks for something that locktool's classes do not promise.
OUT_OF_SCOPE = {
    "_legacy": "pickles of older releases of packaging",
    "setstate": "pickles of older releases of packaging",
    "pickle": "pickles hold the class's own module",
    "_private": "private attributes",
    "subclass": "the classes are final",
    "hypothesis": "property tests of packaging's internals",
    "test_basic_valid_requirement_parsing": "names and extras are normalised, where packaging keeps the spelling",
    "test_equivalent_reqs_equal_hashes_unequal_strings": "names and extras are normalised",
    "ToRangeEquivalence": "packaging's own type of ranges",
    "cache": "packaging's caches",
    "construction_is_lazy": "packaging's caches",
    "prereleases_set": "the classes are frozen: `prereleases` cannot be assigned",
    "prereleases_explicit": "the classes are frozen: `prereleases` cannot be assigned",
    "_version": "deprecated and private attributes",
    "hash_from": "private attributes",
    "oversized": "numbers have no upper bound",
}

_PLUGIN = '''\
"""Puts locktool's classes where packaging's tests import from."""

import locktool
import packaging.markers
import packaging.requirements
import packaging.specifiers
import packaging.version

packaging.version.Version = locktool.Version
packaging.version.InvalidVersion = locktool.InvalidVersion
packaging.version.parse = locktool.Version
packaging.specifiers.Specifier = locktool.Specifier
packaging.specifiers.SpecifierSet = locktool.SpecifierSet
packaging.specifiers.InvalidSpecifier = locktool.InvalidSpecifier
packaging.markers.Marker = locktool.Marker
packaging.markers.InvalidMarker = locktool.InvalidMarker
packaging.markers.UndefinedComparison = locktool.UndefinedComparison
packaging.markers.UndefinedEnvironmentName = locktool.UndefinedEnvironmentName
packaging.requirements.Requirement = locktool.Requirement
packaging.requirements.InvalidRequirement = locktool.InvalidRequirement
'''


def fetch_tests(directory: Path) -> Path:
    """Unpack the tests of the installed packaging; gives their folder. Raises LookupError without an sdist."""
    wanted = Version(version("packaging"))
    upstream = Upstream(configured_index())
    for file in upstream.page("packaging"):
        try:
            found = parse_sdist_filename(file.filename)[1]
        except InvalidSdistFilename:
            continue
        if found == wanted:
            with tarfile.open(fileobj=io.BytesIO(upstream.file(file.origin))) as archive:
                archive.extractall(directory, filter="data")
            return next(directory.glob("*/tests"))
    message = f"the configured index has no sdist of packaging {wanted}"
    raise LookupError(message)


def main() -> int:
    """Run them; the exit code is pytest's."""
    with tempfile.TemporaryDirectory() as temporary:
        tests = fetch_tests(Path(temporary))
        (tests / "locktool_in_place.py").write_text(_PLUGIN, encoding="utf-8")
        chosen = " and ".join(f"not {part}" for part in OUT_OF_SCOPE)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "locktool_in_place", "-k", chosen, *FILES, *sys.argv[1:]]
        return subprocess.run(command, cwd=tests, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
