"""Filling a dossier in: sections, items, summary, and everything that is typed wrong."""

import re

import pytest
from django.urls import reverse

from accounts.models import MembershipRole
from audit.models import Entry
from catalogs.matching import service
from intake.models import Dossier
from intake.states import State
from tests.factories import (
    ANSWERS,
    NOW,
    CatalogueFactory,
    DossierFactory,
    InstrumentFactory,
    OrganisationFactory,
    ProcedureRevisionFactory,
    case_in,
    complete_dossier,
    member_of,
)

pytestmark = pytest.mark.django_db


def section_url(dossier, section="san-pham"):
    return reverse("dossier_section", args=[dossier.public_id, section])


def token(page):
    return re.search(r'name="seen" value="([^"]*)"', page.content.decode())[1]


def text(page):
    return page.content.decode()


def save(client, dossier, section="san-pham", **answers):
    seen = token(client.get(section_url(dossier, section)))
    return client.post(section_url(dossier, section), {"seen": seen, **answers})


@pytest.fixture
def draft():
    CatalogueFactory()
    return DossierFactory()


@pytest.fixture
def client_of(sign_in):
    return lambda dossier: sign_in(dossier.created_by)


# --- starting --------------------------------------------------------------------------------------


def test_a_dossier_is_started_for_a_procedure(sign_in):
    CatalogueFactory()
    revision = ProcedureRevisionFactory()
    organisation = OrganisationFactory()
    client = sign_in(member_of(organisation))
    page = client.get(reverse("dossier_new"), {"thu-tuc": revision.procedure.slug})
    assert "20 ngày làm việc" in text(page)
    assert "Thuyết minh kỹ thuật" in text(page)
    public_id = re.search(r'name="public_id" value="([^"]*)"', text(page))[1]
    given = {"public_id": public_id, "procedure": revision.procedure.slug}
    answer = client.post(reverse("dossier_new"), given)
    dossier = Dossier.objects.get()
    assert answer.url == section_url(dossier)
    assert (dossier.organisation, dossier.revision_of_procedure, dossier.state) == (organisation, revision, "draft")
    assert Entry.objects.about(dossier).get().action == "start_draft"
    # The same page sent twice starts nothing new.
    assert client.post(reverse("dossier_new"), given).url == section_url(dossier)
    assert Dossier.objects.count() == 1


def test_a_procedure_is_not_started_by_whom_it_is_not_for(sign_in):
    revision = ProcedureRevisionFactory(changes={"applicant_kinds": ["agency"]})
    client = sign_in(member_of(OrganisationFactory()))
    answer = client.post(reverse("dossier_new"), {"procedure": revision.procedure.slug})
    assert answer.status_code == 422
    assert "không dành cho đối tượng “doanh nghiệp”" in text(answer)
    assert not Dossier.objects.exists()


@pytest.mark.parametrize("given", [{}, {"procedure": "khong-co"}, {"procedure": "\x00"}, {"procedure": "x" * 5000}])
def test_an_unknown_procedure_starts_nothing(sign_in, given):
    ProcedureRevisionFactory()
    answer = sign_in(member_of(OrganisationFactory())).post(reverse("dossier_new"), given)
    assert answer.status_code == 422
    assert "Hãy chọn một thủ tục." in text(answer)


def test_a_dossier_is_not_started_for_somebody_elses_organisation(sign_in):
    revision = ProcedureRevisionFactory()
    stranger = OrganisationFactory()
    client = sign_in(member_of(OrganisationFactory()))
    answer = client.post(
        reverse("dossier_new"), {"procedure": revision.procedure.slug, "organisation": str(stranger.pk)}
    )
    assert answer.status_code == 422
    assert not Dossier.objects.exists()


# --- saving ----------------------------------------------------------------------------------------


def test_a_section_is_saved_incomplete_and_goes_on_to_the_next(client_of, draft):
    client = client_of(draft)
    answer = save(client, draft, product_name="Camera", next="1")
    assert answer.url == section_url(draft, "thi-truong")
    saved = Dossier.objects.get()
    assert saved.answers == {"product_name": "Camera"}
    assert saved.title == "Camera"
    assert "camera" in saved.search_text
    assert saved.version == 1


