"""What is done with each server: lock, check, lock again, from the cache alone, and installed by pip and uv.

In: an index address that a server on loopback answers. Each step is compared with what was published, not with what
the server said of it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from lock_oracle import ProjectRequirements, violations
from locktool.interpreter.environment import MarkerEnvironment
from locktool.lock.read import read_lock
from locktool.lock.select import select_for
from real_servers import publication

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Command, Completed, ProjectWriter
    from local_index import LocalIndex


@dataclass
class Client:
    """A project whose default index is the server, and the tools that read it; `variables` hold for each of them."""

    command: Command
    project: ProjectWriter
    published: LocalIndex
    url: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def locktool(self, *arguments: str) -> Completed:
        """Run the command, which has to succeed."""
        return self.command(*arguments, env={"LOCKTOOL_INDEX_URL": self.url, **self.variables}).succeeded()

    def read_by(self, *arguments: str) -> tuple[int, int, int]:
        """Run `lock` with these arguments: the pages and metadata that it read, and the requests that took."""
        err = self.locktool("lock", "-v", *arguments).err
        found = re.search(r"^Read (\d+) pages? and (\d+) metadata, .* in (\d+) requests?$", err, flags=re.MULTILINE)
        assert found, err
        pages, metadata, requests = map(int, found.groups())
        return pages, metadata, requests

    def read_from_nothing(self, *arguments: str) -> tuple[int, int, int]:
        """The same without the existing lock."""
        (self.project.directory / "pylock.toml").unlink()
        return self.read_by(*arguments)

    def tool(self, *words: str) -> str:
        """The output of `python -m WORDS`, configured for the server and for nothing else of the machine."""
        own = {"PIP_INDEX_URL": self.url, "PIP_NO_CACHE_DIR": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        own |= {"UV_DEFAULT_INDEX": self.url, "UV_CACHE_DIR": str(self.command.home / "uv"), "UV_NO_CONFIG": "1"}
        own |= {"UV_PYTHON": sys.executable, "UV_PYTHON_DOWNLOADS": "never"}
        finished = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.project.directory,
            env=self.command.variables(own | dict(self.variables)),
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, f"{words}\n{finished.stdout}\n{finished.stderr}"
        return finished.stdout


def every_step(client: Client) -> Completed:
    """All steps in their order; gives what the first lock printed."""
    client.project.pyproject(*publication.DEPENDENCIES)
    first = client.locktool("lock", "-v")
    locked = client.project.read()
    has_what_was_published(client)
    client.locktool("check", "--frozen", "--strict")
    assert client.read_by() == (0, 0, 0)
    pages, metadata, _ = client.read_from_nothing("--refresh")
    assert (pages, metadata) == (len({name for name, _ in publication.LOCKED}), 0)
    assert client.project.read() == locked
    assert client.read_from_nothing("--offline") == (0, 0, 0)
    assert client.project.read() == locked
    pip_accepts(client)
    uv_accepts(client)
    uv_chooses_the_same(client)
    assert client.project.read() == locked
    return first


def has_what_was_published(client: Client) -> None:
    """The lock answers the project in every environment, and each file has the digest of what was published."""
    lock = tomllib.loads(client.project.read())
    assert {(entry["name"], entry["version"]) for entry in lock["packages"]} == publication.LOCKED
    project = ProjectRequirements(dependencies=publication.DEPENDENCIES)
    assert violations(client.published.releases(), project, lock) == []
    published = publication.digests(client.published)
    for entry in lock["packages"]:
        for file in distributions(entry):
            assert file["hashes"]["sha256"] == published[file_name(file)]


def distributions(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The files of a package of a lock."""
    return [*entry.get("wheels", []), *([entry["sdist"]] if "sdist" in entry else [])]


def file_name(file: dict[str, Any]) -> str:
    """The name of a file of a lock, which is that of its address where it has no other."""
    name: str = file.get("name") or file["url"].rpartition("/")[2]
    return name


def pip_accepts(client: Client) -> None:
    """What the lock gives this interpreter is fetched by pip, compared with its hashes, and would be installed."""
    report = client.command.home / "report.json"
    words = ["install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet", "--report", str(report)]
    client.tool("pip", *words, "-r", "pylock.toml")
    installed = [each["metadata"] for each in json.loads(report.read_text(encoding="utf-8"))["install"]]
    assert {(canonicalize_name(each["name"]), each["version"]) for each in installed} == selected(client)


def uv_accepts(client: Client) -> None:
    """What the lock gives this interpreter is what uv installs, hashes compared."""
    target = client.command.home / "installed"
    client.tool("uv", "pip", "install", "--quiet", "--target", str(target), "-r", "pylock.toml")
    listed = json.loads(client.tool("uv", "pip", "list", "--target", str(target), "--format", "json"))
    assert {(each["name"], each["version"]) for each in listed} == selected(client)


def uv_chooses_the_same(client: Client) -> None:
    """uv, asked for a lock of the same project by the same server, takes the same versions."""
    client.tool("uv", "lock", "--quiet")
    lock = tomllib.loads(client.project.read("uv.lock"))
    assert {(each["name"], each["version"]) for each in lock["package"]} - {("demo", "0.1.0")} == publication.LOCKED


def selected(client: Client) -> set[tuple[str, str]]:
    """What the lock gives the running interpreter."""
    lock = read_lock(client.project.directory / "pylock.toml")
    return {(each.package.name, each.package.version or "") for each in select_for(lock, MarkerEnvironment.current())}
