"""The streams of a run: a failed write does not end the run, and nothing that was read controls a terminal.

A stream may be closed, its disk full, its reader gone. The exit code says how a check ended whether or not anyone can
read the words, so a failed write is only remembered here.
"""

import os

# What type checkers set; `typing` itself is not loaded, since help has no other use for it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

# C0 and C1 controls but for line ends and tabs, marks that change the direction of a text, line separators.
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
# Written as JSON writes them, so that a document stays the same document.
_ESCAPES = {code: f"\\u{code:04x}" for code in _CONTROLS if chr(code) not in "\n\t"}


def visible(text: str) -> str:
    """The text with the characters that would control a terminal written as escapes, as JSON has them."""
    return text.translate(_ESCAPES)


class Stream:
    """A text stream, or None where the process was started without it."""

    def __init__(self, file: "TextIO | None") -> None:
        self._file = file
        self.lost: str | None = None
        # Whoever reads has seen enough: `locktool why numpy | head -1`.
        self.reader_left = False
        # A name that the terminal's encoding lacks must not end the run.
        reconfigure = getattr(file, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")

    def write(self, text: str) -> None:
        """Write at once; a failure is remembered in `lost`."""
        if self.lost is not None:
            return
        if self._file is None:
            self.lost = "it is closed"
            return
        try:
            self._file.write(text)
            self._file.flush()
        except (OSError, ValueError) as error:
            self.reader_left = isinstance(error, BrokenPipeError)
            self.lost = (error.strerror if isinstance(error, OSError) else None) or str(error)
            self._silence()

    @property
    def is_terminal(self) -> bool:
        """Whether a person looks at it, on a terminal that moves its cursor."""
        return self._file is not None and self._file.isatty() and os.environ.get("TERM") != "dumb"

    def can_write(self, text: str) -> bool:
        """Whether its encoding has every character of the text."""
        try:
            text.encode(getattr(self._file, "encoding", None) or "ascii")
        except (UnicodeEncodeError, LookupError):
            return False
        return True

    def columns(self) -> int:
        """How wide the terminal is, or 80."""
        configured = os.environ.get("COLUMNS", "")
        if configured.isdecimal():
            return max(int(configured), 20)
        try:
            return max(os.get_terminal_size(self._file.fileno()).columns, 20) if self._file else 80
        except (OSError, ValueError):
            return 80

    def _silence(self) -> None:
        """Send what is still buffered nowhere: Python would try once more when it ends, and call that a failure."""
        try:
            if self._file is not None:
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._file.fileno())
        except (OSError, ValueError):
            # A stand-in without a file behind it has nothing that is written later.
            self._file = None