def test_what_was_saved_is_shown_again_as_vietnamese_people_write_it(client_of):
    dossier = complete_dossier()
    page = text(client_of(dossier).get(section_url(dossier, "thi-truong")))
    assert 'value="1.250.000.000"' in page
    assert 'value="01/03/2024"' in page


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1.250.000", 1250000),
        ("1250000", 1250000),
        ("1 250 000", 1250000),
        ("1.250.000 đồng", 1250000),
        ("0", 0),
        ("", None),
    ],
)
def test_money_is_read_in_vietnamese_notation(client_of, draft, typed, kept):
    save(client_of(draft), draft, "thi-truong", revenue=typed)
    assert Dossier.objects.get().answers.get("revenue") == kept


@pytest.mark.parametrize(("typed", "kept"), [("12,5", "12.5"), ("12,50%", "12.5"), ("100", 100), ("7", 7)])
def test_percentages_are_kept_exactly(client_of, draft, typed, kept):
    save(client_of(draft), draft, "thi-truong", local_share=typed)
    assert Dossier.objects.get().answers.get("local_share") == kept


@pytest.mark.parametrize("typed", ["05/01/2026", "5/1/2026", "05-01-2026", "5.1.2026", "2026-01-05"])
def test_days_are_read_in_the_usual_ways(client_of, draft, typed):
    save(client_of(draft), draft, "thi-truong", started_on=typed)
    assert Dossier.objects.get().answers.get("started_on") == "2026-01-05"


@pytest.mark.parametrize(
    ("section", "given", "words"),
    [
        ("thi-truong", {"revenue": "12.5"}, "Chưa đọc được số tiền"),
        ("thi-truong", {"revenue": "một tỷ"}, "Chưa đọc được số tiền"),
        ("thi-truong", {"revenue": "1,5"}, "tròn đồng"),
        ("thi-truong", {"revenue": "-5"}, "từ 0 trở lên"),
        ("thi-truong", {"revenue": "9" * 40}, "quá dài"),
        ("thi-truong", {"revenue": "1e9"}, "Chưa đọc được số tiền"),
        ("thi-truong", {"revenue": "١٢٣"}, "Chưa đọc được số tiền"),
        ("thi-truong", {"local_share": "101"}, "không quá 100"),
        ("thi-truong", {"local_share": "NaN"}, "Chưa đọc được số"),
        ("thi-truong", {"local_share": "12.5"}, "dấu phẩy cho phần thập phân"),
        ("thi-truong", {"started_on": "31/02/2026"}, "Chưa đọc được ngày"),
        ("thi-truong", {"started_on": "hôm qua"}, "Chưa đọc được ngày"),
        ("thi-truong", {"started_on": "01/01/0020"}, "Kiểm tra lại năm"),
        ("thi-truong", {"started_on": "01/01/2027"}, "phải trước ngày 01/01/2027"),
        ("thi-truong", {"started_on": "05/01/2026", "ends_on": "04/01/2026"}, "phải sau “Ngày bắt đầu”"),
        ("thi-truong", {"markets": ["domestic", "mars"]}, "các phương án đã cho"),
        ("thi-truong", {"has_patent": "maybe"}, "một trong các phương án"),
        ("san-pham", {"kind": "x" * 10000}, "một trong các phương án"),
        ("san-pham", {"product_name": "a" * 201}, "dài 201 ký tự; tối đa 200"),
        ("san-pham", {"product_name": "Camera\x00"}, "ký tự ẩn (U+0000)"),
        ("san-pham", {"product_name": "Camera \x1b[31m"}, "ký tự ẩn (U+001B)"),
        ("san-pham", {"product_name": "Camera \u202eS2"}, "ký tự ẩn (U+202E)"),
        ("san-pham", {"description": "Mô tả\u200f"}, "ký tự ẩn (U+200F)"),
        ("san-pham", {"description": "đ" * 1_000_000}, "dài 1.000.000 ký tự; tối đa 3.000"),
    ],
)
def test_what_is_malformed_is_named_at_its_field_and_kept(client_of, draft, section, given, words):
    answer = save(client_of(draft), draft, section, **given)
    assert answer.status_code == 422
    (name, typed) = list(given.items())[-1]
    page = text(answer)
    assert any(words in error for error in answer.context["form"].errors[name])
    assert words in page
    shown = answer.context["form"][name].value()
    assert shown == typed
    assert name not in Dossier.objects.get().answers


