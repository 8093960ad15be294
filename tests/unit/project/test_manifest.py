"""What `Project.read` makes of pyproject.toml: canonical, sorted, and the same however the lines are shuffled."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from locktool._native import LockFile, Project
from locktool.exceptions import ProjectError

Write = Callable[..., Path]


def manifest_of(directory: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = msgspec.msgpack.decode(Project.read(str(directory)).manifest())
    return manifest


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
    manifest = manifest_of(directory)
    (span,) = (cutoff.pop("at", None) for cutoff in manifest["exclude-newer-package"].values())
    assert span is None or span.endswith("Z")
    assert manifest == {
        "schema": 2,
        "requires-python": ">=3.11",
        "environments": ["sys_platform == 'linux'"],
        "resolution": "lowest-direct",
        "prerelease": "allow",
        "fork-strategy": "fewest",
        "exclude-newer": "2026-01-01T00:00:00Z",
        "exclude-newer-package": {"numpy": {"span": "P7D"}},
        "constraints": ["urllib3<3"],
        "overrides": ["attrs==25.1"],
        "excludes": ["old-thing"],
        "conflicts": [[{"group": "dev"}, {"extra": "s3"}], [{"group": "lint"}, {"extra": "s3"}]],
        "sources": [{"name": "flask", "path": "../flask", "editable": True}],
        "members": [
            {
                "name": "demo-app",
                "path": ".",
                "version": "1.0",
                "package": True,
                "requires-python": ">=3.11",
                "dependencies": ["flask", "requests[socks]>=2"],
                "extras": {"s3": ["boto3>=1.30"]},
                "groups": {"dev": ["pytest", "ruff"], "lint": ["ruff"]},
            }
        ],
    }


def test_the_manifest_crosses_the_border_in_kebab_case_without_defaults(write: Write) -> None:
    text = (
        '[project]\nname = "a"\nrequires-python = ">=3.11"\n[tool.locktool]\nresolution = "highest"\nconstraints = []\n'
    )
    assert manifest_of(write(text)) == {
        "schema": 2,
        "requires-python": ">=3.11",
        "members": [{"name": "a", "path": ".", "requires-python": ">=3.11"}],
    }


def test_without_requires_python_one_is_assumed_with_a_warning(write: Write) -> None:
    directory = write('[project]\nname = "a"\n')
    manifest = manifest_of(directory)
    assert manifest["requires-python"] == ">=3.11"
    assert "requires-python" not in manifest["members"][0]
    (warning,) = Project.read(str(directory)).warnings
    assert "no requires-python, so >=3.11 is assumed" in warning


@pytest.mark.parametrize(
    ("written", "recorded"),
    [
        ('"2026-07-04"', "2026-07-05T00:00:00Z"),
        ("2026-07-04", "2026-07-05T00:00:00Z"),
        ('"2026-07-04T12:00:00+02:00"', "2026-07-04T10:00:00Z"),
        ("2026-07-04T12:00:00Z", "2026-07-04T12:00:00Z"),
    ],
)
def test_a_cutoff_is_recorded_as_an_instant_and_a_date_includes_its_day(
    write: Write, written: str, recorded: str
) -> None:
    text = f'[project]\nname = "a"\n[tool.locktool]\nexclude-newer = {written}\n'
    assert manifest_of(write(text))["exclude-newer"] == recorded


def test_a_span_is_recorded_as_one(write: Write) -> None:
    for number, span in enumerate(("7 days", "P1W", "P7D")):
        text = f'[project]\nname = "a"\n[tool.locktool]\nexclude-newer = "{span}"\n'
        assert manifest_of(write(text, str(number)))["exclude-newer"]["span"] == "P7D"


def test_a_cutoff_may_be_lifted_for_a_package(write: Write) -> None:
    text = '[project]\nname = "a"\n[tool.locktool]\nexclude-newer = "2026-07-04"\nexclude-newer-package.B = false\n'
    assert manifest_of(write(text))["exclude-newer-package"] == {"b": False}


def test_changes_under_one_parent_are_items_of_their_lists(write: Write) -> None:
    text = """
