"""The core and the schema in Python read each other's records, and take the same bytes for damaged.

LOCKTOOL_PROPERTY_CASES asks for more cases, LOCKTOOL_PROPERTY_SEED for others.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from cache_rows import FileRow, MetadataRow, ReleaseRow, Rows, to_record, to_rows, write_record
from locktool import CachedMetadata, CachedPackage, CacheReader
from locktool.operations.cache_record import Head, read_record
from random_cache_rows import random_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from locktool.operations.cache_record import Record

GOLDEN = Path(__file__).parents[1] / "data" / "cache_record.msgpack"
DIGEST = bytes(range(32))
# What the golden file says; the core's own test writes these rows into the same bytes.
GOLDEN_ROWS = Rows(
    head=Head(etag='"an etag"', last_modified="", fetched=1_764_000_000, fresh_until=1_764_000_600),
    package="a-package",
    index="https://index.example.invalid/simple/",
    notice="archived: it gets no updates",
    releases=(
        ReleaseRow(
            version="1.0",
            flags=1 | 2,
            upload_time=1_600_000_000_000,
            files=(
                FileRow(
                    filename="a_package-1.0.tar.gz",
                    url="https://files.example.invalid/a_package-1.0.tar.gz?raw",
                    yanked="broken",
                    other_hashes="md5=00112233445566778899aabbccddeeff",
                ),
            ),
            metadata=(MetadataRow("a_package-1.0.tar.gz", needs_building="its dependencies are dynamic"),),
        ),
        ReleaseRow(
            version="2.0",
            flags=4,
            requires_python=">=3.9",
            files=(
                FileRow(
                    filename="a_package-2.0-py3-none-any.whl",
                    url=f"https://files.example.invalid/packages/00/01/{DIGEST.hex()[4:]}/a_package-2.0-py3-none-any.whl",
                    sha256=DIGEST,
                    size=123_456,
                    upload_time=1_700_000_000_123,
                    requires_python=">=3.9",
                    sidecar=f"sha256={DIGEST.hex()}",
                    provenance="https://index.example.invalid/2.0/a_package-2.0-py3-none-any.whl/provenance",
                ),
                FileRow(
                    filename="a_package-2.0-cp312-cp312-win_amd64.whl",
                    url="https://files.example.invalid/2.0/a_package-2.0-cp312-cp312-win_amd64.whl",
                ),
            ),
            metadata=(
                MetadataRow("a_package-2.0-py3-none-any.whl", ">=3.9", ("extra",), ("b>=1", "c; extra == 'extra'")),
                MetadataRow(
                    "a_package-2.0-cp312-cp312-win_amd64.whl", requires=("b>=1",), build_requires=("setuptools>=61",)
                ),
            ),
        ),
    ),
)


@pytest.fixture(scope="module")
def copied_by_the_core(built: None):  # type: ignore[no-untyped-def] # noqa: ANN201 - the extension may not be built
    from locktool._native import cache_record_copy

    return cache_record_copy


def cases() -> int:
    return max(50, int(os.environ.get("LOCKTOOL_PROPERTY_CASES", "10000")) // 50)


def records() -> Iterator[tuple[Rows, Record]]:
    for case in range(cases()):
        dice = Random(f"{os.environ.get('LOCKTOOL_PROPERTY_SEED', '440')}-{case}")  # noqa: S311 - generated cases
        rows = random_rows(dice)
        yield rows, to_record(rows, group_size=dice.choice([1, 2, 50]))


def damaged(data: bytes) -> Iterator[bytes]:
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        yield bytes(flipped)
    for length in range(len(data)):
        yield data[:length]
    yield data + b"\0"


def test_the_core_reads_what_python_writes_and_python_what_the_core_writes(copied_by_the_core) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001 - a fixture
    for rows, record in records():
        data = write_record(record)
        assert read_record(data) is not None
        copied = copied_by_the_core(data)
        assert copied is not None, rows
        theirs = read_record(copied)
        assert theirs is not None, rows
        assert to_rows(theirs) == rows
        # To the byte: what Python writes of the core's columns is what the core wrote.
        assert write_record(theirs) == copied


def test_the_golden_record_is_the_same_in_both_languages(copied_by_the_core) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001 - a fixture
    golden = GOLDEN.read_bytes()
    record = read_record(golden)
    assert record is not None
    assert to_rows(record) == GOLDEN_ROWS
    assert write_record(record) == golden
    assert copied_by_the_core(golden) == golden
    assert copied_by_the_core(write_record(to_record(GOLDEN_ROWS, group_size=2))) == golden


def test_each_flipped_bit_each_cut_and_another_version_is_a_miss_in_both_languages(copied_by_the_core) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001 - a fixture
    golden = GOLDEN.read_bytes()
    for data in damaged(golden):
        assert read_record(data) is None
        assert copied_by_the_core(data) is None
    # The schema's number stands alone in the second byte.
    other_version = golden[:1] + bytes([golden[1] + 1]) + golden[2:]
    assert read_record(other_version) is None
    assert copied_by_the_core(other_version) is None


def test_the_reader_of_programs_sees_what_a_record_says(tmp_path: Path) -> None:
    for rows, record in records():
        (package,) = written(write_record(record), tmp_path)
        assert (package.name, package.index, package.absent) == (rows.package, rows.index, rows.absent)
        for release, row in zip(package.releases, rows.releases, strict=True):
            assert (release.version, release.requires_python) == (row.version, row.requires_python)
            assert release.yanked == bool(row.flags & 1)
            first = [] if release.metadata is None else [release.metadata]
            assert tuple(as_row(one) for one in (*first, *release.other_metadata)) == row.metadata
            for file, expected in zip(release.files, row.files, strict=True):
                assert (file.name, file.url, file.size) == (expected.filename, expected.url, expected.size)
                assert (file.requires_python, file.yanked) == (expected.requires_python, expected.yanked)
                digest = expected.sha256 and expected.sha256.hex()
                assert file.hashes.get("sha256") == digest
                assert (file.upload_time is not None) <= (expected.upload_time is not None)


def written(data: bytes, directory: Path) -> list[CachedPackage]:
    """What the reader finds in a cache of this one record."""
    path = directory / "v1" / "index" / "package-a.msgpack"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return list(CacheReader(directory))


def as_row(metadata: CachedMetadata) -> MetadataRow:
    return MetadataRow(
        metadata.file,
        metadata.requires_python,
        metadata.extras,
        metadata.requires,
        metadata.needs_building,
        metadata.build_requires,
    )
