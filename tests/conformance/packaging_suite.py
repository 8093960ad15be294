"""Runs `packaging`'s own tests against locktool's classes: `python tests/conformance/packaging_suite.py`.

The tests come from the source distribution of the installed release, which pip fetches for the run and nobody keeps;
`pretend` is a requirement of those tests. What is not asked of locktool is listed below with its reason; every other
test must pass. The scheduled job runs it.
"""

import os
import re
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

import packaging.markers
import packaging.requirements
import packaging.specifiers
import packaging.version
import pytest

import locktool

FILES = ("test_version.py", "test_specifiers.py", "test_markers.py", "test_requirements.py")

# The same questions are put to every pair of versions and specifiers by the tests beside this file.
OUT_OF_SCOPE = {
    "to_range: packaging's VersionRange is no class of locktool's": (
        r"SetToRangeEquivalence|TestSpecifier::test_(specifiers|invalid_version)$|::test_specifier_filter$"
        r"|TestSpecifierSet::test_is_(subset|superset|disjoint)$"
    ),
    "private attributes, caches and laziness of packaging's classes": (
        r"TestSpecifierInternal::|_is_lazy|reads_cached_bounds|test_trimmed_release|test_base_version_|base_version_subclass"
        r"|deprecated__version|hatchling_usage__version|IsUnsatisfiable::test_(cache|canonicalization|range_bounds|result_is)"
        r"|hash_for_compatible_operator|test_pickle_specifier_roundtrip|comparison_functions_with_different_types"
        r"|TestFastMatch|repeated_serialization_reuses|(reinitialization|restoring_state)_discards"
    ),
    "pickles that packaging wrote; locktool pickles its own": (
        r"_setstate_|_format_loads|getstate|old_format|_loads$|slots_format|pickle_contains_only"
        r"|test_pickle_requirement_(state|26_4)"
    ),
    "frozen classes: prereleases is given to the constructor": (
        r"test_specifier_prereleases_(set|explicit)|preserves_prereleases|cache_reset_on_prereleases"
        r"|preserves_inner_prereleases|requirement_specifier_construction|specifiers_are_independent"
    ),
    "wording of messages": (
        r"TestRequirementParsing::test_error|from_parts_rejects|test_replace_invalid|test_specifiers_combine|test_from_parts_invalid"
        r"|test_invalid_marker_(manual_construction|syntax_details|defers)"
        r"|missing_environment_key_raises|malformed_quoted_string|TestRequirementParsing::test_parse_legacy"
    ),
    "names and extras are normalised": (
        r"test_basic_valid_requirement_parsing|TestRequirementBehaviour|test_normalized_requirements"
    ),
    "text of a marker is canonical": (
        r"TestMarker::test_str_repr_eq_hash|membership_value_str"
        r"|(nested_)?extra_str_normalization|extra_compared_to_variable|embedded_double_quote_round_trips"
        r"|test_marker_atom_whitespace|test_marker_item_token_boundaries|test_chain_keeps_mixed_groups"
    ),
    "a comparison of two texts is refused": r"test_new_string_rules",
    "additions of packaging 26.4: extra as a set of names, prepared environments, __replace__": (
        r"TestExtraSetEvaluation|TestEvaluatePrepared|set_valued_overrides_remain_live|::test_replace"
    ),
    "a text in the place of a set of names is a TypeError": r"set_valued_marker_rejects_string",
    "parentheses nest without a limit: the grammar has none": r"test_parses_invalid_too_deeply_nested",
    "a number of more than 4300 digits is no version rather than another error": r"oversized_version",
}


class Substitution:
    """A pytest plugin: locktool's classes in the place of packaging's, and the list above."""

    def __init__(self) -> None:
        self.left_out: dict[str, int] = {}
        for module, names in (
            (packaging.version, ("Version", "InvalidVersion")),
            (packaging.specifiers, ("Specifier", "SpecifierSet", "InvalidSpecifier")),
            (packaging.markers, ("Marker", "InvalidMarker", "UndefinedComparison", "UndefinedEnvironmentName")),
            (packaging.requirements, ("Requirement", "InvalidRequirement")),
        ):
            for name in names:
                setattr(module, name, getattr(locktool, name))
        packaging.version.parse = locktool.Version  # type: ignore[assignment]

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        kept: list[pytest.Item] = []
        dropped: list[pytest.Item] = []
        for item in items:
            name = item.nodeid.partition("[")[0]
            reason = next((reason for reason, pattern in OUT_OF_SCOPE.items() if re.search(pattern, name)), None)
            (dropped if reason else kept).append(item)
            if reason:
                self.left_out[reason] = self.left_out.get(reason, 0) + 1
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for reason, count in self.left_out.items():
            terminalreporter.line(f"left out {count:6}: {reason}")


def fetch(folder: Path) -> Path:
    """The unpacked source distribution of the installed release, below a folder."""
    wanted = f"packaging=={version('packaging')}"
    options = ["--quiet", "--no-deps", "--no-binary", "packaging", "--dest", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "download", *options, wanted], check=True)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


def main() -> int:
    """The exit code of the run."""
    with tempfile.TemporaryDirectory() as temporary:
        os.chdir(fetch(Path(temporary)))
        arguments = ["-q", "--tb=line", "-p", "no:cacheprovider", "-o", "addopts="]
        return pytest.main([*arguments, *(f"tests/{name}" for name in FILES)], plugins=[Substitution()])


if __name__ == "__main__":
    sys.exit(main())
