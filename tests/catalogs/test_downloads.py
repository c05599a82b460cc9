"""Lists as files and through the public interface."""

import csv
import json
from io import BytesIO, StringIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Role, RoleAssignment, User
from catalogs.models import Catalogue, CatalogueItem, Stage
from tests.factories import rewording, unpublish

pytestmark = pytest.mark.usefixtures("loaded")
API = "/api/danh-muc/"


def download(client: Client, slug: str, form: str, **headers: str):
    return client.get(reverse("catalogue_download", args=[slug, form]), headers=headers)


def cleared() -> User:
    user = User.objects.create(email="danh-muc@bo.example")
    for role in (Role.CATALOGUE_MANAGER, Role.CLEARED):
        RoleAssignment.objects.create(user=user, role=role)
    return user


def restrict(slug: str) -> None:
    unpublish(slug, restricted=True)


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
@pytest.mark.parametrize("slug", ["tt-31-2025", "qd-1131-2025", "qd-21-2026", "tt-19-2021"])
def test_every_list_can_be_taken_away_under_a_plain_name(client, django_assert_max_num_queries, slug, form):
    with django_assert_max_num_queries(8):
        response = download(client, slug, form)
    assert response.status_code == 200
    assert response["Content-Disposition"] == f'attachment; filename="{slug}.{form}"'
    assert len(response.content) > 2000
    assert "max-age=300" in response["Cache-Control"]
    assert "public" in response["Cache-Control"]


