"""One operation at a time, locktool beside `packaging` on the same inputs, in groups that pytest-benchmark compares.

The group `call: no work` has what a call costs alone: of a method of the extension that has nothing to compute, and of
one in Python. `python benchmarks/values.py` makes the table of ratios.
Usage: python -m pytest benchmarks/micro
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import packaging.markers
import packaging.requirements
import packaging.specifiers
import packaging.version
import pytest

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

locktool = pytest.importorskip("locktool")
pytest.importorskip("locktool._native")

SEED = 20260101
VERSIONS = ["1.26.4", "2.0.0rc1", "2024.10.1", "2.17.0.dev20240101", "0.1", "1!2.3.post4", "3.14.0b2", "10.2.30.4"]
SPECIFIERS = [">=1.26,<2", "~=2.1", "!=1.9.*,>=1.8", "==2024.10.*", ">1!0", ">=0.1,!=0.5,!=0.6,<4"]
MARKERS = [
    "python_version >= '3.11' and sys_platform == 'linux'",
    "(os_name == 'nt' or platform_machine == 'aarch64') and implementation_name == 'cpython'",
    "extra == 'socks' and python_full_version < '3.12.4'",
]
REQUIREMENTS = [
    "requests[security,socks]>=2.31,<3 ; python_version >= '3.9'",
    "numpy>=1.26.4",
    "package @ https://example.invalid/package-1.0-py3-none-any.whl ; os_name == 'posix'",
]
SIDES = [
    pytest.param((packaging.version, packaging.specifiers, packaging.markers, packaging.requirements), id="packaging"),
    pytest.param((locktool, locktool, locktool, locktool), id="locktool"),
]


@pytest.fixture(params=SIDES)
def side(request: pytest.FixtureRequest) -> Any:  # noqa: ANN401 - four modules with the same names
    return request.param


class Nothing:
    """A method in Python that does no work."""

    def is_false(self) -> bool:
        """No."""
        return False


def many_versions(count: int) -> list[str]:
    chosen = random.Random(SEED)  # noqa: S311 - inputs that are the same in each run
    suffixes = ["", "", "", "", "rc1", ".post1", ".dev20250101", "a2", "+local.1"]
    return [
        f"{chosen.randint(0, 40)}.{chosen.randint(0, 30)}.{chosen.randint(0, 20)}{chosen.choice(suffixes)}"
        for _ in range(count)
    ]


@pytest.mark.benchmark(group="version: parse")
def test_parse_versions(benchmark: BenchmarkFixture, side: Any) -> None:  # noqa: ANN401
    benchmark(lambda: [side[0].Version(text) for text in VERSIONS])


@pytest.mark.benchmark(group="version: sort 5000")
def test_sort_versions(benchmark: BenchmarkFixture, side: Any) -> None:  # noqa: ANN401
    texts = many_versions(5000)

    def unsorted() -> tuple[tuple[list[Any]], dict[str, Any]]:
        # packaging computes the key of a version at its first comparison: each round gets values of its own.
        return ([side[0].Version(text) for text in texts],), {}

    benchmark.pedantic(sorted, setup=unsorted, rounds=20)  # type: ignore[no-untyped-call] # the plugin has it untyped


@pytest.mark.benchmark(group="specifier: contains")
def test_specifier_contains(benchmark: BenchmarkFixture, side: Any) -> None:  # noqa: ANN401
    sets = [side[1].SpecifierSet(text) for text in SPECIFIERS]
    versions = [side[0].Version(text) for text in VERSIONS]
    benchmark(lambda: [version in specifiers for specifiers in sets for version in versions])


@pytest.mark.benchmark(group="specifier: intersection")
def test_specifier_intersection(benchmark: BenchmarkFixture, side: Any) -> None:  # noqa: ANN401
    sets = [side[1].SpecifierSet(text) for text in SPECIFIERS]
    benchmark(lambda: [left & right for left in sets for right in sets])


@pytest.mark.benchmark(group="marker: parse")
def test_parse_markers(benchmark: BenchmarkFixture, side: Any) -> None:  # noqa: ANN401
    benchmark(lambda: [side[2].Marker(text) for text in MARKERS])


@pytest.mark.benchmark(group="marker: evaluate")
def test_evaluate_markers(benchmark: BenchmarkFixture, side: Any) -> None:  # noqa: ANN401
    markers = [side[2].Marker(text) for text in MARKERS]
    environment: dict[str, Any] = {**packaging.markers.default_environment(), "extra": "socks"}
    benchmark(lambda: [marker.evaluate(environment) for marker in markers])


@pytest.mark.benchmark(group="requirement: parse")
def test_parse_requirements(benchmark: BenchmarkFixture, side: Any) -> None:  # noqa: ANN401
    benchmark(lambda: [side[3].Requirement(text) for text in REQUIREMENTS])


@pytest.mark.benchmark(group="call: no work")
@pytest.mark.parametrize(
    "value", [pytest.param(Nothing(), id="packaging"), pytest.param(locktool.Marker(MARKERS[0]), id="locktool")]
)
def test_call_without_work(benchmark: BenchmarkFixture, value: Any) -> None:  # noqa: ANN401
    benchmark(lambda: [value.is_false() for _ in range(100)])
