"""Specifiers against `packaging`: the same texts are specifiers, and they contain the same versions (PEP 440).

Deliberate differences:
- `prereleases` cannot be assigned: the classes are frozen. It is given to the constructor or to a call.
- Two sets are equal when their specifiers are, as in `packaging`; `to_range` compares what they contain.
"""

from random import Random

import packaging.specifiers as oracle
import packaging.version
import pytest

from locktool import InvalidSpecifier, Specifier, SpecifierSet, Version

OPERATORS = ["==", "!=", "<=", ">=", "<", ">", "~=", "==="]

# Around 1.0 and 1.1 stands every kind of version that a PEP 440 rule treats on its own.
NEIGHBOURS = """
0 0.9 0.9.post1 0.9+local 1.0.dev0 1.0.dev1 1.0a0 1.0a1.dev1 1.0a1 1.0a1.post1 1.0b2 1.0rc1 1.0rc1+local 1.0 1 1.0.0
1.0+a 1.0+local 1.0+local.1 1.0+1 1.0+2 1.0.0+local 1.0.post0.dev1 1.0.post0 1.0.post1.dev2 1.0.post1
1.0.post1+local 1.0.post2 1.0.0.1 1.0.1.dev0 1.0.1a1 1.0.1 1.0.1+local 1.0.1.post1 1.0.9 1.1.dev0 1.1a1 1.1rc1 1.1
1.1.0 1.1+local 1.1.post1 1.1.1 1.2 1.10 1.10.1 2.dev0 2.0a1 2.0 2.0.post1 2.1 10 1!0 1!0.5 1!1.0 1!1.0a1
1!1.0+local 2!0 1.0.dev20240101 2024.1.1 2024.10.1
""".split()  # noqa: SIM905 - a table of words

VALID_SETS = [
    "",
    " ",
    ",",
    ">=1",
    ">= 1.0 , < 2",
    ">=1,<2,!=1.1,!=1.2.*",
    "~=1.0",
    "~=1.0.0",
    "~=1.0.post1",
    "~=1.0a1",
    "~=1!1.0",
    "==1.*",
    "==1.0.*",
    "!=1.0.*",
    "==1!1.*",
    "==1.0+local",
    "!=1.0+local",
    "===1.0",
    "===1.0+Local",
    "===anything",
    "=== 1.0",
    "==v1.0",
    ">1.0.post1",
    ">1.0.dev1",
    "<1.0rc1",
    "<1.0.post1",
    ">1.0a1",
    "<=1.0.dev1",
    ">=1.0rc1",
    "<1.0.dev0",
    ">1.0,<1.0",
    ">=1.0,<=1.0",
    "==1.0,!=1.0",
    ",>=1,",
    ">=1,,<2",
    "==1.0.post1.dev1",
    "==1-1",
    ">=1.0-alpha.1",
    "~=2.2.0.dev1",
    "===foobar,>=1",
]

REFUSED = [
    "1.0",
    "=1.0",
    "=>1.0",
    "~1.0",
    "^1.0",
    "~=1",
    "~=1.*",
    ">=1.*",
    ">=1.0+local",
    "<1.0+local",
    "~=1.0+local",
    "==1.0a1.*",
    "==1.0.post1.*",
    "==1.0+local.*",
    "==",
    ">=",
    "===",
    "===,>=1",
    "==1.0.*.*",
    "==*",
    ">=1 <2",
    ">=1;<2",
    "== 1.0 .*",
    ">=1.0)",
    "(>=1.0)",
    "<>1.0",
    "== 1. 0",
    ">=a",
    "==1.0\0",
    ">=1.٣",
    "=== 1 0",
    "!1.0",
    ">=1.0 and <2",
]


def random_specifier(dice: Random) -> str:
    """One clause over the neighbourhood, with the operators' own shapes."""
    operator = dice.choice(OPERATORS)
    version = dice.choice(NEIGHBOURS)
    if operator in {"==", "!="} and dice.random() < 0.3:
        version = version.split("+")[0]
        release = packaging.version.Version(version).base_version
        return f"{operator}{release}.*"
    if operator not in {"==", "!=", "==="}:
        version = version.split("+")[0]
    if operator == "~=" and len(packaging.version.Version(version).release) < 2:
        version += ".0" if version.replace("!", "").isdigit() else ""
        if len(packaging.version.Version(version).release) < 2:
            version = "1.0"
    return operator + dice.choice(["", "", "", " "]) + version


def random_set(dice: Random) -> str:
    """Zero to three clauses."""
    return dice.choice([",", ", ", " ,"]).join(
        random_specifier(dice) for _ in range(dice.choice([0, 1, 1, 1, 2, 2, 3]))
    )


def is_set(text: str) -> bool:
    """Whether the oracle reads `text`."""
    try:
        oracle.SpecifierSet(text)
    except oracle.InvalidSpecifier:
        return False
    return True


