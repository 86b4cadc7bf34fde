"""A line to a server that can be cut, held, or spoken on by somebody else: TCP as it fails in the wild."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

GARBAGE = b"\x00\xff220 mail.example ESMTP\r\n" * 50


class Fault(StrEnum):
    """What happens to a new connection."""

    NONE = "none"
    HANGS = "hangs"  # it is taken, and nothing comes back
    RESETS = "resets"  # RST as soon as something was sent
    GARBAGE = "garbage"  # what comes back is no HTTP
    CUT = "cut"  # the answer ends in the middle of its head


@dataclass
class Line:
    """The address to ask instead of the server's, and what is wrong with it now."""

    address: str
    fault: Fault = Fault.NONE
    open: list[socket.socket] = field(default_factory=list)

    def serve(self, taken: socket.socket, target: tuple[str, int]) -> None:
        with suppress(OSError):
            match self.fault:
                case Fault.NONE:
                    there = socket.create_connection(target)
                    self.open.append(there)
                    threading.Thread(target=_pump, args=(there, taken), daemon=True).start()
                    _pump(taken, there)
                case Fault.HANGS:
                    while taken.recv(65536):
                        pass
                case Fault.RESETS:
                    taken.recv(1)
                    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    taken.close()
                case Fault.GARBAGE:
                    taken.recv(65536)
                    taken.sendall(GARBAGE)
                    taken.close()
                case Fault.CUT:
                    taken.recv(65536)
                    taken.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-le")
                    taken.close()


def _pump(come: socket.socket, go: socket.socket) -> None:
    with suppress(OSError):
        while data := come.recv(65536):
            go.sendall(data)
    with suppress(OSError):
        go.shutdown(socket.SHUT_WR)


@contextmanager
def troubled_line(server: str) -> Iterator[Line]:
    """A line to the server at this address."""
    parts = urlsplit(server)
    assert parts.hostname
    assert parts.port
    target = (parts.hostname, parts.port)
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    line = Line(f"http://127.0.0.1:{listener.getsockname()[1]}")

    def accept() -> None:
        with suppress(OSError):
            while True:
                taken, _ = listener.accept()
                line.open.append(taken)
                threading.Thread(target=line.serve, args=(taken, target), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield line
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for one in line.open:
            one.close()