[project]
name = "a"
[tool.locktool]
constraints = [
  { package = { name = "P", version = "1.0" }, dependencies = ["b<2"] },
  "c<3",
  { package = { name = "p", version = "1" }, dependencies = ["d<4", "b<2"] },
]
excludes = [{ package = { name = "p" }, dependencies = ["E"] }]
"""
    manifest = manifest_of(write(text))
    assert manifest["constraints"][0] == "c<3"
    assert {"package": {"name": "p", "version": "1.0"}, "dependencies": ["b<2"]} in manifest["constraints"][1:]
    assert manifest["excludes"] == [{"package": {"name": "p"}, "dependencies": ["e"]}]


def test_sources_name_indexes_by_their_addresses(write: Write) -> None:
    text = """
[project]
name = "a"
dependencies = ["torch"]
[tool.locktool]
sources.torch = { index = "gpu" }
[[tool.locktool.index]]
name = "gpu"
url = "https://u:S@example.invalid/gpu/"
explicit = true
[[tool.locktool.index]]
name = "main"
url = "https://mirror.invalid/simple"
mirror-of = "https://example.invalid/simple"
default = true
"""
    manifest = manifest_of(write(text))
    assert manifest["indexes"] == [
        {"url": "https://example.invalid/gpu", "explicit": True},
        {"url": "https://example.invalid/simple", "default": True},
    ]
    assert [source["index"].rstrip("/") for source in manifest["sources"]] == ["https://example.invalid/gpu"]


@pytest.mark.parametrize("table", ["locktool", "uv"])
@pytest.mark.parametrize("required", ["", '"torch"'], ids=["required by others at most", "required"])
def test_a_source_of_an_unknown_index_is_an_error(write: Write, table: str, required: str) -> None:
    """A package that only others require would be served by the general index instead."""
    text = f"""
[project]
name = "a"
dependencies = [{required}]
[tool.{table}.sources]
torch = {{ index = "compnay" }}
[[tool.{table}.index]]
name = "company"
url = "https://example.invalid/company"
explicit = true
"""
    pattern = r"pyproject.toml:6:\d+: torch is assigned to the index 'compnay'.*did you mean 'company'"
    with pytest.raises(ProjectError, match=pattern) as caught:
        manifest_of(write(text))
    assert caught.value.code == "unknown-index"


def test_a_source_of_a_member_that_names_an_unknown_index_is_an_error(write: Write) -> None:
    root = write('[tool.locktool.workspace]\nmembers = ["one"]\n')
    text = '[project]\nname = "one"\nversion = "1"\n[tool.locktool.sources]\ntorch = { index = "gpu" }\n'
    (root / "one").mkdir()
    (root / "one" / "pyproject.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match="torch is assigned to the index 'gpu'") as caught:
        manifest_of(root)
    assert caught.value.code == "unknown-index"


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

    first, second = (Project.read(str(write(text(), name))).manifest() for name in ("first", "second"))
    assert first == second


def test_uv_spellings_mean_the_same_as_locktools_own(write: Write) -> None:
    own = write(
        """
[project]
name = "a"
dependencies = ["torch"]
optional-dependencies = { x = ["torch"] }
[dependency-groups]
dev = ["pytest"]
[tool.locktool]
package = true
constraints = ["c<1"]
overrides = ["o==1"]
excludes = ["e"]
default-groups = ["dev"]
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
optional-dependencies = { x = ["torch"] }
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
    assert manifest_of(own) == manifest_of(uv)
    assert Project.read(str(own)).indexes == Project.read(str(uv)).indexes


