"""Asks a ClamAV daemon about a file: the command INSTREAM of its protocol (man clamd).

A client of our own, because all of it is one command and one line of answer; the packages for it were left years ago.
"""

import re
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

CONNECT_SECONDS = 5
# More than any answer has; whoever sends more is no clamd.
LONGEST_REPLY = 4096
CHUNK = 64 * 1024

_HOST_AND_PORT = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9._-]+)):(?P<port>[0-9]{1,5})")


class Malformed(ValueError):
    """The setting names neither a host with its port nor the path of a socket."""


class NotScanned(Exception):
    """Nothing is known of the file; the text says why, to an administrator."""


class Silent(NotScanned):
    """The daemon cannot be reached: another file would fare the same."""


@dataclass(frozen=True)
class Address:
    host: str = ""
    port: int = 0
    path: str = ""  # of a local socket, instead of the two


def is_configured() -> bool:
    return bool(settings.CLAMD)


def address_of(text: str) -> Address:
    """`clamav:3310`, `[::1]:3310` or `/run/clamav/clamd.ctl`. Raises Malformed."""
    if text.startswith("/") and len(text.encode()) < 108 and "\0" not in text:
        return Address(path=text)
    found = _HOST_AND_PORT.fullmatch(text)
    if found is None or not 0 < int(found["port"]) < 65536:
        raise Malformed(f"{text!r} is neither host:port nor the absolute path of a socket")
    return Address(host=found["v6"] or found["host"], port=int(found["port"]))


def scan(chunks: Iterable[bytes], *, at: Address, seconds: float) -> str:
    """The name of what was found in the file, or an empty string. Raises NotScanned, after `seconds` at most.

    `chunks` are its bytes, none of them empty.
    """
    ends = time.monotonic() + seconds
    try:
        with _connected(at, min(CONNECT_SECONDS, seconds)) as daemon:
            _send(daemon, chunks, ends)
            return _finding(_reply(daemon, ends))
    except TimeoutError as error:
        raise NotScanned(_("Bộ quét mã độc không trả lời trong %s giây.") % f"{seconds:g}") from error
    except ConnectionError as error:
        raise NotScanned(
            _("Bộ quét mã độc ngắt kết nối giữa chừng (có thể tệp lớn hơn giới hạn của nó): %s") % error
        ) from error


def _connected(at: Address, seconds: float) -> socket.socket:
    try:
        if not at.path:
            return socket.create_connection((at.host, at.port), timeout=seconds)
        local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            local.settimeout(seconds)
            local.connect(at.path)
        except BaseException:
            local.close()
            raise
        return local
    except OSError as error:
        raise Silent(_("Không kết nối được bộ quét mã độc: %s") % error) from error


def _send(daemon: socket.socket, chunks: Iterable[bytes], ends: float) -> None:
    """Each piece with its length before it, and a length of zero after the last."""
    try:
        daemon.settimeout(_left(ends))
        daemon.sendall(b"zINSTREAM\0")
        for chunk in chunks:
            daemon.settimeout(_left(ends))
            daemon.sendall(len(chunk).to_bytes(4, "big") + chunk)
        daemon.settimeout(_left(ends))
        daemon.sendall((0).to_bytes(4, "big"))
    except (BrokenPipeError, ConnectionResetError):
        # A daemon that takes no more, as of a file over its limit, says so before it hangs up.
        return


def _reply(daemon: socket.socket, ends: float) -> str:
    reply = b""
    while b"\0" not in reply:
        if len(reply) > LONGEST_REPLY:
            raise NotScanned(_("Bộ quét mã độc trả lời quá dài."))
        daemon.settimeout(_left(ends))
        part = daemon.recv(LONGEST_REPLY)
        if not part:
            break
        reply += part
    return reply.split(b"\0")[0].decode(errors="replace").strip()


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _finding(reply: str) -> str:
    if reply == "stream: OK":
        return ""
    if found := re.fullmatch(r"stream: (\S.*) FOUND", reply):
        return found[1][:200]
    if not reply:
        raise NotScanned(_("Bộ quét mã độc ngắt kết nối mà không trả lời."))
    if "size limit exceeded" in reply:
        raise NotScanned(_("Tệp lớn hơn giới hạn của bộ quét mã độc (StreamMaxLength)."))
    raise NotScanned(_("Bộ quét mã độc trả lời không hiểu được: %s") % ascii(reply[:200]))
