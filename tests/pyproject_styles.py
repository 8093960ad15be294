"""Forty ways in which people and tools write pyproject.toml, each reduced to what an edit may meet in it.

The names say what is particular. Line endings and a missing last line ending are made here, so that no tool that tidies
files can take them away.
"""

from __future__ import annotations

STYLES: dict[str, str] = {
    "two spaces, trailing comma": '[project]\nname = "x"\ndependencies = [\n  "a",\n  "z>=1",\n]\n',
    "four spaces, no trailing comma": '[project]\nname = "x"\ndependencies = [\n    "a",\n    "z>=1"\n]\n',
    "tabs": '[project]\nname = "x"\ndependencies = [\n\t"a",\n\t"z>=1",\n]\n',
    "one line": '[project]\nname = "x"\ndependencies = ["a", "z>=1"]\n',
    "one line with spaces and a trailing comma": '[project]\nname = "x"\ndependencies = [ "a", "z>=1", ]\n',
    "one line, no spaces": '[project]\nname="x"\ndependencies=["a","z>=1"]\n',
    "literal strings": "[project]\nname = 'x'\ndependencies = [\n  'a',\n  'z; python_version < \"4\"',\n]\n",
    "an empty array": '[project]\nname = "x"\ndependencies = []\nversion = "1"\n',
    "an empty array with a space": '[project]\nname = "x"\ndependencies = [ ]\n',
    "an empty array on two lines": '[project]\nname = "x"\ndependencies = [\n]\n',
    "an array of comments": '[project]\nname = "x"\ndependencies = [\n  # nothing yet\n\n  # still nothing\n]\n',
    "no dependencies": '[project]\nname = "x"\nversion = "1" # the first\n\n[build-system]\nrequires = ["b"]\n',
    "no dependencies, next table at once": '[project]\nname = "x"\n[build-system]\nrequires = ["b"]\n',
    "no last line ending": '[project]\nname = "x"',
    "several last line endings": '[project]\nname = "x"\ndependencies = ["a"]\n\n\n\n',
    "comments above, beside and below": (
        '# head\n[project] # the project\nname = "x"\ndependencies = [ # what it needs\n  # web\n  "a", # why, [and] "how"\n'
        '  # data\n\n  "z>=1" # no comma\n  # last words\n] # done\n# behind\n\n# about scripts\n[project.scripts]\nx = "x:y"\n'
    ),
    "a comma on a line of its own": '[project]\nname = "x"\ndependencies = [\n    "a"\n  , "z>=1"\n]\n',
    "commas first": '[project]\nname = "x"\ndependencies = [ "a"\n               , "k"\n               , "z>=1"\n               ]\n',
    "aligned below the bracket": '[project]\nname = "x"\ndependencies = ["a",\n                "k",\n                "z>=1"]\n',
    "several on a line": '[project]\nname = "x"\ndependencies = [\n  "a", "b",\n  "k", "z>=1",\n]\n',
    "a comment behind the last but one": '[project]\nname = "x"\ndependencies = [\n  "a", # first\n  "z"]\n',
    "not sorted": '[project]\nname = "x"\ndependencies = [\n  "z>=1",\n  "a",\n]\n',
    "sorted by case": '[project]\nname = "x"\ndependencies = ["Django", "Zope", "alembic"]\n',
    "indented tables": '[project]\n  name = "x"\n  version = "1"\n\n  [project.scripts]\n    x = "x:y"\n',
    "dotted keys without a header": 'project.name = "x"\nproject.version = "1"\n\n[tool.a]\nb = 1\n',
    "dotted dependencies": 'project.name = "x"\nproject.dependencies = [\n  "a",\n]\n',
    "an inline project": 'project = { name = "x", dependencies = ["a"] }\n',
    "an inline project without dependencies": 'project = {name = "x"}\n[tool.a]\nb = 1\n',
    "inline extras": '[project]\nname = "x"\noptional-dependencies = { web = ["a", "z"], s3 = [] }\n',
    "dotted extras": '[project]\nname = "x"\noptional-dependencies.web = ["a", "z"]\noptional-dependencies.S_3 = []\n',
    "extras and groups": (
        '[project]\nname = "x"\n\n[project.optional-dependencies]\nweb = [\n  "a",\n]\nall = ["x[web]"]\n\n'
        '[dependency-groups]\ntest = ["pytest"]\ndev = [{include-group = "test"}, "ruff"]\n'
    ),
    "groups that include only": '[project]\nname = "x"\n\n[dependency-groups]\nall = [{ include-group = "dev" }]\ndev = []\n',
    "inline groups": 'dependency-groups = { dev = ["ruff"] }\n[project]\nname = "x"\n',
    "quoted keys": '["project"]\n"name" = "x"\n"dependencies" = ["a"]\n\n["dependency-groups"]\n"test" = [\'ruff\']\n',
    "subtables first": '[project.scripts]\nx = "x:y"\n\n[project]\nname = "x"\n\n[tool.a]\n',
    "arrays of tables and strings that look like tables": (
        '[[tool.a.b]]\nurl = "u"\ntext = """\n[project]\ndependencies = [\n"""\n\n[[tool.a.b]]\nurl = \'\'\'\n[x]\n\'\'\'\n\n'
        '[project]\nname = "x"\ndependencies = ["a"]\n'
    ),
    "poetry beside a project": (
        '[project]\nname = "x"\nrequires-python = ">=3.11,<4"\ndependencies = [\n    "a (>=1,<2)",\n    "z (>=3.0.0,<4.0.0)"\n]\n\n'
        '[tool.poetry]\npackages = [{include = "x", from = "src"}]\n\n\n[tool.poetry.group.dev.dependencies]\nruff = "^0.9"\n'
    ),
    "spaces around everything": '[ project ]\nname   = "x"\ndependencies   =   [   "a"   ,   "z"   ]   # c\n',
    "accents and emoji": '# größer 🙂\n[project]\nname = "x"\ndescription = "äöü 🙂"\ndependencies = ["a"] # 🙂\n',
    "values of every kind": (
        '[project]\nname = "x"\ndependencies = ["a"]\n[tool.a]\nf = [inf, -inf, nan]\nd = 2026-01-01\nt = 07:32:00\nb = [[1, 2], ["]"]]\n'
    ),
}

CRLF = {f"{name}, CRLF": text.replace("\n", "\r\n") for name, text in STYLES.items()}
