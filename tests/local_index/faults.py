"""What can go wrong between a client and an index: each fault turns a right answer into a wrong one.

A fault is set on a path with `LocalIndex.fail` and may wear off after a number of requests.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Answer:
    """A response, and how its bytes travel.

    `sent` is how many bytes of the body go out before the connection ends (None: all), `reset` ends it with RST,
    `delay` comes before the status line, `drip` is (bytes, seconds) for a body in pieces, `declared_length` lies in
    Content-Length, `copies` is how often the body is sent, one after the other.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    sent: int | None = None
    reset: bool = False
    delay: float = 0.0
    drip: tuple[int, float] | None = None
    declared_length: int | None = None
    copies: int = 1


class Fault(ABC):
    """Turns the right answer into the one that is given.

    `honours_range` says whether a Range header is read, `is_content` that the fault is in what is stored, so that
    ranges are cut from it.
    """

    honours_range: ClassVar[bool] = True
    is_content: ClassVar[bool] = False

    @abstractmethod
    def apply(self, answer: Answer) -> Answer:
        """The answer that is given instead."""


@dataclass(frozen=True)
class Status(Fault):
    """A status code with a short text: 404, 429 with `headers={"Retry-After": "0"}`, 503."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def apply(self, answer: Answer) -> Answer:
        """No header of the right answer is kept."""
        body = HTTPStatus(self.code).phrase.encode() if self.body is None else self.body
        return Answer(self.code, {"Content-Type": "text/plain", **self.headers}, body)


@dataclass(frozen=True)
class Truncated(Fault):
    """The body ends after `sent` bytes although Content-Length promised all of it."""

    sent: int

    def apply(self, answer: Answer) -> Answer:
        """Only the delivery changes."""
        return replace(answer, sent=self.sent)


@dataclass(frozen=True)
class Reset(Fault):
    """The connection is reset after `sent` bytes of the body; None resets before the status line."""

    sent: int | None = None

    def apply(self, answer: Answer) -> Answer:
        """Only the delivery changes."""
        return replace(answer, sent=-1 if self.sent is None else self.sent, reset=True)


@dataclass(frozen=True)
class Slow(Fault):
    """`delay` seconds of silence, then the body in pieces of `drip` = (bytes, seconds between them)."""

    delay: float = 0.0
    drip: tuple[int, float] | None = None

    def apply(self, answer: Answer) -> Answer:
        """Only the delivery changes."""
        return replace(answer, delay=self.delay, drip=self.drip)


@dataclass(frozen=True)
class Replaced(Fault):
    """Another body: HTML garbage, JSON that does not end, a sidecar of another package; `copies` of it make it huge."""

    is_content: ClassVar[bool] = True

    body: bytes
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    copies: int = 1

    def apply(self, answer: Answer) -> Answer:
        """The content type stays unless one is given; an encoding does not."""
        kept = {name: value for name, value in answer.headers.items() if name != "Content-Encoding"}
        if self.content_type is not None:
            kept["Content-Type"] = self.content_type
        return Answer(200, {**kept, **self.headers}, self.body, copies=self.copies)


@dataclass(frozen=True)
class Corrupted(Fault):
    """One bit of the body is wrong, so that a hash no longer fits."""

    is_content: ClassVar[bool] = True

    def apply(self, answer: Answer) -> Answer:
        """The last byte changes."""
        return replace(answer, body=answer.body[:-1] + bytes([answer.body[-1] ^ 1])) if answer.body else answer


@dataclass(frozen=True)
class WrongLength(Fault):
    """Content-Length is off by `difference` bytes; the connection then closes."""

    difference: int

    def apply(self, answer: Answer) -> Answer:
        """Only the header changes."""
        return replace(answer, declared_length=max(0, len(answer.body) + self.difference))


@dataclass(frozen=True)
class RangeIgnored(Fault):
    """A server without ranges: the whole body with status 200, whatever was asked."""

    honours_range: ClassVar[bool] = False

    def apply(self, answer: Answer) -> Answer:
        """No promise of ranges is made."""
        return replace(answer, headers={k: v for k, v in answer.headers.items() if k != "Accept-Ranges"})


@dataclass(frozen=True)
class Redirect(Fault):
    """Sends the client elsewhere; to its own path, that is a loop."""

    location: str
    code: int = 302

    def apply(self, answer: Answer) -> Answer:
        """No header of the right answer is kept."""
        return Answer(self.code, {"Location": self.location})
