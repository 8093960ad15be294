"""The licences that wheels carry are those of the crates that the extension links."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


@pytest.mark.skipif(shutil.which("cargo") is None, reason="there is no cargo here")
def test_every_linked_crate_is_listed() -> None:
    script = [sys.executable, str(REPOSITORY / ".github" / "third_party_licenses.py"), "--check"]
    finished = subprocess.run(script, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