def test_a_choice_that_is_sent_twice_is_kept_once(client_of, draft):
    save(client_of(draft), draft, "thi-truong", markets=["export", "domestic", "export"])
    assert Dossier.objects.get().answers == {"markets": ["domestic", "export"]}


def test_a_choice_that_stands_alone_is_refused_beside_others_at_its_field(client_of, draft):
    client = client_of(draft)
    answer = save(client, draft, "thi-truong", markets=["domestic", "none"])
    assert answer.status_code == 422
    assert "Không chọn “Chưa có thị trường” cùng với phương án khác." in answer.context["form"].errors["markets"]
    assert answer.context["form"]["markets"].value() == ["domestic", "none"]
    assert Dossier.objects.get().answers == {}
    assert Dossier.objects.get().malformed == {"markets": ["domestic", "none"]}
    save(client, draft, "thi-truong", markets=["none", "none"])
    assert Dossier.objects.get().answers == {"markets": ["none"]}


def test_a_saved_choice_that_stands_alone_beside_others_keeps_the_dossier_from_being_filed(client_of):
    dossier = complete_dossier(answers={**ANSWERS, "markets": ["domestic", "none"]})
    page = client_of(dossier).get(reverse("dossier_summary", args=[dossier.public_id]))
    assert [one.message for one in page.context["missing"]] == [
        "Thị trường: không chọn “Chưa có thị trường” cùng với phương án khác."
    ]


def test_text_is_kept_in_one_form_whatever_the_keyboard_sends(client_of, draft):
    save(client_of(draft), draft, product_name=" Ca\u0300  phe\u0302\u200b ", description="Một\r\nhai\x0bba\ufeff")
    assert Dossier.objects.get().answers == {"product_name": "Cà  phê", "description": "Một\nhai\nba"}


def test_a_question_that_is_not_asked_is_no_obstacle_even_if_malformed(client_of, draft):
    answer = save(client_of(draft), draft, "thi-truong", has_patent="no", patent_number="x" * 5000)
    assert answer.status_code == 302
    assert Dossier.objects.get().answers == {"has_patent": "no"}


def test_a_conditional_question_says_when_it_is_asked(client_of, draft):
    page = text(client_of(draft).get(section_url(draft, "thi-truong")))
    assert "Chỉ trả lời nếu “Có bằng sáng chế” là “Có”." in page
    assert 'data-show-if="has_patent"' in page


def test_an_answer_is_taken_away_by_emptying_its_field(client_of):
    dossier = complete_dossier()
    save(client_of(dossier), dossier, product_name="", description=ANSWERS["description"], kind="product")
    assert "product_name" not in Dossier.objects.get().answers


def test_hostile_text_is_shown_as_text(client_of, draft):
    client = client_of(draft)
    save(client, draft, product_name="<script>alert(1)</script>")
    for url in [section_url(draft), reverse("dossier_list"), reverse("dossier_summary", args=[draft.public_id])]:
        page = text(client.get(url))
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


# --- suggestions and items -------------------------------------------------------------------------


def test_suggestions_come_with_the_words_that_speak_for_them(client_of):
    dossier = complete_dossier()
    page = text(client_of(dossier).get(section_url(dossier)))
    assert "Vì khai báo nói:" in page
    assert "Camera thông minh, camera AI" in page


