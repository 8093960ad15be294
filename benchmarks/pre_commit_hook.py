"""How long the pre-commit hook takes that installs a published wheel: its first run, and later ones.

In: a wheel of locktool. Its dependencies are fetched once with pip; then a server on loopback is the index of
everything, and later runs have no index at all. The real pre-commit runs in a new repository with a new home.

    python benchmarks/pre_commit_hook.py dist/locktool-*.whl
"""

from __future__ import annotations

import argparse
import functools
import http.server
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

RUNS = 11

CONFIGURATION = """\
repos:
  - repo: local
    hooks:
      - id: locktool-check
        name: locktool check
        entry: locktool check --frozen .
        language: python
        additional_dependencies: ["locktool=={version}"]
        always_run: true
        pass_filenames: false
"""
PROJECT = '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.11"\n'


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves directories; a listing of one is a page of the simple API."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def fill(index: Path, wheel: Path) -> None:
    """Lay the wheel and what it requires out as an index."""
    files = index.parent / "files"
    # pre-commit installs an empty package of its own along, which setuptools builds.
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", "-d", files, wheel, "setuptools"], check=True)
    for path in files.iterdir():
        name = re.sub(r"[-_.]+", "-", path.name.split("-")[0]).lower()
        folder = index / "simple" / name
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder)


def serve(directory: Path) -> str:
    """Serve a directory on loopback; the address of its index."""
    handler = functools.partial(Quiet, directory=str(directory))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/simple/"


class Repository:
    """A repository with a locked project and the hook."""

    def __init__(self, directory: Path, version: str) -> None:
        self.directory = directory / "repository"
        self.directory.mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "LOCKTOOL_"))}
        self.variables = kept | {"HOME": str(directory / "home"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        (self.directory / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
        text = CONFIGURATION.format(version=version)
        (self.directory / ".pre-commit-config.yaml").write_text(text, encoding="utf-8")
        self.run(sys.executable, "-m", "locktool", "lock", "-q")
        self.run("git", "init", "-q")
        self.run("git", "add", ".")

    def run(self, *words: str, **variables: str) -> float:
        """Run a command that has to succeed; the seconds that it took."""
        started = time.perf_counter()
        environment = self.variables | variables
        finished = subprocess.run(words, cwd=self.directory, env=environment, stdout=subprocess.PIPE, check=False)
        if finished.returncode:
            sys.exit(f"{' '.join(words)}\n{finished.stdout.decode(errors='replace')}")
        return time.perf_counter() - started

    def hook(self, index: str) -> float:
        """The seconds of `pre-commit run`."""
        return self.run(sys.executable, "-m", "pre_commit", "run", "--all-files", PIP_INDEX_URL=index)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    wheel = parser.parse_args().wheel
    with TemporaryDirectory() as directory:
        fill(Path(directory, "index"), wheel)
        repository = Repository(Path(directory), wheel.name.split("-")[1])
        first = repository.hook(serve(Path(directory, "index")))
        later = [repository.hook("http://127.0.0.1:9/") for _ in range(RUNS)]
    print(f"first run, with the installation: {first:.1f} s")
    print(f"later runs, without an index: {statistics.median(later) * 1000:.0f} ms in the median of {RUNS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
