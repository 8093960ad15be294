"""Projects of every kind that a lock can answer, each small, with what the indexes serve for them.

In: a directory and two running indexes. Out: a project on disk that `locktool lock` can lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from git_repository import commit_all, git
from local_index import Release

if TYPE_CHECKING:
    from pathlib import Path

    from local_index import LocalIndex

HEAD = '[project]\nname = "demo"\nversion = "0.1.0"\nrequires-python = ">=3.11"\n'
_BUILD_SYSTEM = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


@dataclass(frozen=True)
class ProjectKind:
    """The text of pyproject.toml and of the other files; MAIN, SECOND, REPOSITORY and ROOT stand for addresses.

    `options` are those of the command line by which it is locked.
    """

    pyproject: str
    files: tuple[tuple[str, str], ...] = ()
    vendored: tuple[Release, ...] = ()
    options: tuple[str, ...] = ()


PROJECTS: dict[str, ProjectKind] = {
    "registry": ProjectKind(HEAD + 'dependencies = ["alpha>=1.0", "native"]\n'),
    "forks": ProjectKind(
        HEAD
        + """\
dependencies = [
  "forked>=2 ; sys_platform == 'linux'",
  "forked<2 ; sys_platform != 'linux'",
  "wrapper",
  "alpha ; python_version < '3.13'",
]
"""
    ),
    "extras": ProjectKind(
        HEAD
        + """\
dependencies = ["alpha"]
optional-dependencies = { web = ["rich-text[more]"], data = ["native"] }

[dependency-groups]
dev = ["gamma", { include-group = "docs" }]
docs = ["delta ; sys_platform == 'linux'"]

[tool.locktool]
default-groups = ["dev"]
"""
    ),
    "conflicts": ProjectKind(
        HEAD
        + """\
dependencies = ["alpha"]
optional-dependencies = { old = ["forked<2"], new = ["forked>=2"] }

[tool.locktool]
conflicts = [[{ extra = "old" }, { extra = "new" }]]
"""
    ),
    "workspace": ProjectKind(
        HEAD
        + """\
dependencies = ["member-one>=1", "plain-tree[fast]>=3", "editable-tree==4.0", "wants-member"]

[tool.locktool]
workspace.members = ["packages/*"]

[tool.locktool.sources]
member-one = { workspace = true }
plain-tree = { path = "trees/plain" }
editable-tree = { path = "trees/editable", editable = true }
""",
        files=(
            (
                "packages/one/pyproject.toml",
                """\
[project]
name = "member-one"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["beta", "member-two"]
optional-dependencies = { fast = ["native"] }

[tool.locktool.sources]
member-two = { workspace = true }

"""
                + _BUILD_SYSTEM,
            ),
            (
                "packages/two/pyproject.toml",
                '[project]\nname = "member-two"\nversion = "2.0"\ndependencies = ["gamma"]\n' + _BUILD_SYSTEM,
            ),
            (
                "trees/plain/pyproject.toml",
                """\
[project]
name = "plain-tree"
version = "3.0"
requires-python = ">=3.10"
dependencies = ["delta", "gamma ; python_version < '3.11'"]
optional-dependencies = { fast = ["native ; sys_platform == 'linux'"], unused = ["forked"] }

"""
                + _BUILD_SYSTEM,
            ),
            (
                "trees/editable/pyproject.toml",
                '[project]\nname = "editable-tree"\nversion = "4.0"\ndependencies = ["gamma"]\n' + _BUILD_SYSTEM,
            ),
        ),
    ),
    "git": ProjectKind(
        HEAD
        + """\
dependencies = ["stored", "deeper<2", "exact @ git+REPOSITORY@COMMIT#subdirectory=exact"]

[tool.locktool.sources]
stored = { git = "REPOSITORY", branch = "main" }
deeper = { git = "REPOSITORY", tag = "v1", subdirectory = "deeper" }
"""
    ),
    "archives": ProjectKind(
        HEAD
        + """\
dependencies = ["remote-wheel @ REMOTE_WHEEL", "hashed @ HASHED", "remote-sdist", "local-wheel==1.*", "local-sdist<2"]

