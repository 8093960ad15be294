"""A damaged record is a miss, wherever the damage is and whenever it is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cache_rows import write_record
from locktool.operations.cache_record import read_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Command, Completed, ProjectWriter
    from local_index import LocalIndex


def flipped_at(share: float) -> Callable[[bytes], bytes]:
    def damage(record: bytes) -> bytes:
        at = int((len(record) - 1) * share)
        return record[:at] + bytes([record[at] ^ 4]) + record[at + 1 :]

    return damage


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "the frame": flipped_at(0.0),
    "the body": flipped_at(0.3),
    # Noticed only when files are asked for, long after the record was opened.
    "the files": flipped_at(1.0),
    "a cut": lambda record: record[:-1],
    "nothing left": lambda record: record[:0],
    "another version": lambda record: record[:1] + bytes([record[1] + 1]) + record[2:],
}


def records(command: Command) -> list[Path]:
    return sorted((command.home / "cache").rglob("package-*.msgpack"))


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_run_on_damaged_records_gives_the_answer_and_heals_the_cache(
    run_locktool: Callable[..., Completed],
    isolated_command: Command,
    index: LocalIndex,
    project: ProjectWriter,
    damage: str,
) -> None:
    index.add("a", "1.0", requires=["b"])
    index.add("a", "2.0", requires=["b"], metadata="none")
    index.add("b", "1.0")
    project.pyproject("a")
    run_locktool("lock").succeeded()
    expected = project.read()
    before = {path: path.read_bytes() for path in records(isolated_command)}
    assert len(before) == 2
    for path, content in before.items():
        path.write_bytes(DAMAGE[damage](content))
    (project.directory / "pylock.toml").unlink()
    done = run_locktool("lock").succeeded()
    assert project.read() == expected
    assert "warning" not in done.err
    assert all(read_record(path.read_bytes()) for path in records(isolated_command))


def test_a_record_that_python_writes_serves_a_run(
    run_locktool: Callable[..., Completed], isolated_command: Command, index: LocalIndex, project: ProjectWriter
) -> None:
    index.add("a", "1.0", requires=["b"])
    index.add("b", "1.0")
    project.pyproject("a")
    run_locktool("lock").succeeded()
    expected = project.read()
    for path in records(isolated_command):
        record = read_record(path.read_bytes())
        assert record is not None
        path.write_bytes(write_record(record))
    (project.directory / "pylock.toml").unlink()
    run_locktool("lock", "--offline").succeeded()
    assert project.read() == expected