def test_git_references_are_written_in_full(write: Write) -> None:
    text = """
[project]
name = "a"
[tool.locktool.sources]
one = { git = "https://example.invalid/one", tag = "v1" }
two = { git = "https://example.invalid/two", branch = "main", subdirectory = "sub" }
three = { git = "https://example.invalid/three", rev = "abc" }
"""
    assert [(source["name"], source["rev"]) for source in manifest_of(write(text))["sources"]] == [
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
    project = Project.read(str(directory))
    assert project.unbuilt == [str(directory)]
    with pytest.raises(ProjectError, match=r"pyproject.toml:3:1: only the build system of a knows") as caught:
        project.manifest()
    assert caught.value.code == "dynamic-dependencies"
    built = project.with_metadata(str(directory), metadata)
    assert (built.unbuilt, project.unbuilt) == ([], [str(directory)])
    (member,) = built.members
    assert member.dependencies == ["b>=1"]
    assert set(member.extras) == {"none", "x-y"}
    assert member.extras["x-y"] == ["c"]
    (recorded,) = msgspec.msgpack.decode(built.manifest())["members"]
    assert recorded["dependencies"] == ["b>=1"]
    assert "build-system" in recorded["build"]


def test_a_lock_gives_the_metadata_of_a_build_that_reads_the_same(write: Write) -> None:
    text = (
        '[project]\nname = "a"\nversion = "1"\ndynamic = ["dependencies"]\nrequires-python = ">=3.11"\n'
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
    )
    directory = write(text)
    metadata = "Metadata-Version: 2.4\nName: a\nVersion: 1\nRequires-Dist: b\n"
    inputs = msgspec.msgpack.decode(Project.read(str(directory)).with_metadata(str(directory), metadata).manifest())
    document = {"lock-version": "1.0", "created-by": "locktool", "tool": {"locktool": inputs}, "packages": []}
    locked = LockFile.decode(msgspec.msgpack.encode(document))
    known = Project.read(str(directory), locked=locked)
    assert (known.unbuilt, known.members[0].dependencies) == ([], ["b"])
    write(text.replace("setuptools]", "setuptools>=80]").replace('["setuptools"]', '["setuptools>=80"]'))
    assert Project.read(str(directory), locked=locked).unbuilt == [str(directory)]


BAD_FILES = [
    ("broken-toml", "[project\n", r":1:9: not TOML"),
    ("broken-toml", '[project]\nname = "a"\nname = "b"\n', r"pyproject.toml.*not TOML"),
    ("missing-key", "[project]\n", r"project.name is missing"),
    ("invalid-name", '[project]\nname = "-a"\n', r":2:1: project.name: "),
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
    (
        "static-and-dynamic",
        '[project]\nname = "a"\nrequires-python = ">=3.11"\ndynamic = ["requires-python"]\n',
        r":4:12: ",
    ),
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
        "incomplete-conflict",
        '[project]\nname = "a"\n[tool.uv]\nconflicts = [[{ package = "a" }, { package = "b" }]]\n',
        r":4:15: .*conflicts\[1\]\[1\] names a whole member",
    ),
    (
        "incomplete-conflict",
        '[project]\nname = "a"\n[tool]\nuv.conflicts = [[{member = "a", extra = "x" }, {member = "b", extra = "x"}]]\n',
        r":4:17: .*choose together by its name",
    ),
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
def test_a_bad_file_is_refused_with_its_location(write: Write, code: str, text: str, message: str) -> None:
    directory = write(text)
    with pytest.raises(ProjectError, match=message) as caught:
        Project.read(str(directory)).manifest()
    assert caught.value.code == code
    assert "S@" not in str(caught.value)
    assert caught.value.path == str(directory / "pyproject.toml")


def test_a_member_without_a_name_has_no_sources_of_its_own(write: Write) -> None:
    directory = write('[project]\nname = "a"\n[tool.locktool]\nworkspace.members = ["b"]\n')
    write(
        '[tool.locktool.sources]\nc = { url = "https://example.invalid/c.zip" }\n[dependency-groups]\nx = ["c"]\n', "b"
    )
    with pytest.raises(ProjectError, match=r"b.pyproject.toml:2:1: c has a source here.*only a member with a name"):
        Project.read(str(directory)).manifest()


def test_sources_of_uv_that_are_passed_over_draw_a_warning(write: Write) -> None:
    directory = write(
        '[project]\nname = "a"\nrequires-python = ">=3.11"\ndependencies = ["b", "c"]\n'
        '[tool.locktool.sources]\nb = { path = "b" }\n'
        '[tool.uv.sources]\nB = { path = "x" }\nc = { url = "https://example.invalid/c.zip" }\n'
    )
    (warning,) = Project.read(str(directory)).warnings
    assert "[tool.uv.sources], which also has c;" in warning


def test_a_missing_file_says_where_one_is(write: Write, tmp_path: Path) -> None:
    write('[project]\nname = "a"\n')
    (tmp_path / "below").mkdir()
    with pytest.raises(ProjectError, match=r"no pyproject.toml in .*below; there is one in .*--project") as caught:
        Project.read(str(tmp_path / "below"))
    assert caught.value.code == "missing-project"
    with pytest.raises(ProjectError, match="does not exist"):
        Project.read(str(tmp_path / "nowhere"))


def test_a_file_in_another_encoding_is_refused_with_line_and_byte(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes('[project]\nname = "ä"\n'.encode("latin-1"))
    with pytest.raises(ProjectError, match=r":2:9: not UTF-8 \(byte 0xe4\)"):
        Project.read(str(tmp_path))
