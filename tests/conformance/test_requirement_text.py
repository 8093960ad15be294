"""Requirements against `packaging`: the same texts are requirements, with the same parts and the same text (PEP 508).

Deliberate differences:
- `name` and `extras` are normalised (PEP 503, PEP 685): two spellings are one package. `packaging` keeps the spelling.
- The marker's text is canonical, so texts are compared without it; what markers mean has its own file.
- `extras` is a frozenset: the class is frozen.
- A name that ends in an underscore is refused (the names specification), so is a URL with a control character
  (RFC 3986 has none), a quoted string outside the marker grammar's printable ASCII, and a comparison of two texts.
  `packaging` reads them.
- A comma always ends a specifier, and there is one between two commas: the grammar has no comma in a version.
  `packaging` may take the comma into the text of `===`. So it refuses `===é, !=2` although it reads `===1.0, !=2` and
  `===é,!=2`, and reads `===1.0,,` although it refuses `==1.0,,`.
"""

import re
from random import Random
from unicodedata import category

import packaging.requirements as oracle
import pytest
from packaging.utils import canonicalize_name

from locktool import InvalidRequirement, Requirement

BY_HAND = [
    "a",
    "A",
    "Foo.Bar_baz",
    "foo--bar",
    "a1",
    "1a",
    "a[b]",
    "a[b,c]",
    "a[B_c,d.e]",
    "a[]",
    "a [ b , c ]",
    "a[b,b]",
    "a>=1",
    "a >=1",
    "a >= 1 , < 2",
    "a(>=1)",
    "a (>=1,<2)",
    "a()",
    "a ( )",
    "a==1.0.*",
    "a!=1.0.*",
    "a~=1.0",
    "a===anything",
    "a==1.0+local",
    "a>=1,",
    "a,>=1",
    "a[b]>=1;os_name=='nt'",
    "a;os_name=='nt'",
    "a ; os_name == 'nt'",
    "a>=1;python_version<'3.9' and extra=='x'",
    "a @ https://example.invalid/a.whl",
    "a@https://example.invalid/a.whl",
    "a[b] @ https://example.invalid/a.whl",
    "a @ https://example.invalid/a.whl ; os_name == 'nt'",
    "a @ https://example.invalid/a.whl;os_name=='nt'",
    "a @ file:///x/y z",
    "a @ git+https://example.invalid/a.git@main#egg=a",
    "a @ ./relative",
    "a@ ../b ;os_name=='nt'",
    "  a  ",
    "a\t>=1",
    "a\n",
    "a\x1c",
    "a>=1\x1f",
    "a @ https://example.invalid/\na",
    "a @ https://example.invalid/a\xa0",
    "a @ https://example.invalid/a\u2003b",
    "a @ https://example.invalid/a\x1cb",
    "a@",
    "a @",
    "a @ ",
    "a>=1 <2",
    "a>=1;",
    "a;",
    "a b",
    "a [b",
    "a b]",
    "a[b c]",
    "a[b,]",
    "a[,b]",
    "a[-b]",
    "-a",
    "a-",
    ".a",
    "a.",
    "",
    " ",
    "a>=",
    "a=>1",
    "a==",
    "a==1.*.*",
    "a>=1.*",
    "a>=1.0+local",
    "a~=1",
    "a(>=1",
    "a>=1)",
    "a((>=1))",
    "a=1",
    "a 1",
    "a==1;",
    "a==1 os_name=='nt'",
    "a; unknown=='x'",
    "a;os_name",
    "ä",
    "a\0",
    "a>=１",  # noqa: RUF001 - no ASCII digit
    "a[é]",
    "a=== 1.0",
    "a===1.0;os_name=='nt'",
    "a (===1.0)",
    "a===1.0, !=2",
    "a (===1.0, !=2)",
    "a===1.0,2",
    "a===",
    "a===;os_name=='nt'",
    "a===,>=1",
    "a>=1.0-alpha.1",
    "a>=1.0.post1.dev2",
    "a<2,>=1,!=1.5",
    "a>=01.0",
]


def random_requirement(dice: Random) -> str:
    """A requirement in any spelling."""

    def space() -> str:
        return dice.choice(["", "", " ", "  "])

    text = dice.choice(["a", "Foo", "foo.bar", "Foo-Bar_baz", "x9", "9x", "a--b"])
    if dice.random() < 0.3:
        extras = [dice.choice(["x", "Y", "foo_bar", "Foo.Bar", "z9"]) for _ in range(dice.choice([0, 1, 1, 2, 3]))]
        text += space() + "[" + space() + f"{space()},{space()}".join(extras) + space() + "]"
    if dice.random() < 0.15:
        text += (
            " @ "
            + dice.choice(
                ["https://example.invalid/a-1.0.whl", "file:///tmp/a", "git+ssh://example.invalid/a@v1", "./here"]
            )
            + " "
        )
    elif dice.random() < 0.8:
        operators = ["==", "!=", ">=", "<=", ">", "<", "~="]
        versions = ["1.0", "1.0.0", "2.0a1", "1.0.post1", "2024.10.1", "1!2.0", "1.0.dev1"]
        clauses = [
            dice.choice(operators) + space() + dice.choice(versions) for _ in range(dice.choice([0, 1, 1, 2, 3]))
        ]
        inner = f"{space()},{space()}".join(clauses)
        text += space() + (f"({inner})" if dice.random() < 0.15 else inner)
    if dice.random() < 0.4:
        text += (
            space()
            + ";"
            + space()
            + dice.choice(["os_name == 'nt'", "python_version<'3.9'", "extra == 'X' or os_name=='posix'"])
        )
    return space() + text + space()


