"""What `--json` prints for the commands that only answer: shapes as `documentation.shapes` has them."""

from __future__ import annotations

from documentation.shapes import CHANGES, Shape, items, number, or_null, table, text, texts, truth, word

_RULE = table(
    "A rule of the project.",
    {
        "kind": word("What kind of rule it is.", "override", "exclude", "constraint"),
        "requirement": text("What the project writes."),
        "parent": or_null(text("The package below which alone it holds.")),
        "parent_version": or_null(text("The version of the parent below which alone it holds.")),
    },
)
_LINK = table(
    "One requirement on the way to the package.",
    {
        "name": or_null(text("Who requires: a package, or a member of the project.")),
        "version": or_null(text("Its version.")),
        "extra": or_null(text("The extra of it that requires.")),
        "group": or_null(text("The dependency group of it that requires.")),
        "member": or_null(text("The directory of the member; null for a package.")),
        "requirement": text("What it requires."),
        "marker": or_null(text("Where.")),
        "overrides": texts("Overrides of the project that take the place of the requirement."),
    },
)
WHY = {
    "description": "Who requires a package, or with a version or `--latest` what keeps it out.",
    "anyOf": [
        table(
            "Who requires it.",
            {
                "name": text("The package."),
                "entries": items(
                    table(
                        "An entry of the lock.",
                        {
                            "version": or_null(text("Its version.")),
                            "marker": or_null(text("Where it is installed.")),
                            "chains": items(
                                {"type": "array", "items": _LINK},
                                "Chains of requirements from the project, shortest first.",
                            ),
                            "constraints": items(_RULE, "Constraints that hold for it."),
                        },
                    ),
                    "Its entries.",
                ),
            },
        ),
        table(
            "What keeps a version out.",
            {
                "name": text("The package."),
                "version": or_null(text("The version; null for a range.")),
                "specifier": or_null(text("The range that was asked about.")),
                "locked": texts("The versions that are locked."),
                "verdict": word("The answer.", "locked", "possible", "impossible", "absent", "elsewhere", "excluded"),
                "partly": truth("Whether some environments have it already."),
                "rules": items(_RULE, "Rules of the project that matter."),
                "origin": {
                    "type": ["object", "null"],
                    "description": "Where the package comes from, if not from an index.",
                },
                "moves": table("What would move with it.", CHANGES),
                "advice": or_null(text("What to do.")),
                "because": {
                    "type": ["object", "null"],
                    "description": "Why not, with the keys of the error `resolution-impossible`.",
                },
            },
        ),
    ],
}
OUTDATED = table(
    "What is older than it could be.",
    {
        "checked": number("How many packages were compared."),
        "outdated": items(
            table(
                "A package that is.",
                {
                    "name": text("The package."),
                    "locked": text("The version in the lock; of a repository the commit."),
                    "allowed": or_null(text("What an upgrade of everything brings.")),
                    "newest": or_null(text("What there is.")),
                    "marker": or_null(text("Where the entry is installed.")),
                    "direct": truth("Whether the project itself names it."),
                    "reason": word(
                        "What stands between the lock and the newest version.",
                        *(
                            "upgrade",
                            "project",
                            "constraint",
                            "package",
                            "python",
                            "fork",
                            "others",
                            "unneeded",
                            "missing",
                        ),
                    ),
                    "held_by": texts("The same in sentences."),
                    "kind": word("Where it comes from.", "index", "git"),
                },
            ),
            "The packages.",
        ),
    },
)
DIFF = table(
    "What changed between two locks.",
    {
        "before": text("The older one: a file, or a revision and a file."),
        "after": text("The newer one."),
        "differ": truth("Whether the files differ in anything."),
        **CHANGES,
        "new_files": items(
            table(
                "A file of a version that was locked before.",
                {
                    "name": text("The package."),
                    "version": text("Its version, which did not move."),
                    "file": text("The file."),
                    "replaced": truth("Whether the version had a file of this name, with other hashes."),
                },
            ),
            "Files that came to a version that did not move: look at these.",
        ),
        "new_hosts": texts("Hosts that no file came from before."),
        "sdist_only": items(
            table(
                "A package that has to be built.",
                {"name": text("The package."), "version": text("Its version.")},
            ),
            "Versions that have to be built, and were not locked so before.",
        ),
        "yanked": items(
            table(
                "A version that its authors withdrew.",
                {"name": text("The package."), "version": text("The version."), "reason": text("Why.")},
            ),
            "Versions of the newer lock that are yanked, as far as the cache knows.",
        ),
    },
)
_NODE: Shape = table(
    "A project, an extra, a group or a package.",
    {
        "kind": word("Which of these.", "project", "extra", "group", "package"),
        "name": text("Its name."),
        "version": or_null(text("Its version.")),
        "extras": texts("The extras that are asked for."),
        "requirement": or_null(text("What leads here.")),
        "marker": or_null(text("Where.")),
        "conflicts": texts("Extras and groups that may not be chosen beside it."),
        "newest": or_null(text("With `--outdated` the newest version, where that is another.")),
        "repeated": truth("Whether what it requires stands elsewhere in the tree."),
        "dependencies": {
            "type": "array",
            "items": {"type": "object"},
            "description": "What it requires, in the same form.",
        },
    },
)
TREE = items(_NODE, "What requires what: the roots of the tree.")
LIST = table(
    "What an environment installs.",
    {
        "environment": text("The environment in words."),
        "packages": items(
            table(
                "A package.",
                {
                    "name": text("Its name."),
                    "version": or_null(text("Its version.")),
                    "kind": word("What is installed.", "wheel", "sdist", "archive", "directory", "git"),
                    "source": text("The file, or where it comes from."),
                    "size": or_null(number("Its bytes.")),
                    "marker": or_null(text("Where the entry is installed.")),
                },
            ),
            "The packages, in the order of the lock.",
        ),
    },
)
EXPORT = table(
    "The outcome of an export.",
    {
        "path": or_null(text("The file; null where it was printed.")),
        "written": truth("Whether the file was written."),
        "text": text("The export itself."),
        "notes": texts("What is worth knowing of it."),
    },
)
INIT = table(
    "The outcome of `init`.",
    {
        "path": text("The pyproject.toml."),
        "text": text("Its content."),
        "written": truth("Whether it was written."),
        "notes": texts("What is worth knowing of it."),
    },
)
IMPORT = table(
    "The outcome of an import.",
    {
        "path": text("The pyproject.toml."),
        "written": truth("Whether it was written."),
        "notes": texts("What could not be said in the same way."),
    },
    {"text": text("With `--dry-run` what would be written.")},
)
_PYTHON = table(
    "A Python of this machine.",
    {
        "executable": text("Its path."),
        "version": text("Its full version."),
        "implementation": text("`cpython`, `pypy`, ..."),
        "architecture": text("The machine that it is for."),
        "free_threaded": truth("Whether it has no global lock."),
        "debug": truth("Whether it is a debug build."),
        "pointer_size": number("The bits of a pointer."),
        "virtual": truth("Whether it is that of an environment."),
        "prefix": text("Its `sys.prefix`."),
        "base_prefix": text("Its `sys.base_prefix`."),
    },
)
PYTHON = {
    "description": "`python list` prints a list, `python find` one of its items, `python show` all that is known.",
    "anyOf": [
        items(_PYTHON, "`python list`."),
        _PYTHON,
        table(
            "`python show`, among further facts.",
            {
                "executable": text("Its path."),
                "version": text("Its version."),
                "implementation": text("`cpython`, `pypy`, ..."),
                "marker_environment": {"type": "object", "description": "The variables of environment markers."},
                "tags": texts("The wheel tags that it installs, the preferred ones first."),
                "paths": {"type": "object", "description": "Where packages are installed."},
            },
        ),
    ],
}
CACHE = {
    "description": "`cache dir` says where it is, `cache info` what is there, `cache clean` and `cache prune` what was removed.",
    "anyOf": [
        table("`cache dir`.", {"directory": text("Where it lies.")}),
        table(
            "`cache info`.",
            {
                "directory": text("Where it lies."),
                "records": number("Records of packages."),
                "leftovers": number("What interrupted runs and earlier versions have left."),
                "size": number("Its bytes."),
            },
        ),
        table(
            "`cache clean` and `cache prune`.",
            {"files": number("Files that were removed."), "size": number("Their bytes.")},
        ),
    ],
}
_SETTINGS = items(
    table(
        "A setting that holds.",
        {
            "key": text("Its key."),
            "value": {
                "type": ["string", "number", "boolean", "array", "object", "null"],
                "description": "Its value, without credentials.",
            },
            "origin": text("The file and line, the variable, or `default`."),
        },
    ),
    "The settings.",
)
CONFIG = {
    "description": "`config show` prints the settings that hold, `config schema` a JSON Schema, which is not described here.",
    "anyOf": [
        table(
            "`config show`.",
            {
                "project": _SETTINGS | {"description": "Settings of the project."},
                "machine": _SETTINGS | {"description": "Settings of the machine."},
                "indexes": texts("The indexes, in the order in which they are asked."),
                "user_file": or_null(text("Where the settings of the user are, or would be.")),
            },
        ),
        table("`config schema`.", {"$schema": text("The dialect of the schema.")}),
    ],
}
COMPLETIONS = table(
    "The completions of a shell.", {"shell": text("The shell."), "script": text("The script that it reads.")}
)
