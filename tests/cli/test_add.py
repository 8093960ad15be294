"""`locktool add`: what is written, where, with which bounds, and that project and lock agree afterwards."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from local_index import LocalIndex
from source_trees import add_build_systems

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter


LIBRARY = """\
[project]
name = "lib"
version = "1"
dependencies = ["web"]
optional-dependencies = { fast = [] }
"""


@pytest.fixture
def web(index: LocalIndex, project: ProjectWriter) -> LocalIndex:
    """An index of a few packages and a project without any."""
    index.add("web", "1.4.2", requires=["parts>=1"], extras={"tls": ["keys"]})
    index.add("web", "1.3.0")
    index.add("parts", "0.4.2")
    index.add("parts", "1.0.0")
    index.add("keys", "2.0rc1")
    index.add("zero", "0.4.2")
    index.add("local", "1.0+cpu")
    project.pyproject()
    return index


def project_of(project: ProjectWriter, member: str = ".") -> dict[str, Any]:
    return tomllib.loads(project.read(f"{member}/pyproject.toml"))


def locked(project: ProjectWriter) -> list[str]:
    return [f"{one['name']} {one.get('version')}" for one in tomllib.loads(project.read())["packages"]]


@pytest.mark.parametrize(
    ("bounds", "of_web", "of_zero"),
    [
        ([], "web>=1.4.2", "zero>=0.4.2"),
        (["--bounds", "lower"], "web>=1.4.2", "zero>=0.4.2"),
        (["--bounds", "exact"], "web==1.4.2", "zero==0.4.2"),
        (["--bounds", "minor"], "web>=1.4.2,<1.5", "zero>=0.4.2,<0.5"),
        (["--bounds", "major"], "web>=1.4.2,<2", "zero>=0.4.2,<0.5"),
        (["--bounds", "none"], "web", "zero"),
        (["--frozen"], "web", "zero"),
    ],
)
@pytest.mark.usefixtures("web")
def test_a_requirement_without_a_version_gets_bounds_from_what_was_resolved(
    project: ProjectWriter, run_locktool: Command, bounds: list[str], of_web: str, of_zero: str
) -> None:
    run_locktool("add", "web", "zero", *bounds).succeeded()
    assert project_of(project)["project"]["dependencies"] == [of_web, of_zero]
    if bounds == ["--frozen"]:
        assert not (project.directory / "pylock.toml").exists()
    else:
        run_locktool("check", "--strict").succeeded()


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("web <2 ", "web <2 "),
        ("web[tls]", "web[tls]>=1.4.2"),
        ("Web ; sys_platform == 'linux'", "Web>=1.4.2; sys_platform == 'linux'"),
        ("web~=1.3", "web~=1.3"),
        ("local", "local>=1.0"),
    ],
)
@pytest.mark.usefixtures("web")
def test_what_a_person_writes_stays(project: ProjectWriter, run_locktool: Command, given: str, written: str) -> None:
    run_locktool("add", given, "--prerelease", "allow").succeeded()
    assert project_of(project)["project"]["dependencies"] == [written]


@pytest.mark.parametrize(
    ("there", "given", "after"),
    [
        (["web>=1"], "web", ["web>=1"]),
        (["web>=1"], "web[tls]", ["web[tls]>=1"]),
        (["web [ tls ] >=1"], "web[TLS]", ["web [ tls ] >=1"]),
        (["web[other]>=1"], "web[tls]", ["web[other,tls]>=1"]),
        (["web[tls]>=1"], "web>=1.2", ["web[tls]>=1.2"]),
        (["web>=1"], "WEB>=1.2", ["WEB>=1.2"]),
        (["web"], "web", ["web"]),
        (["web>=1; os_name == 'nt'"], "web>=1.2", ["web>=1; os_name == 'nt'", "web>=1.2"]),
        (["web>=1; os_name == 'nt'"], "web>=1.2; os_name=='nt'", ["web>=1.2; os_name=='nt'"]),
        (["web>=1; os_name == 'nt'", "web>=1.1"], "web[tls]", ["web>=1; os_name == 'nt'", "web[tls]>=1.1"]),
        (["web (>=1,<2)"], "web[tls]", ["web[tls](>=1,<2)"]),
    ],
)
@pytest.mark.usefixtures("web")
def test_a_package_that_is_there_already_is_merged_under_its_marker(
    project: ProjectWriter, run_locktool: Command, there: list[str], given: str, after: list[str]
) -> None:
    project.pyproject(*there)
    run_locktool("add", given, "--prerelease", "allow").succeeded()
    assert project_of(project)["project"]["dependencies"] == after
    run_locktool("add", given, "--prerelease", "allow").succeeded()
    assert project_of(project)["project"]["dependencies"] == after


@pytest.mark.parametrize(
    ("there", "words", "after"),
    [
        ("web", ["web", "--bounds", "major"], "web>=1.4.2,<2"),
        ("web", ["web[tls]", "--bounds", "exact"], "web[tls]==1.4.2"),
        ("web", ["web[tls]"], "web[tls]"),
        ("web", ["web", "--bounds", "none"], "web"),
        ("web", ["web; os_name == 'nt'", "--bounds", "none"], "web"),
        ("web>=1", ["web", "--bounds", "exact"], "web>=1"),
        ("web", ["zero", "--bounds", "exact"], "web"),
    ],
)
@pytest.mark.usefixtures("web")
def test_an_entry_that_is_there_gets_the_bounds_that_are_asked_for(
    project: ProjectWriter, run_locktool: Command, there: str, words: list[str], after: str
) -> None:
    project.pyproject(there)
    run_locktool("add", *words, "--prerelease", "allow").succeeded()
    assert project_of(project)["project"]["dependencies"][0] == after


@pytest.mark.usefixtures("web")
def test_entries_that_cannot_be_told_apart_are_refused(project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject("web>=1", "web<2")
    assert "several entries of web" in run_locktool("add", "web>=1.2").failed(2).err
    assert not (project.directory / "pylock.toml").exists()


@pytest.mark.usefixtures("web")
def test_extras_and_groups_are_made_and_filled(project: ProjectWriter, run_locktool: Command) -> None:
    run_locktool("add", "--group", "Dev", "web").succeeded()
    run_locktool("add", "--group", "dev", "parts<2").succeeded()
    run_locktool("add", "--extra", "s3", "zero").succeeded()
    values = project_of(project)
    assert values["dependency-groups"] == {"dev": ["parts<2", "web>=1.4.2"]}
    assert values["project"]["optional-dependencies"] == {"s3": ["zero>=0.4.2"]}
    run_locktool("check", "--strict").succeeded()


@pytest.mark.usefixtures("web")
def test_a_dry_run_writes_nothing_and_json_says_what_would_change(
    project: ProjectWriter, run_locktool: Command
) -> None:
    before = project.read("pyproject.toml")
    finished = run_locktool("add", "web", "--dry-run", "--json").succeeded()
    outcome = json.loads(finished.out)
    assert outcome["written"] is False
    assert [file["changes"] for file in outcome["files"]] == [
        [{"key": "project.dependencies", "from": None, "to": "web>=1.4.2"}]
    ]
    assert [each["name"] for each in outcome["lock"]["added"]] == ["parts", "web"]
    assert outcome["lock"]["counters"]["pages"] > 0
    assert "Would edit pyproject.toml" in finished.err
    assert project.read("pyproject.toml") == before
    assert not (project.directory / "pylock.toml").exists()


@pytest.mark.usefixtures("web")
def test_a_member_of_a_workspace_is_edited_and_the_workspace_locked(
    project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject(tool={"workspace": {"members": ["libs/*"]}})
    project.pyproject(member="libs/api", name="api")
    root = project.read("pyproject.toml")
    run_locktool("add", "web", "--package", "API").succeeded()
    run_locktool("add", "zero", cwd=project.directory / "libs" / "api").succeeded()
    assert project_of(project, "libs/api")["project"]["dependencies"] == ["web>=1.4.2", "zero>=0.4.2"]
    assert project.read("pyproject.toml") == root
    assert not (project.directory / "libs/api/pylock.toml").exists()
    run_locktool("add", "api").succeeded()
    assert project_of(project)["project"]["dependencies"] == ["api"]
    run_locktool("check", "--strict").succeeded()
    # The index is a setting of the workspace, the source the member's own.
    with LocalIndex() as company:
        company.add("own", "3.0")
        run_locktool("add", "own", "--package", "api", "--index", f"company={company.url}").succeeded()
        index = {"name": "company", "url": company.url, "explicit": True}
    assert project_of(project, "libs/api")["tool"]["locktool"]["sources"] == {"own": {"index": "company"}}
    assert project_of(project)["tool"]["locktool"]["index"] == [index]
    run_locktool("check", "--strict").succeeded()
    assert "did you mean 'api'" in run_locktool("add", "web", "--package", "apo").failed(2).err


@pytest.mark.usefixtures("web")
def test_a_path_is_written_from_the_project_wherever_the_command_runs(
    project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject(member="app")
    project.pyproject("parts", member="lib", name="lib")
    run_locktool("add", "lib", "--path", "lib", "--editable", "--project", "app").succeeded()
    values = project_of(project, "app")
    assert values["project"]["dependencies"] == ["lib"]
    assert values["tool"]["locktool"]["sources"] == {"lib": {"path": "../lib", "editable": True}}
    run_locktool("check", "--strict", "--project", "app").succeeded()
    run_locktool("remove", "lib", "--project", "app").succeeded()
    assert "tool" not in project_of(project, "app")


@pytest.mark.usefixtures("web")
def test_an_index_on_disk_is_written_from_the_project(project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject(member="app")
    project.write("wheels/simple/web/index.html", "")
    finished = run_locktool("add", "web", "--index", "disk=wheels/simple", "--project", "app", "--frozen")
    finished.succeeded()
    assert project_of(project, "app")["tool"]["locktool"] == {
        "sources": {"web": {"index": "disk"}},
        "index": [{"name": "disk", "url": "../wheels/simple", "explicit": True}],
    }


@pytest.mark.usefixtures("web")
def test_sources_are_written_where_the_project_has_them(project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject("parts", member="lib", name="lib")
    project.pyproject("zero", member="other", name="other")
    text = (
        '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["lib"]\n\n'
        '[tool.uv.sources]\nlib = { path = "lib" } # here\n\n[tool.uv]\npackage = false\n'
    )
    project.write("pyproject.toml", text)
    run_locktool("add", "other", "--path", "other").succeeded()
    after = project.read("pyproject.toml")
    assert 'lib = { path = "lib" } # here\nother = { path = "other" }\n' in after
    assert "locktool" not in after
    assert locked(project)[:2] == ["lib None", "other None"]
    run_locktool("remove", "other").succeeded()
    assert project.read("pyproject.toml") == text
    run_locktool("add", "web", "--index", "company=https://host.invalid/simple", "--frozen").succeeded()
    assert "locktool" not in project.read("pyproject.toml")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["./lib"], "locktool add NAME --path DIR"),
        (["git+file:///nowhere/lib"], "locktool add NAME --git URL"),
        (["git+https://me:secret@host.invalid/lib"], "locktool add NAME --git URL"),
        (["./lib", "../lib"], "locktool add NAME --path DIR"),
        (["a b"], "invalid requirement"),
        (["a", "b", "--path", "lib"], "take one requirement"),
        (["a", "--path", "lib", "--url", "https://host.invalid/a.whl"], "exclude each other"),
        (["a", "--tag", "v1"], "--tag belongs to --git URL"),
        (["a", "--editable"], "--editable belongs to --path DIR"),
        (["a @ https://host.invalid/a.whl", "--git", "https://host.invalid/a"], "says itself where it comes from"),
        (["a", "--index", "company", "--index", "x=https://host.invalid/x"], "argument --index: given twice; give one"),
        (["a", "--git", "https://host.invalid/a", "--git", "https://host.invalid/b"], "--git: given twice"),
        (["a", "--group", "dev", "--group", "docs"], "--group: given twice"),
        (["Demo>=1"], "demo is this project, which cannot depend on itself"),
        (["a", "--index", "compny"], "did you mean 'company'"),
        (["a", "--index", "https://host.invalid/simple"], "--index NAME=URL"),
        (["a", "--index", "company=https://host.invalid/simple"], "another address already"),
        (["a", "--index", "new=https://me:secret@host.invalid/simple"], "LOCKTOOL_INDEX_NEW_PASSWORD"),
        (["a", "--group", "dev", "--extra", "x"], "an extra or to a group"),
        (["a", "--group", "not a name"], "not a name"),
        (["a", "--script", "x.py", "--package", "demo"], "belongs to no project"),
        (["https://me:secret@host.invalid/a.whl"], "locktool add NAME --url URL"),
        (["a @ https://me:secret@host.invalid/a.whl"], "error:"),
        (["a", "--url", "https://me:secret@host.invalid/a.whl", "--frozen"], "error:"),
        (["a", "--git", "https://me:secret@host.invalid/a"], "error:"),
    ],
)
@pytest.mark.usefixtures("web")
def test_what_does_not_go_together_is_refused(
    project: ProjectWriter, run_locktool: Command, words: list[str], message: str
) -> None:
    project.pyproject(tool={"index": [{"name": "company", "url": "https://packages.example.invalid/simple/"}]})
    before = project.read("pyproject.toml")
    finished = run_locktool("add", *words).failed(2)
    assert message in finished.err
    assert "secret" not in finished.err
    assert project.read("pyproject.toml") == before
    assert not (project.directory / "pylock.toml").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[dependency-groups]\ndev = []\n", "no [project] table"),
        ('[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "^3.11"\n', "[project]"),
        (
            (
                '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\ndynamic = ["dependencies"]\n'
                '[build-system]\nrequires = []\nbuild-backend = "x"\n'
            ),
            "pyproject.toml:5:1: project.dependencies is dynamic",
        ),
        ("[project\n", "not TOML"),
        ('[project]\nname = "x"\ndependencies = "web"\n', "dependencies"),
    ],
)
@pytest.mark.usefixtures("web")
def test_a_file_that_cannot_take_it_is_left_as_it_is(
    project: ProjectWriter, run_locktool: Command, text: str, message: str
) -> None:
    project.write("pyproject.toml", text)
    assert message in run_locktool("add", "web").failed(2).err
    assert project.read("pyproject.toml") == text


@pytest.mark.usefixtures("web")
def test_a_group_needs_no_project_table(project: ProjectWriter, run_locktool: Command) -> None:
    project.write("pyproject.toml", "[dependency-groups]\ndev = []\n\n[tool.locktool]\npackage = false\n")
    run_locktool("add", "--group", "dev", "web").succeeded()
    assert project_of(project)["dependency-groups"] == {"dev": ["web>=1.4.2"]}


def test_what_a_build_knows_stays_beside_what_is_added(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    add_build_systems(web)
    project.write(
        "pyproject.toml",
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n\n'
        '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.11"\ndynamic = ["dependencies"]\n',
    )
    project.write("setup.cfg", "[options]\ninstall_requires =\n  parts<1\n")
    run_locktool("add", "--group", "dev", "zero").succeeded()
    assert "parts 0.4.2" in locked(project)
    assert project_of(project)["dependency-groups"] == {"dev": ["zero>=0.4.2"]}
    run_locktool("check", "--strict").succeeded()
    assert "is dynamic" in run_locktool("add", "web").failed(2).err
    assert "is dynamic" in run_locktool("remove", "parts").failed(2).err


# An extra of everything that the project requires, and nothing for those who require `keys`.
READS_DEPENDENCIES = """
import pathlib, tomllib


