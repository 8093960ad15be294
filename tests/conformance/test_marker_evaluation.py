"""Markers against `packaging`: the same texts are markers, and they hold in the same environments (PEP 508, PEP 751).

Deliberate differences:
- Equality and `str` are of the condition, not of its spelling: the same function is the same marker, so text is the
  shortest equal form. The law is that evaluation is the same.
- A comparison that no specification defines (`os_name ~= 'posix'`) raises UndefinedComparison when a marker is
  evaluated as it was written, as in `packaging`. In the algebra, and so in canonical text, it holds nowhere.
- A comparison of two texts (`'a' == 'a'`) is refused: `packaging` reads it and can never evaluate it.
- Quoted strings are those of the grammar: printable ASCII without the backslash. `packaging` takes any characters.
- Canonical text is about builds of a released Python. On an untagged build (`3.13.7+`) a comparison with the field on
  the right (`'3.11' <= python_full_version`) is one of strings in `packaging`, and is mirrored in canonical text.
"""

from random import Random
from typing import Literal

import packaging.markers as oracle
import pytest

from locktool import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

BASE = {
    "implementation_name": "cpython",
    "implementation_version": "3.12.1",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "6.8.0",
    "platform_system": "Linux",
    "platform_version": "#1 SMP",
    "python_full_version": "3.12.1",
    "python_version": "3.12",
    "sys_platform": "linux",
    "extra": "",
}

PLATFORMS = [
    {"os_name": "posix", "platform_system": "Linux", "sys_platform": "linux", "platform_machine": "x86_64"},
    {"os_name": "posix", "platform_system": "Linux", "sys_platform": "linux", "platform_machine": "aarch64"},
    {
        "os_name": "posix",
        "platform_system": "Darwin",
        "sys_platform": "darwin",
        "platform_machine": "arm64",
        "platform_release": "23.1.0",
    },
    {
        "os_name": "nt",
        "platform_system": "Windows",
        "sys_platform": "win32",
        "platform_machine": "AMD64",
        "platform_release": "10",
    },
    {
        "os_name": "posix",
        "platform_system": "FreeBSD",
        "sys_platform": "freebsd14",
        "platform_machine": "amd64",
        "platform_release": "14.0-RELEASE",
    },
    {"os_name": "posix", "platform_system": "CYGWIN_NT-10.0", "sys_platform": "cygwin", "platform_machine": "x86_64"},
    {"os_name": "posix", "platform_system": "Emscripten", "sys_platform": "emscripten", "platform_machine": "wasm32"},
]
PYTHONS = [
    ("3.8", "3.8.20"),
    ("3.9", "3.9.1"),
    ("3.9", "3.9.21"),
    ("3.10", "3.10.0"),
    ("3.11", "3.11.0"),
    ("3.11", "3.11.0rc1"),
    ("3.11", "3.11.9"),
    ("3.12", "3.12.0a1"),
    ("3.12", "3.12.1"),
    ("3.13", "3.13.0b2"),
    ("3.13", "3.13.7+"),
    ("3.14", "3.14.0"),
    ("2.7", "2.7.18"),
]
IMPLEMENTATIONS = [("cpython", "CPython"), ("pypy", "PyPy")]

