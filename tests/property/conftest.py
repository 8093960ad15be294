"""Locks of this process are made in a world of their own."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, built: None) -> None:
    """No configuration of the machine reaches runs that happen in this process."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in [
        name for name in os.environ if name.startswith(("LOCKTOOL_INDEX", "PIP_FIND", "PIP_INDEX", "PIP_EXTRA"))
    ]:
        monkeypatch.delenv(name)
