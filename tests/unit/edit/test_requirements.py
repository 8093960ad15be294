"""Edits of pyproject.toml: the requirement changes, nothing else does."""

import random
import sys
import tomllib

import pytest

from locktool.edit.requirements import DEPENDENCIES, RequirementList, add_requirement, remove_requirement
from locktool.exceptions import InvalidRequirement, ProjectError


def keeps_lines(before: str, after: str) -> bool:
    """Whether every line of the text before stands, in order, in the text after."""
    remaining = iter(after.splitlines())
    return all(line in remaining for line in before.splitlines())


FILE = """# head
[project]
name = "demo"   # its name
dependencies = [
  # web
  "flask>=3", # why
  "requests",
  # last words
]
optional-dependencies.S_3 = ["boto3", "zstandard"]

[project.scripts]
demo = "demo:main"

[dependency-groups]
dev = [ {include-group = "lint"}, "pytest" ]
lint = []

[tool.x]
y = '''
dependencies = []
'''
"""


@pytest.mark.parametrize("requirement", ["demo", "Demo>=1", "demo; os_name == 'nt'", "demo @ file:///demo"])
@pytest.mark.parametrize("target", [DEPENDENCIES, RequirementList.of_extra("s-3")])
def test_a_project_does_not_depend_on_itself(requirement: str, target: RequirementList) -> None:
    with pytest.raises(ProjectError, match=r"cannot depend on itself; demo\[EXTRA\] requires") as refused:
        add_requirement(FILE, requirement, target)
    assert refused.value.code == "self-dependency"


@pytest.mark.parametrize(
    ("requirement", "target"),
    [
        ("demo[s-3]", DEPENDENCIES),
        ("demo[s-3]", RequirementList.of_extra("all")),
        ("demo", RequirementList.of_group("dev")),
        ("demos", DEPENDENCIES),
    ],
)
def test_extras_of_the_project_itself_are_required(requirement: str, target: RequirementList) -> None:
    after = add_requirement(FILE, requirement, target)
    assert f'"{requirement}"' in after


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    first, second = before.split("\n"), after.split("\n")
    while first and second and first[0] == second[0]:
        del first[0], second[0]
    while first and second and first[-1] == second[-1]:
        del first[-1], second[-1]
    return first, second


@pytest.mark.parametrize(
    ("requirement", "target", "expected"),
    [
        ("a", DEPENDENCIES, ([], ['  "a",'])),
        ("httpx>=1", DEPENDENCIES, ([], ['  "httpx>=1",'])),
        ("zope", DEPENDENCIES, ([], ['  "zope",'])),
        ("Flask>=3.1", DEPENDENCIES, (['  "flask>=3", # why'], ['  "Flask>=3.1", # why'])),
        ("flask >= 3", DEPENDENCIES, ([], [])),
        (
            "mypy",
            RequirementList.of_extra("s-3"),
            (
                ['optional-dependencies.S_3 = ["boto3", "zstandard"]'],
                ['optional-dependencies.S_3 = ["boto3", "mypy", "zstandard"]'],
            ),
        ),
        (
            "zz; python_version < '4'",
            RequirementList.of_extra("s-3"),
            (
                ['optional-dependencies.S_3 = ["boto3", "zstandard"]'],
                ['optional-dependencies.S_3 = ["boto3", "zstandard", "zz; python_version < \'4\'"]'],
            ),
        ),
        (
            "a",
            RequirementList.of_group("Dev"),
            (
                ['dev = [ {include-group = "lint"}, "pytest" ]'],
                ['dev = [ {include-group = "lint"}, "a", "pytest" ]'],
            ),
        ),
        ("ruff", RequirementList.of_group("lint"), (["lint = []"], ["lint = [", '    "ruff",', "]"])),
    ],
)
def test_adding_changes_only_its_line(
    requirement: str, target: RequirementList, expected: tuple[list[str], list[str]]
) -> None:
    after = add_requirement(FILE, requirement, target)
    assert changed_lines(FILE, after) == expected
    assert add_requirement(after, requirement, target) == after


