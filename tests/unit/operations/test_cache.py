"""Where the cache is."""

import os
import sys
from pathlib import Path

import pytest

from locktool.exceptions import CacheError
from locktool.operations.cache import cache_directory


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LOCKTOOL_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))


def test_the_nearest_choice_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOCKTOOL_CACHE_DIR", str(tmp_path / "configured"))
    assert cache_directory(tmp_path / "given") == tmp_path / "given"
    assert cache_directory() == tmp_path / "configured"


def test_a_relative_choice_starts_from_the_working_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert cache_directory(Path("here")) == tmp_path / "here"
    monkeypatch.setenv("LOCKTOOL_CACHE_DIR", "~/there")
    assert cache_directory() == tmp_path / "there"


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", None, ".cache/locktool"),
        ("linux", "XDG_CACHE_HOME", "set/locktool"),
        ("darwin", None, "Library/Caches/locktool"),
        ("win32", "LOCALAPPDATA", "set/locktool/cache"),
        ("win32", None, "AppData/Local/locktool/cache"),
    ],
)
def test_each_platform_has_its_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, variable: str | None, expected: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "set"))
    assert cache_directory() == tmp_path / expected


def test_a_relative_place_of_the_desktop_specification_is_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_directory() == tmp_path / ".cache" / "locktool"


def test_a_system_without_a_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    with pytest.raises(CacheError, match="--no-cache"):
        cache_directory()
