"""Uploads: what is taken in, what is refused and why, and who may open it."""

import hashlib
import io
import zlib
from datetime import timedelta

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from accounts.models import Role
from audit.models import Entry
from catalogs.procedures import Definition
from catalogs.reading import DATA, read
from intake import attachments
from intake.attachments import display_name, with_extension
from intake.models import Attachment
from intake.states import State
from tests.factories import (
    NOW,
    PDF,
    AttachmentFactory,
    CatalogueFactory,
    DossierFactory,
    StaffFactory,
    case_in,
    complete_dossier,
    pdf,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    CatalogueFactory()
    return DossierFactory()


def picture(kind="PNG", size=(40, 30), **options):
    out = io.BytesIO()
    Image.new("RGB", size, "#9B1C1F").save(out, kind, **options)
    return out.getvalue()


def noise():
    out = io.BytesIO()
    Image.effect_noise((200, 200), 90).save(out, "PNG")
    return out.getvalue()


def send(client, dossier, content, name="tài liệu.pdf", document="thuyet-minh", **options):
    files = content if isinstance(content, list) else [(name, content)]
    url = reverse("attachment_upload", args=[dossier.public_id, document])
    return client.post(url, {"files": [SimpleUploadedFile(n, c, **options) for n, c in files]})


def stored_files(folder=""):
    folders, files = default_storage.listdir(folder)
    found = [f"{folder}{name}" for name in files]
    for inner in folders:
        found += stored_files(f"{folder}{inner}/")
    return found


def refusal(answer):
    assert answer.status_code == 422
    assert not Attachment.objects.exists()
    assert stored_files() == []
    return " ".join(answer.context["refused"]["thuyet-minh"])


def test_a_pdf_is_kept_byte_for_byte_with_its_digest(sign_in, draft):
    answer = send(sign_in(draft.created_by), draft, PDF, name="Thuyết minh.pdf")
    assert answer.url.endswith("/tai-lieu/#thuyet-minh")
    kept = Attachment.objects.get()
    assert kept.name == "Thuyết minh.pdf"
    assert kept.content_type == "application/pdf"
    assert kept.sha256 == hashlib.sha256(PDF).hexdigest()
    assert kept.file.read() == PDF
    assert kept.size == len(PDF)
    assert Entry.objects.about(draft).get().data["sha256"] == kept.sha256
    draft = type(draft).objects.get(pk=draft.pk)
    assert draft.version == 1


def test_several_files_come_at_once_and_only_the_bad_ones_are_refused(sign_in, draft):
    answer = send(
        sign_in(draft.created_by), draft, [("a.pdf", PDF), ("b.pdf", b"MZ\x90\x00virus"), ("c.png", picture())]
    )
    assert answer.status_code == 422
    assert "b.pdf" in answer.context["refused"]["thuyet-minh"][0]
    assert sorted(Attachment.objects.values_list("name", flat=True)) == ["a.pdf", "c.png"]


def test_an_image_loses_its_place_and_device(sign_in, draft):
    exif = Image.Exif()
    exif[0x010F] = "Máy ảnh bí mật"
    exif[0x8825] = {1: "N", 2: (21.0, 1.0, 0.0)}
    photo = picture("JPEG", exif=exif, comment=b"chu thich") + b"<?php trailing"
    send(sign_in(draft.created_by), draft, photo, name="anh.jpg")
    kept = Attachment.objects.get()
    content = kept.file.read()
    assert kept.content_type == "image/jpeg"
    assert not Image.open(io.BytesIO(content)).getexif()
    assert "bí mật".encode() not in content
    assert b"chu thich" not in content
    assert b"trailing" not in content
    assert kept.sha256 == hashlib.sha256(content).hexdigest()


def test_an_image_stands_upright_without_its_metadata(sign_in, draft):
    exif = Image.Exif()
    exif[0x0112] = 6
    send(sign_in(draft.created_by), draft, picture("JPEG", size=(40, 20), exif=exif), name="anh.jpg")
    assert Image.open(Attachment.objects.get().file).size == (20, 40)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_images_of_every_mode_are_redrawn(sign_in, draft, mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    out = io.BytesIO()
    Image.new(mode, (10, 10)).save(out, kind)
    assert send(sign_in(draft.created_by), draft, out.getvalue(), name="anh.png").status_code == 302
    assert Attachment.objects.get().name == ("anh.jpg" if kind == "JPEG" else "anh.png")


def test_a_png_with_text_loses_it(sign_in, draft):
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Author", "bi mat")
    send(sign_in(draft.created_by), draft, picture(pnginfo=info), name="anh.png")
    assert b"bi mat" not in Attachment.objects.get().file.read()


# --- refused ---------------------------------------------------------------------------------------

JAVASCRIPT = b"<</S/JavaScript/JS(app.alert(1))>>"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "rỗng (0 byte)"),
        (b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 100, "chỉ nhận tệp PDF"),
        (b"PK\x03\x04" + b"\x00" * 100, "PDF, JPEG hoặc PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "PDF"),
        (b"<html>%PDF-1.4", "PDF"),
        (b"junk before " + PDF, "PDF"),
        (b"GIF89a" + b"\x00" * 40, "PDF"),
        (PDF[: len(PDF) // 2], "hỏng"),
        (b"%PDF-1.7\n", "hỏng"),
        (b"%PDF-1.7\n" + b"\x00\xff" * 5000, "hỏng"),
        (pdf(catalog=b"/OpenAction" + JAVASCRIPT), "JavaScript"),
        (pdf(catalog=b"/Names<</JavaScript<</Names[(x)" + JAVASCRIPT + b"]>>>>"), "JavaScript"),
        (pdf(page=b"/AA<</O" + JAVASCRIPT + b">>"), "tự chạy"),
        (pdf(page=b"/Annots[<</Subtype/Link/A<</S/Launch/F(cmd.exe)>>>>]"), "tự chạy"),
        (pdf(page=b"/Annots[<</Subtype/Link/A<</S/URI/URI(a)/Next" + JAVASCRIPT + b">>>>]"), "JavaScript"),
        (pdf(page=b"/Annots[<</Subtype/Widget/A<</S/SubmitForm/F(http://x)>>>>]"), "tự chạy"),
        (pdf(page=b"/Annots[<</Subtype/FileAttachment>>]"), "nhúng"),
        (pdf(page=b"/Annots[<</Subtype/RichMedia>>]"), "phim"),
        (pdf(catalog=b"/Names<</EmbeddedFiles<</Names[]>>>>"), "nhúng"),
        (pdf(catalog=b"/AcroForm<</XFA(x)/Fields[]>>"), "XFA"),
        (pdf(catalog=b"/Deep" + b"[" * 200 + b"]" * 200), "phức tạp"),
        (noise()[:2000], "hỏng"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 200, "hỏng"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 200, "hỏng"),
    ],
)
def test_a_file_that_is_not_what_is_asked_for_is_refused_with_the_reason(sign_in, draft, content, words):
    answer = send(sign_in(draft.created_by), draft, content)
    assert words in refusal(answer)
    assert words in answer.content.decode()


def test_an_encrypted_pdf_is_refused(sign_in, draft):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(PDF)) as opened:
        opened.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    assert "mật khẩu" in refusal(send(sign_in(draft.created_by), draft, out.getvalue()))


def test_a_pdf_locked_without_a_password_to_open_is_refused(sign_in, draft):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(PDF)) as opened:
        opened.save(out, encryption=pikepdf.Encryption(owner="a", user=""))
    assert "mật khẩu" in refusal(send(sign_in(draft.created_by), draft, out.getvalue()))


