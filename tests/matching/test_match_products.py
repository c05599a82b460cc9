import json
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalogs.management.commands import match_products
from catalogs.management.jsonlines import LINE_LIMIT
from tests.matching.builders import a_list

pytestmark = pytest.mark.django_db

CAMERA = {"id": "a", "name": "Mắt Phố", "description": "Camera AI nhận diện khuôn mặt, đếm người"}
RICE = {"id": "b", "name": "Gạo Bà Tư", "description": "Gạo thơm đóng túi 5 kg, giao tận nhà"}


ITEMS = {
    "1.8": ("Camera thông minh, camera AI", "camera AI nhận diện khuôn mặt, đếm người"),
    **{f"2.{n}": (f"Thiết bị thứ {n}", f"máy số {n}") for n in range(1, 12)},
}


@pytest.fixture(autouse=True)
def lists() -> None:
    """Two lists in force one after the other, one beside them, and one of the past."""
    a_list("tt-19-2021", "19/2021/TT-BTTTT", "key-it", "2022-02-02", "2026-01-01", ITEMS)
    a_list("tt-31-2025", "31/2025/TT-BKHCN", "key-digital", "2026-01-01", None, ITEMS)
    a_list("qd-1131-2025", "1131/QĐ-TTg", "strategic", "2025-06-12", "2026-07-01", ITEMS)
    a_list("qd-21-2026", "21/2026/QĐ-TTg", "strategic", "2026-07-01", None, ITEMS)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "in.jsonl", tmp_path / "out.jsonl"


def write(path: Path, *records: object) -> None:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")


def run(files: tuple[Path, Path], *options: str) -> list[dict]:
    call_command("match_products", str(files[0]), "--output", str(files[1]), *options)
    return [json.loads(line) for line in files[1].read_text("utf-8").splitlines()]


def test_each_record_is_answered_for_each_list(files: tuple[Path, Path]) -> None:
    write(files[0], CAMERA, RICE)
    answers = run(files, "--on", "2026-03-01")
    assert [(a["id"], a["catalogue"]) for a in answers] == [
        ("a", "31/2025/TT-BKHCN"),
        ("a", "1131/QĐ-TTg"),
        ("b", "31/2025/TT-BKHCN"),
        ("b", "1131/QĐ-TTg"),
    ]
    assert [a["decision"] for a in answers] == ["match", "match", "none", "none"]
    assert answers[0]["ranked"][0]["code"] == "1.8"
    for answer in answers:
        scores = [r["score"] for r in answer["ranked"]]
        assert len(scores) >= 10
        assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("day", "numbers"),
    [
        ("2025-12-31", ["1131/QĐ-TTg"]),
        ("2026-06-30", ["31/2025/TT-BKHCN", "1131/QĐ-TTg"]),
        ("2026-07-01", ["31/2025/TT-BKHCN", "21/2026/QĐ-TTg"]),
    ],
)
def test_the_day_picks_the_lists(files: tuple[Path, Path], day: str, numbers: list[str]) -> None:
    write(files[0], CAMERA)
    assert [a["catalogue"] for a in run(files, "--on", day)] == numbers


def test_without_a_day_today_counts(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match_products.timezone, "localdate", lambda: match_products.date(2026, 8, 1))
    write(files[0], CAMERA)
    assert [a["catalogue"] for a in run(files)] == ["31/2025/TT-BKHCN", "21/2026/QĐ-TTg"]


def test_a_list_is_named_by_number_or_slug_even_when_no_longer_in_force(files: tuple[Path, Path]) -> None:
    write(files[0], CAMERA)
    answers = run(files, "--catalogue", "19/2021/TT-BTTTT", "qd-21-2026", "--catalogue", "tt-19-2021")
    assert [a["catalogue"] for a in answers] == ["19/2021/TT-BTTTT", "21/2026/QĐ-TTg"]


def test_a_byte_order_mark_and_empty_lines_are_passed_over(files: tuple[Path, Path]) -> None:
    line = json.dumps(CAMERA, ensure_ascii=False).encode()
    files[0].write_bytes(b"\xef\xbb\xbf" + line + b"\r\n\n" + line.replace(b'"a"', b'"c"'))
    assert {a["id"] for a in run(files)} == {"a", "c"}


