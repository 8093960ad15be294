"""What `compile` is given becomes one manifest, and it is known where each package is required."""

from pathlib import Path

import pytest

from locktool.exceptions import ProjectError
from locktool.lock.file_name import is_lock_name
from locktool.operations.inputs import CompileInputs, GatheredInputs, gather_inputs


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def dependencies(gathered: GatheredInputs) -> list[str]:
    found: list[str] = gathered.manifest["members"][0]["dependencies"]
    return found


def test_files_are_added_up_and_each_origin_is_known() -> None:
    write("more.in", "b>=1\n")
    paths = (write("one.in", "a\n-r more.in\n"), write("two.in", "a<2\n"))
    inputs = CompileInputs(paths=paths, constraints=(write("c.txt", "b<3\n"),), overrides=(write("o.txt", "d==1\n"),))
    gathered = gather_inputs(inputs, ">=3.12")
    assert gathered.manifest == {
        "schema": 2,
        "requires-python": ">=3.12",
        "constraints": ["b<3"],
        "overrides": ["d==1"],
        "members": [{"path": ".", "dependencies": ["a", "a<2", "b>=1"]}],
    }
    assert gathered.origins == {"a": ["-r one.in", "-r two.in"], "b": ["-r more.in", "-c c.txt"]}


def test_the_order_of_lines_does_not_matter() -> None:
    write("c.txt", "c<2\nb<2\n")
    paths = (write("one.in", "b\na\nB\n-c c.txt\n"), write("two.in", "-c c.txt\na\nb\n"))
    first, second = (gather_inputs(CompileInputs(paths=(path,)), None).manifest for path in paths)
    assert first == second


def test_options_of_files_are_settings_of_the_manifest() -> None:
    Path("tree").mkdir()
    write("tree/pyproject.toml", "[project]\nname = 'tree'\n")
    path = write("one.in", "--pre\n--only-binary :all:\n--no-binary B,c\n-e ./tree\n")
    gathered = gather_inputs(CompileInputs(paths=(path,)), None)
    assert gathered.manifest == {
        "schema": 2,
        "prerelease": "allow",
        "no-build": True,
        "no-binary-package": ["b", "c"],
        "sources": [{"name": "tree", "path": "tree", "editable": True}],
        "members": [{"path": ".", "dependencies": ["tree"]}],
    }
    assert gathered.warnings == ("--only-binary :all: is for b, c too, whatever --no-binary says of it",)


PROJECT = """\
[project]
name = "demo"
version = "1"
requires-python = ">=3.11"
dependencies = ["a"]
[project.optional-dependencies]
s3 = ["b; sys_platform == 'win32'", "c"]
all = ["demo[s3,loop]; python_version < '3.13'", "d"]
loop = ["demo[all]"]
[dependency-groups]
dev = ["e"]
[tool.locktool]
constraints = ["x<1", { package = { name = "y" }, dependencies = ["z<1"] }]
default-groups = ["dev"]
conflicts = [[{ extra = "s3" }, { group = "dev" }]]
"""


def test_a_project_gives_its_dependencies_with_the_chosen_extras_and_groups() -> None:
    path = write("pyproject.toml", PROJECT)
    plain = gather_inputs(CompileInputs(paths=(path,)), None)
    assert plain.manifest == {
        "schema": 2,
        "requires-python": ">=3.11",
        "constraints": ["x<1", {"package": {"name": "y"}, "dependencies": ["z<1"]}],
        "members": [{"path": ".", "dependencies": ["a"]}],
    }
    more = gather_inputs(CompileInputs(paths=(path,), extras=("S3",), groups=("dev",)), None)
    assert [text.partition(";")[0] for text in dependencies(more)] == ["a", "b", "c", "e"]
    assert more.origins["c"] == ["demo (pyproject.toml)"]


def test_extras_that_name_each_other_are_followed_with_their_conditions() -> None:
    path = write("pyproject.toml", PROJECT)
    found = dependencies(gather_inputs(CompileInputs(paths=(path,), extras=("all",)), None))
    assert "a" in found
    assert "d" in found
    assert not any(text.startswith("demo") for text in found)
    assert any(text.startswith("b;") and "sys_platform" in text and "python_" in text for text in found)
    assert any(text.startswith("c;") and "python_" in text for text in found)


