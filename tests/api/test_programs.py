"""The programs of this directory, as people would write them: each runs in a locked project and prints what it should.

They are short and typed by themselves: mypy checks them strictly with all other files.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command
    from local_index import LocalIndex

HERE = Path(__file__).parent
LONGEST = 24
PRINTED = {
    "list_environment": """\
linux () app base old tool
linux ('fast',) app base old speed tool
windows () app base old tool winonly
windows ('fast',) app base old speed tool winonly
macos () app base old tool
macos ('fast',) app base old speed tool""",
    "resolve_in_memory": """\
app==2.0 base==1.0 old==1.0
app (everywhere) base (everywhere) winonly (sys_platform == 'win32')
app base winonly
resolve() takes several texts, not one: write ['app']
resolution-impossible your project requires old>=3""",
    "check_lock": """\
demo ['app', 'old']
True
False requirement-added: app>=2 requirement-removed: None
lock-missing""",
    "diff_locks": """\
extra-package added
old ('2.0',) -> ('1.0',)
True False False""",
    "walk_graph": """\
demo -> app []
demo -> old []
extra fast of demo -> app[fast] []
group dev of demo -> tool []
app 2.0 -> base>=1 []
app 2.0 -> winonly [sys_platform == 'win32']
app[fast] 2.0 -> speed []
tool 1.0 -> base []
speed < app""",
    "why_locked": """\
base 1.0 None
  demo requires app, app 2.0 requires base>=1
  group dev of demo requires tool, tool 1.0 requires base
not-locked bass is not in the lock; did you mean 'base'?""",
    "edit_project": """\
True True
app extra-package>=1 old extra-package tool
True True
True
not-required""",
    "markers": """\
python_version < '3.12' and sys_platform == 'win32' True True
True False 3.12
True
True a-b
not-a-text True""",
    "cached_metadata": """\
[] ()
1.0 ['app-1.0-py3-none-any.whl'] None
2.0 ['app-2.0-py3-none-any.whl'] ('base>=1', "winonly; sys_platform == 'win32'", "speed; extra == 'fast'")
['app', 'base', 'winonly']""",
    "threads": "8 1 True",
    "asyncio_cancel": "interrupted True",
    "pickles": "True True 14",
}


def programs() -> list[str]:
    return sorted(path.stem for path in HERE.glob("*.py") if not path.name.startswith(("test_", "conftest")))


@pytest.mark.parametrize("name", programs())
def test_a_program_prints_what_it_should(name: str, locked: Command, index: LocalIndex) -> None:
    finished = subprocess.run(
        [sys.executable, str(HERE / f"{name}.py"), index.url],
        cwd=locked.directory,
        env=locked.variables({"PYTHONWARNINGS": "error", "PYTHONPATH": os.pathsep.join(sys.path[1:])}),
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, ""), finished.stderr
    assert finished.stdout.strip() == PRINTED[name]


def test_there_are_twelve_programs_and_all_are_short() -> None:
    lines = {name: len((HERE / f"{name}.py").read_text(encoding="utf-8").splitlines()) for name in programs()}
    assert len(lines) == 12
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}
