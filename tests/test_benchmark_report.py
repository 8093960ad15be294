"""What benchmarks/ says of rows: ratios, targets, exponents and pictures; and that an interrupted run goes on."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from growth import curves, exponent, missed
from growth import table as growth_table
from measure import run
from picture import curves_picture, ratios_picture
from report import others_table, table
from results import BASELINE, Measured, Results, begin, read
from runs import PHASES
from targets import declared, judge

if TYPE_CHECKING:
    from pathlib import Path


def row(project: str, tool: str, phase: str, seconds: float, **fields: object) -> Measured:
    figures = {"cpu_seconds": seconds, "peak_megabytes": 10.0, "quickest": seconds, "slowest": seconds}
    return Measured(project=project, tool=tool, phase=phase, seconds=seconds, **figures | fields)  # type: ignore[arg-type] # fields by name


def test_a_ratio_is_judged_by_the_target_that_names_the_project() -> None:
    rows = [
        row(project, tool, phase, seconds)
        for project, phase, ours in (("flask 3", "warm", 0.9), ("zulip", "warm", 0.7), ("other", "cold", 0.8))
        for tool, seconds in (("locktool", ours), ("uv", 1.0))
    ]
    judged = {(each.project, each.quantity): each.reached for each in judge(rows) if each.quantity == "time"}
    assert judged == {("flask 3", "time"): True, ("zulip", "time"): False, ("other", "time"): True}


def test_a_failed_run_reaches_no_target() -> None:
    rows = [row("flask", "locktool", "warm", 0.1), row("flask", "uv", "warm", 1.0, failure="line\nno answer")]
    assert {each.quantity: (each.figure, each.reached) for each in judge(rows)} == {
        "time": (None, False),
        "memory": (None, False),
    }
    assert "uv, flask, warm: no answer" in table(rows)


def test_a_check_is_judged_by_what_it_takes_above_the_interpreter() -> None:
    rows = [
        row("flask", "locktool", "check", 0.025),
        row("flask", "uv", "check", 0.001),
        row("flask", BASELINE, "check", 0.013),
    ]
    (judgement,) = judge(rows)
    assert judgement.figure == pytest.approx(12)
    assert not judgement.reached
    assert "above-baseline 12.00, at most 11 (missed)" in table(rows)


def test_a_question_without_an_answer_is_judged_by_its_sister() -> None:
    rows = [
        row("tensorflow-io-nightly", "locktool", "warm", 0.1),
        row("tensorflow-io-nightly-unsat", "locktool", "warm", 0.31),
    ]
    (judgement,) = judge(rows)
    assert (judgement.quantity, judgement.reached) == ("sister", False)


def test_targets_speak_of_phases_and_quantities_that_exist() -> None:
    for target in declared()["target"]:
        assert set(target["phases"]) <= set(PHASES)
        assert target["quantity"] in {"time", "memory", "cache", "above-baseline", "sister"}
        assert ("sister" in target) == (target["quantity"] == "sister")


def test_write_then_read_is_identity_and_says_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    kept = begin()
    kept.replace([row("a", "locktool", "warm", 1.0), row("a", "uv", "warm", 2.0)])
    kept.replace([row("a", "uv", "warm", 3.0)])
    kept.write(path)
    assert read(path) == kept
    assert [each.seconds for each in kept.rows] == [1.0, 3.0]
    assert kept.has("a", ["locktool", "uv"])
    assert not kept.has("a", ["locktool", "pip"])
    assert not kept.has("b", ["uv"])


def test_other_tools_stand_in_one_line() -> None:
    rows = [
        row("a 1", "locktool", "warm", 0.5, packages=7),
        row("a 1", "pip", "warm", 120.0, failure="no answer in 120 s"),
        row("a 1", "nab", "warm", 7.0, failure="error: no"),
    ]
    head, line, *failures = others_table(rows).splitlines()
    assert head.split() == ["project", "phase", "locktool", "pip", "nab"]
    assert line.split() == ["a", "1", "warm", "0.50", "s", "(7)", ">", "120", "s", "failed"]
    assert failures == ["    pip, a 1, warm: no answer in 120 s", "    nab, a 1, warm: error: no"]


def of_growth(power: float) -> list[Measured]:
    sizes = (100, 200, 400, 800, 1600, 3200)
    return [row(f"registry {size}", "locktool", "warm", 1e-3 + 1e-5 * size**power) for size in sizes]


@pytest.mark.parametrize(("power", "steep"), [(1.0, False), (1.5, True)])
def test_an_exponent_is_the_power_of_the_size(power: float, steep: bool) -> None:  # noqa: FBT001 - a parameter
    rows = of_growth(power)
    ((key, curve),) = curves(rows).items()
    assert key == ("registry", "warm", "locktool")
    assert exponent(curve) == pytest.approx(power, abs=0.1)
    assert bool(missed(rows)) == steep
    assert f"{exponent(curve):.2f}" in growth_table(rows)


def test_a_curve_leaves_out_what_failed() -> None:
    rows = [*of_growth(1.0), row("registry 6400", "locktool", "warm", 0.0, failure="no")]
    ((_, curve),) = curves(rows).items()
    assert len(curve) == 6


def test_pictures_are_well_formed_and_say_where_they_come_from() -> None:
    kept = Results("python benchmarks/side_by_side.py <a>", "a machine", {}, [])
    kept.rows = [row("a&b", "locktool", "cold", 1.0), row("a&b", "uv", "cold", 2.0), row("c", "uv", "cold", 2.0)]
    kept.rows.append(replace(kept.rows[0], phase="delayed"))
    curve = [(100.0, 0.01), (200.0, 2.0)]
    for picture in (ratios_picture(kept), curves_picture("t", ["<a>"], {"p": {"uv": curve, "locktool": curve}})):
        texts = [element.text for element in ET.fromstring(picture).iter() if element.text]  # noqa: S314 - our own
        assert any("<a>" in text for text in texts)
    assert "0.50" in ratios_picture(kept)


def test_a_run_ends_at_its_limit_with_what_it_started(tmp_path: Path) -> None:
    program = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    done = run([sys.executable, "-c", program], tmp_path, {}, limit=0.5)
    assert done.code != 0
    assert 0.5 <= done.seconds < 30
