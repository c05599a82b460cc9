"""The client of the ClamAV daemon, against a daemon on a real port."""

import socket

import pytest

from intake import clamd
from intake.clamd import NotScanned, Silent
from tests.intake.daemons import EICAR, cutting, daemon, deaf, dripping, limited, saying, scanning, silent


def ask(address, *chunks, seconds=10.0):
    return clamd.scan(chunks, at=clamd.address_of(address), seconds=seconds)


def test_a_clean_file_reaches_the_daemon_byte_for_byte():
    with daemon(scanning) as one:
        assert ask(one.address, b"one", b"\0two\xff", b"three") == ""
        assert one.received == [b"one\0two\xffthree"]


def test_what_is_found_has_its_name():
    with daemon(scanning) as one:
        assert ask(one.address, b"before " + EICAR[:20], EICAR[20:] + b" after") == "Eicar-Test-Signature"


def test_an_empty_file_is_asked_about_too():
    with daemon(scanning) as one:
        assert ask(one.address) == ""
        assert one.received == [b""]


def test_a_daemon_on_a_local_socket_is_asked_the_same(tmp_path):
    with daemon(scanning, path=str(tmp_path / "clamd.ctl")) as one:
        assert ask(str(tmp_path / "clamd.ctl"), EICAR) == "Eicar-Test-Signature"
        assert one.received == [EICAR]


def test_a_huge_file_is_sent_piece_by_piece():
    piece = b"x" * clamd.CHUNK
    with daemon(scanning) as one:
        assert clamd.scan((piece for _n in range(800)), at=clamd.address_of(one.address), seconds=60) == ""
        assert [len(data) for data in one.received] == [800 * clamd.CHUNK]


def test_a_file_over_the_limit_of_the_daemon_is_not_taken_for_clean():
    with daemon(limited(1_000_000)) as one, pytest.raises(NotScanned, match=r"StreamMaxLength|ngắt kết nối"):
        ask(one.address, *[b"x" * clamd.CHUNK] * 200)


def test_a_daemon_that_is_not_there_is_silent(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = "{}:{}".format(*unused.getsockname())
        with pytest.raises(Silent):
            ask(address, b"x")
    with pytest.raises(Silent):
        ask(str(tmp_path / "nobody.ctl"), b"x")
    with pytest.raises(Silent):
        ask("nowhere.invalid:3310", b"x")


def test_a_connection_that_is_cut_leaves_the_file_unknown():
    with daemon(cutting) as one, pytest.raises(NotScanned, match="ngắt kết nối"):
        ask(one.address, *[b"x" * clamd.CHUNK] * 200)


@pytest.mark.parametrize("behaviour", [silent, deaf, dripping])
def test_a_daemon_that_does_not_come_to_an_answer_is_left_in_time(behaviour):
    with daemon(behaviour) as one, pytest.raises(NotScanned, match="không trả lời trong"):
        ask(one.address, *[b"x" * clamd.CHUNK] * 200, seconds=0.3)


@pytest.mark.parametrize(
    "parts",
    [
        (b"",),
        (b"\0",),
        (b"OK\0",),
        (b"stream: OK, perhaps\0",),
        (b"stream:  FOUND\0",),
        (b"stream: Something ERROR\0",),
        (b"UNKNOWN COMMAND\0",),
        (b"HTTP/1.1 200 OK\r\n\r\n",),
        (b"\xff\xfe\x00",),
        (b"x" * 100_000,),
    ],
)
def test_an_answer_that_is_none_leaves_the_file_unknown(parts):
    with daemon(saying(*parts)) as one, pytest.raises(NotScanned):
        ask(one.address, b"x")


def test_an_answer_in_pieces_is_read_to_its_end():
    with daemon(saying(b"stream: Win.Test", b".EICAR FO", b"UND", b"\0")) as one:
        assert ask(one.address, b"x") == "Win.Test.EICAR"


def test_an_answer_without_its_end_mark_counts_when_the_daemon_hangs_up():
    with daemon(saying(b"stream: OK")) as one:
        assert ask(one.address, b"x") == ""


def test_the_name_of_what_is_found_has_its_limit():
    with daemon(saying(b"stream: " + b"x" * 3000 + b" FOUND\0")) as one:
        assert ask(one.address, b"x") == "x" * 200
