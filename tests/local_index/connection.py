"""The socket side: requests come in, answers go out as they say, in pieces, cut short or reset."""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from local_index.faults import Answer


class Server(ThreadingHTTPServer):
    """Counts the answers under way: `most_in_flight` is how many there were at once.

    `rounds` is how many requests came one after the other at least: each after an answer to the one before. It is the
    time of a run in answers, whatever an answer takes.
    """

    request_queue_size = 256
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        """Bind the address."""
        super().__init__(address, handler)
        self.most_in_flight = 0
        self.rounds = 0
        self._in_flight = 0
        self._counting = threading.Condition()

    @contextmanager
    def counted(self) -> Iterator[None]:
        """One answer, from its request to its last byte."""
        with self._counting:
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
            begun_in = self.rounds
        try:
            yield
        finally:
            with self._counting:
                self._in_flight -= 1
                self._counting.notify_all()
                # The first answer to a request of this round ends it: what comes from here on may follow from that.
                if begun_in == self.rounds:
                    self.rounds += 1

    def wait_for_answers(self) -> None:
        """Wait until no answer is under way: a run may end before what it asked for in vain is recorded."""
        with self._counting:
            self._counting.wait_for(lambda: self._in_flight == 0, timeout=1.0)

    def forget(self) -> None:
        """Count from zero."""
        with self._counting:
            self.most_in_flight, self.rounds = self._in_flight, 0

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the tests, not an error to print."""


class _Handler(BaseHTTPRequestHandler):
    answer: ClassVar[Callable[[str, str, Mapping[str, str]], Answer]]
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer with a body."""
        with cast("Server", self.server).counted():
            self._deliver(self._find(), with_body=True)

    def do_HEAD(self) -> None:
        """Answer with headers only."""
        self._deliver(self._find(), with_body=False)

    def _find(self) -> Answer:
        headers = {name.lower(): value for name, value in self.headers.items()}
        return type(self).answer(self.command, self.path, headers)

    def _deliver(self, answer: Answer, *, with_body: bool) -> None:
        time.sleep(answer.delay)
        if answer.sent is not None and answer.sent < 0:
            self._reset()
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 304:
            length = len(answer.body) * answer.copies if answer.declared_length is None else answer.declared_length
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if with_body:
            self._send_body(answer)

    def _send_body(self, answer: Answer) -> None:
        body = answer.body if answer.sent is None else answer.body[: answer.sent]
        size, pause = answer.drip or (max(1, len(body)), 0.0)
        for _ in range(answer.copies):
            for start in range(0, len(body), size):
                self.wfile.write(body[start : start + size])
                if pause:
                    self.wfile.flush()
                    time.sleep(pause)
        self.wfile.flush()
        if answer.reset:
            self._reset()
        elif answer.sent is not None or answer.declared_length is not None:
            self.close_connection = True

    def _reset(self) -> None:
        # Lingering for no time makes the kernel send RST instead of FIN.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in http.server
        """Requests are recorded in the index, not printed."""


def bound_to(answer: Callable[[str, str, Mapping[str, str]], Answer]) -> type[BaseHTTPRequestHandler]:
    """A handler class whose requests are answered by `answer(method, target, headers in lower case)`."""
    return type("BoundHandler", (_Handler,), {"answer": staticmethod(answer)})
