"""What `--json` prints, command by command: the shapes from which the page and the JSON Schemas are made.

A shape is a JSON Schema (2020-12) with a `description` for each key. `required` lists what is always there; keys may be
added in later releases, so the published schemas allow further ones.
"""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]


def text(description: str) -> Shape:
    """A string."""
    return {"type": "string", "description": description}


def number(description: str, kind: str = "integer") -> Shape:
    """A whole number; with `kind` any number."""
    return {"type": kind, "description": description}


def truth(description: str) -> Shape:
    """True or false."""
    return {"type": "boolean", "description": description}


def or_null(shape: Shape) -> Shape:
    """The shape, or null."""
    if "type" in shape and isinstance(shape["type"], str):
        return shape | {"type": [shape["type"], "null"]}
    return {"description": shape["description"], "anyOf": [shape, {"type": "null"}]}


def word(description: str, *words: str) -> Shape:
    """One of these words."""
    return {"type": "string", "enum": list(words), "description": description}


def items(shape: Shape, description: str) -> Shape:
    """A list."""
    return {"type": "array", "items": shape, "description": description}


def texts(description: str) -> Shape:
    """A list of strings."""
    return items({"type": "string"}, description)


def table(description: str, fields: dict[str, Shape], optional: dict[str, Shape] | None = None) -> Shape:
    """An object whose `fields` are always there."""
    return {
        "type": "object",
        "description": description,
        "properties": fields | (optional or {}),
        "required": list(fields),
    }


_NAME = text("The normalised name of the package.")
_ORIGINS = items(
    table(
        "Where an entry comes from.",
        {"kind": word("What kind of place it is.", "index", "git", "archive", "directory")},
        {
            "address": text("The address or path."),
            "revision": text("The branch, tag or commit that was asked for."),
            "commit": text("The commit."),
            "subdirectory": text("The directory in a repository."),
        },
    ),
    "Where the versions come from; only where that changed or is no index.",
)
_FROM = texts("The versions before.")
_TO = texts("The versions after.")
CHANGES: dict[str, Shape] = {
    "added": items(
        table("A package that came.", {"name": _NAME, "to": _TO}, {"to_origins": _ORIGINS}), "Packages that came."
    ),
    "removed": items(
        table("A package that left.", {"name": _NAME, "from": _FROM}, {"from_origins": _ORIGINS}), "Packages that left."
    ),
    "moved": items(
        table(
            "A package whose versions or origin changed.",
            {"name": _NAME, "from": _FROM, "to": _TO},
            {"from_origins": _ORIGINS, "to_origins": _ORIGINS},
        ),
        "Packages whose versions or origin changed.",
    ),
}
_WARNINGS = texts("What may be wrong although the run succeeded.")
_NOTES = texts("What is worth knowing of this run.")
_SECONDS = number("How long it took.", "number")
_RUN: dict[str, Shape] = {
    "changed": truth("Whether the file differs from what was there."),
    "written": truth("Whether it was written; false with `--dry-run`."),
    "packages": number("How many packages are locked."),
    "seconds": _SECONDS,
    **CHANGES,
    "warnings": _WARNINGS,
    "notes": _NOTES,
    "counters": table(
        "What was read from the network.",
        {
            "pages": number("Pages of packages."),
            "metadata": number("Metadata of releases."),
            "requests": number("Requests that were sent."),
            "bytes": number("Bytes that came."),
        },
    ),
}
LOCK = table("The outcome of a lock.", {"path": text("The lock."), **_RUN})
COMPILE = table(
    "The outcome of a compilation.",
    {"path": or_null(text("The output; null where it was printed.")), **_RUN},
    {"text": text("The output, where no file was named.")},
)
EDIT = table(
    "The outcome of an edit.",
    {
        "written": truth("Whether anything was written."),
        "files": items(
            table(
                "A file that was edited.",
                {
                    "path": text("The file."),
                    "changes": items(
                        table(
                            "A requirement that was added, changed or removed.",
                            {
                                "key": text("The list that it stands in: `project.dependencies`."),
                                "from": or_null(text("The requirement before; null for one that was added.")),
                                "to": or_null(text("The requirement after; null for one that was removed.")),
                            },
                        ),
                        "What changed in it.",
                    ),
                },
            ),
            "The files that were edited.",
        ),
        "lock": or_null(LOCK | {"description": "As `lock` prints it; null where none is written."}),
        "seconds": _SECONDS,
        "warnings": _WARNINGS,
        "notes": _NOTES,
    },
)
_REASON = table(
    "A reason against the lock.",
    {
        "code": text("What is wrong, as the error codes list it."),
        "message": text("One sentence."),
        "package": text("The entry, the member or the key that it is about."),
        "suggestion": text("What to do."),
    },
    {
        "key": or_null(text("The input that changed: `members.demo.dependencies`.")),
        "then": or_null(text("Its value when the lock was written.")),
        "now": or_null(text("Its value today.")),
    },
)
_ERROR_IN_SHORT = table("The error.", {"code": text("Its code."), "message": text("One text for people.")})
CHECK = {
    "description": "The outcome of the check of one lock; with directories a list of them.",
    "anyOf": [
        table(
            "A lock that could be read.",
            {
                "path": text("The lock."),
                "holds": truth("Whether it is up to date and sound."),
                "compared_with": or_null(text("The project or script; null where there is none to compare with.")),
                "reasons": items(_REASON, "What is against it; empty where it holds."),
                "warnings": _WARNINGS,
                "unverified": texts("Members and directories whose requirements only a build knows."),
                "absent": texts("What `--absent-sources` believed as the lock records it."),
            },
        ),
        table(
            "A lock of a directory that could not be read.",
            {"path": text("The lock."), "holds": {"const": False, "description": "False."}, "error": _ERROR_IN_SHORT},
        ),
    ],
}
ERROR = table(
    "A failure, of any command. Single errors have further facts.",
    {
        "error": table(
            "The error.",
            {"code": text("Its code, which does not change."), "message": text("One text for people.")},
            {
                "suggestion": text("What to do about it."),
                "path": text("The file that it is about."),
                "line": number("The line, from 1."),
                "column": number("The character in the line, from 1."),
                "package": text("The package that it is about."),
                "version": text("Its version."),
                "url": text("The address that could not be read, without credentials."),
                "reason": text("The cause alone."),
                "what": text("What `--offline` keeps from being fetched."),
                "output": text("The last lines that a build printed."),
                "text": text("The text that does not follow its grammar."),
                "position": number("The character at which reading stopped."),
                "explanation": text("`resolution-impossible`: the message again."),
                "facts": texts("`resolution-impossible`: the requirements that do not go together."),
                "environment": text("`resolution-impossible`: the condition under which alone there is no solution."),
                "hints": texts("`resolution-impossible`: what may help to see why."),
                "suggestions": items(
                    table(
                        "A change under which a solution was found.",
                        {
                            "text": text("The change in words."),
                            "changes": items(
                                table(
                                    "An edit.",
                                    {
                                        "member": text("The directory of the member."),
                                        "key": text("The key of its pyproject.toml, or a requirements file."),
                                        "from": or_null(text("What it says.")),
                                        "to": or_null(text("What it would have to say.")),
                                    },
                                ),
                                "The same as edits.",
                            ),
                        },
                    ),
                    "`resolution-impossible`: smallest changes that were tried and work.",
                ),
                "tree": {
                    "type": "object",
                    "description": "`resolution-impossible`: the derivation, as `step`, `text` and `because`.",
                },
            },
        )
    },
)