def get_requires_for_build_wheel(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    required = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["project"]["dependencies"]
    if any("keys" in requirement for requirement in required):
        raise SystemExit("keys are not for us")
    folder = pathlib.Path(metadata_directory) / "demo-1.dist-info"
    folder.mkdir()
    lines = ["Metadata-Version: 2.4", "Name: demo", "Version: 1", "Requires-Python: >=3.11", "Provides-Extra: all"]
    lines += [f"Requires-Dist: {requirement}" for requirement in required]
    lines += [f"Requires-Dist: {requirement}; extra == 'all'" for requirement in required]
    (folder / "METADATA").write_text("".join(f"{line}\\n" for line in lines))
    return folder.name
"""


@pytest.mark.usefixtures("web")
def test_a_build_reads_what_is_edited(project: ProjectWriter, run_locktool: Command) -> None:
    project.write("backend/own.py", READS_DEPENDENCIES)
    project.write(
        "pyproject.toml",
        '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["backend"]\n\n'
        '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["web"]\n'
        'dynamic = ["optional-dependencies"]\n\n[tool.locktool]\nbuild-inputs = ["pyproject.toml"]\n',
    )

    def extra_of_all() -> list[str]:
        extras: list[str] = tomllib.loads(project.read())["tool"]["locktool"]["members"][0]["extras"]["all"]
        return extras

    def files() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in project.directory.iterdir() if path.is_file()}

    before = files()
    assert "keys are not for us" in run_locktool("add", "keys", "--prerelease", "allow").failed(2).err
    assert files() == before
    run_locktool("lock").succeeded()
    before = files()
    run_locktool("add", "zero", "--dry-run").succeeded()
    assert "keys are not for us" in run_locktool("add", "keys", "--prerelease", "allow").failed(2).err
    assert files() == before
    assert "+ zero 0.4.2" in run_locktool("add", "zero").succeeded().err
    assert extra_of_all() == ["web", "zero>=0.4.2"]
    run_locktool("check", "--strict").succeeded()
    run_locktool("remove", "zero").succeeded()
    assert extra_of_all() == ["web"]
    run_locktool("check", "--strict").succeeded()
    assert files() == before


@pytest.mark.usefixtures("web")
def test_the_first_lock_begins_with_what_another_tool_locked(project: ProjectWriter, run_locktool: Command) -> None:
    project.write("requirements.txt", "web==1.3.0\nzero==0.4.2\n")
    finished = run_locktool("add", "web").succeeded()
    assert finished.err.count("first lock") == 1
    assert project_of(project)["project"]["dependencies"] == ["web>=1.3.0"]
    assert "first lock" not in run_locktool("add", "zero").succeeded().err


@pytest.mark.usefixtures("web")
def test_a_project_may_require_its_own_extras_and_a_group_the_project(
    project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject(extras={"fast": ["zero"]}, name="Demo_Project")
    run_locktool("add", "demo.project[fast]", "--extra", "all").succeeded()
    run_locktool("add", "demo-project", "--group", "dev").succeeded()
    written = project_of(project)
    assert written["project"]["optional-dependencies"]["all"] == ["demo.project[fast]"]
    assert written["dependency-groups"] == {"dev": ["demo-project"]}
    assert locked(project) == ["zero 0.4.2"]
    run_locktool("check", "--strict").succeeded()


@pytest.mark.parametrize(
    ("word", "entry", "source"),
    [
        ("../lib", "lib", {"path": "../lib"}),
        ("../lib[fast] ; os_name == 'nt'", "lib[fast]", {"path": "../lib"}),
        ("../made", "part", {"path": "../made"}),
    ],
)
def test_a_path_is_added_by_the_name_that_it_has(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, word: str, entry: str, source: dict[str, str]
) -> None:
    add_build_systems(index)
    index.add("web", "1.0")
    project.write("../lib/pyproject.toml", LIBRARY)
    project.write("../made/setup.py", "REQUIRES = ['web']\n")
    project.pyproject()
    before = project.read("pyproject.toml")
    run_locktool("add", word).succeeded()
    values = tomllib.loads(project.read("pyproject.toml"))
    (written,) = values["project"]["dependencies"]
    assert written.partition(";")[0].strip() == entry
    assert values["tool"]["locktool"]["sources"] == {entry.partition("[")[0]: source}
    run_locktool("check").succeeded()
    run_locktool("remove", entry.partition("[")[0]).succeeded()
    assert project.read("pyproject.toml") == before


def test_an_archive_is_added_by_the_name_that_it_has(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    file = index.add("web", "1.0").files[0]
    project.pyproject()
    address = f"{index.root}/files/web/{file.filename}"
    run_locktool("add", address).succeeded()
    values = tomllib.loads(project.read("pyproject.toml"))
    assert values["project"]["dependencies"] == ["web"]
    assert values["tool"]["locktool"]["sources"] == {"web": {"url": address}}
    run_locktool("check").succeeded()


def test_a_path_starts_at_the_working_directory(project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject()
    project.write("libs/lib/pyproject.toml", LIBRARY.replace('["web"]', "[]"))
    run_locktool("add", "./lib", cwd=project.directory / "libs").succeeded()
    assert tomllib.loads(project.read("pyproject.toml"))["tool"]["locktool"]["sources"] == {"lib": {"path": "libs/lib"}}


@pytest.mark.parametrize(
    ("rules", "warning"),
    [
        ({"excludes": ["web"]}, 'the exclude "web" of the project holds, whatever "web>=1" says, so web is not locked'),
        ({"overrides": ["web<2"]}, 'the override "web<2" of the project holds, whatever "web>=1" says'),
    ],
)
def test_a_rule_that_stands_in_the_place_of_what_is_added_is_told(
    rules: dict[str, list[str]], warning: str, index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("web", "1.0")
    project.pyproject(tool=rules)
    assert f"warning: {warning}\n" in run_locktool("add", "web>=1").succeeded().err