# The comparisons listed in the project's issue on values, and their relatives.
BY_HAND = [
    "python_version != '3.9.1.*'",
    "python_version not in '3.9.1'",
    "python_version in '3.9.1 3.11'",
    "python_version in '3.1133'",
    "python_version > '3.11rc1'",
    "python_version == '1!3.11'",
    "python_full_version >= '1!0'",
    "python_version == '3.11+local'",
    "platform_release >= '20'",
    "python_version === '3.11'",
    "os_name == sys_platform",
    "python_version == '3.9.*'",
    "python_version == '3.*'",
    "python_version != '3.*'",
    "python_version ~= '3.9'",
    "python_version ~= '3.9.1'",
    "python_version >= '3.11.4'",
    "python_version <= '3.11.4'",
    "python_version < '3.11.4'",
    "python_version > '3.11.4'",
    "python_version == '3.11.0'",
    "python_version != '3.11.4'",
    "python_version > '3'",
    "python_version >= '3'",
    "python_version < '4'",
    "python_version == '3'",
    "python_full_version == '3.11.0'",
    "python_full_version == '3.11.0rc1'",
    "python_full_version < '3.11'",
    "python_full_version <= '3.11'",
    "python_full_version >= '3.11'",
    "python_full_version > '3.11.0'",
    "python_full_version ~= '3.11.0'",
    "python_full_version == '3.11.*'",
    "python_full_version === '3.11.0'",
    "python_full_version in '3.11.0 3.12.1'",
    "python_full_version not in '3.11.0'",
    "'3.1' in python_version",
    "'3.1' in python_full_version",
    "'rc' in python_full_version",
    "'3.11' not in python_full_version",
    "'3.11' <= python_version",
    "'3.11' < python_version",
    "'3.11' == python_version",
    "python_version == '3.11.dev0'",
    "python_version >= '3.11.dev0'",
    "python_version < '3.11a1'",
    "python_full_version < '3.12.0'",
    "python_full_version < '3.12.0rc1'",
    "python_full_version >= '3.13.0b2'",
    "python_full_version > '3.13.6'",
    "python_version in '3.9,3.10'",
    "python_version in ''",
    "python_version not in ''",
    "python_version == ''",
    "python_version != ''",
    "python_version == 'three'",
    "python_version != 'three'",
    "python_version < 'three'",
    "python_version >= 'three'",
    "python_version <= 'three'",
    "os_name == 'posix'",
    "os_name != 'posix'",
    "os_name >= 'posix'",
    "os_name <= 'posix'",
    "os_name < 'posix'",
    "os_name > 'a'",
    "os_name in 'posix nt'",
    "os_name not in 'posix'",
    "'x' in os_name",
    "'posix' == os_name",
    "'o' not in os_name",
    "sys_platform == 'linux2'",
    "sys_platform in 'linux linux2'",
    "'linux' in sys_platform",
    "'win' in sys_platform",
    "'win' not in sys_platform",
    "sys_platform == 'darwin' or os_name == 'nt'",
    "platform_machine == 'x86_64' or platform_machine == 'AMD64'",
    "platform_system == 'Windows' and os_name == 'posix'",
    "platform_release == '10'",
    "platform_release < '23.2'",
    "platform_release in '10 11'",
    "'RELEASE' in platform_release",
    "platform_release == 'abc'",
    "platform_version >= '10'",
    "platform_version == '#1 SMP'",
    "'SMP' in platform_version",
    "platform_version != '10'",
    "platform_version < '1'",
    "implementation_version >= '3.12'",
    "implementation_version == '3.12.*'",
    "implementation_name == 'cpython'",
    "implementation_name in 'cpython pypy'",
    "platform_python_implementation == 'PyPy'",
    "platform_python_implementation != 'PyPy'",
    "python_implementation == 'CPython'",
    "os.name == 'posix'",
    "sys.platform == 'linux'",
    "platform.machine == 'x86_64'",
    "platform.python_implementation == 'CPython'",
    "platform.version != ''",
    "extra == 'test'",
    "extra != 'test'",
    "extra == ''",
    "extra != ''",
    "extra == 'Foo_Bar'",
    "'Foo.Bar' == extra",
    "extra in 'test foo-bar'",
    "extra == 'test' and extra == 'foo-bar'",
    "extra >= 'test'",
    "extra not in 'test'",
    "python_version >= '3.8' and (os_name == 'nt' or extra == 'test')",
    "(os_name == 'nt')",
    "((os_name == 'nt'))",
    "os_name == 'nt' and python_version < '3.9' or python_version > '3.11'",
    "os_name == 'nt' or python_version < '3.9' and python_version > '3.11'",
    "python_version >= '3.8' and python_version < '3.10' or python_version >= '3.12'",
    "python_version == '3.11' and python_full_version == '3.12.1'",
    "python_version<'3.10'",
    "python_version  not   in  '3.9'",
    'os_name == "it\'s"',
    "python_version == python_full_version",
    "python_version == '3.11.post1'",
    "python_version > '3.11.post1'",
    "python_full_version != '3.9.1.*'",
    "python_version == '03.11'",
    "python_version == 'v3.11'",
    "python_version == ' 3.11 '",
    "python_version >= '99999999999999999999'",
    "python_full_version < '3.9.99999999999999999999'",
    "python_version < '=3.11'",
    "python_version > '= 3.11'",
    "python_version == '=3.11'",
    "python_version != '=3.11'",
    "python_version ~= '=3.11'",
    "python_full_version < '=3.11.0'",
    "python_full_version == '=3.11.0'",
    "implementation_version > '=3.12'",
    "platform_release < '=10'",
    "platform_release == '=10'",
    "'=3.11' > python_version",
]

