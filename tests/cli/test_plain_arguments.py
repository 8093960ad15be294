"""What is read without argparse is read as argparse reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from locktool.cli.parser import parse_arguments
from locktool.cli.plain_arguments import PlainArguments, plain_arguments
from locktool.cli.run_options import shared_options
from locktool.operations.options import RunOptions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WORDS = (
    ("-q",),
    ("-q", "--quiet"),
    ("-U",),
    ("--upgrade", "--dry-run", "--offline", "--refresh", "--no-cache"),
    ("-P", "a", "--upgrade-package", "b<2"),
    ("-i", "https://example.invalid/one", "--index-url", "https://example.invalid/two"),
    ("--extra-index-url", "https://example.invalid/", "-f", "wheels", "--find-links", "more"),
    ("--cache-dir", "cache", "--project", "."),
    ("--project", "elsewhere"),
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)


def read(words: Sequence[str]) -> PlainArguments:
    found = plain_arguments(["lock", *words])
    assert found is not None
    return found


@pytest.mark.parametrize("words", [(), *WORDS], ids=" ".join)
def test_plain_arguments_are_those_of_argparse(words: Sequence[str]) -> None:
    plain, parsed = read(words), parse_arguments(["lock", *words])
    options = [RunOptions(**shared_options(arguments)) for arguments in (plain, parsed)]
    assert [str(one.cache_dir) for one in options] == [str(options[0].cache_dir)] * 2
    assert options[0]._replace(cache_dir=None) == options[1]._replace(cache_dir=None)
    assert str(parsed.project) == plain.project
    names = ("command", "quiet", "verbose", "json", "script", "trace", "dry_run")
    assert [getattr(plain, name) for name in names] == [getattr(parsed, name) for name in names]


@pytest.mark.parametrize(
    "words",
    [
        ("lock", "-v"),
        ("lock", "--json"),
        ("lock", "-qq"),
        ("lock", "--index-url"),
        ("lock", "--index-url", "--offline"),
        ("lock", "--index-url=https://example.invalid/"),
        ("lock", "--cache-dir", ""),
        ("lock", "--script", "a.py"),
        ("lock", "--resolution", "lowest"),
        ("lock", "elsewhere"),
        ("lock", "--help"),
        ("check",),
        ("--project", "a", "lock"),
        (),
    ],
    ids=" ".join,
)
def test_what_is_not_plain_is_left_to_argparse(words: Sequence[str]) -> None:
    assert plain_arguments(words) is None


def test_a_project_that_may_be_above_is_left_to_argparse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    assert plain_arguments(["lock"]) is None
    assert plain_arguments(["lock", "--project", ".."]) is not None
