"""The pages on which a catalogue manager decides what matching learns."""

import pytest
from django.urls import reverse

from accounts.models import Role
from catalogs.learning import candidate, views
from catalogs.models import Catalogue, Evaluation, Evidence, ItemAlias
from catalogs.search import search_text
from notifications import running
from notifications.models import Job
from tests.catalogs.test_candidate import measured
from tests.catalogs.test_evidence import a_row, item
from tests.factories import NOW, CatalogueFactory, OrganisationFactory, StaffFactory, unpublish

pytestmark = pytest.mark.django_db

QUEUE = "/quan-ly/doi-chieu/"


@pytest.fixture
def catalogue() -> Catalogue:
    return CatalogueFactory()


@pytest.fixture
def manager(client):
    user = StaffFactory(role=Role.CATALOGUE_MANAGER)
    client.force_login(user)
    return user


def text_of(response) -> str:
    return response.content.decode()


# --- decided products ------------------------------------------------------------------------------


def test_a_manager_sees_product_and_finding_and_not_the_rest_of_the_dossier(client, manager, catalogue) -> None:
    company = OrganisationFactory(name="Công ty Bí Mật")
    row = a_row(
        catalogue,
        fits=False,
        reason="Chỉ bán lại.",
        name="Mắt Phố",
        description="Camera thông minh đọc biển số",
        organisation_id=company.pk,
    )
    page = text_of(client.get(QUEUE))
    assert "Chỉ bán lại." in page
    assert "<mark>Camera thông minh</mark>" in page
    assert "Không thuộc mục" in page
    assert "Mục của kết luận đứng thứ 1." in page
    assert "Công ty Bí Mật" not in page
    assert str(row.dossier_id) not in page


def test_one_is_accepted_and_many_are_rejected(client, manager, catalogue) -> None:
    rows = [a_row(catalogue, n) for n in (1, 2, 3)]
    response = client.post(QUEUE, {"mot": f"accept:{rows[0].pk}:proposed"}, follow=True)
    assert "Đã chọn 1 sản phẩm để học." in text_of(response)
    client.post(QUEUE, {"viec": "reject", "chon": [f"{row.pk}:proposed" for row in rows[1:]]})
    assert list(Evidence.objects.order_by("pk").values_list("state", flat=True)) == ["accepted", *["rejected"] * 2]


def test_a_stale_page_changes_nothing_and_says_so(client, manager, catalogue) -> None:
    row = a_row(catalogue, state="accepted")
    other = a_row(catalogue, 2)
    response = client.post(QUEUE, {"viec": "reject", "chon": [f"{row.pk}:proposed", f"{other.pk}:proposed"]})
    assert response.status_code == 409
    assert "người khác xem xét" in text_of(response)
    assert f'value="{other.pk}:proposed" checked' in text_of(response)
    assert Evidence.objects.get(pk=other.pk).state == "proposed"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"viec": "accept"},
        {"viec": "publish", "chon": ["1:proposed"]},
        {"viec": "accept", "chon": ["x", "-1:proposed", "9" * 40 + ":proposed", "\x00"]},
        {"mot": "accept"},
        {"mot": ""},
    ],
    ids=repr,
)
def test_a_malformed_choice_is_refused(client, manager, catalogue, given) -> None:
    a_row(catalogue)
    assert client.post(QUEUE, given).status_code == 422
    assert Evidence.objects.get().state == "proposed"


def test_rows_are_filtered_by_list_item_and_finding(client, manager, catalogue) -> None:
    a_row(catalogue, 1, name="Phù hợp một")
    a_row(catalogue, 2, name="Trái một", fits=False)
    a_row(catalogue, 3, name="Mục khác", code="4.1")
    page = text_of(client.get(QUEUE, {"danh-muc": catalogue.slug, "muc": "1.8", "hop": "co"}))
    assert "Phù hợp một" in page
    assert "Trái một" not in page
    assert "Mục khác" not in page
    assert "Không có sản phẩm nào khớp" in text_of(client.get(QUEUE, {"danh-muc": "khong-co"}))
    assert client.get(QUEUE, {"danh-muc": "\x00", "muc": "x" * 500, "hop": "9", "trang-thai": "x"}).status_code == 200


def test_pages_go_by_key_and_cost_the_same(client, manager, catalogue, django_assert_max_num_queries) -> None:
    rows = [a_row(catalogue, n, name=f"Sản phẩm số {n:02}") for n in range(1, 25)]
    client.get(QUEUE)
    with django_assert_max_num_queries(14):
        first = text_of(client.get(QUEUE, {"danh-muc": catalogue.slug}))
    assert "Sản phẩm số 24" in first
    assert "Sản phẩm số 14" not in first
    second = text_of(client.get(QUEUE, {"sau": rows[14].pk}))
    assert "Sản phẩm số 14" in second
    assert "truoc=" in second
    back = text_of(client.get(QUEUE, {"truoc": rows[13].pk}))
    assert "Sản phẩm số 15" in back
    for key in ("9" * 40, "x", "-1", ""):
        assert client.get(QUEUE, {"sau": key, "truoc": key}).status_code == 200