[tool.locktool.sources]
remote-sdist = { url = "REMOTE_SDIST" }
local-wheel = { path = "vendor/local_wheel-1.0-py3-none-any.whl" }
local-sdist = { path = "vendor/local_sdist-1.0.tar.gz" }
""",
        vendored=(
            Release("local-wheel", "1.0", requires=("delta",)),
            Release("local-sdist", "1.0", requires=("gamma",), sdist=True, wheel_tags=()),
        ),
    ),
    "indexes": ProjectKind(
        HEAD
        + """\
dependencies = ["alpha", "secondary", "on-linux"]

[tool.locktool.sources]
secondary = { index = "second" }
on-linux = { index = "second", marker = "sys_platform == 'linux'" }

[[tool.locktool.index]]
name = "second"
url = "SECOND"
explicit = true

[[tool.locktool.index]]
name = "main"
url = "MAIN"
default = true
"""
    ),
    "parts": ProjectKind(
        HEAD
        + """\
dependencies = ["alpha"]
optional-dependencies = { one = ["secondary"], all = ["demo[one] ; sys_platform == 'linux'"] }

[dependency-groups]
base = ["on-linux ; sys_platform == 'linux'"]
dev = [{ include-group = "base" }, "on-linux ; sys_platform == 'win32'"]

[tool.locktool.sources]
secondary = { index = "second", extra = "one" }
on-linux = { index = "second", group = "base" }

[[tool.locktool.index]]
name = "second"
url = "SECOND"
explicit = true
"""
    ),
    "machine": ProjectKind(
        HEAD
        + """\
dependencies = ["alpha", "rich-text", "secondary"]

[tool.locktool.sources]
rich-text = { index = "main" }
secondary = { index = "second" }

[[tool.locktool.index]]
name = "main"
url = "MAIN"
explicit = true

[[tool.locktool.index]]
name = "second"
url = "SECOND"
explicit = true
"""
    ),
    "options": ProjectKind(
        HEAD
        + """\
dependencies = ["alpha", "gamma", "secondary"]

[[tool.locktool.index]]
url = "MAIN"
default = true
""",
        options=("--extra-index-url", "SECOND"),
    ),
    "changes": ProjectKind(
        HEAD
        + """\
dependencies = ["alpha", "forked", "rich-text", "remote-sdist"]

[tool.locktool]
constraints = ["forked<2", "gamma<2", { package = { name = "rich-text" }, dependencies = ["beta<2"] }]
overrides = ["delta==1.0", "remote-sdist>=1"]
excludes = ["unwanted"]
sources.remote-sdist = { url = "REMOTE_SDIST" }

[[tool.locktool.dependency-metadata]]
name = "alpha"
requires-dist = ["beta", "gamma ; sys_platform == 'linux'", "absent ; python_version < '3'"]
"""
    ),
    "cutoffs": ProjectKind(
        HEAD
        + """\
dependencies = ["alpha", "fresh", "forked"]

[tool.locktool]
exclude-newer = 2024-06-30
exclude-newer-package = { forked = "7 days" }
"""
    ),
    "sdists": ProjectKind(
        HEAD
        + """\
dependencies = ["source-only", "native", "alpha"]

[tool.locktool]
no-binary-package = ["alpha"]
"""
    ),
    "builds": ProjectKind(
        HEAD
        + """\
dependencies = ["built", "alpha"]

[tool.locktool]
build-constraints = ["gamma<2"]
"""
    ),
    "environments": ProjectKind(
        HEAD
        + """\
dependencies = ["alpha", "native", "forked ; sys_platform == 'win32'"]

