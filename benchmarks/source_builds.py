"""Real packages that have to be built, locked by locktool and by uv: the same versions, and the time outside builds.

Each tool locks a project that requires one of them, beside a cache that has what the ones before needed, and locks it
again without its lock: nothing is to be built a second time. What the index gives is recorded once and replayed. Both
run on a copy of this interpreter that notes when a process of an isolated environment begins and ends: what is left of
a run is the tool's own, the start of these processes included.

    python benchmarks/source_builds.py [REQUIREMENT...]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import InvalidSdistFilename, parse_sdist_filename

from measure import run
from question import Question
from replay import Replay, Store, Upstream, configured_index, default_store
from tools import tools_for

if TYPE_CHECKING:
    from tools import Tool

LISTED = Path(__file__).with_name("source_builds.txt")
PYTHON = ">=3.11"
NOTES = "NOTES_OF_HOOKS"
PLACE = "PLACE_OF_TOOLS"
LIMIT_SECONDS = 300.0
# What runs in an isolated environment calls hooks. uv asks the interpreter itself what it is by a file of its own.
SITE = f"""\
import os, sys

if "{NOTES}" in os.environ and sys.prefix != sys.base_prefix and not sys.prefix.endswith("tools"):
    import atexit, time

    began, process = time.monotonic(), os.getpid()

    @atexit.register
    def note():
        if os.getpid() == process:
            with open(os.environ["{NOTES}"], "a") as file:
                print(began, time.monotonic(), file=file)
"""
PROGRAM = """\
#!{python}
import sys
from locktool.__main__ import main
sys.exit(main())
"""


class Locked(NamedTuple):
    """What a run of a tool left: its code, the locked versions, milliseconds outside and inside builds, processes."""

    code: int
    versions: frozenset[tuple[str, str]]
    outside: float
    inside: float
    processes: int


def noting_interpreter(place: Path) -> Path:
    """A virtual environment with locktool, on a copy of this interpreter that notes what it runs for builds."""
    copy, own = place / "python", place / "tools"
    unneeded = shutil.ignore_patterns("site-packages", "test", "__pycache__", "share")
    shutil.copytree(sys.base_prefix, copy, ignore=unneeded, symlinks=True)
    library = copy / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (library / "site-packages").mkdir()
    (library / "sitecustomize.py").write_text(SITE)
    python = copy / "bin" / Path(sys.executable).resolve().name
    subprocess.run([python, "-m", "compileall", "-q", library], check=False, capture_output=True)
    subprocess.run([python, "-m", "venv", "--without-pip", own], check=True)
    packages = next(own.glob("lib/*/site-packages"))
    # Where this interpreter finds locktool and what the benchmarks need.
    found = (Path(path) for path in sys.path[1:] if not Path(path).is_relative_to(sys.base_prefix))
    (packages / "found.pth").write_text("".join(f"{path}\n" for path in found if path.is_dir()))
    program = own / "bin" / "locktool"
    program.write_text(PROGRAM.format(python=own / "bin" / "python"))
    program.chmod(0o755)
    return own / "bin" / "python"


def requirement_of(text: str, store: Store) -> str:
    """A requirement of the list; one that is pinned is that of a source distribution by its address."""
    name, _, version = text.partition("==")
    if not version:
        return text
    page = store.page(name, "json")
    files = json.loads(page.read_text(encoding="utf-8"))["files"] if page else []
    for filename in (file["filename"] for file in files):
        try:
            is_wanted = str(parse_sdist_filename(filename)[1]) == version
        except InvalidSdistFilename:
            continue
        path = store.file(name, filename) if is_wanted else None
        if path is not None:
            return f"{name} @ {path.as_uri()}"
    message = f"the index has no source distribution of {text}"
    raise LookupError(message)


def lock(tool: Tool, folder: Path, cache: Path) -> Locked:
    """A run from the state without a lock."""
    notes, written = folder / "notes", folder / tool.lock_name
    notes.unlink(missing_ok=True)
    written.unlink(missing_ok=True)
    environment = {**tool.environment, tool.cache_variable: str(cache), NOTES: str(notes)}
    done = run(tool.lock, folder, environment, LIMIT_SECONDS)
    document = tomllib.loads(written.read_text(encoding="utf-8")) if written.exists() else {}
    entries = [*document.get("packages", ()), *document.get("package", ())]
    versions = frozenset((entry["name"], entry.get("version", "")) for entry in entries if entry["name"] != "x")
    lines = notes.read_text(encoding="ascii").splitlines() if notes.exists() else []
    spans = [(float(began), float(ended)) for began, ended in map(str.split, lines)]
    inside = covered(spans)
    return Locked(done.code, versions, (done.seconds - inside) * 1000, inside * 1000, len(spans))


def covered(spans: list[tuple[float, float]]) -> float:
    """The seconds that spans cover together: what a build starts lies within its own span."""
    total, until = 0.0, float("-inf")
    for began, ended in sorted(spans):
        total += max(0.0, ended - max(began, until))
        until = max(until, ended)
    return total


def measure(requirements: list[str], place: Path) -> None:
    """Lock each and print a line for it, and the median of the ratios where both tools built."""
    store = Store(default_store(), Upstream(configured_index()))
    ratios = []
    print(f"{'':28}{'outside: locktool':>20}{'uv':>8}{'ratio':>8}{'inside: locktool':>20}{'uv':>8}")
    with Replay(store) as replay:
        for text in requirements:
            project = f'[project]\nname = "x"\nversion = "1"\nrequires-python = "{PYTHON}"\n'
            project += f'dependencies = ["{requirement_of(text, store)}"]\n'
            runs = []
            for tool in tools_for(Question("x", "1", project, PYTHON), replay.url):
                folder, cache = place / text / tool.name, place / f"cache-of-{tool.name}"
                folder.mkdir(parents=True)
                (folder / "pyproject.toml").write_text(project)
                # The first run makes the index known to the store, which the real one may take long to answer.
                first = lock(tool, folder, place / f"{tool.name}-{text}")
                runs.append((first, first) if first.code else (lock(tool, folder, cache), lock(tool, folder, cache)))
            (ours, again), (theirs, _) = runs
            ratio = ours.outside / theirs.outside
            notes = [f"codes {ours.code} and {theirs.code}"] if ours.code or theirs.code else []
            notes += ["other versions"] if ours.versions != theirs.versions else []
            notes += ["built again"] if again.processes and not again.code else []
            if ours.processes and theirs.processes and not (ours.code or theirs.code):
                ratios.append(ratio)
            else:
                notes.append(f"processes {ours.processes} and {theirs.processes}")
            times = f"{ours.outside:20.0f}{theirs.outside:8.0f}{ratio:8.2f}{ours.inside:20.0f}{theirs.inside:8.0f}"
            print(f"{text:28}{times}  {'; '.join(notes)}".rstrip(), flush=True)
    print(f"median ratio of the {len(ratios)} that both built {median(ratios) if ratios else 0:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("requirements", nargs="*", metavar="REQUIREMENT")
    lines = LISTED.read_text(encoding="utf-8").splitlines()
    listed = [line for line in lines if line and not line.startswith("#")]
    requirements = parser.parse_args().requirements or listed
    if PLACE in os.environ:
        measure(requirements, Path(os.environ[PLACE]))
        return
    with tempfile.TemporaryDirectory() as temporary:
        python = noting_interpreter(Path(temporary))
        environment = {**os.environ, PLACE: temporary}
        subprocess.run([python, __file__, *requirements], env=environment, check=True)


if __name__ == "__main__":
    main()