@pytest.mark.parametrize(
    ("name", "target", "expected"),
    [
        ("FLASK", DEPENDENCIES, (['  "flask>=3", # why'], [])),
        ("requests", DEPENDENCIES, (['  "requests",'], [])),
        (
            "boto3",
            RequirementList.of_extra("s_3"),
            (
                ['optional-dependencies.S_3 = ["boto3", "zstandard"]'],
                ['optional-dependencies.S_3 = ["zstandard"]'],
            ),
        ),
        (
            "zstandard",
            RequirementList.of_extra("s_3"),
            (
                ['optional-dependencies.S_3 = ["boto3", "zstandard"]'],
                ['optional-dependencies.S_3 = ["boto3"]'],
            ),
        ),
        (
            "pytest",
            RequirementList.of_group("dev"),
            (['dev = [ {include-group = "lint"}, "pytest" ]'], ['dev = [ {include-group = "lint"} ]']),
        ),
    ],
)
def test_removing_changes_only_its_line(
    name: str, target: RequirementList, expected: tuple[list[str], list[str]]
) -> None:
    assert changed_lines(FILE, remove_requirement(FILE, name, target)) == expected


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        ("[]", '[\n    "m",\n]'),
        ("[ ]", '[ "m" ]'),
        ("[\n  # nothing yet\n]", '[\n  # nothing yet\n    "m",\n]'),
        ('["z", "a"]', '["z", "a", "m"]'),
        ('["z", "a",]', '["z", "a", "m",]'),
        ('[\n\t"a"\n]', '[\n\t"a",\n\t"m"\n]'),
        ('[\n\t"a" # x\n]', '[\n\t"a", # x\n\t"m"\n]'),
        ('[\n\t"a" # x, y\n\t, # z\n]', '[\n\t"a" # x, y\n\t, # z\n\t"m",\n]'),
        ('["a",\n "z"]', '["a",\n "m",\n "z"]'),
        ('[\n  "a", "z",\n]', '[\n  "a", "m", "z",\n]'),
        ('[\n  # about z\n  "z",\n]', '[\n  "m",\n  # about z\n  "z",\n]'),
        ('[\r\n  "a",\r\n]', '[\r\n  "a",\r\n  "m",\r\n]'),
    ],
)
def test_every_layout_of_an_array_is_kept(array: str, expected: str) -> None:
    text = f'[project]\nname = "x"\ndependencies = {array} # tail\n'
    after = add_requirement(text, "m")
    assert after == f'[project]\nname = "x"\ndependencies = {expected} # tail\n'
    if "z" in array or "a" in array:
        assert tomllib.loads(remove_requirement(after, "m")) == tomllib.loads(text)


@pytest.mark.parametrize("target", [DEPENDENCIES, RequirementList.of_extra("q"), RequirementList.of_group("new")])
def test_a_file_keeps_its_line_endings(target: RequirementList) -> None:
    text = '[project]\r\nname = "x"\r\ndependencies = []\r\n'
    assert "\n" not in add_requirement(text, "m", target).replace("\r\n", "")


def test_all_requirements_of_a_package_are_removed_together() -> None:
    text = "[project]\nname = 'x'\ndependencies = [\n  'a<1; x',\n  'b',\n  'A>1',\n]\n".replace("; x", "")
    assert remove_requirement(text, "a") == "[project]\nname = 'x'\ndependencies = [\n  'b',\n]\n"


@pytest.mark.parametrize("target", [DEPENDENCIES, RequirementList.of_extra("new"), RequirementList.of_group("new")])
@pytest.mark.parametrize(
    "text",
    [
        '[project]\nname = "x"\n',
        '[project]\nname = "x"',
        '# c\n[project]\nname = "x" # n\n\n[project.scripts]\na = "b"\n\n[tool.y]\nz = 1 # t\n',
        '[project]\nname = "x"\n[project.optional-dependencies]\nq = ["r"]\n[dependency-groups]\n# g\nq = ["r"]\n[t]\n',
    ],
)
def test_a_list_that_does_not_exist_is_created(text: str, target: RequirementList) -> None:
    after = add_requirement(text, "m>=1", target)
    values = tomllib.loads(after)
    made = target.key_path(values)
    table = values
    for key in made[:-1]:
        table = table[key]
    assert table.pop(made[-1]) == ["m>=1"]
    before = tomllib.loads(text)
    assert {key: value for key, value in values.items() if key != "dependency-groups"}.keys() >= before.keys() - {
        "dependency-groups"
    }
    assert keeps_lines(text, after)