def test_empty_states_say_what_to_do(client, manager) -> None:
    assert "Khi một hồ sơ có quyết định" in text_of(client.get(QUEUE))
    assert "Sản phẩm chờ xem xét" in text_of(client.get(QUEUE, {"trang-thai": "live"}))
    assert "Chưa có gì để thử" in text_of(client.get(reverse("candidate_page")))
    assert "Chưa có danh mục nào" in text_of(client.get(reverse("alias_index")))


def test_evidence_of_a_list_that_one_may_not_see_is_not_there(client, manager, catalogue) -> None:
    row = a_row(catalogue, name="Sản phẩm mật")
    unpublish(catalogue.slug, restricted=True)
    assert "Sản phẩm mật" not in text_of(client.get(QUEUE))
    assert f'value="{catalogue.slug}"' not in text_of(client.get(QUEUE))
    assert client.post(QUEUE, {"mot": f"accept:{row.pk}:proposed"}).status_code == 409
    assert client.get(reverse("item_aliases", args=[catalogue.slug, "1.8"])).status_code == 404


def test_what_somebody_declared_is_text(client, manager, catalogue) -> None:
    a_row(catalogue, name="<script>x", description="<b>camera</b>\u202e" + "x" * 50_000, reason="<i>", fits=False)
    page = text_of(client.get(QUEUE))
    assert "<script>x" not in page
    assert "<i>" not in page


# --- trying and applying ---------------------------------------------------------------------------


def test_trying_starts_a_job_and_applying_is_another_act(client, manager, catalogue, tmp_path) -> None:
    assert client.post(reverse("candidate_page")).status_code == 409
    a_row(catalogue, state="accepted")
    assert "Thử trước khi áp dụng" in text_of(client.get(reverse("candidate_page")))
    response = client.post(reverse("candidate_page"))
    assert response["Location"] == reverse("job_detail", args=[Job.objects.get().pk])
    # Not measured yet: there is nothing to look at.
    unfinished = Evaluation.objects.get()
    assert client.get(reverse("evaluation_detail", args=[unfinished.pk])).status_code == 404

    labels = tmp_path / "labels.jsonl"
    labels.write_text(
        '{"id": "1", "name": "", "description": "zorblax quang tử", "labels": {"31/2025/TT-BKHCN": ["1.8"]},'
        ' "lang": "vi", "difficulty": "hard"}\n'
    )
    evaluation = measured(manager, labels)
    address = reverse("evaluation_detail", args=[evaluation.pk])
    page = text_of(client.get(address))
    assert "0,000 → <b>1,000</b>" in page
    assert "Sai → đúng" in page
    assert "độ khó: khó" in page
    assert "ngôn ngữ: tiếng Việt" in page
    assert "Áp dụng cấu hình này" in page
    assert "Đã áp dụng." in text_of(client.post(address, follow=True))
    assert Evidence.objects.get().state == "live"
    again = client.post(address)
    assert again.status_code == 409
    assert "đã được áp dụng" in text_of(again)


def test_a_trial_that_failed_or_is_under_way_is_shown_as_such(client, manager, catalogue) -> None:
    a_row(catalogue, 1, state="accepted")
    client.post(reverse("candidate_page"))
    job = Job.objects.get()
    address = reverse("job_detail", args=[job.pk])
    page = text_of(client.get(reverse("candidate_page")))
    assert "Đang thử" in page
    assert address in page
    a_row(catalogue, 2, state="accepted")
    running.run(str(job.pk), clock=lambda: NOW)
    page = text_of(client.get(reverse("candidate_page")))
    assert "Không thử được" in page
    assert address in page


def test_counts_end_at_their_bound(client, manager, catalogue, monkeypatch) -> None:
    monkeypatch.setattr(views, "COUNTED", 2)
    for n in (1, 2):
        a_row(catalogue, n)
    assert "<b>2</b>" in text_of(client.get(QUEUE))
    a_row(catalogue, 3)
    assert "<b>2+</b>" in text_of(client.get(QUEUE))


def test_figures_of_a_configuration_that_changed_cannot_be_applied(client, manager, catalogue, tmp_path) -> None:
    a_row(catalogue, state="accepted")
    labels = tmp_path / "labels.jsonl"
    labels.write_text('{"id": "1", "name": "", "description": "gạo", "labels": {"31/2025/TT-BKHCN": []}}\n')
    evaluation = measured(manager, labels)
    a_row(catalogue, 2, state="accepted")
    address = reverse("evaluation_detail", args=[evaluation.pk])
    assert "Áp dụng cấu hình này" not in text_of(client.get(address))
    assert client.post(address).status_code == 409
    assert candidate.pending()


# --- other names -----------------------------------------------------------------------------------


def aliases_of(catalogue: Catalogue) -> str:
    return reverse("item_aliases", args=[catalogue.slug, "1.8"])