def parts(requirement: Requirement | oracle.Requirement) -> tuple[object, ...]:
    """Everything but the marker's text; names normalised, as ours are."""
    extras = {canonicalize_name(extra) for extra in requirement.extras}
    return (
        canonicalize_name(requirement.name),
        extras,
        str(requirement.specifier),
        requirement.url,
        requirement.marker is None,
    )


def is_read_by_packaging_alone(text: str) -> bool:
    """Whether the text is one of those that the list above refuses."""
    try:
        requirement = oracle.Requirement(text)
    except oracle.InvalidRequirement:
        return False
    names = (requirement.name, *requirement.extras)
    url, marker = requirement.url or "", str(requirement.marker or "").replace("\t", " ")
    has_control_character = any(category(character) == "Cc" for character in url)
    compares_texts = re.search(r"""["'] [!=<>~notin ]+ ["']""", marker)
    is_plain = marker.isascii() and marker.isprintable() and not compares_texts
    return any(name.endswith("_") for name in names) or has_control_character or not is_plain


def read(text: str) -> tuple[object, ...] | None:
    """The oracle's parts, or None where it refuses."""
    try:
        return parts(oracle.Requirement(text))
    except oracle.InvalidRequirement:
        return None


def read_ours(text: str) -> tuple[object, ...] | None:
    """Our parts, or None where we refuse."""
    try:
        return parts(Requirement(text))
    except InvalidRequirement:
        return None


@pytest.mark.parametrize("text", BY_HAND)
def test_parts_by_hand(text: str) -> None:
    assert read_ours(text) == read(text)


def without_marker(text: str) -> str:
    """The requirement's text up to its marker."""
    return text.split(";", 1)[0].rstrip()


def test_generated_requirements_have_the_same_parts_and_text(dice: Random, cases: int) -> None:
    for _ in range(cases):
        text = random_requirement(dice)
        theirs = read(text)
        assert read_ours(text) == theirs, text
        if theirs is None:
            continue
        ours, original = Requirement(text), oracle.Requirement(text)
        original.name, original.extras = (
            canonicalize_name(original.name),
            {canonicalize_name(extra) for extra in original.extras},
        )
        assert without_marker(str(ours)) == without_marker(str(original)), text
        assert Requirement(str(ours)) == ours, text
        assert str(Requirement(str(ours))) == str(ours), text


def test_the_same_texts_are_requirements(dice: Random, cases: int) -> None:
    inserts = [
        "",
        "",
        ";",
        "@",
        "[",
        "]",
        "(",
        ")",
        ",",
        "=",
        ">",
        " ",
        ".",
        "-",
        "'",
        "1",
        "x",
        "é",
        "\t",
        "\n",
        "*",
        "+",
        "\xa0",
        "\x1c",
        "\u2003",
        "===",
    ]
    for _ in range(cases):
        text = random_requirement(dice)
        for _ in range(dice.choice([1, 1, 2])):
            place = dice.randrange(len(text) + 1)
            text = text[:place] + dice.choice(inserts) + text[place + dice.choice([0, 1]) :]
        if may_have_a_comma_in_a_version(text):
            continue
        assert read_ours(text) == (None if is_read_by_packaging_alone(text) else read(text)), text


def may_have_a_comma_in_a_version(text: str) -> bool:
    """Whether `packaging` may take a comma into the text that `===` compares with, against the rule above."""
    is_plain = text.isascii() and text.replace("\t", " ").isprintable()
    has_empty_specifier = re.search(r",[ \t]*,", text) is not None
    return (not is_plain or has_empty_specifier) and re.search(r"===\s*[^\s;)]*,", text) is not None


def test_a_comma_ends_every_specifier() -> None:
    """See the deliberate differences above."""
    assert read("a===é, !=2") is None
    assert read_ours("a===é, !=2") == read_ours("a===é,!=2") == read("a===é,!=2")
    assert read("a===1.0,,") == read("a===1.0")
    assert read("a==1.0,,") is read_ours("a==1.0,,") is read_ours("a===1.0,,") is None
    assert may_have_a_comma_in_a_version("a===é, !=2")
    assert may_have_a_comma_in_a_version("a===1.0,,")
    assert not may_have_a_comma_in_a_version("a===1.0, !=2")


@pytest.mark.parametrize(
    "text", ["a_", "a[b_]", "a @ https://example.invalid/\0a", "a; os_name == 'é'", "a; 'b' == 'b'"]
)
def test_texts_that_only_packaging_reads(text: str) -> None:
    """See the deliberate differences above."""
    assert is_read_by_packaging_alone(text)
    assert read_ours(text) is None
