"""What everybody may read of an answer: edited by one, published by another, without whoever asked."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Role
from audit.models import Entry
from catalogs.enquiries import desk, faq, recipients, subjects
from catalogs.enquiries.answering import NotDone, Stale
from catalogs.models import Enquiry, FaqDraft, FaqEntry
from notifications.models import Event
from tests.enquiries.builders import (
    answered,
    confirmed,
    corrected,
    edited,
    enquiry,
    published,
    texts,
    version_of,
    withdrawn,
)
from tests.factories import NOW, CatalogueFactory, OrganisationFactory, ProcedureFactory, StaffFactory, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def reply():
    CatalogueFactory()
    person = member_of(
        OrganisationFactory(
            name="Công ty Cổ phần Thị giác Sao Mai",
            representative_name="Trần Thu Hà",
            tax_code="0109998877",
            phone="024 3999 0101",
        ),
        full_name="Ngô Đăng Quang",
        email="quang@saomai.example",
    )
    return answered(enquiry(by=person, about="muc:tt-31-2025:1.8"))


def publish(draft, *, by=None, version=None):
    expected = version_of(draft.enquiry) if version is None else version
    person = by or StaffFactory(role=Role.HEAD_OF_UNIT)
    return faq.publish(draft.enquiry_id, by=person, at=NOW, expected_version=expected)


# --- two people and a third ------------------------------------------------------------------


def test_another_officer_edits_and_a_second_person_publishes(reply):
    editor, publisher = StaffFactory(role=Role.SPECIALIST), StaffFactory(role=Role.HEAD_OF_UNIT)
    draft = edited(reply.enquiry, by=editor, about="muc:tt-31-2025:1.8")
    entry = publish(draft, by=publisher)
    assert (entry.edited_by, entry.published_by, entry.published_at) == (editor, publisher, NOW)
    assert entry.item.code == "1.8"
    assert not FaqDraft.objects.exists()
    actions = list(Entry.objects.about(reply.enquiry).order_by("number").values_list("action", flat=True))
    assert actions[-1] == "edit_faq"
    assert Entry.objects.about(entry).get().action == "publish_faq"


def test_whoever_answered_does_not_edit(reply):
    with pytest.raises(NotDone, match="người khác biên tập"):
        edited(reply.enquiry, by=reply.replied_by)
    draft = edited(reply.enquiry)
    with pytest.raises(IntegrityError), transaction.atomic():
        FaqDraft.objects.filter(pk=draft.pk).update(edited_by=reply.replied_by)


def test_whoever_edited_does_not_publish_not_even_after_others_edited_too(reply):
    head, other = StaffFactory(role=Role.HEAD_OF_UNIT), StaffFactory(role=Role.CATALOGUE_MANAGER)
    edited(reply.enquiry, by=head, propose=False)
    draft = edited(reply.enquiry, by=other)
    for person in (head, other):
        with pytest.raises(NotDone, match="đã tham gia biên tập"):
            publish(draft, by=person)
        assert not faq.may_publish(person, reply.enquiry)
    entry = publish(draft)
    with pytest.raises(DatabaseError), transaction.atomic():
        FaqEntry.objects.filter(pk=entry.pk).update(edited_by=entry.published_by)


@pytest.mark.parametrize("role", sorted(Role))
def test_which_roles_publish(reply, role):
    draft = edited(reply.enquiry)
    person = StaffFactory(role=role)
    assert faq.may_publish(person, reply.enquiry) is (role in faq.PUBLISHING)
    if role in faq.PUBLISHING:
        assert publish(draft, by=person).published_by == person
        return
    with pytest.raises(NotDone):
        publish(draft, by=person)


def test_whoever_answered_may_publish_what_another_edited(reply):
    reply.replied_by.role_assignments.create(role=Role.HEAD_OF_UNIT)
    assert publish(edited(reply.enquiry), by=type(reply.replied_by).objects.get(pk=reply.replied_by_id))


def test_only_officers_edit_and_only_what_was_answered(reply):
    for person in (StaffFactory(role=Role.AUDITOR), reply.enquiry.asker, StaffFactory(is_active=False)):
        with pytest.raises(NotDone):
            edited(reply.enquiry, by=person)
    with pytest.raises(NotDone, match="chưa được trả lời"):
        edited(enquiry())


def test_a_draft_is_not_published_before_it_is_proposed(reply):
    draft = edited(reply.enquiry, propose=False)
    with pytest.raises(NotDone, match="chưa được trình"):
        publish(draft)
    with pytest.raises(NotDone, match="chưa được trình"):
        publish(edited(reply.enquiry, propose=False))


def test_a_stale_page_changes_nothing(reply):
    draft = edited(reply.enquiry)
    for version in (0, draft.enquiry.version + 1, draft.enquiry.version - 1, -1):
        with pytest.raises(Stale):
            faq.edit(draft.enquiry_id, texts(), propose=True, by=StaffFactory(), at=NOW, expected_version=version)
        with pytest.raises(Stale):
            publish(draft, version=version)
        with pytest.raises(Stale):
            faq.discard(draft.enquiry_id, by=StaffFactory(), at=NOW, expected_version=version)
    assert not FaqEntry.objects.exists()


def test_a_draft_is_given_up(reply):
    draft = edited(reply.enquiry)
    faq.discard(draft.enquiry_id, by=StaffFactory(), at=NOW, expected_version=draft.enquiry.version)
    assert not FaqDraft.objects.exists()
    assert Entry.objects.about(reply.enquiry).latest("number").action == "discard_faq"
    with pytest.raises(NotDone, match="Không còn bản biên tập"):
        faq.discard(reply.enquiry.pk, by=StaffFactory(), at=NOW, expected_version=version_of(reply.enquiry))


def test_those_who_may_publish_are_told(reply):
    head, manager = StaffFactory(role=Role.HEAD_OF_UNIT), StaffFactory(role=Role.CATALOGUE_MANAGER)
    edited(reply.enquiry, by=manager)
    told = recipients.publishers(Event.objects.get(kind="faq_proposed"))
    assert [(one.user, one.url) for one in told] == [(head, f"/tra-loi-hoi-dap/{reply.enquiry.public_id}/cong-bo/")]


# --- kept, and withdrawn ---------------------------------------------------------------------


def test_what_was_published_stays_and_is_not_deleted():
    entry = published()
    for change in ("title = 'x'", "answer = 'x'", "item_id = 1", "published_at = NULL"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE catalogs_faqentry SET {change}")
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        entry.delete()


def test_an_entry_is_withdrawn_once_with_a_reason():
    entry, head = published(), StaffFactory(role=Role.HEAD_OF_UNIT)
    with pytest.raises(NotDone, match="lý do"):
        withdrawn(entry, by=head, reason=" \n ")
    for person in (StaffFactory(role=Role.SPECIALIST), StaffFactory(role=Role.HEAD_OF_UNIT, is_active=False)):
        with pytest.raises(NotDone):
            withdrawn(entry, by=person)
    with pytest.raises(faq.Identifying):
        withdrawn(entry, by=head, reason=f"{entry.enquiry.asker.email} yêu cầu rút.")
    with pytest.raises(Stale):
        faq.withdraw(entry.pk, reason="Sai.", by=head, at=NOW, expected_version=version_of(entry.enquiry) - 1)
    gone = withdrawn(entry, by=head, reason=" Văn bản đã thay đổi. ")
    assert (gone.withdrawn_by, gone.withdrawal_reason) == (head, "Văn bản đã thay đổi.")
    assert Entry.objects.about(entry).latest("number").data == {"reason": "Văn bản đã thay đổi."}
    with pytest.raises(NotDone, match="đã được rút"):
        withdrawn(entry, by=head)


def test_what_is_published_after_a_withdrawal_has_another_address():
    entry = published()
    withdrawn(entry)
    edited(entry.enquiry)
    again = publish(FaqDraft.objects.get())
    assert (again.number, again.first, again.change) == (2, None, "")
    assert again.address_id != entry.address_id
    with pytest.raises(NotDone, match="đã được rút"):
        withdrawn(entry)
    assert faq.at_address(again.pk) == [again]


# --- corrected -------------------------------------------------------------------------------


def test_a_correction_stands_in_place_of_what_it_corrects_under_one_address(django_assert_num_queries):
    CatalogueFactory()
    entry = published(answer="Lời cũ.")
    second = corrected(entry, answer="Lời mới.", about="muc:tt-31-2025:1.8")
    third = corrected(entry, answer="Lời mới hơn.", change="Thêm mục.")
    assert [row.number for row in (entry, second, third)] == [1, 2, 3]
    assert {row.address_id for row in (entry, second, third)} == {entry.pk}
    with django_assert_num_queries(1):
        rows = faq.at_address(entry.pk)
    assert [row.answer for row in rows] == ["Lời cũ.", "Lời mới.", "Lời mới hơn."]
    assert [bool(row.replaced_at) for row in rows] == [True, True, False]
    assert list(FaqEntry.objects.standing()) == [third]
    assert Entry.objects.about(third).get().data["corrects"] == second.pk
    assert not faq.found("cu").exists()
    withdrawn(entry)
    assert FaqEntry.objects.get(pk=third.pk).withdrawn_at
    assert not FaqEntry.objects.standing().exists()


def test_a_correction_says_what_it_corrects_and_tells_nobody():
    entry = published()
    for change in ("", " \n "):
        with pytest.raises(NotDone, match="nội dung đính chính"):
            edited(entry.enquiry, change=change)
    with pytest.raises(faq.Identifying):
        edited(entry.enquiry, change=f"Bỏ tên {entry.enquiry.organisation.name}.")
    edited(entry.enquiry, change="Sửa số mục.", title="Câu khác")
    assert FaqEntry.objects.get().title == entry.title  # until it is published


def test_a_correction_whose_entry_was_withdrawn_meanwhile_is_published_anew():
    entry = published()
    edited(entry.enquiry, change="Sửa số mục.")
    withdrawn(entry)
    again = publish(FaqDraft.objects.get())
    assert (again.first, again.change) == (None, "")


@pytest.mark.parametrize("wrong", [{"change": "Sửa."}, {"number": 1}, {}])
def test_the_database_keeps_one_entry_standing_that_says_what_it_corrects(wrong):
    entry = published()
    fields = {name: getattr(entry, name) for name in ("enquiry", "title", "question", "answer", "search_text")}
    with pytest.raises(DatabaseError), transaction.atomic():
        FaqEntry.objects.create(
            **{**fields, "number": 2, "replaced_at": NOW if wrong else None, **wrong},
            edited_by=entry.edited_by,
            published_by=entry.published_by,
            published_at=NOW,
        )


@pytest.mark.parametrize("fields", [{"withdrawn_at": NOW}, {"withdrawal_reason": "x"}])
def test_a_withdrawal_has_its_person_time_and_reason(fields):
    entry = published()
    with pytest.raises(IntegrityError), transaction.atomic():
        FaqEntry.objects.filter(pk=entry.pk).update(**fields)


# --- without whoever asked -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Công ty Cổ phần Thị giác Sao Mai thuê camera.", "Công ty Cổ phần Thị giác Sao Mai"),
        ("cong ty co phan THI GIAC sao mai", "Thị giác Sao Mai"),
        ("Bên Thị giác Sao Mai hỏi.", "Thị giác Sao Mai"),
        ("Anh Ngô Đăng Quang hỏi.", "Ngô Đăng Quang"),
        ("Bà Trần Thu Hà ký.", "Trần Thu Hà"),
        ("Xin gửi về quang@saomai.example nhé.", "quang@saomai.example"),
        ("Xin gửi về ai-do@khac.vn", "ai-do@khac.vn"),
        ("Điện thoại 0912 345 678.", "0912 345 678"),
        ("Gọi +84 24 3999 0101", "+84 24 3999 0101"),
        ("Mã số thuế 0101243150", "0101243150"),
        ("Chi nhánh 0101243150-001", "0101243150-001"),
        ("CCCD 001199000123", "001199000123"),
        ("Chị Quang có hỏi", "Chị Quang"),
        ("MST 01 09 99 88 77", "0109998877"),
        ("Gọi số 0243.999.0101 nhé", "024 3999 0101"),
        ("Theo câu hỏi HD-2026-0001", "HD-2026-0001"),
    ],
)
@pytest.mark.parametrize("field", ["title", "question", "answer"])
def test_what_tells_who_asked_is_refused(reply, text, found, field):
    with pytest.raises(faq.Identifying) as refused:
        edited(reply.enquiry, **{field: text})
    assert any(found in one for one in refused.value.found)
    assert not FaqDraft.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "Theo khoản 3 Điều 4 Thông tư 31/2025/TT-BKHCN và Nghị định 118/2025/NĐ-CP ngày 15/10/2025.",
        "Doanh thu 1.250.000.000 đồng, từ 01/01/2026 đến 31/12/2026.",
        "Công ty cổ phần thuê camera; mai sẽ rõ.",
        "Ảnh quang học và ánh quang; em quang không phải tên.",
        "Tỷ lệ 0,125 và 0.25; mục 1.8, 10.1.",
    ],
)
def test_what_tells_nobody_is_taken(reply, text):
    assert edited(reply.enquiry, answer=text)


def test_the_office_may_give_its_own_address(reply, settings):
    settings.OFFICE = {**settings.OFFICE, "email": "cuc@most.example", "phone": "024 3944 0000"}
    assert edited(reply.enquiry, answer="Liên hệ cuc@most.example, 024 3944 0000.")


def test_a_visitors_name_is_refused_too():
    one = answered(confirmed()).enquiry
    with pytest.raises(faq.Identifying, match="Phạm Thị Lan"):
        edited(one, question="Bà Phạm Thị Lan hỏi.")


def test_a_name_of_one_word_counts_as_it_is_written():
    one = answered(enquiry(by=member_of(OrganisationFactory(name="Lan"), full_name="Lan"))).enquiry
    assert edited(one, answer="Lần đầu, làn sóng lan rộng.")
    for text in ("Chị Lan hỏi.", "Bên Lan hỏi."):
        with pytest.raises(faq.Identifying, match="Lan"):
            edited(one, answer=text)


def test_what_became_telling_since_is_not_published(reply):
    draft = edited(reply.enquiry, question="Bên Mắt Biếc hỏi.")
    reply.enquiry.organisation.name = "Công ty TNHH Mắt Biếc"
    reply.enquiry.organisation.save()
    with pytest.raises(faq.Identifying):
        publish(draft)


# --- finding ---------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["camera", "CAMERA thue", "thuê", "dịch vụ", "dich vu thu", "", "  ", "nếu"])
def test_a_search_finds_with_and_without_diacritics(query):
    entry = published(answer="Có, nếu thu được hình ảnh.")
    assert list(faq.found(query).order_by("pk")) == [entry]


@pytest.mark.parametrize("query", ["robot", "amera", "camera robot", "%", "_" * 50 + "x", "x" * 5000])
def test_a_search_finds_nothing_else(query):
    published()
    expected = 1 if query == "%" else 0  # no word at all
    assert faq.found(query).count() == expected


def test_what_was_withdrawn_is_found_nowhere():
    CatalogueFactory()
    entry = published(about="muc:tt-31-2025:1.8")
    subject = subjects.read("muc:tt-31-2025:1.8")
    assert list(faq.about(subject)) == [entry]
    withdrawn(entry)
    assert list(faq.about(subject)) == []
    assert not faq.found("camera").exists()


def test_a_page_shows_the_latest_about_its_subject(django_assert_num_queries):
    catalogue, procedure = CatalogueFactory(), ProcedureFactory()
    catalogue.instrument.provisions.create(key="4.5", citation="khoản 5 Điều 4", text="…", position=1)
    number = catalogue.instrument.slug
    of_item = [published(about="muc:tt-31-2025:1.8") for _n in range(6)]
    of_instrument = [published(about=f"van-ban:{number}"), published(about=f"van-ban:{number}:4.5")]
    of_procedure = published(about=f"thu-tuc:{procedure.slug}")
    published()
    item = catalogue.items.get(code="1.8")
    with django_assert_num_queries(1):
        shown = list(faq.about(subjects.Subject(item=item)))
    assert shown == of_item[:0:-1]
    assert list(faq.about(subjects.Subject(instrument=catalogue.instrument))) == of_instrument[::-1]
    assert list(faq.about(subjects.Subject(procedure=procedure))) == [of_procedure]


def test_what_waits_to_be_published_has_a_tab_of_its_own(reply):
    tab = next(tab for tab in desk.TABS if tab.proposed)
    me = StaffFactory()
    edited(reply.enquiry, propose=False)
    assert desk.page(tab, user=me).rows == []
    edited(reply.enquiry)
    assert desk.page(tab, user=me).rows == [Enquiry.objects.get(pk=reply.enquiry.pk)]
    assert desk.counts(user=me)["cho-cong-bo"] == 1