def test_names_show_their_origin_and_only_a_managers_own_can_be_taken_away(client, manager, catalogue) -> None:
    of = item(catalogue)
    ItemAlias.objects.create(item=of, text="mắt phố", language="vi", origin="Biên soạn nội bộ", added_on=NOW.date())
    response = client.post(aliases_of(catalogue), {"text": "mắt thần", "language": "vi"}, follow=True)
    page = text_of(response)
    assert "Đã đề xuất cách gọi." in page
    assert "Biên soạn nội bộ" in page
    assert page.count('name="ten-goi"') == 1
    own = ItemAlias.objects.get(text="mắt thần")
    shipped = ItemAlias.objects.get(text="mắt phố")
    retire = reverse("alias_retire", args=[catalogue.slug, "1.8"])
    for value in (str(shipped.pk), "x", "", "9" * 30):
        assert client.post(retire, {"ten-goi": value}).status_code == 409
    client.post(retire, {"ten-goi": own.pk})
    assert list(ItemAlias.objects.order_by("pk")) == [shipped]


def test_a_name_that_is_refused_is_told_at_its_field_and_kept(client, manager, catalogue) -> None:
    for text in ("", "x" * 301, "ca\u202emera", "<b>\u200b"):
        response = client.post(aliases_of(catalogue), {"text": text, "language": "vi"})
        assert response.status_code == 422
        assert 'href="#id_text"' in text_of(response)
    assert client.post(aliases_of(catalogue), {"text": "x", "language": "fr"}).status_code == 422
    assert client.post(aliases_of(catalogue), {"text": "a\x00b", "language": "vi"}).status_code == 422


def test_a_name_of_another_item_is_warned_of_and_proposed_knowingly(client, manager, catalogue) -> None:
    ItemAlias.objects.create(
        item=item(catalogue, "4.1"), text="mắt thần", language="vi", origin="x", added_on=NOW.date()
    )
    response = client.post(aliases_of(catalogue), {"text": "mắt thần", "language": "vi"})
    assert response.status_code == 422
    assert "4.1 Thiết bị mạng viễn thông 5G" in text_of(response)
    assert 'name="although_elsewhere"' in text_of(response)
    given = {"text": "mắt thần", "language": "vi", "although_elsewhere": "1"}
    assert client.post(aliases_of(catalogue), given).status_code == 302


def test_an_item_that_is_not_there_is_not_found(client, manager, catalogue) -> None:
    for slug, code in ((catalogue.slug, "99"), ("khong-co", "1.8")):
        assert client.get(reverse("item_aliases", args=[slug, code])).status_code == 404
        assert client.post(reverse("alias_retire", args=[slug, code])).status_code == 404
    assert client.get(reverse("alias_index"), {"danh-muc": "\x00"}).status_code == 200


def named(catalogue, code: str, text: str, **fields) -> ItemAlias:
    of = catalogue.items.get(code=code)
    given = {"language": "vi", "origin": "Biên soạn nội bộ", "added_on": NOW.date(), "search_text": search_text(text)}
    return ItemAlias.objects.create(item=of, text=text, **{**given, **fields})


def test_names_are_found_by_item_word_and_origin(client, manager, catalogue) -> None:
    named(catalogue, "1.8", "mắt phố")
    named(catalogue, "1.8", "camera thông minh", origin="Tra cứu")
    named(catalogue, "4.1", "trạm phố", live=False)

    def found(**query: str) -> list[str]:
        page = client.get(reverse("alias_index"), {"danh-muc": catalogue.slug, **query})
        assert page.status_code == 200
        return [alias.text for alias in page.context.get("names", [])]

    assert found() == []  # the items, as long as nothing narrows
    assert found(muc="1.8") == ["mắt phố", "camera thông minh"]
    assert found(tu="PHO") == ["mắt phố", "trạm phố"]
    assert found(tu="pho mat", muc="1.8") == ["mắt phố"]
    assert found(nguon="Tra cứu") == ["camera thông minh"]
    for nothing in ({"muc": "9.9"}, {"nguon": "'"}, {"tu": "x" * 10_000}):
        assert found(**nothing) == []
    assert len(found(tu="\x00%_")) == 3  # signs are no words, and narrow nothing


def test_names_are_paged_by_key_and_keep_the_filter(client, manager, catalogue, monkeypatch) -> None:
    monkeypatch.setattr(views, "NAMES", 2)
    for n in range(5):
        named(catalogue, "1.8", f"mắt phố {n}")
    seen, url = [], f"{reverse('alias_index')}?danh-muc={catalogue.slug}&tu=mat"
    while url:
        page = client.get(url)
        seen.append([alias.text[-1] for alias in page.context["names"]])
        url, last = page.context["older_url"], page
    assert seen == [["0", "1"], ["2", "3"], ["4"]]
    back = client.get(last.context["newer_url"])
    assert [alias.text[-1] for alias in back.context["names"]] == ["2", "3"]
    for key in ("x", "-1", "9" * 30, "\x00"):
        assert client.get(reverse("alias_index"), {"tu": "mat", "sau": key, "truoc": key}).status_code == 200
    of_item = text_of(client.get(aliases_of(catalogue)))
    assert "Xem và lọc cả 5 cách gọi có sẵn" in of_item
