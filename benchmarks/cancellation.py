"""How soon a cancelled run ends, whatever it waits for: a page, a connection, a build, git.

`python benchmarks/cancellation.py` prints the slowest of some runs of each kind, in milliseconds.
"""

from __future__ import annotations

import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from local_index import LocalIndex, Slow
from locktool import Cancellation, Interrupted, RunOptions, lock, resolve

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 5
PROJECT = """\
[project]
name = "x"
version = "1"
dynamic = ["dependencies"]
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


def milliseconds(run: Callable[[Cancellation], object], begin: float) -> float:
    """From the cancellation, some seconds after the beginning, to the end of a run."""
    cancellation = Cancellation()
    cancelled: list[float] = []

    def cancel() -> None:
        cancelled.append(time.monotonic())
        cancellation.cancel()

    threading.Timer(begin, cancel).start()
    try:
        run(cancellation)
    except Interrupted:
        return (time.monotonic() - cancelled[0]) * 1000
    raise RuntimeError("the run ended before it was cancelled")


def main() -> None:
    with LocalIndex() as index, socket.socket() as silent, tempfile.TemporaryDirectory() as folder:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        nowhere = f"http://127.0.0.1:{silent.getsockname()[1]}"
        index.add("slow", "1.0")
        index.fail("/simple/slow/", Slow(60.0))
        options = RunOptions(index_url=index.url, cache=False)
        tree = Path(folder)
        (tree / "pyproject.toml").write_text(PROJECT)
        (tree / "backend.py").write_text("import time\ntime.sleep(60)\n")
        git = f"x @ git+{nowhere}/x.git"
        kinds: dict[str, tuple[float, Callable[[Cancellation], object]]] = {
            "a page": (0.3, lambda stop: resolve(["slow"], options=options, cancellation=stop)),
            "a connection": (0.3, lambda stop: resolve(["x"], index=nowhere, options=options, cancellation=stop)),
            "a build of the project": (1.5, lambda stop: lock(tree, options=options, cancellation=stop)),
            "a build of a requirement": (
                1.5,
                lambda stop: resolve([f"x @ {tree.as_uri()}"], options=options, cancellation=stop),
            ),
            "git": (0.5, lambda stop: resolve([git], options=options, cancellation=stop)),
        }
        for name, (begin, run) in kinds.items():
            worst = max(milliseconds(run, begin + number / 70) for number in range(RUNS))
            print(f"{name:25} {worst:5.0f} ms")


if __name__ == "__main__":
    main()