def test_odd_text_is_answered(files: tuple[Path, Path]) -> None:
    write(files[0], {**CAMERA, "description": ""}, {**RICE, "name": "🚁", "description": "x" * 1_000_000, "more": 1})
    files[0].write_bytes(files[0].read_bytes() + b'{"id": "\\ud800", "name": "", "description": ""}\n')
    assert len(run(files, "--catalogue", "tt-31-2025")) == 3


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"id": "x", "name": "n"}', "line 2: “description” is missing"),
        (b'{"id": "x", "name": null, "description": "d"}', "line 2: “name” is not text"),
        (b'{"id": 7, "name": "n", "description": "d"}', "line 2: “id” is not text"),
        (b'{"id": " ", "name": "n", "description": "d"}', "line 2: “id” is empty"),
        (b'{"id": "a", "name": "n", "description": "d"}', "line 2: the id “a” stands already on line 1"),
        (b"[1, 2]", "line 2: an object is expected"),
        (b'{"id": "x", ', "line 2: not JSON"),
        (b"[" * 100_000, "line 2: not JSON: too deep"),
        (b'{"id": "x", "n": ' + b"1" * 5000 + b"}", "line 2: not JSON: a number has too many digits"),
        (b'{"id": "x", "name": "\xff", "description": "d"}', "line 2: byte 22 is not UTF-8"),
        (b'{"id": "' + b"x" * LINE_LIMIT + b'"}', "line 2: longer than"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_a_broken_line_is_named_and_nothing_is_written(files: tuple[Path, Path], line: bytes, message: str) -> None:
    files[0].write_bytes(json.dumps(CAMERA).encode() + b"\n" + line + b"\n")
    files[1].write_text("what was there before")
    with pytest.raises(CommandError, match=message):
        run(files)
    assert files[1].read_text() == "what was there before"
    assert sorted(p.name for p in files[0].parent.iterdir()) == ["in.jsonl", "out.jsonl"]


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_an_error(files: tuple[Path, Path], content: bytes) -> None:
    files[0].write_bytes(content)
    with pytest.raises(CommandError, match="no record"):
        run(files)
    assert not files[1].exists()


def test_a_missing_file_folder_or_list_is_named(files: tuple[Path, Path]) -> None:
    with pytest.raises(CommandError, match=r"in\.jsonl: No such file"):
        run(files)
    write(files[0], CAMERA)
    with pytest.raises(CommandError, match="nowhere"):
        run((files[0], files[1].parent / "nowhere" / "out.jsonl"))
    with pytest.raises(CommandError, match=r"There is no list “99/2099”\. Known: 1131/QĐ-TTg"):
        run(files, "--catalogue", "99/2099")
    with pytest.raises(CommandError, match="No list with items is in force on 1990-01-01"):
        run(files, "--on", "1990-01-01")
    for no_day in ("tomorrow", "01/07/2026", "2026-02-30", ""):
        with pytest.raises(CommandError, match=f"--on: a day like 2026-07-01 is expected, found '{no_day}'"):
            run(files, "--on", no_day)


def test_only_an_ordinary_file_is_replaced_and_never_the_input(files: tuple[Path, Path]) -> None:
    write(files[0], CAMERA)
    before = files[0].read_bytes()
    with pytest.raises(CommandError, match="is the input"):
        run((files[0], files[0]))
    link = files[1].with_name("link.jsonl")
    link.symlink_to(files[0])
    pipe = files[1].with_name("pipe")
    os.mkfifo(pipe)
    for path in (link, pipe, files[1].parent):
        with pytest.raises(CommandError, match="no ordinary file"):
            run((files[0], path))
    assert files[0].read_bytes() == before
    assert link.is_symlink()
    assert pipe.is_fifo()


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_person_who_watches_sees_a_bar(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match_products, "BAR_EVERY", 0)
    write(files[0], CAMERA, RICE)
    seen = Terminal()
    call_command("match_products", str(files[0]), "--output", str(files[1]), stderr=seen)
    assert "1/2  50%" in seen.getvalue()
    assert "2/2  100%" in seen.getvalue()
    assert "2 records against" in seen.getvalue()


class Left(StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_watcher_who_leaves_does_not_stop_the_work(files: tuple[Path, Path]) -> None:
    write(files[0], CAMERA, RICE)
    call_command("match_products", str(files[0]), "--output", str(files[1]), stderr=Left())
    assert len(files[1].read_text("utf-8").splitlines()) == 4
