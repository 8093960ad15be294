"""What `compile` is given becomes one manifest, and it is known who asked for what."""

from pathlib import Path

import pytest

from locktool.exceptions import ProjectError
from locktool.operations.compile import is_lock_name
from locktool.operations.inputs import CompileInputs, gather_inputs


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def test_files_are_added_up_and_each_asker_is_known() -> None:
    write("more.in", "b>=1\n")
    paths = (write("one.in", "a\n-r more.in\n"), write("two.in", "a<2\n"))
    inputs = CompileInputs(paths=paths, constraints=(write("c.txt", "b<3\n"),), overrides=(write("o.txt", "d==1\n"),))
    gathered = gather_inputs(inputs, ">=3.12")
    assert gathered.manifest.members[0].dependencies == ["a", "a<2", "b>=1"]
    assert gathered.manifest.constraints == ["b<3"]
    assert gathered.manifest.overrides == ["d==1"]
    assert gathered.manifest.requires_python == ">=3.12"
    assert gathered.askers == {"a": ["-r one.in", "-r two.in"], "b": ["-r more.in", "-c c.txt"]}


PROJECT = """\
[project]
name = "demo"
version = "1"
dependencies = ["a"]
[project.optional-dependencies]
s3 = ["b; sys_platform == 'win32'", "c"]
all = ["demo[s3,loop]; python_version < '3.13'", "d"]
loop = ["demo[all]"]
[dependency-groups]
dev = ["e"]
[tool.locktool]
constraints = ["x<1"]
"""


def test_a_project_gives_its_dependencies_with_the_chosen_extras_and_groups() -> None:
    path = write("pyproject.toml", PROJECT)
    plain = gather_inputs(CompileInputs(paths=(path,)), None)
    assert plain.manifest.members[0].dependencies == ["a"]
    assert plain.manifest.members[0].name is None
    assert plain.manifest.constraints == ["x<1"]
    more = gather_inputs(CompileInputs(paths=(path,), extras=("S3",), groups=("dev",)), None)
    assert [text.partition(";")[0] for text in more.manifest.members[0].dependencies] == ["a", "b", "c", "e"]
    assert more.askers["c"] == ["demo (pyproject.toml)"]


def test_extras_that_name_each_other_are_followed_with_their_conditions() -> None:
    path = write("pyproject.toml", PROJECT)
    found = gather_inputs(CompileInputs(paths=(path,), extras=("all",)), None).manifest.members[0].dependencies
    assert "a" in found
    assert "d" in found
    assert not any(text.startswith("demo") for text in found)
    assert any(text.startswith("b;") and "sys_platform" in text and "python_" in text for text in found)
    assert any(text.startswith("c;") and "python_" in text for text in found)


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        (CompileInputs(paths=(Path("pyproject.toml"),), extras=("no",)), "unknown-extra"),
        (CompileInputs(paths=(Path("pyproject.toml"),), groups=("no",)), "unknown-group"),
        (CompileInputs(paths=(Path("one.in"),), extras=("s3",)), "no-project"),
        (CompileInputs(paths=(Path("pyproject.toml"), Path("x/pyproject.toml"))), "several-projects"),
    ],
)
def test_a_wish_that_cannot_be_met_is_told(inputs: CompileInputs, code: str) -> None:
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
    assert is_lock_name(Path("somewhere") / name) is expected
