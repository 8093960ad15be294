"""The pages of benchmarks say what their files say, and each part of them is read from what its benchmark writes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

import misses
import page
from instructions import by_object, judged
from results import Measured, begin, read
from targets import judge
from values import Values, of_benchmark
from values import read as read_values

if TYPE_CHECKING:
    from pathlib import Path


def test_the_pages_are_what_the_files_give() -> None:
    for name, text in page.written().items():
        assert (page.PAGES / name).read_text(encoding="utf-8") == text, "run `python benchmarks/page.py`"


def test_each_target_that_is_missed_is_explained_and_no_other() -> None:
    judgements = judge(read(page.FOLDER / "side-by-side.json").rows)
    rows, values = read(page.FOLDER / "growth.json").rows, read_values(page.FOLDER / "values.json")
    assert misses.unexplained(judgements, rows, values) == []
    assert misses.outdated(judgements, rows, values) == []


def test_a_page_has_the_parts_that_were_measured(tmp_path: Path) -> None:
    kept = begin()
    kept.versions = {"uv": "1.2"}
    kept.rows = [
        Measured(f"registry {size}", tool, "warm", size / 1000, 0.1, 9.0, 1.0, 10.0)
        for size in (100, 200, 400, 800)
        for tool in ("locktool", "uv")
    ]
    kept.write(tmp_path / "growth.json")
    found = page.written(tmp_path)
    assert set(found) == {page.PAGE, page.GROWTH_PAGE, page.MISSED_PAGE, page.PICTURES["growth"]}
    assert (
        "| packages | warm | uv | 1.00 | 100: 100 ms, 200: 200 ms, 400: 400 ms, 800: 800 ms |"
        in found[page.GROWTH_PAGE]
    )
    assert "uv 1.2" in found[page.GROWTH_PAGE]


def test_a_project_has_one_row_of_ratios(tmp_path: Path) -> None:
    kept = begin()
    kept.rows = [
        Measured("made-up 1", tool, phase, seconds, 0.1, 9.0, 1.0, 10.0 * seconds)
        for phase in ("check", "warm")
        for tool, seconds in (("locktool", 1.0), ("uv", 2.0))
    ]
    kept.write(tmp_path / "side-by-side.json")
    found = page.written(tmp_path)[page.PAGE]
    assert "| project | check | warm | memory, warm |" in found
    assert "| made-up 1 | 0.50 | 0.50 | 0.50 ≤0.6 |" in found


def benchmark(group: str, side: str, seconds: float) -> dict[str, Any]:
    return {"group": group, "param": f"value-{side}", "stats": {"median": seconds}}


def test_values_are_the_medians_of_both_sides() -> None:
    pairs = {"version: parse": 7.9, "call: no work": 2.0}
    document = {
        "machine_info": {"python_version": "3.14.0"},
        "benchmarks": [
            benchmark(group, side, seconds)
            for group, times in pairs.items()
            for side, seconds in (("packaging", times * 1e-6), ("locktool", 1e-6))
        ],
    }
    values = of_benchmark(document)
    assert values.ratio("version: parse") == pytest.approx(7.9)
    assert Values(**asdict(values)) == values


def test_instructions_count_where_they_are_executed() -> None:
    text = """\
ob=(1) /usr/bin/python
fn=(1) main
16 100
cob=(2) /x/_native.abi3.so
cfn=(2)
calls=1 32
17 5000
+3 20
ob=(2)
fn=(2)
* 40
-1 2
cob=(1)
cfn=(1)
calls=2 16
+1 120
totals: 162
"""
    assert by_object(text.splitlines()) == {"/usr/bin/python": 120, "/x/_native.abi3.so": 42}


@pytest.mark.parametrize(("count", "said"), [(105, None), (106, "above"), (90, None), (89, "lower it")])
def test_a_count_is_near_its_limit(count: int, said: str | None) -> None:
    text = judged("check", count, 100)
    assert text is None if said is None else text is not None and said in text