@pytest.mark.parametrize("description", ["", "\x00\u202e", "x" * 500_000, "Trợ lý nấu phở"])
def test_suggestions_answer_any_text(client_of, draft, description):
    client = client_of(draft)
    url = reverse("dossier_suggestions", args=[draft.public_id])
    assert client.post(url, {"product_name": "", "description": description}).status_code == 200
    assert client.get(url, {"description": description[:2000]}).status_code == 200
    assert Dossier.objects.get().version == 0


def test_suggestions_show_what_a_reader_would_not_see(client_of, draft):
    typed = "Camera\u202e AI nhận diện khuôn mặt\u2066"
    page = client_of(draft).post(
        reverse("dossier_suggestions", args=[draft.public_id]), {"product_name": typed, "description": typed}
    )
    assert "<mark>Camera\ufffd AI" in text(page)
    assert not {"\u202e", "\u2066"} & set(text(page))


def test_suggestions_tell_each_product_where_only_the_whole_fits_nothing(client_of, draft, monkeypatch):
    parts = (service.Part("Robot hàn"), service.Part("Trợ lý ảo"))
    monkeypatch.setattr(service, "products_in", lambda *_a, **_k: parts)
    url = reverse("dossier_suggestions", args=[draft.public_id])
    page = text(client_of(draft).post(url, {"product_name": "", "description": "Robot hàn và trợ lý ảo"}))
    assert "Mô tả dường như nói đến nhiều sản phẩm:" in page
    assert "Robot hàn</li>" in page
    assert "Cả đoạn gộp lại thì chưa thấy mục nào phù hợp; hãy xem từng sản phẩm." in page


def items_url(dossier):
    return reverse("dossier_items", args=[dossier.public_id])


def choose(client, dossier, *items, **given):
    seen = token(client.get(items_url(dossier)))
    return client.post(items_url(dossier), {"seen": seen, "items": [item.pk for item in items], **given})


def test_items_are_chosen_from_suggestions_and_from_the_whole_list(client_of):
    dossier = complete_dossier()
    catalogue = CatalogueFactory()
    chosen = [catalogue.items.get(code="1.8"), catalogue.items.get(code="4.2")]
    client = client_of(dossier)
    answer = choose(client, dossier, *chosen, next="1")
    assert answer.url == reverse("dossier_documents", args=[dossier.public_id])
    declared = {one.item.code: one.suggested for one in dossier.declared_items.all()}
    assert declared == {"1.8": True, "4.2": False}


def test_the_list_is_searched_without_diacritics_and_keeps_what_is_chosen(client_of):
    dossier = complete_dossier(answers={**ANSWERS, "product_name": "x", "description": "x"})
    page = text(client_of(dossier).get(items_url(dossier), {"q": "vien thong"}))
    assert "Thiết bị mạng viễn thông 5G" in page
    assert "Phần mềm nền tảng IoT" not in page
    assert "Camera thông minh" in page


def test_ticks_that_are_not_saved_travel_with_the_search(client_of):
    dossier = complete_dossier(answers={**ANSWERS, "product_name": "x", "description": "x"})
    ticked = CatalogueFactory().items.get(code="4.2")
    client = client_of(dossier)
    box = f'value="{ticked.pk}" checked'
    page = choose(client, dossier, ticked, q="camera", search="1")
    assert box in text(page)
    assert 'name="q" value="camera"' in text(page)
    assert "chưa được lưu" in text(page)
    page = client.post(
        items_url(dossier), {"seen": token(page), "items": [ticked.pk, "0"], "q": "camera\x00", "clear": "1"}
    )
    assert page.status_code == 200
    assert box in text(page)
    assert "Toàn bộ danh mục" in text(page)
    assert [one.item.code for one in dossier.declared_items.all()] == ["1.8"]
    assert client.post(items_url(dossier), {"seen": token(page), "items": [ticked.pk]}).status_code == 302
    assert [one.item.code for one in dossier.declared_items.all()] == ["4.2"]


