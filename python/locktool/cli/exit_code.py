"""Which exit code an error is: 1 where it says no to what was asked, 2 where it could not be found out."""

from locktool.exceptions import LocktoolError, ResolutionImpossible

_SAYS_NO = frozenset(
    {"lock-missing", "lock-of-member", "not-locked", "not-required"}
    | {"unsupported-python", "unsupported-environment", "no-suitable-file"}
)


def exit_code_of(error: LocktoolError) -> int:
    """The exit code of a run that ends with this error."""
    return 1 if isinstance(error, ResolutionImpossible) or error.code in _SAYS_NO else 2
