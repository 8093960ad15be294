"""A table for people: columns as wide as their longest cell, two spaces apart, no trailing spaces.

On a terminal the last column gives way, so that a row is one line.
"""

from collections.abc import Sequence

_SHORTEST = 20


def table_lines(rows: Sequence[Sequence[str]], columns: int | None = None) -> list[str]:
    """The lines of a table; all rows have the same number of cells.

    With `columns` the last cell of a longer row is cut, which its last characters say, but never below 20 characters.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    if columns is None:
        return lines
    longest = max(columns, sum(width + 2 for width in widths[:-1]) + _SHORTEST)
    return [line if len(line) <= longest else f"{line[: longest - 3]}..." for line in lines]
