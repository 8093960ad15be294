"""What load_project makes of pyproject.toml: canonical, sorted, and the same however the lines are shuffled."""

import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from locktool.exceptions import ProjectError
from locktool.project.manifest import Manifest
from locktool.project.pyproject import load_project

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(text: str, directory: str = ".") -> Path:
        path = tmp_path / directory / "pyproject.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path.parent

    return write_file


def test_everything_of_a_project_reaches_the_manifest(write: Write) -> None:
    directory = write(
        """
[project]
name = "Demo_App"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["Requests [socks] >= 2", "flask"]
optional-dependencies.S3 = ["boto3>=1.30"]
[build-system]
requires = []
[dependency-groups]
dev = ["pytest", { include-group = "LINT" }]
Lint = ["ruff"]
[tool.locktool]
constraints = ["urllib3<3"]
overrides = ["attrs==25.1"]
excludes = ["Old_Thing"]
environments = ["sys_platform == 'linux'"]
resolution = "lowest-direct"
prerelease = "allow"
fork-strategy = "fewest"
exclude-newer = 2026-01-01T00:00:00Z
exclude-newer-package = { Numpy = "7 days" }
conflicts = [[{ group = "lint" }, { extra = "s3" }]]
sources.flask = { path = "../flask", editable = true }
"""
    )
    manifest = load_project(directory).to_manifest()
    member = manifest.members[0]
    assert (member.name, member.path, member.version, member.package) == ("demo-app", ".", "1.0", True)
    assert member.dependencies == ["flask", "requests[socks]>=2"]
    assert member.extras == {"s3": ["boto3>=1.30"]}
    assert member.groups == {"dev": ["pytest", "ruff"], "lint": ["ruff"]}
    assert manifest.requires_python == ">=3.11"
    assert (manifest.constraints, manifest.overrides, manifest.excludes) == (
        ["urllib3<3"],
        ["attrs==25.1"],
        ["old-thing"],
    )
    assert (manifest.resolution, manifest.prerelease, manifest.fork_strategy) == ("lowest-direct", "allow", "fewest")
    assert manifest.exclude_newer is not None
    assert manifest.exclude_newer.startswith("2026-01-01T00:00:00")
    assert manifest.exclude_newer_package == {"numpy": "7 days"}
    assert [(item.extra, item.group) for item in manifest.conflicts[0]] == [(None, "lint"), ("s3", None)]
    assert manifest.sources[0].path == "../flask"


def test_the_manifest_crosses_the_border_in_kebab_case_without_defaults(write: Write) -> None:
    manifest = load_project(write('[project]\nname = "a"\nrequires-python = ">=3.11"\n')).to_manifest()
    assert msgspec.msgpack.decode(manifest.to_messagepack()) == {
        "schema": 1,
        "requires-python": ">=3.11",
        "resolution": "highest",
        "prerelease": "if-necessary-or-explicit",
        "fork-strategy": "requires-python",
        "members": [{"name": "a", "path": ".", "requires-python": ">=3.11"}],
    }
    assert msgspec.msgpack.decode(manifest.to_messagepack(), type=Manifest) == manifest


@pytest.mark.parametrize("seed", range(8))
def test_shuffled_lines_give_the_same_manifest(write: Write, seed: int) -> None:
    order = random.Random(seed)  # noqa: S311 - repeatable shuffles, no secrets
    requirements = ['"b>=1"', '"a"', '"A"', "\"c ; python_version < '3.12'\"", '"B >= 1"']
    groups = ['one = ["x", {include-group = "two"}]', 'two = ["y", "x"]']
    constraints = ['"q<2"', '"p<3"']

    def text() -> str:
        for lines in (requirements, groups, constraints):
            order.shuffle(lines)
        return (
            f'[project]\nname = "a"\ndependencies = [{", ".join(requirements)}]\n'
            f"[tool.locktool]\nconstraints = [{', '.join(constraints)}]\n[dependency-groups]\n" + "\n".join(groups)
        )

    first = load_project(write(text(), "first")).to_manifest().to_messagepack()
    second = load_project(write(text(), "second")).to_manifest().to_messagepack()
    assert first == second