REFUSED = [
    "",
    " ",
    "os_name",
    "os_name ==",
    "== 'x'",
    "os_name = 'x'",
    "os_name == x",
    "os_name == 'x",
    "os_name == 'x' and",
    "or os_name == 'x'",
    "(os_name == 'x'",
    "os_name == 'x')",
    "unknown == 'x'",
    "os_name == 'x' os_name == 'y'",
    "os_name not 'x'",
    "os_name is 'x'",
    "os_name == 'x' xor os_name == 'y'",
    "()",
    "not os_name == 'x'",
    "os_name == 'x';",
    "python_versions >= '3'",
    "os_name == 'a\"b'c",
    "os_name notin 'x'",
    "os_name == 'x' andos_name == 'y'",
    "os_name in ['x']",
    "os_name == `x`",
    "\0",
    "os_name == 'x'\0",
]


def random_environment(dice: Random, *, untagged: bool = True) -> dict[str, str]:
    """A real platform with a real Python; `untagged` admits builds such as `3.13.7+`."""
    version, full = dice.choice(PYTHONS if untagged else [python for python in PYTHONS if not python[1].endswith("+")])
    name, implementation = dice.choice(IMPLEMENTATIONS)
    return {
        **BASE,
        **dice.choice(PLATFORMS),
        "python_version": version,
        "python_full_version": full,
        "implementation_name": name,
        "platform_python_implementation": implementation,
        "implementation_version": full if name == "cpython" and not full.endswith("+") else "7.3.17",
        "extra": dice.choice(["", "", "test", "foo-bar", "Foo.Bar", "dev"]),
    }


VERSION_VALUES = [
    "3",
    "3.8",
    "3.9",
    "3.9.1",
    "3.10",
    "3.11",
    "3.11.0",
    "3.11.4",
    "3.11rc1",
    "3.12",
    "3.12.1",
    "3.13",
    "3.14",
    "4",
    "2.7",
    "3.12.0a1",
    "3.11.post1",
    "3.10.dev1",
]
VALUES = {
    "os_name": ["posix", "nt", "java", "", "p", "posix nt"],
    "sys_platform": ["linux", "win32", "darwin", "cygwin", "linux2", "win", "freebsd14", "linux darwin"],
    "platform_system": ["Linux", "Windows", "Darwin", "FreeBSD", "Java", ""],
    "platform_machine": ["x86_64", "AMD64", "arm64", "aarch64", "x86", "x86_64 aarch64"],
    "platform_python_implementation": ["CPython", "PyPy", "Jython"],
    "implementation_name": ["cpython", "pypy", "graalpy"],
    "platform_release": ["10", "20", "6.8.0", "23.1.0", "abc", "6.8"],
    "platform_version": ["10", "#1 SMP", "1", "abc"],
    "implementation_version": ["3.12", "7.3.17", "3.11.0", "7"],
    "python_version": VERSION_VALUES,
    "python_full_version": VERSION_VALUES,
    "extra": ["test", "foo-bar", "Foo_Bar", "dev", ""],
}
ORDERED = {"python_version", "python_full_version", "implementation_version", "platform_release"}


