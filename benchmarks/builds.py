"""How long a build takes outside the hooks of its backend, beside uv: one source distribution for each backend.

Each run locks a project that requires a source distribution which neither tool has seen; the wheels of its build
requirements are cached, and so is what each tool keeps of environments. The backends are called by way of a module in
the tree that notes when it is imported and when each hook begins and ends: what is left of a run is the tool's own.
The tools take turns; each figure is a median, in milliseconds.

    python benchmarks/builds.py [BACKEND...] [--repeat N]
"""

from __future__ import annotations

import argparse
import io
import tarfile
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from measure import run
from question import Question
from replay import Replay, Store, Upstream, configured_index, default_store
from tools import tools_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools import Tool

PYTHON = ">=3.11"
ASKING = f'[project]\nname = "x"\nversion = "1"\nrequires-python = "{PYTHON}"\n'
NOTES = "NOTES_OF_HOOKS"
# Each span is a line: when it began and ended, by a clock that all processes share.
SHIM = f"""\
import os, time

began = time.monotonic()
import {{module}} as real


def note(began):
    with open(os.environ["{NOTES}"], "a") as file:
        print(began, time.monotonic(), file=file)


def noted(hook):
    def call(*arguments, **keywords):
        began = time.monotonic()
        try:
            return hook(*arguments, **keywords)
        finally:
            note(began)

    return call


for name in dir(real):
    if name.startswith(("get_requires_for_build_", "prepare_metadata_for_build_", "build_")):
        globals()[name] = noted(getattr(real, name))
note(began)
"""
TRIVIAL = """\
import pathlib


def prepare_metadata_for_build_wheel(directory, config_settings=None):
    folder = pathlib.Path(directory) / "demo-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.4\\nName: demo\\nVersion: 1.0\\n")
    return folder.name


def build_wheel(directory, config_settings=None, metadata_directory=None):
    raise NotImplementedError
"""
FURTHER = f"""\
{TRIVIAL}

def get_requires_for_build_wheel(config_settings=None):
    return ["wheel"]
"""
HATCH_HOOK = """\
from hatchling.metadata.plugin.interface import MetadataHookInterface


class Hook(MetadataHookInterface):
    def update(self, metadata):
        metadata["dependencies"] = []
"""
PROJECT = '[project]\nname = "demo"\nversion = "1.0"\ndynamic = ["dependencies"]\n'


class Backend(NamedTuple):
    """A backend: what a tree requires for it, its module, and the files of a tree whose metadata it decides."""

    requires: str
    module: str
    files: Mapping[str, str]


BACKENDS = {
    "in-tree": Backend("", "trivial", {"trivial.py": TRIVIAL, "pyproject.toml": PROJECT}),
    "setuptools": Backend(
        '"setuptools>=75"',
        "setuptools.build_meta",
        {
            "pyproject.toml": f'{PROJECT}[tool.setuptools.dynamic]\ndependencies = {{file = "requirements.txt"}}\n'
            '[tool.setuptools]\npy-modules = ["demo"]\n',
            "requirements.txt": "",
            "demo.py": "",
        },
    ),
    "setup.py": Backend(
        '"setuptools>=75", "wheel"',
        "setuptools.build_meta",
        {"setup.py": 'from setuptools import setup\nsetup(name="demo", version="1.0", py_modules=["demo"])\n'},
    ),
    "hatchling": Backend(
        '"hatchling"',
        "hatchling.build",
        {
            "pyproject.toml": f"{PROJECT}[tool.hatch.metadata.hooks.custom]\n",
            "hatch_build.py": HATCH_HOOK,
            "demo.py": "",
        },
    ),
    "setuptools-scm": Backend(
        '"setuptools>=75", "setuptools-scm>=8"',
        "setuptools.build_meta",
        {
            "pyproject.toml": '[project]\nname = "demo"\ndynamic = ["version", "dependencies"]\n'
            '[tool.setuptools]\npy-modules = ["demo"]\n[tool.setuptools_scm]\nfallback_version = "1.0"\n',
            "demo.py": "",
        },
    ),
    # What it asks for is installed beside what the tree states: a second environment, and a second interpreter.
    "further": Backend('"packaging"', "further", {"further.py": FURTHER, "pyproject.toml": PROJECT}),
}


def write_sdist(backend: Backend, number: int, path: Path) -> None:
    """A source distribution that differs from those of other numbers."""
    table = f'[build-system]\nrequires = [{backend.requires}]\nbuild-backend = "shim"\nbackend-path = ["."]\n'
    project = backend.files.get("pyproject.toml", "")
    files = {
        **backend.files,
        "pyproject.toml": f"{table}{project}",
        "shim.py": SHIM.format(module=backend.module),
        "number.txt": str(number),
    }
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"demo-1.0/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))


class Builds:
    """A tool with a folder and a cache of its own."""

    def __init__(self, tool: Tool, place: Path) -> None:
        self._tool = tool
        self._folder = place / tool.name
        self._folder.mkdir(parents=True)
        self._notes = self._folder / "notes"
        cache = {tool.cache_variable: str(place / f"cache-of-{tool.name}")}
        self._environment = {NOTES: str(self._notes), **tool.environment, **cache}

    def take(self, sdist: Path) -> tuple[float, float]:
        """The milliseconds outside and inside of the hooks of a run from the state without a lock."""
        for name in (self._tool.lock_name, self._notes.name):
            (self._folder / name).unlink(missing_ok=True)
        (self._folder / "pyproject.toml").write_text(f'{ASKING}dependencies = ["demo @ {sdist.as_uri()}"]\n')
        done = run(self._tool.lock, self._folder, self._environment)
        if done.code:
            raise RuntimeError(done.output)
        spans = [list(map(float, line.split())) for line in self._notes.read_text(encoding="ascii").splitlines()]
        inside = sum(end - began for began, end in spans)
        return (done.seconds - inside) * 1000, inside * 1000


def measure(name: str, place: Path, index: str, repeat: int) -> list[tuple[float, float]]:
    """The medians outside and inside of the hooks, of locktool and of uv."""
    tools = [Builds(tool, place / name) for tool in tools_for(Question("x", "1", ASKING, PYTHON), index)]
    taken: list[list[tuple[float, float]]] = [[], []]
    for number in range(repeat + 1):
        sdist = place / f"{name}-{number}" / "demo-1.0.tar.gz"
        sdist.parent.mkdir()
        write_sdist(BACKENDS[name], number, sdist)
        for tool, runs in zip(tools, taken, strict=True):
            runs.append(tool.take(sdist))
    # The first run fills the caches.
    return [(median(outside for outside, _ in runs[1:]), median(inside for _, inside in runs[1:])) for runs in taken]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backends", nargs="*", choices=[[], *BACKENDS], metavar="BACKEND", default=[])
    parser.add_argument("--repeat", type=int, default=7, metavar="N")
    arguments = parser.parse_args()
    store = Store(default_store(), Upstream(configured_index()))
    ratios = []
    with tempfile.TemporaryDirectory() as temporary, Replay(store) as replay:
        place = Path(temporary)
        print(f"{'':12}{'outside: locktool':>20}{'uv':>8}{'ratio':>8}{'inside: locktool':>20}{'uv':>8}")
        for name in arguments.backends or BACKENDS:
            (ours, inside), (theirs, their_inside) = measure(name, place, replay.url, arguments.repeat)
            ratios.append(ours / theirs)
            print(f"{name:15}{ours:17.0f}{theirs:8.0f}{ours / theirs:8.2f}{inside:20.0f}{their_inside:8.0f}")
    print(f"median ratio {median(ratios):.2f}")


if __name__ == "__main__":
    main()