def test_uv_spellings_mean_the_same_as_locktools_own(write: Write) -> None:
    own = write(
        """
[project]
name = "a"
dependencies = ["torch"]
[dependency-groups]
dev = ["pytest"]
[tool.locktool]
package = true
constraints = ["c<1"]
overrides = ["o==1"]
excludes = ["e"]
required-environments = ["sys_platform == 'win32'"]
[tool.locktool.sources]
torch = [{ index = "gpu", marker = "sys_platform == 'linux'" }, { url = "https://example.invalid/t.whl", extra = "x" }]
[[tool.locktool.index]]
name = "gpu"
url = "https://example.invalid/gpu"
explicit = true
""",
        "own",
    )
    uv = write(
        """
[project]
name = "a"
dependencies = ["torch"]
[tool.uv]
package = true
dev-dependencies = ["pytest"]
constraint-dependencies = ["c<1"]
override-dependencies = ["o==1"]
exclude-dependencies = ["e"]
required-environments = ["sys_platform == 'win32'"]
default-groups = ["dev"]
python-preference = "managed"
[tool.uv.sources]
torch = [{ url = "https://example.invalid/t.whl", extra = "x" }, { index = "gpu", marker = "sys_platform == 'linux'" }]
[[tool.uv.index]]
name = "gpu"
url = "https://example.invalid/gpu"
explicit = true
""",
        "uv",
    )
    assert load_project(own).to_manifest() == load_project(uv).to_manifest()
    assert load_project(own).settings == load_project(uv).settings


def test_git_references_are_written_in_full(write: Write) -> None:
    sources = (
        load_project(
            write(
                """
[project]
name = "a"
[tool.locktool.sources]
one = { git = "https://example.invalid/one", tag = "v1" }
two = { git = "https://example.invalid/two", branch = "main", subdirectory = "sub" }
three = { git = "https://example.invalid/three", rev = "abc" }
"""
            )
        )
        .to_manifest()
        .sources
    )
    assert [(source.name, source.rev) for source in sources] == [
        ("one", "refs/tags/v1"),
        ("three", "abc"),
        ("two", "refs/heads/main"),
    ]


def test_dynamic_fields_come_from_the_build_where_one_is_given(write: Write) -> None:
    directory = write(
        '[project]\nname = "a"\ndynamic = ["dependencies", "optional-dependencies", "version"]\n'
        'requires-python = ">=3.11"\n[build-system]\nrequires = []\n'
    )
    metadata = (
        "Metadata-Version: 2.4\nName: a\nVersion: 1\nRequires-Dist: b>=1\nProvides-Extra: X_y\nProvides-Extra: none\n"
        "Requires-Dist: c ; extra == 'x-y'\nRequires-Dist: b>=1\n\nBody\n"
    )
    member = load_project(directory, build_metadata=lambda _: metadata).members[0]
    assert member.dependencies == ("b>=1",)
    assert set(member.extras) == {"none", "x-y"}
    assert member.extras["x-y"][0].startswith("c")
    assert "extra" not in member.extras["x-y"][0]
    with pytest.raises(ProjectError, match=r"pyproject.toml:3:1: only the build system of a knows"):
        load_project(directory)


