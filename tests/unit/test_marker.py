"""What `locktool.Marker` promises: the algebra, canonical text, errors, pickles, hostile input."""

import pickle

import packaging.markers
import pytest

from locktool import InvalidMarker, InvalidName, Marker, SpecifierSet, UndefinedComparison, UndefinedEnvironmentName


def test_the_same_condition_is_the_same_marker() -> None:
    assert Marker("python_version >= '3.9' and os_name == 'nt'") == Marker("os_name == 'nt' and python_version > '3.8'")
    assert Marker("sys_platform == 'win32' and os_name == 'nt'") == Marker("sys_platform == 'win32'")
    assert str(Marker("sys_platform == 'win32' and os_name == 'nt'")) == "sys_platform == 'win32'"
    assert len({Marker("os_name == 'nt'"), Marker("'nt' == os_name"), Marker("(os_name == 'nt')")}) == 1
    assert Marker("os_name == 'nt'") != "os_name == 'nt'"


def test_algebra() -> None:
    old, new = Marker("python_version < '3.10'"), Marker("python_version >= '3.10'")
    assert ~old == new
    assert (old & new).is_false()
    assert (old | new).is_true()
    assert old.is_disjoint(new)
    assert Marker("python_version < '3.9'").implies(old)
    assert not old.implies("python_version < '3.9'")
    assert old.implies(packaging.markers.Marker("python_version < '3.11'"))
    assert Marker.always().is_true()
    assert Marker.never().is_false()
    assert ~~old == old


def test_contradictions_of_real_platforms_are_known() -> None:
    assert Marker("sys_platform == 'win32' and os_name == 'posix'").is_false()
    assert Marker("platform_system == 'Linux'").is_disjoint("sys_platform == 'darwin'")


def test_simplification_keeps_the_meaning_inside_the_assumption() -> None:
    marker = Marker("python_version >= '3.9' and python_version < '3.12' and sys_platform == 'linux'")
    assert str(marker.simplify(">=3.10")) == "python_version < '3.12' and sys_platform == 'linux'"
    assert str(marker.simplify(SpecifierSet(">=3.10"), ["sys_platform == 'linux'"])) == "python_version < '3.12'"
    assert marker.simplify("==3.10.*", [Marker("sys_platform == 'linux'")]).is_true()
    assert str(marker.restrict("sys_platform == 'linux'")) == "python_version >= '3.9' and python_version < '3.12'"


def test_chosen_extras_and_groups_decide_the_set_variables() -> None:
    marker = Marker("('s3' in extras or 'dev' in dependency_groups) and os_name == 'nt'")
    assert marker.choose().is_false()
    assert marker.choose(extras=["S3"]) == marker.choose(groups=["dev"]) == Marker("os_name == 'nt'")
    assert Marker("'s3' not in extras").choose(extras=["other"]).is_true()
    with pytest.raises(InvalidName):
        marker.choose(groups=["no name"])
    with pytest.raises(TypeError):
        marker.choose(extras="s3")


def test_combined_markers_evaluate_each_part_as_written() -> None:
    """A lone `python_version` is read for itself, though the diagram knows `python_full_version` alone."""
    old, posix = Marker("python_version < '3'"), Marker("os_name == 'anything'")
    assert (old & posix).evaluate({"python_version": "2.7", "os_name": "anything"})
    assert (old | posix).evaluate({"python_version": "2.7"})
    assert not (~old).evaluate({"python_version": "2.7"})


def test_evaluation_in_the_running_interpreter() -> None:
    assert Marker("python_version >= '3.11'").evaluate()
    assert Marker.always().evaluate()
    assert not Marker.never().evaluate()
    assert Marker("extra == 'Foo.Bar'").evaluate({"extra": "foo-bar"})
    assert Marker("extra == ''").evaluate({"extra": None})


def test_evaluation_refuses_what_is_undefined() -> None:
    with pytest.raises(UndefinedComparison) as comparison:
        Marker("os_name ~= 'posix'").evaluate()
    assert comparison.value.comparison == "os_name ~= 'posix'"
    with pytest.raises(UndefinedEnvironmentName) as missing:
        Marker("'x' in extras").evaluate()
    assert (missing.value.variable, isinstance(missing.value, KeyError)) == ("extras", True)
    with pytest.raises(ValueError, match="context"):
        Marker("os_name == 'nt'").evaluate(context="elsewhere")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Marker("'x' in extras").evaluate({"extras": "x"}, context="lock_file")
    with pytest.raises(TypeError):
        Marker("os_name == 'nt'").evaluate({"os_name": 1})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "text",
    [
        "os_name == 'nt'",
        "python_version >= '3.9' or extra == 'x'",
        "python_version >= '0'",
        "python_version < '0'",
        "'a' in extras",
    ],
)
def test_pickle_is_identity(text: str) -> None:
    marker = Marker(text)
    again = pickle.loads(pickle.dumps(marker))  # noqa: S301 - our own bytes
    assert (again, hash(again), str(again)) == (marker, hash(marker), str(marker))


def test_always_and_never_have_a_text() -> None:
    for marker in (Marker.always(), Marker.never()):
        assert Marker(str(marker)) == marker
        assert packaging.markers.Marker(str(marker)).evaluate() is marker.is_true()
        assert pickle.loads(pickle.dumps(marker)) == marker  # noqa: S301 - our own bytes


def test_error_says_where_and_why() -> None:
    with pytest.raises(InvalidMarker) as caught:
        Marker("os_name == 'é'")
    assert (caught.value.code, caught.value.position) == ("invalid-marker", 12)
    with pytest.raises(InvalidMarker) as caught:
        Marker("os_name == 'nt' andd python_version < '3'")
    assert caught.value.message.splitlines()[1:] == ["    os_name == 'nt' andd python_version < '3'", " " * 20 + "^"]


@pytest.mark.parametrize("text", ["os_name == '\ud800'", "\udfff"])
def test_lone_surrogates_are_no_text(text: str) -> None:
    with pytest.raises(InvalidMarker, match="lone surrogate"):
        Marker(text)


def test_deep_parentheses_are_read_and_dropped_without_recursion() -> None:
    depth = 10_000
    assert Marker("(" * depth + "os_name == 'nt'" + ")" * depth) == Marker("os_name == 'nt'")
    with pytest.raises(InvalidMarker):
        Marker("(" * depth + "os_name == 'nt'")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5_000_000,
        "os_name == '" + "a" * 10_000_000,
        "a" * 10_000_000,
        "os_name == 'a' and " * 100_000,
        "\0",
        "os_name == '１'",  # noqa: RUF001 - no ASCII digit
    ],
)
def test_enormous_and_odd_input(text: str) -> None:
    with pytest.raises(InvalidMarker) as caught:
        Marker(text)
    assert len(caught.value.message) < 500


def test_many_joined_markers_evaluate() -> None:
    marker = Marker("python_version >= '3.0'")
    for minor in range(2_000):
        marker = marker & Marker(f"python_version != '2.{minor}'")
    assert marker.evaluate()