def random_comparison(dice: Random) -> str:
    """One comparison; Python versions and platforms more often than the rest."""
    variable = dice.choice(["python_version", "python_full_version", "sys_platform", *VALUES])
    value = dice.choice(VALUES[variable])
    if variable in ORDERED:
        operator = dice.choice(["==", "!=", "<", "<=", ">", ">=", ">=", "<", "~=", "in", "not in", "==="])
        if operator == "~=" and "." not in value:
            value += ".0"
        if operator in {"==", "!="} and dice.random() < 0.3 and value.replace(".", "").isdigit():
            value += ".*"
        if operator in {"in", "not in"} and dice.random() < 0.5:
            value += dice.choice([" ", ",", ", "]) + dice.choice(VALUES[variable])
        if operator == "~=" and not value.replace(".", "").isdigit():
            operator = ">="
    else:
        operator = dice.choice(["==", "==", "!=", "in", "not in", "<", "<=", ">", ">="])
    if operator in {"~=", "==="} and variable != "python_full_version" and not value.replace(".", "").isdigit():
        operator = "=="
    quote = dice.choice("'\"")
    sides = [variable, f"{quote}{value}{quote}"]
    if dice.random() < 0.15 and operator not in {"~=", "==="}:
        sides.reverse()
    return f"{sides[0]} {operator} {sides[1]}"


def random_expression(dice: Random, depth: int = 3) -> str:
    """A nest of `and` and `or`, parentheses where they matter and where they do not."""
    if depth == 0 or dice.random() < 0.3:
        return random_comparison(dice)
    left, right = random_expression(dice, depth - 1), random_expression(dice, depth - 1)
    text = f"{left} {dice.choice(['and', 'or'])} {right}"
    return f"({text})" if dice.random() < 0.5 else text


def expected(marker: oracle.Marker, environment: dict[str, str]) -> bool | None:
    """What the oracle says; None where it refuses to evaluate."""
    try:
        return marker.evaluate(environment)
    except oracle.UndefinedComparison:
        return None


def answer_of(marker: Marker, environment: dict[str, str]) -> bool | None:
    """What we say; None where we refuse to evaluate."""
    try:
        return marker.evaluate(environment)
    except UndefinedComparison:
        return None


def is_marker(text: str) -> bool:
    """Whether the oracle reads `text`."""
    try:
        oracle.Marker(text)
    except oracle.InvalidMarker:
        return False
    return True


@pytest.mark.parametrize("text", BY_HAND)
def test_comparisons_by_hand(text: str) -> None:
    """Each in every platform, Python and implementation of the lists above."""
    if not is_marker(text):
        with pytest.raises(InvalidMarker):
            Marker(text)
        return
    ours, theirs = Marker(text), oracle.Marker(text)
    dice = Random(508)  # noqa: S311 - generated cases
    for _ in range(300):
        environment = random_environment(dice)
        assert answer_of(ours, environment) is expected(theirs, environment), environment


@pytest.mark.parametrize("text", [text for text in BY_HAND if is_marker(text)])
def test_canonical_text_by_hand_holds_in_the_same_environments(text: str) -> None:
    again, theirs = oracle.Marker(str(Marker(text))), oracle.Marker(text)
    dice = Random(508)  # noqa: S311 - generated cases
    for _ in range(300):
        environment = random_environment(dice, untagged=False)
        answer = expected(theirs, environment)
        assert again.evaluate(environment) is bool(answer), (str(again), environment)


@pytest.mark.parametrize("text", [text for text in BY_HAND if is_marker(text)])
def test_text_of_a_marker_is_the_same_marker(text: str) -> None:
    marker = Marker(text)
    if marker.is_true() or marker.is_false():
        return
    assert Marker(str(marker)) == marker
    assert str(Marker(str(marker))) == str(marker)


@pytest.mark.parametrize("text", REFUSED)
def test_both_refuse(text: str) -> None:
    assert not is_marker(text)
    with pytest.raises(InvalidMarker):
        Marker(text)


