"""`locktool remove`: what goes with a requirement, what stays, and how a wrong name is answered."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from local_index import LocalIndex

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter


@pytest.fixture
def web(index: LocalIndex, project: ProjectWriter) -> LocalIndex:
    """An index of a few packages and a project that uses them."""
    index.add("web", "1.0", requires=["parts"])
    index.add("parts", "1.0")
    index.add("runner", "1.0")
    project.pyproject(
        "web; os_name == 'nt'", "web>=1", "parts", extras={"s3": ["web"]}, groups={"dev": ["runner", "web"]}
    )
    return index


def values_of(project: ProjectWriter) -> dict[str, Any]:
    return tomllib.loads(project.read("pyproject.toml"))


def locked(project: ProjectWriter) -> list[str]:
    return [one["name"] for one in tomllib.loads(project.read())["packages"]]


@pytest.mark.usefixtures("web")
def test_every_entry_of_a_package_goes_from_one_list(project: ProjectWriter, run_locktool: Command) -> None:
    finished = run_locktool("remove", "Web", "parts", "--json").succeeded()
    assert values_of(project)["project"]["dependencies"] == []
    assert values_of(project)["project"]["optional-dependencies"] == {"s3": ["web"]}
    changes = json.loads(finished.out)["files"][0]["changes"]
    assert [(change["from"], change["to"]) for change in changes] == [
        ("web; os_name == 'nt'", None),
        ("web>=1", None),
        ("parts", None),
    ]
    assert locked(project) == ["parts", "runner", "web"]
    run_locktool("remove", "--extra", "s3", "web").succeeded()
    run_locktool("remove", "--group", "dev", "web", "runner").succeeded()
    assert locked(project) == []
    run_locktool("check", "--strict").succeeded()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["wbe"], "did you mean 'web'"),
        (["runner"], "locktool remove --group dev runner"),
        (["--extra", "s3", "runner"], "locktool remove --group dev runner"),
        (["--group", "none", "web"], "dependency-groups.none does not name web"),
        (["web", "absent"], "does not name absent"),
    ],
)
@pytest.mark.usefixtures("web")
def test_a_name_that_the_list_lacks_is_no_with_a_hint(
    project: ProjectWriter, run_locktool: Command, words: list[str], message: str
) -> None:
    before = project.read("pyproject.toml")
    assert message in run_locktool("remove", *words).failed(1).err
    assert project.read("pyproject.toml") == before
    assert not (project.directory / "pylock.toml").exists()


@pytest.mark.usefixtures("web")
def test_a_source_goes_with_the_last_requirement(project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject("parts", member="lib", name="lib")
    project.pyproject("lib", groups={"dev": ["lib"]}, tool={"sources": {"lib": {"path": "lib"}}})
    run_locktool("lock").succeeded()
    run_locktool("remove", "lib").succeeded()
    assert values_of(project)["tool"] == {"locktool": {"sources": {"lib": {"path": "lib"}}}}
    run_locktool("remove", "lib", "--group", "dev", "--frozen").succeeded()
    assert "sources" not in project.read("pyproject.toml")
    assert locked(project) == ["lib", "parts"]
    run_locktool("lock").succeeded()
    assert locked(project) == []


def test_a_source_of_the_root_stays_while_a_member_uses_it(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject("parts", member="lib", name="lib")
    project.pyproject(member="app", name="app")
    project.pyproject("lib", tool={"sources": {"lib": {"path": "lib"}}, "workspace": {"members": ["app"]}})
    project.write("app/pyproject.toml", project.read("app/pyproject.toml").replace("[]", '["lib"]'))
    run_locktool("lock").succeeded()
    run_locktool("remove", "lib").succeeded()
    assert "sources" in project.read("pyproject.toml")
    run_locktool("remove", "lib", "--package", "app").succeeded()
    assert "sources" not in project.read("pyproject.toml")
    run_locktool("check", "--strict").succeeded()


@pytest.mark.usefixtures("web")
def test_a_source_of_a_member_goes_although_another_member_requires_the_package(
    project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject("parts", member="lib", name="lib")
    project.pyproject("lib", tool={"sources": {"lib": {"path": "lib"}}, "workspace": {"members": ["app"]}})
    project.pyproject("lib", member="app", name="app", tool={"sources": {"lib": {"path": "../lib", "editable": True}}})
    run_locktool("remove", "lib", "--package", "app").succeeded()
    assert "sources" not in project.read("app/pyproject.toml")
    assert "sources" in project.read("pyproject.toml")
    run_locktool("check", "--strict").succeeded()


@pytest.mark.usefixtures("web")
def test_the_index_of_a_package_stays_while_others_require_it(project: ProjectWriter, run_locktool: Command) -> None:
    with LocalIndex() as company:
        company.add("parts", "9.0")
        project.pyproject("web")
        run_locktool("add", "parts", "--index", f"company={company.url}", "--upgrade-package", "parts").failed(2)
        run_locktool("add", "parts", "--index", f"company={company.url}").succeeded()
        run_locktool("remove", "parts").succeeded()
        assert values_of(project)["tool"]["locktool"]["sources"] == {"parts": {"index": "company"}}
        run_locktool("check", "--strict").succeeded()
        run_locktool("add", "parts").succeeded()
        run_locktool("remove", "web").succeeded()
        run_locktool("remove", "parts").succeeded()
    assert "sources" not in project.read("pyproject.toml")
    assert locked(project) == []
    run_locktool("check", "--strict").succeeded()


@pytest.mark.usefixtures("web")
def test_a_group_that_another_includes_stays(project: ProjectWriter, run_locktool: Command) -> None:
    project.write(
        "pyproject.toml",
        '[dependency-groups]\nall = [{ include-group = "dev" }]\n\n[tool.locktool]\npackage = false\n',
    )
    text = '[dependency-groups]\nall = [{ include-group = "dev" }]\ndev = []\n\n[tool.locktool]\npackage = false\n'
    project.write("pyproject.toml", text)
    run_locktool("add", "--group", "dev", "web").succeeded()
    run_locktool("remove", "--group", "dev", "web").succeeded()
    assert project.read("pyproject.toml") == text
    made = text.replace("dev = []", 'dev = [\n    "web"\n]')
    project.write("pyproject.toml", made)
    run_locktool("remove", "--group", "dev", "web").succeeded()
    assert project.read("pyproject.toml") == text


@pytest.mark.parametrize(("kind", "option"), [("plain", ""), ("extras", " --extra s3"), ("groups", " --group s3")])
def test_a_package_of_another_member_is_found(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str, option: str
) -> None:
    index.add("web", "1.0")
    project.pyproject(tool={"workspace": {"members": ["app"]}})
    lists: dict[str, Any] = {} if kind == "plain" else {kind: {"s3": ["web"]}}
    project.pyproject(*(["web"] if kind == "plain" else []), member="app", name="app", **lists)
    hint = f"hint: locktool remove --package app{option} web"
    assert hint in run_locktool("remove", "web").failed(1).err
    run_locktool(*hint.split()[2:]).succeeded()
