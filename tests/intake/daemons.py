"""A small ClamAV daemon: speaks the protocol on a real port, finds one string, and misbehaves as it is told."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# The harmless string that every scanner takes for a virus; in pieces, so that none takes this file for one.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + rb"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

Behaviour = Callable[["Daemon", socket.socket], None]


class Daemon:
    """`received` are the files that were sent to it as a whole."""

    def __init__(self, behaviour: Behaviour, listening: socket.socket) -> None:
        self.behaviour, self.listening = behaviour, listening
        self.received: list[bytes] = []
        self.connections = 0
        self.over = threading.Event()

    @property
    def address(self) -> str:
        name = self.listening.getsockname()
        return name if isinstance(name, str) else f"{name[0]}:{name[1]}"

    def serve(self) -> None:
        while not self.over.is_set():
            try:
                connection, _peer = self.listening.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                try:
                    self.behaviour(self, connection)
                except OSError:
                    continue


@contextmanager
def daemon(behaviour: Behaviour, *, path: str = "") -> Iterator[Daemon]:
    with socket.socket(socket.AF_UNIX if path else socket.AF_INET) as listening:
        listening.bind(path or ("127.0.0.1", 0))
        listening.listen()
        one = Daemon(behaviour, listening)
        thread = threading.Thread(target=one.serve, daemon=True)
        thread.start()
        try:
            yield one
        finally:
            one.over.set()
            # Wakes accept(), which a closed socket alone does not.
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise ConnectionResetError
        data += part
    return data


def take(connection: socket.socket, *, limit: int | None = None) -> bytes | None:
    """The file that is sent; None if it is longer than `limit`."""
    assert _exactly(connection, 10) == b"zINSTREAM\0"
    data = bytearray()
    while size := int.from_bytes(_exactly(connection, 4), "big"):
        if limit is not None and len(data) + size > limit:
            return None
        data += _exactly(connection, size)
    return bytes(data)


def scanning(one: Daemon, connection: socket.socket) -> None:
    data = take(connection)
    assert data is not None
    one.received.append(data)
    connection.sendall(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0")


def limited(limit: int) -> Behaviour:
    """Takes no file over so many bytes, and says so."""

    def behave(one: Daemon, connection: socket.socket) -> None:
        if take(connection, limit=limit) is None:
            connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass

    return behave


def saying(*parts: bytes) -> Behaviour:
    """Answers this, whatever is sent."""

    def behave(one: Daemon, connection: socket.socket) -> None:
        take(connection)
        for part in parts:
            connection.sendall(part)

    return behave


def cutting(one: Daemon, connection: socket.socket) -> None:
    """Hangs up in the middle of the file."""
    _exactly(connection, 20)


def silent(one: Daemon, connection: socket.socket) -> None:
    """Takes the file and never answers."""
    take(connection)
    one.over.wait(10)


def deaf(one: Daemon, connection: socket.socket) -> None:
    """Takes nothing and never answers."""
    one.over.wait(10)


def dripping(one: Daemon, connection: socket.socket) -> None:
    """Sends a letter now and then, so that it is never silent for long, and never done."""
    take(connection)
    while not one.over.wait(0.02):
        connection.sendall(b"s")
