"""Records: frozen values with named fields, for the modules that the shortest runs load.

They are what msgspec's Structs are elsewhere. Structs cost a run 17 ms before it begins, and NamedTuple or dataclasses
9 to 12 (Linux, CPython 3.11, 2026-11-27): this module imports nothing.
"""

from __future__ import annotations

# What type checkers set; `typing` itself is not loaded.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

    _T = TypeVar("_T")
else:

    def dataclass_transform(**_: object) -> object:
        """Leave a class as it is: the real one speaks to type checkers alone."""
        return lambda cls: cls


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Record:
    """The base: the annotations of a subclass are its fields, keyword-only, and what is assigned to one its default.

    Records of one class are equal where their fields are. `copy.replace` makes one with other fields, as `_replace`
    does on every Python.

    >>> class Point(Record):
    ...     x: int
    ...     y: int = 0
    >>> Point(x=1)
    Point(x=1, y=0)
    >>> Point(x=1)._replace(y=2) == Point(x=1, y=2)
    True
    """

    _fields: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        # A field that a subclass states anew keeps its place.
        cls._fields = tuple(dict.fromkeys((*cls._fields, *cls.__annotations__)))

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - as the fields have it
        kind = type(self)
        for name in values:
            if name not in kind._fields:
                message = f"{kind.__name__} has no field {name!r}"
                raise TypeError(message)
        for name in kind._fields:
            if name not in values and not hasattr(kind, name):
                message = f"{kind.__name__} needs a value for {name!r}"
                raise TypeError(message)
        self.__dict__.update(values)
        self.__post_init__()

    def __post_init__(self) -> None:
        """Refuse values that the fields cannot have; a subclass says which."""

    def __setattr__(self, name: str, value: object) -> None:
        message = f"{type(self).__name__} is frozen: {name!r} cannot be set"
        raise AttributeError(message)

    def __delattr__(self, name: str) -> None:
        message = f"{type(self).__name__} is frozen: {name!r} cannot be deleted"
        raise AttributeError(message)

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *self._values()))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._fields)
        return f"{type(self).__name__}({fields})"

    def _once(self, name: str, make: Callable[[], _T]) -> _T:
        """What follows from the fields, made when it is first asked for and kept, without `functools`."""
        kept: dict[str, _T] = self.__dict__
        key = f"once {name}"
        if key not in kept:
            kept[key] = make()
        return kept[key]

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self._fields)

    def _replace(self, **changes: Any) -> Self:  # noqa: ANN401 - as the fields have it
        """The record with these fields in place of its own."""
        given = {name: value for name, value in self.__dict__.items() if name in self._fields}
        return type(self)(**given | changes)

    __replace__ = _replace
