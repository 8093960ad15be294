"""In every style of pyproject.toml a requirement comes and goes without a trace; generated files are no exception."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locktool.edit.requirements import DEPENDENCIES, RequirementList, add_requirement, remove_requirement
from locktool.edit.sources import add_index, remove_source, set_source
from pyproject_styles import CRLF, STYLES

TARGETS = [
    DEPENDENCIES,
    *(RequirementList.of_extra(name) for name in ("web", "s3", "test", "new")),
    *(RequirementList.of_group(name) for name in ("dev", "test", "new")),
]
ADDED = ["0a", "middle>=1", "zz[x]; os_name == 'nt'"]
NAMES = ["0a", "middle", "zz"]


def test_there_are_forty_styles() -> None:
    assert len(STYLES) == 40
    for text in STYLES.values():
        tomllib.loads(text)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: f"{target.kind}-{target.name}")
@pytest.mark.parametrize("text", [*STYLES.values(), *CRLF.values()], ids=[*STYLES, *CRLF])
def test_adding_then_removing_is_identity(text: str, target: RequirementList) -> None:
    for requirement, name in zip(ADDED, NAMES, strict=True):
        after = add_requirement(text, requirement, target)
        assert changes_one_list(text, after, target)
        assert add_requirement(after, requirement, target) == after
        assert remove_requirement(after, name, target) == text
    after = text
    for requirement in ADDED:
        after = add_requirement(after, requirement, target)
    for name in reversed(NAMES):
        after = remove_requirement(after, name, target)
    assert after == text


def changes_one_list(before: str, after: str, target: RequirementList) -> bool:
    """Whether only the list differs, and has one requirement more."""
    then, now = tomllib.loads(before), tomllib.loads(after)
    path = target.key_path(now)
    had, has = taken(then, path), taken(now, path)
    return repr(then) == repr(now) and len(has) == len(had) + 1 and [each for each in has if each in had] == had


def taken(values: dict[str, object], path: tuple[str, ...]) -> list[object]:
    """Take a list out of the values, and the tables that then hold nothing."""
    inner = values.get(path[0])
    if inner is None:
        return []
    if isinstance(inner, dict):
        found = taken(inner, path[1:])
        if not inner:
            del values[path[0]]
        return found
    assert isinstance(inner, list)
    del values[path[0]]
    return inner


@pytest.mark.parametrize("text", [*STYLES.values(), *CRLF.values()], ids=[*STYLES, *CRLF])
def test_a_source_comes_and_goes_without_a_trace(text: str) -> None:
    after = set_source(text, "lib", {"path": "../lib", "editable": True})
    assert tomllib.loads(after)["tool"]["locktool"]["sources"] == {"lib": {"path": "../lib", "editable": True}}
    assert remove_source(after, "lib") == text


@pytest.mark.parametrize("text", STYLES.values(), ids=STYLES)
def test_an_index_is_added_and_nothing_else(text: str) -> None:
    after = add_index(text, "company", "https://packages.example.invalid/simple/")
    values = tomllib.loads(after)
    assert values["tool"].pop("locktool") == {
        "index": [{"name": "company", "url": "https://packages.example.invalid/simple/", "explicit": True}]
    }
    assert {key: value for key, value in values.items() if value}.keys() <= tomllib.loads(text).keys()


comments = st.sampled_from(["", "", " # c", '  # [x] "y", ]'])
blank = st.sampled_from(["", "", "\n", "# note\n", "  # [tool.x]\n\n"])
requirements = st.lists(st.sampled_from(["b", "D>=1", "f[x]", "h; os_name == 'nt'", "K", "m~=2.0"]), unique=True)
scalars = st.sampled_from(["1", '"a # b"', "'''\n[project]\n'''", "[1, [2]]", "{ a = 1 }", "1979-05-27"])


@st.composite
def arrays(draw: st.DrawFn) -> str:
    """An array of requirements, in one line or in several, with comments where they may stand."""
    items = [f'"{item}"' for item in draw(requirements)]
    if draw(st.booleans()):
        space, comma = draw(st.sampled_from(["", " "])), draw(st.sampled_from(["", ","])) if items else ""
        return f"[{space}{', '.join(items)}{comma}{space if items else ''}]"
    indent, lines = draw(st.sampled_from(["  ", "    ", "\t"])), ""
    last_comma = draw(st.booleans())
    for index, item in enumerate(items):
        comma = "," if last_comma or index < len(items) - 1 else ""
        lines += f"{draw(blank)}{indent}{item}{comma}{draw(comments)}\n"
    return f"[{draw(comments)}\n{lines}{draw(blank)}]"


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A pyproject.toml of random tables, in random order, with comments."""
    project = ['name = "x"\n', *(f"dependencies = {array}\n" for array in draw(st.lists(arrays(), max_size=1)))]
    tables = [f"[project]{draw(comments)}\n" + "".join(draw(blank) + line for line in project)]
    headers = draw(st.lists(st.sampled_from(["dependency-groups", "project.optional-dependencies"]), unique=True))
    tables += [
        f"[{header}]{draw(comments)}\n{draw(blank)}dev = {draw(arrays())}{draw(comments)}\n" for header in headers
    ]
    tables += [
        f"[tool.t{number}]\n{draw(blank)}k = {draw(scalars)}{draw(comments)}\n{draw(blank)}"
        for number in range(draw(st.integers(0, 3)))
    ]
    text = draw(blank) + draw(st.sampled_from(["", "\n"])).join(draw(st.permutations(tables)))
    text = text.removesuffix("\n") if draw(st.booleans()) else text
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


@settings(max_examples=300, deadline=None)
@given(documents(), st.sampled_from(TARGETS), st.permutations(ADDED))
def test_in_random_documents_requirements_come_and_go_without_a_trace(
    text: str, target: RequirementList, added: list[str]
) -> None:
    after = text
    for requirement in added:
        after = add_requirement(after, requirement, target)
    for requirement in reversed(added):
        after = remove_requirement(after, NAMES[ADDED.index(requirement)], target)
    assert after == text


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ('project = { name = "x", a.b.c = 1 }\n', 'project = { name = "x", a.b.c = 1, dependencies = ["m"] }\n'),
        ('tool = {}\nproject = {name = "x"} # c\n', 'tool = {}\nproject = {name = "x", dependencies = ["m"]} # c\n'),
        (
            '[project]\nname = "x"\nurls.a = "u" # c\n',
            '[project]\nname = "x"\nurls.a = "u" # c\ndependencies = [\n    "m"\n]\n',
        ),
    ],
)
def test_a_key_follows_what_the_table_holds(text: str, after: str) -> None:
    assert add_requirement(text, "m") == after
    assert remove_requirement(after, "m") == text