def test_a_script_hidden_in_a_compressed_object_stream_is_found(sign_in, draft):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(catalog=b"/OpenAction" + JAVASCRIPT))) as opened:
        opened.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert b"JavaScript" not in out.getvalue()
    assert "JavaScript" in refusal(send(sign_in(draft.created_by), draft, out.getvalue()))


def test_a_name_spelt_in_hexadecimal_hides_nothing(sign_in, draft):
    content = pdf(catalog=b"/OpenAction<</S/J#61vaScript/J#53(x)>>")
    assert "JavaScript" in refusal(send(sign_in(draft.created_by), draft, content))


def test_a_pdf_that_opens_at_a_page_and_links_to_the_web_is_kept(sign_in, draft):
    content = pdf(
        catalog=b"/OpenAction[3 0 R/Fit]",
        page=b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://example.vn)>>>>]",
    )
    assert send(sign_in(draft.created_by), draft, content).status_code == 302
    assert Attachment.objects.get().file.read() == content


@pytest.mark.parametrize(
    "action",
    [
        b"<</S/URI/URI(https://example.vn)>>",
        b"<</S/Named/N/Print>>",
        b"<</S/GoTo/D[3 0 R/Fit]/Next<</S/URI/URI(https://example.vn)>>>>",
        b"<</S/GoTo/D[3 0 R/Fit]/Next[<</S/Named/N/Print>>]>>",
    ],
)
def test_a_pdf_that_does_something_by_itself_when_it_is_opened_is_refused(sign_in, draft, action):
    answer = send(sign_in(draft.created_by), draft, pdf(catalog=b"/OpenAction" + action))
    assert "tự chạy" in refusal(answer)


