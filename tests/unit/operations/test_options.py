"""The options of a run as the extension takes them."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from locktool.configuration.indexes import CommandLineAddresses, IndexSettings, gather_settings
from locktool.exceptions import ProjectError
from locktool.interpreter.environment import MarkerEnvironment
from locktool.operations.options import RunOptions, Target, command_line_addresses, merge_addresses, resolve_options

MANIFEST = msgspec.msgpack.encode({"schema": 2, "members": [{"path": "."}]})


def table(options: RunOptions, settings: IndexSettings | None = None, **others: Any) -> dict[str, Any]:  # noqa: ANN401 - any option
    return resolve_options(options, settings or IndexSettings(), Path("project"), **others)


def test_what_is_not_chosen_is_left_out() -> None:
    assert table(RunOptions(cache=False)) == {"project-dir": "project", "timeout-seconds": 30.0}


def test_every_choice_has_its_key(tmp_path: Path) -> None:
    settings = IndexSettings(
        find_links=("wheels",), given=True, timeout_seconds=5, proxy="http://p", certificate_bundle="/b.pem"
    )
    options = RunOptions(offline=True, refresh=["a"], upgrade=True, cache_dir=tmp_path)
    environment = MarkerEnvironment.for_target("3.12", "linux")
    target = Target(environment=environment, tags=environment.tags[-1:])
    others = {"target": target, "require": ["a>=1"], "checkouts": {"git+https://x": ("/tree", "ff")}}
    assert table(options, settings, **others) == {
        "find-links": ("wheels",),
        "cache-dir": str(tmp_path),
        "offline": True,
        "refresh": ["a"],
        "upgrade": True,
        "project-dir": "project",
        "environment": dict(environment),
        "tags": ("py30-none-any",),
        "timeout-seconds": 5,
        "proxy": "http://p",
        "certificate-bundle": "/b.pem",
        "checkouts": {"git+https://x": ("/tree", "ff")},
        "require": ["a>=1"],
        "other-places": True,
    }


def test_choices_reach_the_manifest() -> None:
    assert RunOptions().apply_to(MANIFEST) == MANIFEST
    changed = msgspec.msgpack.decode(RunOptions(choices={"resolution": "lowest"}).apply_to(MANIFEST))
    assert changed["command-line"] == {"resolution": "lowest"}
    with pytest.raises(ProjectError, match="--resolution"):
        RunOptions(choices={"resolution": "best"}).apply_to(MANIFEST)


def test_addresses_of_the_options_come_before_those_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    options = RunOptions(index_url="https://example.invalid/own", extra_index_urls=("https://example.invalid/x",))
    files = CommandLineAddresses(
        index_url="https://example.invalid/file", extra_index_urls=("https://example.invalid/y",), no_index=True
    )
    merged = merge_addresses(options, None, files)
    assert [location.url.rpartition("/")[2] for location in merged.indexes] == ["x", "y", "own"]
    assert merge_addresses(RunOptions(), None, files).indexes == ()
    assert gather_settings(None, command_line_addresses(options)).given
