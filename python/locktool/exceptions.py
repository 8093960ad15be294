"""Every exception locktool raises, in Python and in Rust: Rust imports them from here and declares none.

Each carries `code`, a stable identifier for programs, and `message`, one text for people that is complete
on its own. Further facts are attributes, named by each class.
"""

from typing import Any, ClassVar


class LocktoolError(Exception):
    """The base of all errors that locktool raises on purpose.

    `code` is stable across releases; every keyword given is also an attribute and an entry of `fields`.
    """

    default_code: ClassVar[str] = "error"
    field_names: ClassVar[tuple[str, ...]] = ()

    code: str
    message: str
    fields: dict[str, Any]

    def __init__(self, message: str, *, code: str | None = None, **fields: Any) -> None:  # noqa: ANN401 - facts of any type
        """Keep `message`; `code` defaults to the class's own; fields not given are None."""
        super().__init__(message)
        self.code = code or self.default_code
        self.message = message
        self.fields = {**dict.fromkeys(self.field_names), **fields}
        for name, value in self.fields.items():
            setattr(self, name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild from the message, the code and the fields, so that the error survives a process boundary."""
        return _rebuild, (type(self), self.message, self.code, self.fields)


def _rebuild(kind: type[LocktoolError], message: str, code: str, fields: dict[str, Any]) -> LocktoolError:
    return kind(message, code=code, **fields)


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
    """A version that PEP 440 does not allow."""

    default_code: ClassVar[str] = "invalid-version"


class InvalidSpecifier(InvalidText):
    """A version specifier, or a set of them, that PEP 440 does not allow."""

    default_code: ClassVar[str] = "invalid-specifier"


class InvalidMarker(InvalidText):
    """An environment marker that the dependency-specifier grammar does not allow."""

    default_code: ClassVar[str] = "invalid-marker"


class InvalidRequirement(InvalidText):
    """A requirement that the dependency-specifier grammar does not allow."""

    default_code: ClassVar[str] = "invalid-requirement"


class InvalidName(InvalidText):
    """A package, extra or dependency-group name outside the names specification."""

    default_code: ClassVar[str] = "invalid-name"


class UndefinedEnvironmentName(LocktoolError, KeyError):
    """A marker was evaluated in an environment that lacks a variable the marker asks for.

    `variable` names it.
    """

    default_code: ClassVar[str] = "undefined-environment-name"
    field_names: ClassVar[tuple[str, ...]] = ("variable",)

    variable: str | None

    def __str__(self) -> str:
        """Show the message as written, not its repr as KeyError would."""
        return self.message


class ProjectError(LocktoolError):
    """A project file that is missing, unreadable or inconsistent.

    `path` is the file, `line` and `column` count from one, or are None.
    """

    default_code: ClassVar[str] = "project"
    field_names: ClassVar[tuple[str, ...]] = ("path", "line", "column")

    path: str | None
    line: int | None
    column: int | None


class DocumentError(LocktoolError, ValueError):
    """A TOML or MessagePack document that cannot be read or written.

    `line` and `column` count from one, or are None where the failure has no place in a text.
    """

    default_code: ClassVar[str] = "document"
    field_names: ClassVar[tuple[str, ...]] = ("line", "column")

    line: int | None
    column: int | None


class LockError(LocktoolError):
    """A lock that is missing, unreadable, or not a lock.

    `path` is the file, `line` and `column` count from one, or are None.
    """

    default_code: ClassVar[str] = "lock"
    field_names: ClassVar[tuple[str, ...]] = ("path", "line", "column")

    path: str | None
    line: int | None
    column: int | None


class BuildError(LocktoolError):
    """A source tree or source distribution whose metadata could not be built.

    `path` is the tree or file, `output` the last lines of what the build printed.
    """

    default_code: ClassVar[str] = "build"
    field_names: ClassVar[tuple[str, ...]] = ("path", "output")

    path: str | None
    output: str | None


class IndexUnavailable(LocktoolError):
    """An index that could not be reached, refused access, or answered with something that is not an index.

    `url` is the address without credentials, `reason` the cause alone.
    """

    default_code: ClassVar[str] = "index-unavailable"
    field_names: ClassVar[tuple[str, ...]] = ("url", "reason")

    url: str | None
    reason: str | None


class PackageNotFound(LocktoolError):
    """No configured index knows the package.

    `package` is its normalised name.
    """

    default_code: ClassVar[str] = "package-not-found"
    field_names: ClassVar[tuple[str, ...]] = ("package",)

    package: str | None


class ResolutionImpossible(LocktoolError):
    """No choice of versions satisfies all requirements.

    `explanation` says why in a few sentences (it is the message too), `tree` is the whole derivation, line by
    line, and `suggestion` is a change under which the resolution was tried and succeeds, or None.
    """

    default_code: ClassVar[str] = "resolution-impossible"
    field_names: ClassVar[tuple[str, ...]] = ("explanation", "tree", "suggestion")

    explanation: str
    tree: str | None
    suggestion: str | None


class OfflineError(LocktoolError):
    """Something is needed that the cache does not hold, and the network is switched off.

    `what` names it.
    """

    default_code: ClassVar[str] = "offline"
    field_names: ClassVar[tuple[str, ...]] = ("what",)

    what: str | None


class CacheError(LocktoolError):
    """The cache directory cannot be read or written.

    `path` is the directory or file. A damaged record is never an error: it is a miss.
    """

    default_code: ClassVar[str] = "cache"
    field_names: ClassVar[tuple[str, ...]] = ("path",)

    path: str | None


class Interrupted(LocktoolError):  # noqa: N818 - named for what happened, as KeyboardInterrupt is
    """The run was cancelled from outside; what was on disk before is untouched."""

    default_code: ClassVar[str] = "interrupted"