[tool.locktool]
environments = ["sys_platform == 'linux'", "sys_platform == 'win32'"]
required-environments = ["sys_platform == 'linux' and platform_machine == 'x86_64'"]
"""
    ),
}


def publish(main: LocalIndex, second: LocalIndex) -> None:
    """Serve every release that the projects can ask for."""
    main.add("alpha", "1.0", requires=["beta>=1"], sdist=True)
    main.add("alpha", "1.1", requires=["beta>=1", "gamma ; sys_platform == 'win32'"], sdist=True)
    for version in ("1.0", "2.0"):
        main.add("beta", version, requires=["delta"])
        main.add("gamma", version, requires_python=">=3.8")
        main.add("delta", version, sdist=True)
        main.add("forked", version, requires=[] if version == "1.0" else ["gamma"], requires_python=">=3.9")
    main.add("native", "1.0", wheel_tags=_NATIVE_TAGS, sdist=True)
    main.add("rich-text", "1.0", requires=["unwanted", "beta"], extras={"more": ["gamma>=2"]})
    main.add("wrapper", "1.0", requires=["forked"])
    main.add("unwanted", "1.0")
    main.add("fresh", "1.0", requires=["delta"], upload_time="2024-01-01T00:00:10.843Z")
    main.add("fresh", "2.0", upload_time="2025-01-01T00:00:00Z")
    main.add("source-only", "1.0", requires=["gamma"], sdist=True, wheel_tags=())
    needs = ["rich-text", "forked<2 ; python_version < '3.12'", "forked ; python_version >= '3.12'"]
    main.add(
        "built",
        "1.0",
        requires=["delta"],
        sdist=True,
        wheel_tags=(),
        dynamic=["requires-dist"],
        build_requires=needs,
    )
    main.add("on-linux", "1.0")
    main.add("wants-member", "1.0", requires=["member-two>=2", "plain-tree<4"])
    main.add("member-one", "1.0")
    main.add("plain-tree", "3.0")
    main.add("remote-wheel", "1.0", requires=["beta"])
    main.add("hashed", "1.0")
    main.add("remote-sdist", "1.0", requires=["gamma"], sdist=True, wheel_tags=())
    second.add("secondary", "1.0", requires=["beta"])
    second.add("on-linux", "1.0")
    second.add("alpha", "9.0")


_NATIVE_TAGS = (
    "cp311-abi3-manylinux_2_17_x86_64",
    "cp311-abi3-macosx_11_0_arm64",
    "cp311-abi3-win_amd64",
)


def write_project(kind: ProjectKind, folder: Path, main: LocalIndex, second: LocalIndex) -> None:
    """Write the project into a folder that does not exist; what it needs beside it stands in the parent."""
    folder.mkdir(parents=True)
    replaced = {"MAIN": main.url, "SECOND": second.url}
    if "REPOSITORY" in kind.pyproject:
        repository = folder.parent / "repository"
        replaced |= {"REPOSITORY": repository.as_uri(), "COMMIT": make_repository(repository)}
    wheel, hashed, sdist = (_file_of(main, name) for name in ("remote-wheel", "hashed", "remote-sdist"))
    replaced |= {"REMOTE_WHEEL": wheel[0], "REMOTE_SDIST": sdist[0], "HASHED": f"{hashed[0]}#sha256={hashed[1]}"}
    text = kind.pyproject
    for word, value in replaced.items():
        text = text.replace(word, value)
    for path, content in (("pyproject.toml", text), *kind.files):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    for file in (file for release in kind.vendored for file in release.files):
        target = folder / "vendor" / file.filename
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(file.content)


def _file_of(index: LocalIndex, name: str) -> tuple[str, str]:
    (file,) = Release(name, "1.0", sdist=name == "remote-sdist").files[:1]
    return f"{index.root}/files/{name}/{file.filename}", file.digests["sha256"]


def make_repository(folder: Path) -> str:
    """A repository with three packages, a branch and a tag; the commit that both name."""
    for name, path in (("stored", "."), ("deeper", "deeper"), ("exact", "exact")):
        text = f'[project]\nname = "{name}"\nversion = "1.0"\ndependencies = ["delta"]\n{_BUILD_SYSTEM}'
        (folder / path).mkdir(parents=True, exist_ok=True)
        (folder / path / "pyproject.toml").write_text(text, encoding="utf-8")
    commit = commit_all(folder)
    git(folder, "tag", "v1")
    return commit
