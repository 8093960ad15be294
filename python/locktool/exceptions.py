"""Every exception locktool raises, in Python and in Rust: Rust imports them from here and declares none.

Each carries `code`, a stable identifier for programs, and `message`, one text for people that is complete
on its own. Further facts are attributes, named by each class.
"""

from __future__ import annotations

# What type checkers set; `typing` itself is not loaded, since no run needs it for an error.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar


class LocktoolError(Exception):
    """The base of all errors that locktool raises on purpose.

    `code` is stable across releases; every keyword argument is also an attribute and an entry of `fields`.
    """

    field_names: ClassVar[tuple[str, ...]] = ()

    code: str
    message: str
    fields: dict[str, Any]

    def __init__(self, code: str, message: str, **fields: Any) -> None:  # noqa: ANN401 - facts of any type
        """Keep the three; a field the class names and the caller does not give is None."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = {**dict.fromkeys(self.field_names), **fields}
        for name, value in self.fields.items():
            setattr(self, name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild from the code, the message and the fields, so that the error survives a process boundary."""
        return _rebuild, (type(self), self.code, self.message, self.fields)


def _rebuild(kind: type[LocktoolError], code: str, message: str, fields: dict[str, Any]) -> LocktoolError:
    return kind(code, message, **fields)


def refuse_one_text(name: str, given: object) -> None:
    """Raise TypeError for one text where several are meant, whose letters would be taken for them."""
    if isinstance(given, str | bytes):
        message = f"{name} takes several texts, not one: write [{given!r}]"
        raise TypeError(message)


class InvalidText(LocktoolError, ValueError):
    """A text that does not follow its grammar; the base of the five below.

    `text` is the input (shortened if enormous), `position` the character at which reading stopped, or None,
    `reason` the cause alone. The message shows the line with a caret under that character.
    """

    field_names: ClassVar[tuple[str, ...]] = ("text", "position", "reason")

    text: str
    position: int | None
    reason: str


class InvalidVersion(InvalidText):
    """A version that PEP 440 does not allow. Its code is `invalid-version`."""


class InvalidSpecifier(InvalidText):
    """A version specifier, or a set of them, that PEP 440 does not allow. Its code is `invalid-specifier`."""


class InvalidMarker(InvalidText):
    """An environment marker that the dependency-specifier grammar does not allow. Its code is `invalid-marker`."""


class InvalidRequirement(InvalidText):
    """A requirement that the dependency-specifier grammar does not allow. Its code is `invalid-requirement`."""


class InvalidName(InvalidText):
    """A package, extra or dependency-group name outside the names specification. Its code is `invalid-name`."""


class UndefinedComparison(LocktoolError, ValueError):
    """A marker was evaluated that compares values no specification compares, such as `os_name ~= 'posix'`.

    `comparison` is the part of the marker, `value` what the environment says of its field.
    """

    field_names: ClassVar[tuple[str, ...]] = ("comparison", "value")

    comparison: str
    value: str


class UndefinedEnvironmentName(LocktoolError, KeyError):
    """A marker was evaluated in an environment that lacks a variable the marker asks for.

    `variable` names it.
    """

    field_names: ClassVar[tuple[str, ...]] = ("variable",)

    variable: str | None

    def __str__(self) -> str:
        """Show the message as written, not its repr as KeyError would."""
        return self.message


class ProjectError(LocktoolError):
    """A project file that is missing, unreadable or inconsistent.

    `path` is the file, `line` and `column` count from one, or are None.
    """

    field_names: ClassVar[tuple[str, ...]] = ("path", "line", "column")

    path: str | None
    line: int | None
    column: int | None


class DocumentError(LocktoolError, ValueError):
    """A TOML or MessagePack document that cannot be read or written.

    `line` and `column` count from one, or are None where the failure has no position in a text.
    """

    field_names: ClassVar[tuple[str, ...]] = ("line", "column")

    line: int | None
    column: int | None


class LockError(LocktoolError):
    """A lock that is missing, unreadable, or not a lock.

    `path` is the file, `line` and `column` count from one, or are None.
    """

    field_names: ClassVar[tuple[str, ...]] = ("path", "line", "column")

    path: str | None
    line: int | None
    column: int | None


class BuildError(LocktoolError):
    """A source tree or source distribution whose metadata could not be built.

    `path` is the tree or file, `output` the last lines of what the build printed; `package` and `version` are those of
    a release that the resolver asked for.
    """

    field_names: ClassVar[tuple[str, ...]] = ("path", "output", "package", "version")

    path: str | None
    output: str | None
    package: str | None
    version: str | None


class IndexUnavailable(LocktoolError):
    """An index that could not be reached, refused access, or answered with something that is not an index.

    `url` is the address without credentials, `reason` the cause alone.
    """

    field_names: ClassVar[tuple[str, ...]] = ("url", "reason")

    url: str | None
    reason: str | None


class PackageNotFound(LocktoolError):
    """No configured index knows the package.

    `package` is its normalised name.
    """

    field_names: ClassVar[tuple[str, ...]] = ("package",)

    package: str | None


class ResolutionImpossible(LocktoolError):
    """No choice of versions satisfies all requirements.

    `explanation` says why in a few sentences and is the message too. Its parts: `facts`, one sentence each;
    `environment`, the condition under which alone there is no solution, or None; `hints` on what exists.
    `suggestions` are smallest changes of the project under which a solution was found,
    `{"text": ..., "changes": [{"member", "key", "from", "to"}]}`, and `suggestion` is the text of the first, or None. A
    `key` is one of the member's pyproject.toml, or the requirements file that `compile` read.
    `tree` is the whole derivation, `{"step": 0, "text": ..., "because": [...]}`; a step that several others rest on has
    its `because` once.
    """

    field_names: ClassVar[tuple[str, ...]] = (
        "explanation",
        "facts",
        "environment",
        "hints",
        "suggestions",
        "suggestion",
        "tree",
    )

    explanation: str
    facts: list[str]
    environment: str | None
    hints: list[str]
    suggestions: list[dict[str, Any]]
    suggestion: str | None
    tree: dict[str, Any] | None


class OfflineError(LocktoolError):
    """Something is needed that the cache does not contain, and the network is switched off.

    `what` names it.
    """

    field_names: ClassVar[tuple[str, ...]] = ("what",)

    what: str | None


class CacheError(LocktoolError):
    """The cache directory cannot be read or written.

    `path` is the directory or file. A damaged record is never an error: it is a miss.
    """

    field_names: ClassVar[tuple[str, ...]] = ("path",)

    path: str | None


class Interrupted(LocktoolError):
    """The run was cancelled from outside; what was on disk before is untouched."""