def test_a_pdf_that_goes_to_its_first_page_when_it_is_opened_is_kept(sign_in, draft):
    content = pdf(catalog=b"/OpenAction<</S/GoTo/D[3 0 R/Fit]>>")
    assert send(sign_in(draft.created_by), draft, content).status_code == 302


def pdf_with(make):
    """A one-page PDF to which `make` has added something."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(PDF)) as opened:
        make(opened, opened.pages[0])
        opened.save(out)
    return out.getvalue()


def link(**action):
    """Adds a link on the page that does this."""

    def make(opened, page):
        does = pikepdf.Dictionary({f"/{key}": value for key, value in action.items()})
        kind = {"Type": pikepdf.Name.Annot, "Subtype": pikepdf.Name.Link}
        page.Annots = pikepdf.Array([pikepdf.Dictionary(**kind, Rect=[0, 0, 9, 9], A=opened.make_indirect(does))])

    return pdf_with(make)


ELSEWHERE = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F="\\\\may-la\\tai-lieu.pdf")


def test_a_pdf_that_follows_a_thread_into_another_file_is_refused(sign_in, draft):
    content = link(S=pikepdf.Name.Thread, F=ELSEWHERE, D=0)
    assert "tệp ở bên ngoài" in refusal(send(sign_in(draft.created_by), draft, content))


def test_a_pdf_that_follows_a_thread_of_its_own_is_kept(sign_in, draft):
    assert send(sign_in(draft.created_by), draft, link(S=pikepdf.Name.Thread, D=0)).status_code == 302


@pytest.mark.parametrize("where", [ELSEWHERE, "/etc/passwd"])
def test_a_pdf_whose_stream_lies_in_another_file_is_refused(sign_in, draft, where):
    def make(opened, page):
        page.Contents = opened.make_stream(b"", F=where)

    assert "tệp ở bên ngoài" in refusal(send(sign_in(draft.created_by), draft, pdf_with(make)))


def test_a_pdf_that_draws_a_page_of_another_file_is_refused(sign_in, draft):
    def make(opened, page):
        kind = {"Type": pikepdf.Name.XObject, "Subtype": pikepdf.Name.Form, "BBox": [0, 0, 9, 9]}
        form = opened.make_stream(b"", **kind, Ref=pikepdf.Dictionary(F=ELSEWHERE, Page=0))
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Fm0=form))

    assert "tệp ở bên ngoài" in refusal(send(sign_in(draft.created_by), draft, pdf_with(make)))


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "smb://may-la/chia-se",
        "\\\\may-la\\chia-se",
        "//may-la/chia-se",
        "ms-msdt:/id",
        "JavaScript:alert(1)",
        "ftp://example.vn",
        "tai-lieu.exe",
        pikepdf.Name.X,
    ],
)
def test_a_pdf_that_links_to_anything_but_the_web_or_mail_is_refused(sign_in, draft, address):
    content = link(S=pikepdf.Name.URI, URI=address)
    assert "http, https, mailto" in refusal(send(sign_in(draft.created_by), draft, content))


def test_a_pdf_that_takes_its_links_to_be_files_is_refused(sign_in, draft):
    def make(opened, _page):
        opened.Root.URI = pikepdf.Dictionary(Base="file:///")

    assert "http, https, mailto" in refusal(send(sign_in(draft.created_by), draft, pdf_with(make)))


@pytest.mark.parametrize(
    "address", ["HTTP://example.vn", " https://example.vn", "mailto:a@example.vn", "www.example.vn"]
)
def test_a_pdf_that_links_to_the_web_or_mail_is_kept(sign_in, draft, address):
    assert send(sign_in(draft.created_by), draft, link(S=pikepdf.Name.URI, URI=address)).status_code == 302


def memory_bomb(size):
    """A PDF whose one compressed object stream unfolds to so many bytes."""
    packer = zlib.compressobj(1)
    packed = packer.compress(b"4 0 ")
    for _n in range(size // 1_000_000):
        packed += packer.compress(b" " * 1_000_000)
    packed += packer.compress(b"<<>>") + packer.flush()
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R/X 4 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        None,
        b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(packed), packed),
    ]
    out, rows = b"%PDF-1.7\n", [b"\x00" + bytes(6)]
    for number, body in enumerate(bodies, start=1):
        if body is None:
            rows.append(b"\x02" + (5).to_bytes(4) + bytes(2))
            continue
        rows.append(b"\x01" + len(out).to_bytes(4) + bytes(2))
        out += b"%d 0 obj%b endobj\n" % (number, body)
    start = len(out)
    rows.append(b"\x01" + start.to_bytes(4) + bytes(2))
    table = b"".join(rows)
    out += b"6 0 obj<</Type/XRef/Size 7/W[1 4 2]/Root 1 0 R/Length %d>>stream\n%b\nendstream endobj\n" % (
        len(table),
        table,
    )
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def test_a_pdf_with_an_object_stream_is_kept(sign_in, draft):
    assert send(sign_in(draft.created_by), draft, memory_bomb(0)).status_code == 302


def test_a_pdf_that_eats_memory_is_refused(sign_in, draft, monkeypatch):
    monkeypatch.setattr(attachments.pdfcheck, "MEMORY", 400_000_000)
    answer = send(sign_in(draft.created_by), draft, memory_bomb(500_000_000))
    assert "phức tạp" in refusal(answer) or "hỏng" in refusal(answer)


def test_a_picture_that_unfolds_into_too_many_points_is_refused(sign_in, draft):
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    assert "quá lớn" in refusal(send(sign_in(draft.created_by), draft, out.getvalue(), name="bom.png"))


def test_a_file_over_the_limit_is_refused(sign_in, draft, settings):
    settings.UPLOAD_MAX_BYTES = len(PDF) - 1
    assert "vượt quá" in refusal(send(sign_in(draft.created_by), draft, PDF))


def test_what_is_sent_beyond_the_limit_is_not_even_stored(sign_in, draft, settings, monkeypatch):
    settings.UPLOAD_MAX_BYTES = 100_000
    sizes = []
    check = attachments.check
    monkeypatch.setattr(attachments, "check", lambda file, document: sizes.append(file.size) or check(file, document))
    assert "vượt quá" in refusal(send(sign_in(draft.created_by), draft, PDF + b" " * 900_000))
    assert sizes[0] < 200_000


def test_a_request_of_more_than_ten_full_files_is_not_read(sign_in, draft, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    assert send(sign_in(draft.created_by), draft, b"%PDF-" + b" " * 20_000).status_code == 413


def test_the_content_type_that_the_browser_claims_counts_for_nothing(sign_in, draft):
    answer = send(sign_in(draft.created_by), draft, b"#!/bin/sh", content_type="application/pdf")
    assert refusal(answer)


def test_a_document_says_which_files_it_takes(sign_in, draft):
    page = sign_in(draft.created_by).get(reverse("dossier_documents", args=[draft.public_id])).content.decode()
    assert "Nhận PDF, JPEG hoặc PNG; tối đa 3 tệp" in page
    assert "Nhận ảnh JPEG hoặc PNG; tối đa 5 tệp" in page


def test_a_kind_that_the_document_does_not_take_is_refused(sign_in, draft):
    answer = send(sign_in(draft.created_by), draft, PDF, document="hinh-anh")
    assert "ảnh JPEG hoặc PNG" in answer.context["refused"]["hinh-anh"][0]


def test_nothing_chosen_is_said(sign_in, draft):
    assert "Chưa chọn tệp nào" in refusal(send(sign_in(draft.created_by), draft, []))


def test_more_files_than_the_document_takes_are_refused(sign_in, draft):
    files = [(f"{n}.pdf", pdf(catalog=b"/N %d" % n)) for n in range(4)]
    answer = send(sign_in(draft.created_by), draft, files)
    assert "tối đa 3 tệp" in answer.context["refused"]["thuyet-minh"][0]
    assert Attachment.objects.count() == 3
    assert len(stored_files()) == 3


def test_each_of_very_many_files_is_answered(sign_in, draft):
    files = [(f"{n}.pdf", pdf(catalog=b"/N %d" % n)) for n in range(9)]
    refused = send(sign_in(draft.created_by), draft, files).context["refused"]["thuyet-minh"]
    assert [reason.split(":")[0] for reason in refused] == [f"{n}.pdf" for n in range(3, 9)]


def test_the_same_file_twice_is_said(sign_in, draft):
    client = sign_in(draft.created_by)
    send(client, draft, PDF)
    assert "đã có" in send(client, draft, PDF).context["refused"]["thuyet-minh"][0]
    assert len(stored_files()) == 1


def test_an_unknown_or_unasked_document_is_404(sign_in, draft):
    client = sign_in(draft.created_by)
    assert send(client, draft, PDF, document="khong-co").status_code == 404
    assert send(client, draft, PDF, document="bang-sang-che").status_code == 404


def test_a_failure_after_storing_leaves_neither_file_nor_row(sign_in, draft, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the trail is down")

    monkeypatch.setattr(attachments.trail, "record", fail)
    with pytest.raises(RuntimeError):
        send(sign_in(draft.created_by), draft, PDF)
    assert not Attachment.objects.exists()
    assert stored_files() == []


# --- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.pdf", "system.pdf"),
        ("báo cáo\x00\n2026.pdf", "báo cáo 2026.pdf"),
        ("hợp đồng\u202efdp.exe", "hợp đồngfdp.exe"),
        (".htaccess", "htaccess"),
        ("", ""),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
        ("a" * 300, "a" * 150),
        ("Báo cáo   năm.pdf", "Báo cáo năm.pdf"),
    ],
)
def test_names_are_made_fit_to_show(name, shown):
    assert display_name(name) == shown


@pytest.mark.parametrize(
    ("name", "content_type", "shown"),
    [
        ("anh.pdf", "image/png", "anh.png"),
        ("anh.JPEG", "image/jpeg", "anh.JPEG"),
        ("hợp đồng.exe", "application/pdf", "hợp đồng.exe.pdf"),
        ("", "application/pdf", "tài liệu.pdf"),
    ],
)
def test_names_end_as_the_content_is(name, content_type, shown):
    assert with_extension(name, content_type) == shown


def test_the_stored_path_holds_nothing_of_the_name(sign_in, draft):
    send(sign_in(draft.created_by), draft, PDF, name="....//....//etc/hack.pdf")
    kept = Attachment.objects.get()
    assert kept.file.name == f"dossiers/{draft.public_id}/{kept.pk}"
    assert kept.name == "hack.pdf"


# --- taking out, opening ---------------------------------------------------------------------------


def test_a_removed_file_stays_readable_in_its_history(sign_in):
    dossier = complete_dossier()
    client = sign_in(dossier.created_by)
    kept = dossier.attachments.get()
    client.post(reverse("attachment_remove", args=[kept.pk]))
    kept.refresh_from_db()
    assert kept.removed_at
    page = client.get(reverse("dossier_documents", args=[dossier.public_id])).content.decode()
    assert "1 tệp đã gỡ" in page
    assert client.get(reverse("attachment_open", args=[kept.pk])).status_code == 200
    assert Entry.objects.about(dossier).get().action == "remove_attachment"
    client.post(reverse("attachment_remove", args=[kept.pk]))
    assert Entry.objects.about(dossier).count() == 1


def test_a_file_is_served_as_what_it_is_and_runs_nothing(sign_in):
    dossier = complete_dossier()
    kept = dossier.attachments.get()
    answer = sign_in(dossier.created_by).get(reverse("attachment_open", args=[kept.pk]))
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"].startswith("inline;")
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_file_is_downloaded_under_its_name(sign_in):
    dossier = complete_dossier()
    kept = dossier.attachments.get()
    answer = sign_in(dossier.created_by).get(reverse("attachment_open", args=[kept.pk]), {"tai": "1"})
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "Thuy%E1%BA%BFt" in answer["Content-Disposition"]
    answer.close()


def test_the_office_opens_files_only_of_what_was_filed(sign_in):
    draft, case = complete_dossier(), case_in(State.SUBMITTED)
    client = sign_in(StaffFactory(role=Role.INTAKE_OFFICER))
    assert client.get(reverse("attachment_open", args=[draft.attachments.get().pk])).status_code == 404
    answer = client.get(reverse("attachment_open", args=[case.attachments.get().pk]))
    assert answer.status_code == 200
    answer.close()


@pytest.mark.parametrize("role", [Role.CATALOGUE_MANAGER, Role.ADMINISTRATOR])
def test_staff_who_handle_no_dossiers_open_no_files(sign_in, role):
    kept = case_in(State.SUBMITTED).attachments.get()
    assert sign_in(StaffFactory(role=role)).get(reverse("attachment_open", args=[kept.pk])).status_code == 404


def test_the_office_opens_no_file_that_was_taken_out_before_filing_or_is_not_filed_yet(sign_in):
    case = case_in(State.SUPPLEMENT_REQUESTED)
    filed = case.attachments.get()
    removed = AttachmentFactory(dossier=case, uploaded_at=NOW - timedelta(days=2), removed_at=NOW - timedelta(days=1))
    added = AttachmentFactory(dossier=case, uploaded_at=NOW + timedelta(days=1))
    client = sign_in(StaffFactory(role=Role.INTAKE_OFFICER))
    answers = [client.get(reverse("attachment_open", args=[one.pk])) for one in (filed, removed, added)]
    assert [answer.status_code for answer in answers] == [200, 404, 404]
    answers[0].close()


def test_the_office_still_opens_what_was_filed_once_and_replaced_since(sign_in):
    case = case_in(State.SUBMITTED)
    replaced = case.attachments.get()
    Attachment.objects.filter(pk=replaced.pk).update(removed_at=NOW)
    answer = sign_in(StaffFactory(role=Role.INTAKE_OFFICER)).get(reverse("attachment_open", args=[replaced.pk]))
    assert answer.status_code == 200
    answer.close()


def test_a_file_that_is_gone_from_the_store_is_404(sign_in):
    dossier = complete_dossier()
    kept = dossier.attachments.get()
    kept.file.storage.delete(kept.file.name)
    assert sign_in(dossier.created_by).get(reverse("attachment_open", args=[kept.pk])).status_code == 404


def test_files_that_were_taken_out_count_towards_what_a_dossier_may_ever_hold(sign_in, draft, monkeypatch):
    monkeypatch.setattr(attachments, "MAX_FILES_EVER", 3)
    client = sign_in(draft.created_by)
    for n in range(3):
        assert send(client, draft, pdf(catalog=b"/Lang(v%d)" % n)).status_code == 302
        client.post(reverse("attachment_remove", args=[Attachment.objects.get(removed_at=None).pk]))
    answer = send(client, draft, pdf(catalog=b"/Lang(vi)"))
    assert answer.status_code == 422
    assert "đã tải lên 3 tệp, kể cả tệp đã gỡ" in answer.content.decode()
    assert Attachment.objects.count() == 3
    assert len(stored_files()) == 3


def test_a_dossier_may_hold_several_times_what_its_procedure_asks_for():
    for procedure in read(DATA).procedures.values():
        for revision in procedure["revisions"]:
            documents = Definition.read(revision["definition"]).documents
            assert 3 * sum(document.max_files for document in documents) <= attachments.MAX_FILES_EVER