def test_generated_expressions_hold_in_the_same_environments(dice: Random, cases: int) -> None:
    for _ in range(cases // 5):
        text = random_expression(dice)
        ours, theirs = Marker(text), oracle.Marker(text)
        for _ in range(5):
            environment = random_environment(dice)
            assert answer_of(ours, environment) is expected(theirs, environment), (text, environment)


def test_canonical_text_holds_in_the_same_environments(dice: Random, cases: int) -> None:
    """What a lock records, read by `packaging`, means what the requirement meant."""
    for _ in range(cases // 10):
        text = random_expression(dice)
        ours, theirs = Marker(text), oracle.Marker(text)
        if ours.is_true() or ours.is_false():
            continue
        again = oracle.Marker(str(ours))
        for _ in range(5):
            environment = random_environment(dice, untagged=False)
            answer = expected(theirs, environment)
            if answer is not None:
                assert again.evaluate(environment) is answer, (text, str(ours), environment)


def test_set_variables_of_locks() -> None:
    texts = [
        "'Foo_Bar' in extras",
        "'foo-bar' not in extras",
        "'dev' in dependency_groups",
        "'dev' not in dependency_groups and 'x' in extras",
    ]
    for text in texts:
        ours, theirs = Marker(text), oracle.Marker(text)
        for extras in ({"foo.bar"}, {"x"}, {"x", "FOO-bar"}, set[str]()):
            for groups in ({"dev"}, {"Dev", "docs"}, set[str]()):
                environment = {"extras": extras, "dependency_groups": groups}
                assert ours.evaluate(environment, context="lock_file") == theirs.evaluate(
                    environment, context="lock_file"
                ), (text, environment)
        assert ours.evaluate(context="lock_file") == theirs.evaluate(context="lock_file")


@pytest.mark.parametrize(
    "text", ["extras == 'x'", "extras in 'x'", "dependency_groups ~= 'x'", "'x' == extras", "'x' < extras"]
)
def test_undefined_comparisons_of_sets(text: str) -> None:
    environment = {"extras": {"x"}}
    try:
        answer = oracle.Marker(text).evaluate(environment, context="lock_file")
    except oracle.UndefinedComparison:
        with pytest.raises(UndefinedComparison):
            Marker(text).evaluate(environment, context="lock_file")
    else:
        assert Marker(text).evaluate(environment, context="lock_file") is answer


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("extra == 'x'", "lock_file"),
        ("extra == 'x'", "requirement"),
        ("'x' in extras", "metadata"),
        ("os_name == 'x' and 'x' in dependency_groups", "requirement"),
    ],
)
def test_fields_outside_their_context_are_undefined(
    text: str, context: Literal["metadata", "lock_file", "requirement"]
) -> None:
    with pytest.raises(oracle.UndefinedEnvironmentName):
        oracle.Marker(text).evaluate(context=context)
    with pytest.raises(UndefinedEnvironmentName):
        Marker(text).evaluate(context=context)


@pytest.mark.parametrize("text", ["'linux' == 'linux'", "os_name == 'é'", "os_name == 'a\\\\b'"])
def test_texts_that_only_packaging_reads(text: str) -> None:
    """See the deliberate differences above."""
    assert is_marker(text)
    with pytest.raises(InvalidMarker):
        Marker(text)


def test_canonical_text_of_plain_comparisons_holds_on_untagged_builds(dice: Random) -> None:
    environment = {**BASE, "python_version": "3.13", "python_full_version": "3.13.7+"}
    for operator in ("==", "!=", "<", "<=", ">", ">=", "~="):
        for value in ("3.8", "3.13", "3.13.6", "3.13.7", "3.13.8", "3.14"):
            text = f"python_full_version {operator} '{value}'"
            assert oracle.Marker(str(Marker(text))).evaluate(environment) is oracle.Marker(text).evaluate(
                environment
            ), text


def test_default_environment_and_contexts() -> None:
    for text in [
        "python_version >= '3.8'",
        "extra == 'x'",
        "extra != 'x'",
        f"os_name == '{oracle.default_environment()['os_name']}'",
    ]:
        assert Marker(text).evaluate() == oracle.Marker(text).evaluate(), text
        assert Marker(text).evaluate({"extra": "X"}) == oracle.Marker(text).evaluate({"extra": "X"}), text


def test_the_same_texts_are_markers(dice: Random, cases: int) -> None:
    inserts = [
        "",
        "",
        "'",
        '"',
        "(",
        ")",
        "=",
        "<",
        "!",
        " ",
        "and",
        "or",
        "not",
        "in",
        ".",
        "_",
        "\t",
        "x",
    ]
    for _ in range(cases):
        text = random_expression(dice, depth=1)
        for _ in range(dice.choice([1, 1, 2])):
            place = dice.randrange(len(text) + 1)
            text = text[:place] + dice.choice(inserts) + text[place + dice.choice([0, 1]) :]
        try:
            Marker(text)
        except InvalidMarker as error:
            if "names an environment field" in error.reason:
                continue
            ours = False
        else:
            ours = True
        assert ours == is_marker(text), text
