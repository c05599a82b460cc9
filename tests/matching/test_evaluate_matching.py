import json
import shlex
import shutil
import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalogs.management.commands import evaluate_matching
from catalogs.management.jsonlines import LINE_LIMIT
from catalogs.matching import scoring
from catalogs.matching.engine import Entry, Index
from catalogs.models import CatalogueItem, ItemAlias
from tests.matching.builders import a_list

ITEMS = {
    "1.8": ("Camera thông minh, camera AI", "camera AI nhận diện khuôn mặt, đếm người"),
    "5.2": ("Robot công nghiệp", "cánh tay robot sáu trục"),
}
CAMERA = {
    "id": "a",
    "name": "Mắt Phố",
    "description": "Camera AI nhận diện khuôn mặt, đếm người",
    "labels": {"31/2025/TT-BKHCN": ["1.8"]},
    "difficulty": "easy",
    "lang": "vi",
}
RICE = {
    "id": "b",
    "name": "Gạo Bà Tư",
    "description": "Gạo thơm đóng túi 5 kg, giao tận nhà",
    "labels": {"31/2025/TT-BKHCN": []},
    "difficulty": "hard",
    "lang": "vi",
}


@pytest.fixture
def lists(db: None) -> None:
    a_list("tt-31-2025", "31/2025/TT-BKHCN", "key-digital", "2026-01-01", None, ITEMS)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return tmp_path / "labels.jsonl"


def write(path: Path, *records: object) -> None:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")


def run(path: Path, *options: str) -> list[list[str]]:
    out = StringIO()
    call_command("evaluate_matching", str(path), *options, stdout=out)
    return [line.split() for line in out.getvalue().splitlines()]


def test_figures_are_told_by_list_difficulty_and_language(lists: None, labels: Path) -> None:
    write(labels, CAMERA, RICE)
    heading, whole, *groups = run(labels)
    assert [name for name in heading if name != "[95%]"] == ["list", "group", "fit", "none", *evaluate_matching.SHOWN]
    sure, never = ["1.000", "0.21-1.00"], ["0.000", "0.00-0.79"]
    assert whole == ["31/2025/TT-BKHCN", "1", "1", *sure * 2, "1.000", "1.000", *never, "0.000", *["1.000"] * 3]
    assert [row[0] for row in groups] == ["difficulty=easy", "difficulty=hard", "lang=vi"]
    assert groups[1] == ["difficulty=hard", "0", "1", *["-"] * 6, *never, "-", "-", "1.000", "-"]


def test_borderline_labels_may_be_left_out(lists: None, labels: Path) -> None:
    write(labels, CAMERA, {**RICE, "borderline": ["31/2025/TT-BKHCN"]})
    assert run(labels)[1][1:3] == ["1", "1"]
    assert run(labels, "--exclude-borderline")[1][1:3] == ["1", "0"]