def test_sources_of_a_project_are_those_of_its_requirements_seen_from_here() -> None:
    for folder in ("ws/app", "ws/lib"):
        Path(folder).mkdir(parents=True)
    root = "[tool.locktool]\nworkspace.members = ['app', 'lib']\n[tool.locktool.sources]\n"
    root += "lib = { workspace = true }\nx = { path = 'vendor/x' }\ny = { url = 'https://example.invalid/y.whl' }\n"
    write("ws/pyproject.toml", f"[project]\nname = 'root'\ndependencies = ['lib', 'x']\n{root}")
    own = "[tool.locktool.sources]\nx = { path = '../own' }\n"
    path = write("ws/app/pyproject.toml", f"[project]\nname = 'app'\ndependencies = ['lib', 'x', 'y']\n{own}")
    write("ws/lib/pyproject.toml", "[project]\nname = 'lib'\n")
    lib = {"name": "lib", "path": "ws/lib", "editable": True}
    address = {"name": "y", "url": "https://example.invalid/y.whl"}
    of_root = gather_inputs(CompileInputs(paths=(Path("ws/pyproject.toml"),)), None).manifest["sources"]
    assert of_root == [lib, {"name": "x", "path": "ws/vendor/x"}, address]
    of_member = gather_inputs(CompileInputs(paths=(path,)), None).manifest["sources"]
    assert sorted(of_member, key=lambda source: source["name"]) == [lib, {"name": "x", "path": "ws/own"}, address]


SOURCES = """\
[project]
name = "demo"
dependencies = ["a"]
optional-dependencies = { x = ["b"], y = ["demo[x]"] }
[dependency-groups]
dev = ["c"]
[tool.locktool.sources]
b = [{ path = "b", extra = "x" }]
c = [{ path = "c", group = "dev" }]
lost = { workspace = true }
"""


@pytest.mark.parametrize(
    ("extras", "groups", "expected"),
    [((), (), []), (("x",), (), ["b"]), (("y",), (), ["b"]), ((), ("dev",), ["c"]), (("x",), ("dev",), ["b", "c"])],
)
def test_sources_of_extras_and_groups_apply_where_these_are_chosen(
    extras: tuple[str, ...], groups: tuple[str, ...], expected: list[str]
) -> None:
    path = write("pyproject.toml", SOURCES)
    gathered = gather_inputs(CompileInputs(paths=(path,), extras=extras, groups=groups), None)
    assert gathered.manifest.get("sources", []) == [{"name": name, "path": name} for name in expected]


def test_a_required_member_that_does_not_exist_is_an_error() -> None:
    paths = (write("pyproject.toml", SOURCES), write("one.in", "lost\n"))
    with pytest.raises(ProjectError, match="lost has the source `workspace = true`") as caught:
        gather_inputs(CompileInputs(paths=paths), None)
    assert caught.value.code == "unknown-member"


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        (CompileInputs(paths=(Path("pyproject.toml"),), extras=("no",)), "unknown-extra"),
        (CompileInputs(paths=(Path("pyproject.toml"),), groups=("no",)), "unknown-group"),
        (CompileInputs(paths=(Path("one.in"),), extras=("s3",)), "no-project"),
        (CompileInputs(paths=(Path("pyproject.toml"), Path("x/pyproject.toml"))), "several-projects"),
    ],
)
def test_what_is_not_there_cannot_be_chosen(inputs: CompileInputs, code: str) -> None:
    write("pyproject.toml", PROJECT)
    write("one.in", "a\n")
    with pytest.raises(ProjectError) as caught:
        gather_inputs(inputs, None)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pylock.toml", True),
        ("pylock.dev.toml", True),
        ("pylock..toml", False),
        ("pylock.a.b.toml", False),
        ("requirements.txt", False),
        ("mypylock.toml", False),
    ],
)
def test_the_names_of_locks_are_those_of_the_standard(name: str, *, expected: bool) -> None:
    assert is_lock_name(name) is expected