BAD_FILES = [
    ("broken-toml", "[project\n", r":1:9: not TOML"),
    ("broken-toml", '[project]\nname = "a"\nname = "b"\n', r"pyproject.toml.*not TOML"),
    ("missing-key", "[project]\n", r"project.name is missing"),
    ("invalid-name", '[project]\nname = "-a"\n', r":2:1: project.name: '-a' is not a valid name"),
    ("wrong-type", "[project]\nname = 3\n", r":2:1: project.name must be a string, but it is a number \(3\)"),
    ("wrong-type", '[project]\nname = "a"\ndependencies = "b"\n', r":3:1: project.dependencies must be an array"),
    ("wrong-type", '[project]\nname = "a"\ndependencies = [\n  "b",\n  3,\n]\n', r":5:3: project.dependencies\[2\]"),
    ("wrong-type", "project = 1\n", r":1:1: project must be a table"),
    ("wrong-type", '[project]\nname = "a"\n[build-system]\n[tool]\nuv = []\n', r":5:1: tool.uv must be a table"),
    (
        "invalid-requirement",
        '[project]\nname = "a"\ndependencies = ["b", "c >"]\n',
        r":3:22: project.dependencies\[2\]",
    ),
    ("invalid-specifier", '[project]\nname = "a"\nrequires-python = "3"\n', r":3:1: project.requires-python"),
    ("invalid-marker", '[project]\nname = "a"\n[tool.locktool]\nenvironments = ["x"]\n', r":4:17: "),
    ("invalid-version", '[project]\nname = "a"\nversion = "x"\n', r":3:1: project.version"),
    (
        "credentials-in-address",
        '[project]\nname = "a"\ndependencies = ["b @ https://u:S@example.invalid/b"]\n',
        "netrc",
    ),
    (
        "credentials-in-address",
        '[project]\nname = "a"\n[tool.uv.sources]\nb = { url = "https://S@example.invalid" }\n',
        "netrc",
    ),
    ("no-project-table", "[tool.black]\n", r"no \[project\] table"),
    ("dynamic-name", '[project]\nname = "a"\ndynamic = ["name"]\n', r":3:12: project.name cannot be dynamic"),
    ("static-and-dynamic", '[project]\nname = "a"\ndependencies = []\ndynamic = ["dependencies"]\n', r":4:12: "),
    (
        "duplicate-name",
        '[project]\nname = "a"\noptional-dependencies = { x-y = [], X_Y = [] }\n',
        r":3:37: .*'X_Y' and 'x-y'",
    ),
    ("unknown-key", '[project]\nname = "a"\n[tool.locktool]\nconstraint = []\n', r":4:1: .*did you mean 'constraints'"),
    (
        "unknown-key",
        '[project]\nname = "a"\n[tool.locktool.workspace]\nmember = []\n',
        r":4:1: .*did you mean 'members'",
    ),
    ("unknown-value", '[project]\nname = "a"\n[tool.uv]\nresolution = "hihgest"\n', r":4:1: .*did you mean 'highest'"),
    (
        "duplicate-name",
        '[project]\nname = "a"\n[tool.locktool]\noverrides = []\noverride-dependencies = []\n',
        r":5:1: ",
    ),
    ("incomplete-conflict", '[project]\nname = "a"\n[tool.uv]\nconflicts = [[{ extra = "x" }]]\n', r":4:14: "),
    ("incomplete-conflict", '[project]\nname = "a"\n[tool.uv]\nconflicts = [[{}, { extra = "x" }]]\n', r":4:15: "),
    (
        "ambiguous-source",
        '[project]\nname = "a"\n[tool.uv.sources]\nb = { path = "x", url = "y" }\n',
        r":4:1: .*exactly one",
    ),
    (
        "ambiguous-source",
        '[project]\nname = "a"\n[tool.uv.sources]\nb = { git = "x", tag = "y", rev = "z" }\n',
        r"keep one",
    ),
    ("ambiguous-source", '[project]\nname = "a"\n[tool.uv.sources]\nb = [{ url = "x" }, { url = "y" }]\n', r":4:6: "),
    (
        "unnamed-index",
        '[project]\nname = "a"\n[[tool.uv.index]]\nurl = "https://example.invalid"\nexplicit = true\n',
        r":3:1: ",
    ),
    (
        "missing-key",
        '[project]\nname = "a"\n[[tool.locktool.index]]\nname = "x"\n',
        r":3:1: .*index\[1\].url is missing",
    ),
]


@pytest.mark.parametrize(("code", "text", "message"), BAD_FILES)
def test_a_bad_file_is_refused_with_its_place(write: Write, code: str, text: str, message: str) -> None:
    directory = write(text)
    with pytest.raises(ProjectError, match=message) as caught:
        load_project(directory)
    assert caught.value.code == code
    assert "S@" not in str(caught.value)
    assert caught.value.path == str(directory / "pyproject.toml")


def test_a_missing_file_says_where_one_is(write: Write, tmp_path: Path) -> None:
    write('[project]\nname = "a"\n')
    (tmp_path / "below").mkdir()
    with pytest.raises(ProjectError, match=r"no pyproject.toml in .*below; there is one in .*--project") as caught:
        load_project(tmp_path / "below")
    assert caught.value.code == "missing-project"
    with pytest.raises(ProjectError, match="does not exist"):
        load_project(tmp_path / "nowhere")


def test_a_file_in_another_encoding_is_refused_with_line_and_byte(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes('[project]\nname = "ä"\n'.encode("latin-1"))
    with pytest.raises(ProjectError, match=r":2:9: not UTF-8 \(byte 0xe4\)"):
        load_project(tmp_path)
