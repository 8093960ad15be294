"""Rows of cache records, thrown by dice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache_rows import FileRow, MetadataRow, ReleaseRow, Rows
from locktool.operations.cache_record import Head

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

# Flags of a release below this one do not say whether it has an upload time.
_TIME = 8


def random_rows(dice: Random) -> Rows:
    """Rows of any shape that an index could ask for."""
    head = Head(etag=_text(dice), last_modified=_text(dice), fetched=_time(dice), fresh_until=_time(dice))
    releases = tuple(_random_release(dice, number) for number in range(dice.choice([0, 1, 2, 5, 40])))
    return Rows(head, _text(dice), _text(dice), _text(dice), dice.random() < 0.1, releases)


def _text(dice: Random) -> str:
    return "".join(dice.choice("ab<>=1.;' ü漢\0\1\2\3") for _ in range(dice.choice([0, 1, 3, 40])))


def _maybe(dice: Random, value: Callable[[], object]) -> object:
    return value() if dice.random() < 0.6 else None


def _time(dice: Random) -> int:
    return dice.choice([0, -1, 1, 10**12, 2**62, -(2**62)])


def _random_file(dice: Random, number: int) -> FileRow:
    name = f"a-1.{number}-{_text(dice).replace('/', '')}.whl"
    digits = dice.randbytes(32).hex()
    url = dice.choice(
        [
            f"https://f.example.invalid/packages/{digits[:2]}/{digits[2:4]}/{digits[4:]}/{name}",
            f"https://f.example.invalid/{name}",
            f"https://f.example.invalid/{name}?x",
            f"https://f.example.invalid/1.{number}/{name}",
        ]
    )
    optional = {
        "sha256": _maybe(dice, lambda: dice.randbytes(32)),
        "size": _maybe(dice, lambda: dice.choice([0, 1, 2**64 - 1])),
        "upload_time": _maybe(dice, lambda: _time(dice)),
        **{name: _maybe(dice, lambda: _text(dice)) for name in ("requires_python", "yanked")},
        "provenance": _maybe(
            dice, lambda: dice.choice([_text(dice), f"https://f.example.invalid/1.{number}/{name}/p"])
        ),
    }
    sidecar = dice.choice([None, False, "", "sha256=00", f"sha256={digits}"])
    return FileRow(name, url, other_hashes=_text(dice), sidecar=sidecar, **optional)  # type: ignore[arg-type] # by name


def _random_release(dice: Random, number: int) -> ReleaseRow:
    files = tuple(_random_file(dice, dice.choice([at, number])) for at in range(dice.choice([0, 1, 3])))
    read = files[: dice.choice([0, 1, 1, 2])]
    metadata = tuple(_random_metadata(dice, file.filename) for file in read)
    return ReleaseRow(
        version=f"1.{number}",
        flags=dice.randrange(_TIME),
        upload_time=_time(dice) if dice.random() < 0.5 else None,
        requires_python=None if dice.random() < 0.5 else _text(dice),
        files=files,
        metadata=metadata,
    )


def _random_metadata(dice: Random, file: str) -> MetadataRow:
    if dice.random() < 0.2:
        return MetadataRow(file, needs_building=_text(dice))
    extras, requires, build = (tuple(_text(dice) for _ in range(dice.randint(0, 3))) for _ in range(3))
    python = None if dice.random() < 0.5 else _text(dice)
    return MetadataRow(file, python, extras, requires, build_requires=None if dice.random() < 0.5 else build)