def test_a_reader_who_leaves_gets_no_traceback() -> None:
    program = "from catalogs.management.pipes import reader_may_leave as r\nwith r():\n while True: print('x' * 9999)"
    reader = subprocess.run(
        f"{shlex.quote(sys.executable)} -c {shlex.quote(program)} | head -1 | wc -c",
        shell=True,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (reader.stdout.strip(), reader.stderr) == ("10000", "")


def a_folder(at: Path, aliases: dict) -> Path:
    """A configuration in which the list has other aliases."""
    shutil.copytree(evaluate_matching.DATA, at, ignore=shutil.ignore_patterns("procedures", "programmes"))
    made = {"catalogue": "tt-31-2025", "origin": "thử", "added_on": "2026-01-01", "items": aliases}
    (at / "aliases" / "tt-31-2025.json").write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    return at


def test_another_configuration_stands_beside_the_one_in_force(lists: None, labels: Path, tmp_path: Path) -> None:
    folder = a_folder(
        tmp_path / "other", {"5.2": [{"text": "gạo thơm đóng túi 5 kg, giao tận nhà", "language": "vi"}]}
    )
    write(labels, {**CAMERA, "description": "gạo thơm đóng túi giao tận nhà", "name": ""})
    first, _heading, whole, *_groups = run(labels, "--against", str(folder))
    assert first[:2] == ["in", "force"]
    assert whole[:3] == ["31/2025/TT-BKHCN", "1", "0"]
    assert whole.count("->") == len(evaluate_matching.SHOWN)


def test_a_folder_that_is_no_configuration_is_named(lists: None, labels: Path, tmp_path: Path) -> None:
    write(labels, CAMERA)
    with pytest.raises(CommandError, match="nowhere"):
        run(labels, "--against", str(tmp_path / "nowhere"))
    folder = a_folder(tmp_path / "other", {})
    (folder / "matching" / "cues.json").write_text("{", encoding="utf-8")
    with pytest.raises(CommandError, match=r"matching/cues\.json: line 1"):
        run(labels, "--against", str(folder))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"id": "x", "name": "n", "description": "d"}', "line 2: “labels” is no object"),
        (b'{"id": "x", "name": "n", "description": "d", "labels": {}}', "line 2: “labels” is no object"),
        (
            b'{"id": "x", "name": "n", "description": "d", "labels": {"l": "1.8"}}',
            "line 2: “labels”: the codes of “l”",
        ),
        (b'{"id": "x", "name": "n", "labels": {}}', "line 2: “description” is missing"),
        (b'{"id": "a", "name": "n", "description": "d", "labels": {"l": []}}', "line 2: the id “a” stands already"),
        (
            b'{"id": "x", "name": "n", "description": "d", "labels": {"l": []}, "lang": 1}',
            "line 2: “lang” is not text",
        ),
        (
            b'{"id": "x", "name": "n", "description": "d", "labels": {"l": []}, "difficulty": "\\ud800"}',
            "line 2: “difficulty” holds a character that cannot be printed",
        ),
        (
            b'{"id": "x", "name": "n", "description": "d", "labels": {"l": []}, "lang": "\\u001b[31m"}',
            "line 2: “lang” holds a character that cannot be printed",
        ),
        (b"[1]", "line 2: an object is expected"),
        (b'{"id": ', "line 2: not JSON"),
        (b'"\xff"', "line 2: byte 2 is not UTF-8"),
        (b'{"id": "' + b"x" * LINE_LIMIT + b'"}', "line 2: longer than"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_a_broken_line_is_named(lists: None, labels: Path, line: bytes, message: str) -> None:
    labels.write_bytes(json.dumps(CAMERA).encode() + b"\n" + line + b"\n")
    with pytest.raises(CommandError, match=message):
        run(labels)


def test_an_unknown_list_or_code_and_an_empty_or_missing_file_are_named(lists: None, labels: Path) -> None:
    with pytest.raises(CommandError, match=r"labels\.jsonl: No such file"):
        run(labels)
    labels.write_text("\n")
    with pytest.raises(CommandError, match="no record"):
        run(labels)
    write(labels, {**CAMERA, "labels": {"9/2099": []}})
    with pytest.raises(CommandError, match=r"no list “9/2099”\. Known: 31/2025/TT-BKHCN"):
        run(labels)
    write(labels, {**CAMERA, "labels": {"31/2025/TT-BKHCN": ["99"]}})
    with pytest.raises(CommandError, match="record “a”: the list 31/2025/TT-BKHCN has no item “99”"):
        run(labels)


def test_the_figures_are_those_of_the_definition() -> None:
    index = Index([Entry("1", "robot công nghiệp"), Entry("2", "camera thông minh"), Entry("3", "vệ tinh nhỏ")])
    records = [
        scoring.Labelled("a", "", "robot công nghiệp", {"L": ("1",)}),
        scoring.Labelled("b", "", "robot công nghiệp", {"L": ("2", "1")}),
        scoring.Labelled("c", "", "camera thông minh", {"L": ("3",)}),
        scoring.Labelled("d", "", "vệ tinh nhỏ", {"L": ()}),
        scoring.Labelled("e", "", "🚁", {"L": ()}),
    ]
    found = scoring.figures(scoring.outcomes(records, {"L": index}))
    assert (found.fitting, found.others) == (3, 2)
    assert found.r1 == pytest.approx(2 / 3)
    assert (found.r3, found.best1) == (1.0, pytest.approx(1 / 3))
    assert found.mrr is not None
    assert 2 / 3 < found.mrr < 1
    assert (found.fa, found.fr) == (0.5, 0.0)
    assert found.acc == pytest.approx(3 / 5)


def test_the_quality_of_the_none_decision_counts_ties_half() -> None:
    scores = [(True, 0.9), (True, 0.4), (False, 0.4), (False, 0.1)]
    rows = [scoring.Outcome("L", {}, fits, 1, True, True, score) for fits, score in scores]
    assert scoring.figures(rows).auc == pytest.approx(3.5 / 4)


def test_the_candidate_stands_beside_what_is_in_force(lists: None, labels: Path) -> None:
    item = CatalogueItem.objects.get(code="5.2")
    ItemAlias.objects.create(
        item=item, text="zorblax quang tử", language="vi", origin="thử", added_on=date(2026, 1, 1), live=False
    )
    write(labels, {**CAMERA, "name": "", "description": "zorblax quang tử", "labels": {"31/2025/TT-BKHCN": ["5.2"]}})
    first, _heading, whole, *_groups = run(labels, "--candidate")
    assert first == ["in", "force", "->", "candidate"]
    assert whole[3:6] == ["0.000", "->", "1.000"]
    with pytest.raises(CommandError, match="not allowed with"):
        run(labels, "--candidate", "--against", "x")
