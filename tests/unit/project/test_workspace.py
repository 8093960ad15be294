"""Workspaces: found from any member, members by glob, sources relative to the root."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from locktool import SpecifierSet
from locktool._native import Project, find_root
from locktool.exceptions import ProjectError


def manifest_of(directory: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = msgspec.msgpack.decode(Project.read(str(directory)).manifest())
    return manifest


def write(path: Path, text: str) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / "pyproject.toml").write_text(text, encoding="utf-8")
    return path


def member(name: str, rest: str = "") -> str:
    return f'[project]\nname = "{name}"\nversion = "1"\n{rest}'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(
        tmp_path,
        member("root", 'requires-python = ">=3.10"\ndependencies = ["one"]\n')
        + '[tool.uv.workspace]\nmembers = ["packages/*", "../beside"]\nexclude = ["packages/out*"]\n'
        "[tool.uv.sources]\none = { workspace = true }\n",
    )
    write(tmp_path / "packages" / "one", member("one", 'requires-python = ">=3.11"\n[build-system]\nrequires = []\n'))
    write(tmp_path / "packages" / "two", member("Two", '[tool.uv.sources]\nx = { path = "../../x" }\n'))
    write(tmp_path / "packages" / "outside", member("outside"))
    write(tmp_path / "packages" / ".hidden", member("hidden"))
    (tmp_path / "packages" / "empty").mkdir()
    write(tmp_path.parent / "beside", member("beside"))
    return tmp_path


def test_members_are_found_by_glob_the_root_first(root: Path) -> None:
    manifest = manifest_of(root)
    assert [(member.name, member.path, member.package) for member in Project.read(str(root)).members] == [
        ("root", ".", False),
        ("beside", "../beside", False),
        ("one", "packages/one", True),
        ("two", "packages/two", False),
    ]
    assert [(member["name"], member["path"]) for member in manifest["members"]] == [
        ("root", "."),
        ("beside", "../beside"),
        ("one", "packages/one"),
        ("two", "packages/two"),
    ]
    assert manifest["requires-python"] == ">=3.11"
    assert manifest["sources"] == [
        {"name": "one", "workspace": True},
        {"name": "x", "path": "x", "member": "two"},
    ]


def test_every_member_leads_to_the_same_manifest(root: Path) -> None:
    project = Project.read(str(root / "packages" / "two"))
    assert project.manifest() == Project.read(str(root)).manifest()
    assert project.current.name == "two"
    assert project.root == str(root) == find_root(str(root / "packages" / "one"))


def test_an_excluded_directory_is_a_project_of_its_own(root: Path) -> None:
    assert [member.name for member in Project.read(str(root / "packages" / "outside")).members] == ["outside"]


def test_a_root_without_a_project_table_holds_members_only(tmp_path: Path) -> None:
    write(tmp_path, '[tool.locktool.workspace]\nmembers = ["a"]\n[dependency-groups]\ndev = ["x"]\n')
    write(tmp_path / "a", member("a"))
    first, second = manifest_of(tmp_path)["members"]
    assert first == {"path": ".", "groups": {"dev": ["x"]}}
    assert (second["name"], second["path"]) == ("a", "a")


def test_the_pythons_of_a_workspace_are_those_of_every_member(tmp_path: Path) -> None:
    write(tmp_path, member("root", 'requires-python = ">=3.9, <4"\n') + "[tool.uv.workspace]\nmembers = ['*']\n")
    write(tmp_path / "a", member("a", 'requires-python = ">=3.10,!=3.11.2"\n'))
    write(tmp_path / "b", member("b", 'requires-python = "<3.15,~=3.9"\n'))
    write(tmp_path / "c", member("c"))
    assert manifest_of(tmp_path)["requires-python"] == str(SpecifierSet("!=3.11.2,<3.15,>=3.10,~=3.9"))


def test_settings_of_the_whole_workspace_belong_to_its_root(root: Path) -> None:
    write(root / "packages" / "two", member("two") + '[tool.locktool]\npackage = true\nconstraints = ["x<1"]\n')
    with pytest.raises(
        ProjectError, match=r"pyproject.toml:6:1: tool.locktool.constraints holds for the whole workspace"
    ):
        Project.read(str(root))


@pytest.mark.parametrize(
    ("code", "members", "message"),
    [
        ("missing-member", '["b"]', r":5:12: workspace member 'b' has no pyproject.toml"),
        ("duplicate-member", '["a", "same"]', "has the same name, a; rename one"),
        ("nested-workspace", '["nested"]', "cannot hold another one"),
        ("invalid-pattern", '["/abs*"]', "relative to the workspace root"),
        ("invalid-pattern", '[""]', "relative to the workspace root"),
        ("wrong-type", '"a"', "must be an array of strings"),
    ],
)
def test_a_bad_workspace_is_refused_with_its_location(tmp_path: Path, code: str, members: str, message: str) -> None:
    write(tmp_path, member("root") + f"[tool.locktool.workspace]\nmembers = {members}\n")
    write(tmp_path / "a", member("a"))
    write(tmp_path / "same", member("A"))
    write(tmp_path / "nested", member("n") + "[tool.uv.workspace]\n")
    with pytest.raises(ProjectError, match=message) as caught:
        Project.read(str(tmp_path))
    assert caught.value.code == code


def test_a_required_member_that_does_not_exist_is_named(tmp_path: Path) -> None:
    write(
        tmp_path,
        member("root", 'dependencies = ["helo"]\n') + "[tool.uv.sources]\nhelo = { workspace = true }\n"
        "unused = { workspace = true }\n[tool.uv.workspace]\nmembers = ['hello']\n",
    )
    write(tmp_path / "hello", member("hello"))
    with pytest.raises(ProjectError, match=r":6:1: helo is said .*did you mean 'hello'"):
        manifest_of(tmp_path)


def test_members_that_have_no_python_in_common_are_named(tmp_path: Path) -> None:
    write(tmp_path, member("root", 'requires-python = ">=3.12"\n') + "[tool.uv.workspace]\nmembers = ['a']\n")
    write(tmp_path / "a", member("a", 'requires-python = "<3.12"\n'))
    with pytest.raises(ProjectError, match=r"a/pyproject.toml:4:1: requires-python <3.12 of a and >=3.12 of root"):
        manifest_of(tmp_path)