def rows(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"))))


def test_the_csv_holds_each_item_with_its_list_and_what_it_is_related_to(client):
    found = rows(download(client, "tt-31-2025", "csv").content)
    assert len(found) == Catalogue.objects.get(slug="tt-31-2025").items.count()
    row = next(row for row in found if row["Mã mục"] == "3.1")
    assert row["Số in trong phụ lục"] == "3.1."
    assert row["Văn bản"] == "31/2025/TT-BKHCN"
    assert (row["Áp dụng từ ngày"], row["Hết áp dụng từ ngày"], row["Ngày ký"]) == ("01/01/2026", "", "14/11/2025")
    assert row["Đã đối chiếu Công báo"] == "có"
    assert row["Nhóm"] == "Chuỗi khối (Blockchain)"
    assert row["Tên tiếng Anh (không chính thức)"] == "Software products that apply blockchain technology"
    assert "giao với qd-21-2026 5" in row["Quan hệ với danh mục khác (hướng dẫn)"]
    assert rows(download(client, "qd-21-2026", "csv").content)[0]["Đã đối chiếu Công báo"] == "không"


@pytest.mark.parametrize(
    "evil", ["=1+1", "+SUM(A1)", "-2", "@cmd", "\t=1", " =HYPERLINK(1)", "=\x07x", "＝1+1", "＠cmd"]
)
def test_no_cell_of_a_download_is_a_formula(client, evil):
    with rewording(Catalogue.objects.get(slug="tt-31-2025")):
        CatalogueItem.objects.filter(catalogue__slug="tt-31-2025", code="1.2").update(name=evil)
    row = next(row for row in rows(download(client, "tt-31-2025", "csv").content) if row["Mã mục"] == "1.2")
    assert row["Tên mục"] == f"'{evil}"
    book = load_workbook(BytesIO(download(client, "tt-31-2025", "xlsx").content))
    for sheet in book:
        for cells in sheet.iter_rows():
            assert all(cell.data_type in ("s", "n") for cell in cells)  # n: an empty cell
    texts = [cell.value for cell in book["Danh mục"]["H"]]
    assert evil.replace("\x07", "") in texts


def test_the_workbook_holds_items_relations_and_their_source(client):
    book = load_workbook(BytesIO(download(client, "qd-1131-2025", "xlsx").content))
    assert book.sheetnames == ["Danh mục", "Quan hệ", "Nguồn"]
    assert book["Danh mục"].max_row == 36
    relations = [[cell.value for cell in row] for row in book["Quan hệ"].iter_rows(min_row=2)]
    assert ["1.1", "Mô hình ngôn ngữ lớn tiếng Việt.", "hẹp hơn", "qd-21-2026", "1"] in [row[:5] for row in relations]
    assert "mục kế tiếp" in {row[6] for row in relations}
    source = {row[0].value: row[1].value for row in book["Nguồn"].iter_rows()}
    assert source["Văn bản"] == "1131/QĐ-TTg"
    assert source["Hết áp dụng từ ngày"] == "01/07/2026"


def test_the_json_says_all_that_is_known_and_unknown_marks_are_unknown(client):
    data = json.loads(download(client, "qd-1131-2025", "json").content)
    assert data["instrument"]["number"] == "1131/QĐ-TTg"
    assert (data["effective_from"], data["effective_to"]) == ("2025-06-12", "2026-07-01")
    assert data["replaced_by"] == ["qd-21-2026"]
    assert (data["verified"], data["complete"]) == (True, True)
    group = data["sectors"]["groups"][5]
    assert (group["group"], group["marks_in_source"], group["marked"], len(group["unknown"])) == ("6", 7, [], 10)
    item = data["groups"][0]["items"][0]
    assert item["name_en"] == "Large language models for Vietnamese"
    assert {"list": "qd-21-2026", "code": "1", "kind": "narrower", "successor": True}.items() <= next(
        one for one in item["relations"] if one["list"] == "qd-21-2026"
    ).items()


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_whoever_has_it_already_is_told_so(client, form):
    first = download(client, "tt-31-2025", form)
    again = download(client, "tt-31-2025", form, if_none_match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert first["Last-Modified"] == again["Last-Modified"]
    CatalogueItem.objects.filter(catalogue__slug="tt-31-2025", code="1.2").update(name_en="Assistants")
    # The correction carries no day: whoever asks by the day alone gets it too.
    changed = download(
        client, "tt-31-2025", form, if_none_match=first["ETag"], if_modified_since=first["Last-Modified"]
    )
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert download(client, "tt-31-2025", form, if_modified_since=first["Last-Modified"]).status_code == 200


@pytest.mark.parametrize("form", ["pdf", "CSV", "json.gz", "%00", "x" * 3000])
def test_an_unknown_format_is_not_found(client, form):
    assert client.get(f"/danh-muc/tt-31-2025/tai-ve/{form}/").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
@pytest.mark.parametrize(
    "path", [API, f"{API}tt-31-2025/", f"{API}tt-31-2025/1.1/", "/danh-muc/tt-31-2025/tai-ve/csv/"]
)
def test_they_are_only_read(client, method, path):
    assert getattr(client, method)(path).status_code == 405


# --- the public interface ---


def test_the_index_names_the_public_lists(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        response = client.get(API)
    data = response.json()
    assert [(one["slug"], one["items"]) for one in data["lists"]] == [
        ("qd-21-2026", 30),
        ("tt-31-2025", 35),
        ("qd-1131-2025", 35),
        ("tt-19-2021", 13),
    ]
    assert client.get(API, headers={"If-None-Match": response["ETag"]}).status_code == 304


def test_a_list_and_its_download_say_the_same(client):
    assert client.get(f"{API}tt-31-2025/").json() == json.loads(download(client, "tt-31-2025", "json").content)


def test_an_item_comes_with_its_history(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        data = client.get(f"{API}qd-1131-2025/7.1/").json()
    assert (data["code"], data["printed_code"], data["list"]["slug"]) == ("7.1", "", "qd-1131-2025")
    assert [(one["list"], one["change"], [i["code"] for i in one["items"]]) for one in data["history"]] == [
        ("qd-1131-2025", "first", ["7.1"]),
        ("qd-21-2026", "split", ["10", "14"]),
    ]


@pytest.mark.parametrize("path", ["khong-co/", "tt-31-2025/99/", "tt-31-2025/%F0%9F%A4%96/", "x/1.1/"])
def test_what_is_not_there_is_told_in_json(client, path):
    response = client.get(API + path)
    assert (response.status_code, response.json()) == (404, {"error": "not found"})


# --- what not everybody may see ---


def everything(client: Client) -> str:
    paths = [API, *(f"{API}{slug}/" for slug in ("tt-31-2025", "qd-1131-2025", "tt-19-2021"))]
    paths += [f"{API}tt-31-2025/6.1/", f"{API}qd-1131-2025/6.1/"]
    paths += [f"/danh-muc/{slug}/tai-ve/json/" for slug in ("tt-31-2025", "qd-1131-2025", "tt-19-2021")]
    return "".join(client.get(path).content.decode() for path in paths)


@pytest.mark.parametrize("hidden", [{"restricted": True}, {"stage": Stage.DRAFT}, {"stage": Stage.PROPOSED}])
def test_what_is_hidden_leaves_no_trace(client, hidden):
    unpublish("qd-21-2026", **hidden)
    for path in (f"{API}qd-21-2026/", f"{API}qd-21-2026/1/", "/danh-muc/qd-21-2026/tai-ve/csv/"):
        assert client.get(path).status_code == 404
    assert "21-2026" not in everything(client)
    assert "21/2026" not in everything(client)


def test_the_cleared_may_take_a_restricted_list_which_nobody_keeps_on_the_way(client):
    restrict("qd-21-2026")
    client.force_login(cleared())
    response = download(client, "qd-21-2026", "csv")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert "public" not in response["Cache-Control"]
    # What may be kept on the way says nothing of it, even to them.
    assert client.get(f"{API}qd-21-2026/").status_code == 404
    assert "21-2026" not in everything(client)