def test_every_clause_over_the_neighbourhood() -> None:
    """Each operator with each neighbour as its version, asked about each neighbour."""
    versions = [(text, Version(text), packaging.version.Version(text)) for text in NEIGHBOURS]
    clauses = [operator + text for operator in OPERATORS for text in NEIGHBOURS]
    clauses += [f"{operator}{text}.*" for operator in ("==", "!=") for text in NEIGHBOURS]
    for clause in clauses:
        try:
            theirs = oracle.Specifier(clause)
        except oracle.InvalidSpecifier:
            with pytest.raises(InvalidSpecifier):
                Specifier(clause)
            continue
        ours = Specifier(clause)
        for text, version, oracle_version in versions:
            assert ours.contains(version) == theirs.contains(oracle_version), f"{text} in {clause}"


@pytest.mark.parametrize("text", VALID_SETS)
def test_text_and_containment_of_hand_made_sets(text: str) -> None:
    ours, theirs = SpecifierSet(text), oracle.SpecifierSet(text)
    assert str(ours) == str(theirs)
    assert repr(ours) == repr(theirs)
    assert len(ours) == len(theirs)
    assert ours.prereleases == theirs.prereleases
    assert sorted(map(str, ours)) == sorted(map(str, theirs))
    assert {s.operator + s.version for s in ours} == {s.operator + s.version for s in theirs}
    assert ours.is_unsatisfiable() == theirs.is_unsatisfiable()
    for version in [*NEIGHBOURS, "anything", "ANYTHING", "foobar", "not a version"]:
        assert (version in ours) == (version in theirs), version
        for prereleases in (None, True, False):
            expected = theirs.contains(version, prereleases=prereleases)
            assert ours.contains(version, prereleases=prereleases) == expected, (version, prereleases)


@pytest.mark.parametrize("text", REFUSED)
def test_both_refuse(text: str) -> None:
    assert not is_set(text)
    with pytest.raises(InvalidSpecifier):
        SpecifierSet(text)


def test_generated_sets_contain_the_same(dice: Random, cases: int) -> None:
    for _ in range(cases):
        text, version = random_set(dice), dice.choice(NEIGHBOURS)
        prereleases, configured = dice.choice([None, None, True, False]), dice.choice([None, None, True, False])
        ours, theirs = SpecifierSet(text, configured), oracle.SpecifierSet(text, configured)
        expected = theirs.contains(version, prereleases=prereleases)
        assert ours.contains(version, prereleases=prereleases) == expected, (text, version, configured, prereleases)
        assert str(ours) == str(theirs)


def test_generated_sets_filter_the_same(dice: Random, cases: int) -> None:
    for _ in range(cases // 10):
        text = random_set(dice)
        items = dice.sample(NEIGHBOURS, k=dice.choice([1, 2, 5, 20])) + dice.choice([[], ["odd text"]])
        prereleases, configured = dice.choice([None, None, True, False]), dice.choice([None, None, True, False])
        ours = list(SpecifierSet(text, configured).filter(items, prereleases=prereleases))
        theirs = list(oracle.SpecifierSet(text, configured).filter(items, prereleases=prereleases))
        assert ours == theirs, (text, items, configured, prereleases)
        if text and "," not in text:
            single = list(Specifier(text, configured).filter(items, prereleases=prereleases))
            assert single == list(oracle.Specifier(text, configured).filter(items, prereleases=prereleases)), (
                text,
                items,
            )


def test_generated_sets_are_equal_and_unsatisfiable_together(dice: Random, cases: int) -> None:
    for _ in range(cases // 4):
        left, right = random_set(dice), random_set(dice)
        ours = (SpecifierSet(left) == SpecifierSet(right), str(SpecifierSet(left) & SpecifierSet(right)))
        theirs = (
            oracle.SpecifierSet(left) == oracle.SpecifierSet(right),
            str(oracle.SpecifierSet(left) & oracle.SpecifierSet(right)),
        )
        assert ours == theirs, (left, right)
        both, configured = f"{left},{right}", dice.choice([None, True, False])
        unsatisfiable = oracle.SpecifierSet(both, configured).is_unsatisfiable()
        assert SpecifierSet(both, configured).is_unsatisfiable() == unsatisfiable, (both, configured)


def test_generated_sets_are_related_the_same(dice: Random, cases: int) -> None:
    for _ in range(cases // 4):
        left, right = random_set(dice), random_set(dice)
        if "===" in left + right:
            continue
        ours, theirs = (
            (SpecifierSet(left), SpecifierSet(right)),
            (oracle.SpecifierSet(left), oracle.SpecifierSet(right)),
        )
        for name in ("is_subset", "is_superset", "is_disjoint"):
            assert getattr(ours[0], name)(ours[1]) == getattr(theirs[0], name)(theirs[1]), (name, left, right)


def test_the_same_texts_are_sets(dice: Random, cases: int) -> None:
    inserts = [
        "",
        "",
        "=",
        ">",
        "!",
        "~",
        ",",
        ".",
        "*",
        ".*",
        "+",
        "1",
        "a",
        " ",
        "(",
        ")",
        ";",
        "v",
        "\t",
        "\xa0",
        "٣",
    ]
    for _ in range(cases):
        text = random_set(dice)
        for _ in range(dice.choice([1, 1, 2])):
            place = dice.randrange(len(text) + 1)
            text = text[:place] + dice.choice(inserts) + text[place + dice.choice([0, 1]) :]
        try:
            ours = str(SpecifierSet(text))
        except InvalidSpecifier:
            ours = None
        assert ours == (str(oracle.SpecifierSet(text)) if is_set(text) else None), text