def test_the_whole_list_names_the_suggested_items_too(client_of):
    dossier = complete_dossier()
    whole = text(client_of(dossier).get(items_url(dossier))).split('id="danh-muc"')[1]
    for item in CatalogueFactory().items.all():
        assert item.name in whole
    assert "ở phần gợi ý bên trên" in whole
    assert f'value="{CatalogueFactory().items.get(code="1.8").pk}"' not in whole  # one tick for one item


def test_an_item_of_another_list_is_refused(client_of):
    dossier = complete_dossier()
    other = CatalogueFactory(slug="khac", family="strategic", instrument=InstrumentFactory(number="21/2026/QĐ-TTg"))
    answer = choose(client_of(dossier), dossier, other.items.get(code="1.7"))
    assert answer.status_code == 422
    assert "không thuộc danh mục đang áp dụng" in text(answer)
    assert [one.item.code for one in dossier.declared_items.all()] == ["1.8"]


@pytest.mark.parametrize("item", ["0", "-1", "abc", "9" * 30, "\x00", "१"])
def test_a_broken_item_is_refused(client_of, item):
    dossier = complete_dossier()
    client = client_of(dossier)
    seen = token(client.get(items_url(dossier)))
    answer = client.post(items_url(dossier), {"seen": seen, "items": [item]})
    assert answer.status_code == 422
    assert dossier.declared_items.count() == 1


def test_items_chosen_meanwhile_are_not_overwritten(client_of):
    dossier = complete_dossier()
    catalogue = CatalogueFactory()
    client = client_of(dossier)
    seen = token(client.get(items_url(dossier)))
    choose(client, dossier, catalogue.items.get(code="4.1"))
    answer = client.post(items_url(dossier), {"seen": seen, "items": [catalogue.items.get(code="4.2").pk]})
    assert answer.status_code == 409
    assert "Đang lưu: 4.1" in text(answer)
    assert dossier.declared_items.get().item.code == "4.1"


def test_a_procedure_without_a_list_has_no_page_for_items(client_of):
    revision = ProcedureRevisionFactory(changes={"catalogue_family": "", "items_required": False})
    dossier = DossierFactory(revision_of_procedure=revision)
    client = client_of(dossier)
    assert client.get(items_url(dossier)).status_code == 404
    assert "Mục danh mục" not in text(client.get(section_url(dossier)))


def test_before_the_list_is_in_force_there_is_none_to_choose_from(client_of, draft, clock):
    clock.move_to(NOW.replace(year=2025))
    assert client_of(draft).get(items_url(draft)).status_code == 404


# --- summary ---------------------------------------------------------------------------------------


def test_the_summary_names_what_is_missing_with_the_way_to_it(client_of, draft):
    page = text(client_of(draft).get(reverse("dossier_summary", args=[draft.public_id])))
    assert "Còn thiếu 8 nội dung" in page
    assert f'href="{section_url(draft)}#id_description"' in page
    assert f'href="{reverse("dossier_documents", args=[draft.public_id])}#thuyet-minh"' in page


def test_no_statement_is_ticked_beforehand(client_of):
    dossier = complete_dossier()
    page = client_of(dossier).get(reverse("dossier_summary", args=[dossier.public_id]))
    assert "Nội dung khai báo là chính xác, trung thực." in text(page)
    boxes = re.findall(r"<input[^>]*statement_[^>]*>", text(page))
    assert len(boxes) == 2
    assert not any("checked" in box for box in boxes)


# --- deleting --------------------------------------------------------------------------------------


def test_a_draft_is_deleted_with_its_files_after_a_question(client_of, django_capture_on_commit_callbacks):
    dossier = complete_dossier()
    stored = dossier.attachments.get().file
    client = client_of(dossier)
    url = reverse("dossier_delete", args=[dossier.public_id])
    assert "1 tệp đính kèm" in text(client.get(url))
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(url).url == reverse("dossier_list")
    assert not Dossier.objects.exists()
    assert not stored.storage.exists(stored.name)
    assert Entry.objects.order_by("-number").first().action == "delete_draft"


