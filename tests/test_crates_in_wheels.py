"""Wheels carry the licences and the bill of materials of the crates that the extension links."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


@pytest.mark.skipif(shutil.which("cargo") is None, reason="there is no cargo here")
def test_both_documents_have_the_crates_of_today() -> None:
    script = [sys.executable, str(REPOSITORY / ".github" / "crates_in_wheels.py"), "--check"]
    finished = subprocess.run(script, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
