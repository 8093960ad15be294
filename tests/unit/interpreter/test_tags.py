"""The core's wheel tags are those of `packaging.tags`, in order, for facts of every platform."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locktool._native import interpreter_tags
from tags_of_packaging import tags_of_packaging

RECORDED: dict[str, dict[str, Any]] = {
    name: facts
    for path in sorted((Path(__file__).parents[2] / "data" / "interpreters").glob("*.json"))
    for name, facts in json.loads(path.read_text("utf-8")).items()
}
BASE = RECORDED["debian-x86_64"]


def core_tags(facts: dict[str, Any]) -> list[str]:
    return interpreter_tags(facts)


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_facts_give_the_tags_of_packaging(name: str) -> None:
    assert core_tags(RECORDED[name]) == tags_of_packaging(RECORDED[name])


VERSIONS = st.integers(7, 18)
LINUX_MACHINES = ("x86_64", "i686", "aarch64", "armv7l", "armv8l", "armv6l", "ppc64", "ppc64le", "s390x", "riscv64")
ELF = st.fixed_dictionaries(
    {
        "bits": st.sampled_from([32, 64]),
        "little_endian": st.booleans(),
        "machine": st.sampled_from([3, 40, 62, 183]),
        "flags": st.sampled_from([0, 0x05000400, 0x05000200, 0x04000400, 0x05000600]),
    }
)
# A glibc before 2 never had a wheel.
LIBC = st.builds(
    lambda name, major, minor: {"name": name, "version": [major, minor]},
    name=st.sampled_from(["glibc", "musl"]),
    major=st.integers(2, 3),
    minor=st.integers(0, 45),
)
BUILDS = st.fixed_dictionaries(
    {
        "version": VERSIONS.map(lambda minor: f"3.{minor}.1"),
        "version_nodot": st.none(),
        "debug": st.booleans(),
        "free_threaded": st.booleans(),
        "pymalloc": st.booleans(),
        "pointer_size": st.sampled_from([32, 64]),
    }
)


@settings(deadline=None)
@given(
    build=BUILDS,
    machine=st.sampled_from(LINUX_MACHINES),
    elf=st.none() | ELF,
    libc=st.none() | LIBC,
    refused=st.sets(st.sampled_from(["2_17_x86_64", "2_5_i686", "2_30_aarch64", "2_20_armv7l"])).map(sorted),
)
def test_any_linux_gives_the_tags_of_packaging(
    build: dict[str, Any],
    machine: str,
    elf: dict[str, Any] | None,
    libc: dict[str, Any] | None,
    refused: list[str],
) -> None:
    facts = BASE | build | {"platform": f"linux-{machine}", "elf": elf, "libc": libc, "manylinux_refused": refused}
    assert core_tags(facts) == tags_of_packaging(facts)


@settings(deadline=None)
@given(
    build=BUILDS,
    version=st.tuples(st.just(10), st.integers(0, 16)) | st.tuples(st.integers(9, 30), st.integers(0, 9)),
    machine=st.sampled_from(["arm64", "x86_64", "i386", "ppc", "ppc64"]),
)
def test_any_macos_gives_the_tags_of_packaging(build: dict[str, Any], version: tuple[int, int], machine: str) -> None:
    if version == (10, 16):
        version = (10, 15)  # Never a system's: what an old SDK is told of 11, and the probe asks again.
    macos = {"version": list(version), "machine": machine, "deployment_target": None}
    facts = BASE | build | {"system": "Darwin", "platform": f"macosx-11.0-{machine}", "macos": macos, "libc": None}
    assert core_tags(facts) == tags_of_packaging(facts)


def test_a_record_of_another_shape_is_refused() -> None:
    for record in ({"libc": {"name": "uclibc", "version": [1, 0]}}, {"pointer_size": -1}, {"version": None}):
        with pytest.raises(ValueError, match=r"."):
            interpreter_tags(record)


def test_facts_that_name_no_platform_give_it_none() -> None:
    facts = RECORDED["macos-14-arm64"] | {"macos": None}
    assert core_tags(facts)[0] == "cp312-cp312-macosx_14_0_arm64"
    assert core_tags(RECORDED["pypy"] | {"extension_suffix": None})[0] == "pp310-none-linux_x86_64"