def test_what_was_filed_cannot_be_deleted(client_of):
    case = case_in(State.SUBMITTED)
    assert client_of(case).post(reverse("dossier_delete", args=[case.public_id])).status_code == 302
    assert Dossier.objects.exists()


# --- somebody else ---------------------------------------------------------------------------------


def addresses(dossier):
    args = [dossier.public_id]
    attachment = dossier.attachments.first()
    return {
        "dossier_detail": reverse("dossier_detail", args=args),
        "dossier_section": section_url(dossier),
        "dossier_items": reverse("dossier_items", args=args),
        "dossier_suggestions": reverse("dossier_suggestions", args=args),
        "dossier_documents": reverse("dossier_documents", args=args),
        "dossier_summary": reverse("dossier_summary", args=args),
        "dossier_delete": reverse("dossier_delete", args=args),
        "dossier_supplement": reverse("dossier_supplement", args=args),
        "dossier_withdraw": reverse("dossier_withdraw", args=args),
        "attachment_open": reverse("attachment_open", args=[attachment.pk]),
    }


POSTS = {
    "dossier_submit": lambda d: reverse("dossier_submit", args=[d.public_id]),
    "attachment_upload": lambda d: reverse("attachment_upload", args=[d.public_id, "thuyet-minh"]),
    "attachment_remove": lambda d: reverse("attachment_remove", args=[d.attachments.first().pk]),
}


def test_a_stranger_gets_404_everywhere(sign_in):
    dossier = complete_dossier()
    client = sign_in(member_of(OrganisationFactory()))
    for name, url in addresses(dossier).items():
        assert client.get(url).status_code == 404, name
        assert client.post(url).status_code in (404, 405), name
    for name, url_of in POSTS.items():
        assert client.post(url_of(dossier)).status_code == 404, name
    assert dossier.attachments.filter(removed_at=None).count() == 1
    assert dossier.title not in text(client.get(reverse("dossier_list")))


def test_a_viewer_reads_and_changes_nothing(sign_in):
    dossier = complete_dossier()
    client = sign_in(member_of(dossier.organisation, MembershipRole.VIEWER))
    reading = {"dossier_detail", "attachment_open"}
    for name, url in addresses(dossier).items():
        assert client.get(url).status_code == (200 if name in reading else 404), name
        assert client.post(url).status_code in (404, 405), name
    for name, url_of in POSTS.items():
        assert client.post(url_of(dossier)).status_code == 404, name
    assert dossier.title in text(client.get(reverse("dossier_list")))


def test_nothing_is_open_without_signing_in(client):
    dossier = complete_dossier()
    for name, url in addresses(dossier).items():
        assert client.get(url).status_code == 302, name


@pytest.mark.parametrize("state", [State.SUBMITTED, State.IN_REVIEW, State.ISSUED, State.WITHDRAWN])
def test_a_filed_dossier_is_no_longer_filled_in(client_of, state):
    case = case_in(state)
    client = client_of(case)
    for name in ("dossier_section", "dossier_items", "dossier_documents", "dossier_summary", "dossier_delete"):
        assert client.get(addresses(case)[name]).status_code == 404, name
    what_became = "đã được rút" if state == State.WITHDRAWN else "đã được nộp"
    for sent in (
        addresses(case)["dossier_items"],
        addresses(case)["dossier_delete"],
        POSTS["attachment_upload"](case),
    ):
        answer = client.post(sent, follow=True)
        assert answer.redirect_chain == [(addresses(case)["dossier_detail"], 302)]
        assert f"Hồ sơ này {what_became} nên nội dung vừa gửi không được lưu." in text(answer)
    assert client.post(section_url(case), {"product_name": "Khác"}).status_code == 409
    assert client.post(addresses(case)["dossier_suggestions"]).status_code == 404
    assert Dossier.objects.get().answers == ANSWERS
    client.post(POSTS["attachment_remove"](case))
    assert case.attachments.filter(removed_at=None).exists()