def test_adding_then_removing_is_identity_on_random_files() -> None:
    order = random.Random(7)  # noqa: S311 - repeatable, no secrets
    for _ in range(300):
        names = order.sample("abcdefgh", order.randint(1, 6))
        lines = "".join(
            order.choice(["", '  # c, ] "\n', "\n"])
            + f'{order.choice(["  ", "    "])}"{name}",{order.choice(["", " # t"])}\n'
            for name in names
        )
        text = f'[project]\nname = "x"\ndependencies = [\n{lines}]\nx = 1\n'
        assert remove_requirement(add_requirement(text, "dd"), "dd") == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool]\n", r"no \[project\] table"),
        ('[project]\nname = "x"\ndynamic = ["dependencies"]\n', r"pyproject.toml:3:1: project.dependencies is dynamic"),
        ("[project\n", r"pyproject\.toml:1:\d+: not TOML"),
        pytest.param(
            '[project]\nname = "x"\n[tool]\na = {\n  b = 1,\n}\n',
            r"TOML 1\.1 and is edited by hand",
            marks=pytest.mark.skipif(sys.version_info >= (3, 15), reason="this Python reads TOML 1.1"),
        ),
    ],
)
def test_a_file_that_cannot_take_the_requirement_is_refused(text: str, message: str) -> None:
    with pytest.raises(ProjectError, match=message):
        add_requirement(text, "m")


@pytest.mark.parametrize(
    ("text", "target"),
    [
        (
            '[project]\nname = "X"\n[project.optional-dependencies]\nall = ["x[q,Web]"]\nweb = LIST',
            RequirementList.of_extra("web"),
        ),
        ('[dependency-groups]\nall = [{include-group = "Dev"}]\ndev = LIST', RequirementList.of_group("dev")),
        ('[tool.locktool]\ndefault-groups = ["dev"]\n[dependency-groups]\ndev = LIST', RequirementList.of_group("dev")),
        (
            '[tool.uv]\nconflicts = [[{ extra = "a" }, { extra = "b" }]]\n[project]\noptional-dependencies.a = LIST',
            RequirementList.of_extra("a"),
        ),
    ],
)
def test_a_list_that_is_named_elsewhere_stays(text: str, target: RequirementList) -> None:
    made = text.replace("LIST", '[\n  "m"\n]\n')
    assert remove_requirement(made, "m", target) == text.replace("LIST", "[]\n")


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        ("[\n  'a', 'b', # run\n  'c',\n]", "[\n  'a', # run\n  'c',\n]"),
        ("[\n  'a', 'b',  \n  'c',\n]", "[\n  'a',  \n  'c',\n]"),
        ("[\n  'a', 'b',\n  # about c\n  'c',\n]", "[\n  'a',\n  # about c\n  'c',\n]"),
        ("['a', 'b' # run\n  , 'c']", "['a', # run\n   'c']"),
        # Alone on its line, an element takes its comment along, and leaves those of the next one.
        ("['b', # why\n  'c']", "['c']"),
        ("['b', # why\n  # about c\n  'c']", "[\n  # about c\n  'c']"),
        # The last one of all is followed by what ends the array.
        ("[\n  'a', 'b', # run\n\n  # end\n]", "[\n  'a', # run\n\n  # end\n]"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_end_of_a_line_stays_with_the_elements_that_stay_on_it(array: str, expected: str, newline: str) -> None:
    before, after = (
        f"[project]\nname = 'x'\ndependencies = {each}\n".replace("\n", newline) for each in (array, expected)
    )
    assert remove_requirement(before, "b") == after


def test_what_is_not_there_cannot_be_removed() -> None:
    with pytest.raises(ProjectError, match=r"absent is not in project\.dependencies"):
        remove_requirement(FILE, "absent")


def test_what_is_no_requirement_cannot_be_added() -> None:
    with pytest.raises((InvalidRequirement, ValueError)):
        add_requirement(FILE, "a b")
