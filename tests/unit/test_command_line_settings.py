"""Every flag of `locktool lock` is a setting of [tool.locktool] or concerns one run only, and says which."""

from argparse import Action, ArgumentParser, Namespace
from typing import Any

import pytest

from locktool._native import setting_keys
from locktool.cli.arguments import RUN_ONLY, Choice, words_of_choices
from locktool.cli.lock import add_arguments


def parser() -> ArgumentParser:
    result = ArgumentParser()
    add_arguments(result)
    return result


def long_flag(action: Action) -> str:
    return next(text for text in action.option_strings if text.startswith("--")).removeprefix("--")


FLAGS = [action for action in parser()._actions if "--help" not in action.option_strings]


@pytest.mark.parametrize("action", FLAGS, ids=long_flag)
def test_a_flag_is_a_setting_or_says_why_it_is_none(action: Action) -> None:
    keys = {key.name for key in setting_keys() if not key.table}
    if isinstance(action, Choice):
        assert action.key in keys
        assert long_flag(action) == (f"no-{action.key}" if action.kind == "off" else action.key)
        assert long_flag(action) not in RUN_ONLY
    else:
        assert RUN_ONLY[long_flag(action)]


def test_no_reason_is_left_over() -> None:
    assert {long_flag(action) for action in FLAGS} >= RUN_ONLY.keys()


def test_a_setting_key_is_recorded_or_says_why_not() -> None:
    for key in setting_keys():
        assert key.description
        assert (key.role, key.reason is None) in {("recorded", True), ("machine-only", False)}


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        ([], {}),
        (["--resolution", "lowest"], {"resolution": "lowest"}),
        (["--resolution", "lowest", "--resolution", "highest"], {"resolution": "highest"}),
        (["--no-quality-pass"], {"quality-pass": False}),
        (["--no-build", "--no-binary"], {"no-build": True, "no-binary": True}),
        (["--no-binary", ":all:"], {"no-binary": True}),
        (["--no-binary", "a,b", "--no-binary=c"], {"no-binary-package": ["a", "b", "c"]}),
        (["--no-binary", "a", "--no-binary", ":none:", "--no-binary", "b"], {"no-binary-package": ["b"]}),
        (["--no-build-package", "a", "--no-build-package", "b"], {"no-build-package": ["a", "b"]}),
        (
            ["--exclude-newer-package", "a=false", "--exclude-newer-package", "b=7 days"],
            {"exclude-newer-package": {"a": "false", "b": "7 days"}},
        ),
    ],
)
def test_choices_are_collected_under_their_keys(words: list[str], choices: dict[str, Any]) -> None:
    arguments = parser().parse_args(words, Namespace())
    assert arguments.choices == choices
    again = parser().parse_args(list(words_of_choices(choices)), Namespace())
    assert again.choices == choices


def test_choices_of_one_run_do_not_reach_the_next() -> None:
    one = parser()
    one.parse_args(["--no-build-package", "a"], Namespace())
    assert one.parse_args([], Namespace()).choices == {}
