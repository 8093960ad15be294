"""The script that calls hooks: on every Python, each hook in a process of its own, and nothing beside the backend."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from locktool.building import hook_script
from locktool.building.hook_script import METADATA_HOOK, REQUIRES_HOOK, WHEEL_HOOK
from locktool.exceptions import LocktoolError
from locktool.interpreter.find import find_interpreter

if TYPE_CHECKING:
    from pathlib import Path

BOTH = f"{REQUIRES_HOOK},{METADATA_HOOK}"
CHANGES_ITS_PROCESS = """
import os, sys
imported = os.getpid()

def get_requires_for_build_wheel(config_settings=None):
    os.environ["CHANGED"] = sys.argv[0] = "changed"
    os.chdir("/")
    return []

def prepare_metadata_for_build_wheel(directory, config_settings=None):
    assert "CHANGED" not in os.environ and sys.argv[0] != "changed" and os.getcwd() != "/"
    return "demo-1.0.dist-info"
"""
REQUIRES = """
def get_requires_for_build_wheel(config_settings=None):
    return ["a>=1", "b"]

def prepare_metadata_for_build_wheel(directory, config_settings=None):
    raise AssertionError("what is required has to be installed first")
"""


def call(tree: Path, backend: str, hooks: str = BOTH, python: str = sys.executable) -> tuple[int, list[str], str]:
    """The exit code, the outcome and the output of hooks of a backend in a tree."""
    (tree / "own.py").write_text(backend)
    outcome = tree / "outcome"
    command = [python, hook_script.__file__, str(outcome), str(tree), "own", hooks, str(tree)]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    texts = outcome.read_text(encoding="utf-8").split("\0")[:-1] if outcome.exists() else []
    return done.returncode, texts, done.stdout + done.stderr


@pytest.mark.parametrize("version", [*(f"3.{minor}" for minor in range(7, 15)), "pypy3"])
def test_a_hook_does_not_see_what_the_one_before_did_to_its_process(tmp_path: Path, version: str) -> None:
    python = None
    with suppress(LocktoolError):
        python = find_interpreter(version).executable
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    assert call(tmp_path, CHANGES_ITS_PROCESS, python=python) == (0, ["result", "demo-1.0.dist-info"], "")


@pytest.mark.skipif(sys.platform != "linux", reason="processes are started anew elsewhere")
def test_a_backend_is_imported_once_for_both(tmp_path: Path) -> None:
    backend = f"print('imported', flush=True)\n{CHANGES_ITS_PROCESS}"
    assert call(tmp_path, backend)[2] == "imported\n"


def test_where_more_is_required_no_other_hook_is_called(tmp_path: Path) -> None:
    assert call(tmp_path, REQUIRES) == (0, ["requires", "a>=1", "b"], "")


def test_elsewhere_a_process_is_started_for_what_is_required(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\nif hasattr(os, 'fork'):\n    del os.fork\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path))
        assert call(tmp_path, CHANGES_ITS_PROCESS) == (0, ["result", "demo-1.0.dist-info"], "")
        assert call(tmp_path, REQUIRES)[1] == ["requires", "a>=1", "b"]


@pytest.mark.parametrize("hook", [REQUIRES_HOOK, METADATA_HOOK])
@pytest.mark.parametrize(
    ("statement", "said"),
    [("raise RuntimeError('broken')", "RuntimeError: broken\n"), ("raise SystemExit('ended')", "ended\n")],
)
def test_a_hook_that_fails_ends_all(tmp_path: Path, hook: str, statement: str, said: str) -> None:
    code, texts, output = call(tmp_path, f"def {hook}(*arguments):\n    {statement}\n")
    assert (code, texts) == (1, [])
    assert output.endswith(said)


def test_a_hook_that_ends_its_process_with_success_has_no_result(tmp_path: Path) -> None:
    assert call(tmp_path, f"def {METADATA_HOOK}(*arguments):\n    raise SystemExit(0)\n")[:2] == (0, [])


def test_modules_beside_the_script_are_none_of_the_backends(tmp_path: Path) -> None:
    code, texts, _ = call(tmp_path, "import workspace, unpack")
    assert (code, texts[0]) == (0, "unavailable")
    assert "No module named 'workspace'" in texts[1]


def test_a_backend_comes_from_its_path(tmp_path: Path) -> None:
    outcome, elsewhere = tmp_path / "outcome", tmp_path / "elsewhere"
    elsewhere.mkdir()
    command = [sys.executable, hook_script.__file__, str(outcome), str(tmp_path), "json", WHEEL_HOOK, str(elsewhere)]
    subprocess.run(command, check=True)
    assert "json is in none of the directories of backend-path" in outcome.read_text()


def test_it_loads_nothing_that_every_interpreter_does_not(tmp_path: Path) -> None:
    imports = [sys.executable, "-X", "importtime", "-c", "pass"]
    plain = subprocess.run(imports, capture_output=True, text=True, check=True).stderr
    (tmp_path / "own.py").write_text("def build_wheel(*arguments):\n    return 'a.whl'\n")
    arguments = [hook_script.__file__, str(tmp_path / "outcome"), str(tmp_path), "own", WHEEL_HOOK, str(tmp_path)]
    command = [*imports[:3], *arguments]
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    loaded = subprocess.run(command, capture_output=True, text=True, check=True, env=environ).stderr
    names = [{line.rpartition("|")[2].strip() for line in text.splitlines()} for text in (plain, loaded)]
    assert names[1] - names[0] <= {"own", "atexit"}


def test_what_is_registered_for_the_end_is_done_once_after_threads(tmp_path: Path) -> None:
    backend = f"""
import atexit, threading, time
atexit.register(print, "done", end="")

def {REQUIRES_HOOK}(config_settings=None):
    return []

def {METADATA_HOOK}(directory, config_settings=None):
    threading.Thread(target=lambda: (time.sleep(0.1), print("thread "))).start()
    return "demo-1.0.dist-info"
"""
    assert call(tmp_path, backend) == (0, ["result", "demo-1.0.dist-info"], "thread \ndone")
