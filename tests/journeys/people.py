"""What people do on the pages, by the words they see. A journey is a few of these lines."""

import re
import zlib
from itertools import count
from pathlib import Path

from playwright.sync_api import Locator, Page
from stdnum.vn import mst

from tests.journeys.conftest import Site, breaches, sign_in, wait_for

HERE = Path(__file__).parent
OFFICER, SPECIALIST, HEAD = "mot-cua@bo.example", "chuyen-vien@bo.example", "truong-phong@bo.example"
SIGNATORY, CLERK = "lanh-dao@bo.example", "van-thu@bo.example"
ENDS_ON = "31/12/2028"  # of a project or task
NEW_PASSWORD = "mot-mat-khau-dai-2026"
CAMERA = {
    "product_name": "Camera EdgeSight X1",
    "description": "Camera ngoài trời tự nhận diện biển số, đếm lưu lượng xe; suy luận ngay trên thiết bị bằng AI.",
    "technology": "Mạng nơ-ron nén chạy trên bộ tăng tốc AI tại biên do công ty phát triển.",
}
# Of accounts/data/taxpayers.json: active, registered in capitals under the name that the journey gives it.
RECORDED = "9909000003"
_numbers = count(1)


def a_new_tax_code() -> str:
    for number in _numbers:
        digits = f"8{number * 7 + 100:08d}"
        code = digits + str(mst.calc_check_digit(digits))
        if mst.is_valid(code):
            return code
    raise AssertionError


def pdf(words: str = "Tai lieu") -> bytes:
    """A small page that says something, as any writer makes it."""
    content = b"BT /F1 18 Tf 72 720 Td (" + words.encode("ascii", "replace") + b") Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 4 0 R>>>>/Contents 5 0 R>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
    ]
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start


def png() -> bytes:
    """A white picture of one point."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    header = (1).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    pixels = zlib.compress(b"\x00\xff\xff\xff")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def is_well_made(page: Page) -> None:
    """No barrier that axe can find, and nothing beyond the edge of the window."""
    assert breaches(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{page.url} scrolls sideways"


# --- the applicant -----------------------------------------------------------------------------------


def register(page: Page, site: Site, email: str) -> None:
    """From the home page's own button: sign up, open the link in the mail; that leads to the organisation's form."""
    page.goto("/")
    page.get_by_role("link", name="Bắt đầu một hồ sơ", exact=True).first.click()
    page.wait_for_url(re.compile("/login/"))
    page.get_by_role("link", name="Đăng ký bằng địa chỉ thư điện tử").click()
    page.wait_for_url(re.compile("/signup/"))
    is_well_made(page)
    page.locator("[name=full_name]").fill("Lý Thị Kim Oanh")
    page.locator("[name=email]").fill(email)
    page.locator("[name=password1]").fill(NEW_PASSWORD)
    page.locator("[name=password2]").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Đăng ký").click()
    mail = site.wait_for_mail(email, "xác nhận")
    link = re.search(r"http://\S+/confirm-email/\S+", mail.get_content())
    assert link, mail.get_content()
    page.goto(link.group(0))
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile("/to-chuc/moi/"))


def create_organisation(page: Page, *, name: str, tax_code: str = "", personal_id: str = "") -> None:
    """Fill the form that registering led to: for an individual if there is a personal id, else for an enterprise."""
    is_well_made(page)
    page.get_by_label("Cá nhân" if personal_id else "Doanh nghiệp", exact=True).check()
    page.locator("[name=name]").fill(name)
    page.locator("[name=province]").select_option(label="Hà Nội")
    page.locator("[name=address]").fill("Số 5 phố Thử Nghiệm, phường Cầu Giấy")
    page.locator("[name=phone]").fill("024 3999 0199")
    if personal_id:
        page.locator("[name=personal_id]").fill(personal_id)
    else:
        page.locator("[name=tax_code]").fill(tax_code)
        page.locator("[name=representative_name]").fill("Lý Thị Kim Oanh")
        page.locator("[name=representative_position]").fill("Giám đốc")
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    page.wait_for_url(lambda url: "/to-chuc/" not in url)


def sign_out(page: Page) -> None:
    page.locator("header details.menu summary").click()
    page.get_by_role("button", name="Đăng xuất").click()
    page.get_by_role("link", name="Đăng nhập", exact=True).first.wait_for()


def start_dossier(page: Page, procedure: str) -> str:
    """From the procedure's page; returns the dossier's address: /ho-so/<id>/."""
    page.goto(f"/thu-tuc/{procedure}/")
    page.get_by_role("link", name="Bắt đầu hồ sơ", exact=True).click()
    return choose_procedure(page, procedure)


def choose_procedure(page: Page, procedure: str) -> str:
    """On the page that offers them; returns the new dossier's address: /ho-so/<id>/."""
    page.locator(f"button[name=procedure][value={procedure}]").click()
    page.wait_for_url(re.compile(r"/khai/"))
    found = re.search(r"/ho-so/[0-9a-f-]{36}/", page.url)
    assert found
    return found.group(0)


def fill_sections(page: Page, answers: dict[str, str]) -> None:
    """Answer section after section, as far as the draft's first page that is no section."""
    while "/khai/" in page.url:
        fill_section(page, answers)


def fill_section(page: Page, answers: dict[str, str]) -> None:
    here = page.url
    # An answer may bring up further questions, so the form is read again until nothing is empty.
    for _round in range(3):
        fill_form(page, answers)
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    page.wait_for_url(lambda url: url != here)


def fill_form(page: Page, answers: dict[str, str]) -> None:
    """Answer every question that is shown: by name if the answers hold it, else by its kind."""
    form = page.locator("main form[method=post]").first
    done = set()
    for field in form.locator("input:visible, select:visible, textarea:visible").all():
        name, kind = field.get_attribute("name") or "", field.get_attribute("type") or ""
        if name in done or kind == "submit":
            continue
        done.add(name)
        if kind in ("radio", "checkbox"):
            choose(form, name, answers.get(name))
        elif field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(index=1)
        elif not field.input_value():
            field.fill(answers.get(name) or plausible(field, name))


def choose(form: Locator, name: str, value: str | None) -> None:
    options = form.locator(f"input[name='{name}']")
    if value:
        form.locator(f"input[name='{name}'][value='{value}']").check()
    elif not form.locator(f"input[name='{name}']:checked").count():
        # The last choice of a question is the one that asks for the least: "no", "none".
        options.last.check()


def plausible(field: Locator, name: str) -> str:
    if name.endswith("_on"):
        return {"started_on": "01/06/2023", "starts_on": "01/03/2027", "ends_on": ENDS_ON}.get(name, "15/03/2026")
    if "email" in name:
        return "lien-he@thunghiem.example"
    if "phone" in name:
        return "0243 999 0199"
    if field.evaluate("e => e.tagName") == "TEXTAREA":
        return "Nội dung được trình bày cụ thể trong tài liệu kèm theo; đơn vị tự thực hiện và làm chủ."
    if field.get_attribute("inputmode") in ("numeric", "decimal") or field.get_attribute("type") == "number":
        return "5"
    return "Có, theo tài liệu kèm theo"


def choose_item(page: Page, code: str) -> None:
    page.locator("label", has=page.get_by_text(code, exact=True)).locator("input[type=checkbox]").first.check()
    page.get_by_role("button", name="Lưu và tiếp tục").click()


def attach_everything(page: Page, dossier: str, *, scripts: bool = True) -> None:
    """A file to each document of the list, a picture where the list asks for pictures.

    With scripts it goes up by itself; without, by a button.
    """
    page.goto(f"{dossier}tai-lieu/")
    for number in range(page.locator("main input[type=file]").count()):
        form = page.locator("main form:has(input[type=file])").nth(number)
        name = f"Tài liệu số {number + 1}"
        field = form.locator("input[type=file]")
        if field.get_attribute("id") == "tep-hinh-anh":
            field.set_input_files({"name": f"{name}.png", "mimeType": "image/png", "buffer": png()})
        else:
            field.set_input_files({"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": pdf()})
        if not scripts:
            form.get_by_role("button", name="Tải lên").click()
        page.get_by_role("link", name=name).first.wait_for(timeout=60_000)
        page.goto(f"{dossier}tai-lieu/")


def certify(page: Page) -> None:
    """Tick each statement by itself."""
    statements = page.locator("main input[type=checkbox][name^=statement]")
    assert statements.count() >= 2
    for statement in statements.all():
        assert not statement.is_checked()
        statement.check()


def submit(page: Page, dossier: str) -> str:
    """Returns the code that the dossier was given."""
    page.goto(f"{dossier}tom-tat/")
    is_well_made(page)
    certify(page)
    capacity = page.locator("[name=certifier_capacity]")
    if not capacity.input_value():
        capacity.fill("Người được ủy quyền nộp hồ sơ")
    page.get_by_role("button", name="Nộp hồ sơ").click()
    page.wait_for_url(re.compile(re.escape(dossier) + r"(#.*|\?.*)?$"))
    found = re.search(r"G06-\d{6}-\d{4}", page.locator("main").inner_text())
    assert found, page.locator("main").inner_text()[:500]
    return found.group(0)


def follow_bell(page: Page, code: str) -> None:
    """The bell counts what is unread; its list leads to the dossier that a notice is about."""
    count = page.locator("header .bell .count")
    wait_for(lambda: page.reload() and count.is_visible(), "a number at the bell")
    assert re.match(r"[1-9][0-9]*", count.inner_text())
    page.locator("header .bell").click()
    page.wait_for_url(re.compile("/thong-bao/"))
    is_well_made(page)
    page.locator("main .notes li.unread button", has_text=code).first.click()
    page.wait_for_url(lambda url: "/thong-bao/" not in url)


# --- the office --------------------------------------------------------------------------------------


def open_case(page: Page, code: str) -> None:
    """Find the dossier by its code in the queue and open it."""
    page.goto(f"/xu-ly/?tab=tat-ca&q={code}")
    page.locator("table.list tbody tr", has_text=code).locator("a").first.click()
    page.wait_for_url(re.compile(r"/xu-ly/[0-9a-f-]{36}/"))


def press(page: Page, name: str) -> None:
    """Press the button, or follow the link, that is called so."""
    target = page.get_by_role("button", name=name, exact=True).or_(page.get_by_role("link", name=name, exact=True))
    target.first.click()
    page.wait_for_load_state()


def receive(page: Page, code: str) -> None:
    open_case(page, code)
    is_well_made(page)
    press(page, "Bắt đầu kiểm tra")
    open_case(page, code)
    press(page, "Tiếp nhận hồ sơ")
    is_well_made(page)
    press(page, "Tiếp nhận hồ sơ")


def look_at_files(page: Page, code: str) -> None:
    """Open a PDF and a picture beside the list of documents."""
    open_case(page, code)
    for ending, element, content_type in ((".pdf", "iframe", "application/pdf"), (".png", "img", "image/png")):
        link = page.locator("#tai-lieu .checks a", has_text=ending).last
        file = re.search(r"tep=([0-9a-f-]{36})", link.get_attribute("href") or "")
        assert file
        address = f"/tep/{file.group(1)}/"
        with page.expect_response(f"**{address}") as seen:
            link.click()
        assert (seen.value.status, seen.value.headers["content-type"]) == (200, content_type)
        shown = page.locator(f"#tai-lieu .viewer {element}[src='{address}']")
        shown.wait_for()
    assert shown.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 1
    is_well_made(page)


def overrule(page: Page, reason: str) -> None:
    """Say of the first declared item that it does not fit, on the page of a dossier that one has taken."""
    page.get_by_role("link", name=re.compile("^Không phù hợp")).first.click()
    page.locator("[name=reason]").fill(reason)
    is_well_made(page)
    press(page, "Kết luận: không phù hợp")
    found = page.locator("#doi-chieu .match", has_text=reason)
    found.get_by_text("Không phù hợp", exact=True).wait_for()


def assess(page: Page, code: str, *, outcome: str = "granted", against: str = "") -> None:
    """Take the dossier, find on each declared item, grade each criterion, propose.

    `against` is why the first item does not fit; without it all fit.
    """
    open_case(page, code)
    page.locator("form[action$='/take/'] button").click()
    open_case(page, code)
    if against:
        overrule(page, against)
    while page.locator("button[name=verdict][value=confirmed]").count():
        page.locator("button[name=verdict][value=confirmed]").first.click()
        page.wait_for_load_state()
    is_well_made(page)
    propose(page, outcome)


def propose(page: Page, outcome: str = "granted") -> None:
    """Grade each criterion and propose, on the page of a dossier that one has taken."""
    press(page, "Thẩm định, chấm tiêu chí")
    for grade in page.locator("input[type=radio][value=dat]").all():
        grade.check()
    for comment in page.locator("textarea[name$='.comment']").all():
        comment.fill("Đã đối chiếu với tài liệu kèm theo hồ sơ.")
    page.locator(f"input[name=outcome][value={outcome}]").check()
    page.locator("textarea[name=grounds]").fill("Hồ sơ đầy đủ, nội dung khai báo phù hợp với tài liệu chứng minh.")
    is_well_made(page)
    page.locator("button[name=trinh]").click()
    page.wait_for_load_state()
    if "/propose/" in page.url:
        page.locator("main form button[type=submit], main form button:not([type])").last.click()
        page.wait_for_load_state()


def send_back(page: Page, code: str, reason: str) -> None:
    open_case(page, code)
    page.locator("a[href$='/send_back/']").click()
    page.locator("[name=reason]").fill(reason)
    is_well_made(page)
    page.locator("main form[method=post] button").last.click()
    page.wait_for_url(lambda url: "/send_back/" not in url)


def move(page: Page, code: str, action: str) -> None:
    """Make a move that needs no words: endorse, approve, issue."""
    open_case(page, code)
    is_well_made(page)
    step = page.locator(f"form[action$='/{action}/'] button, a[href$='/{action}/']").first
    step.click()
    page.wait_for_load_state()
    if page.url.rstrip("/").endswith(action):
        is_well_made(page)
        page.locator(f"form[action$='/{action}/'] button, main form[method=post] button").last.click()
        page.wait_for_load_state()


def decide(open_page, code: str) -> None:
    """From endorsement to a number, by three different people."""
    for who, action in ((HEAD, "endorse"), (SIGNATORY, "approve"), (CLERK, "issue")):
        page = open_page()
        sign_in(page, who)
        move(page, code, action)


def download_decision(page: Page, dossier: str) -> bytes:
    """Fetch the decision as its applicant; returns the PDF."""

    def address() -> str | None:
        page.goto(dossier)
        link = page.locator("main a[href^='/giay-to/']", has_text="Quyết định").first
        return link.get_attribute("href") if link.count() else None

    answer = page.request.get(wait_for(address, "a link to the decision", seconds=60))
    assert answer.headers["content-type"] == "application/pdf"
    return answer.body()


# --- anybody -----------------------------------------------------------------------------------------


def compare(page: Page, content: bytes) -> None:
    """Hand a file to the verification page that is open, to be compared with what was issued."""
    page.locator("input[name=tep]").set_input_files(
        {"name": "Quyết định.pdf", "mimeType": "application/pdf", "buffer": content}
    )
    page.get_by_role("button", name="So sánh").click()
    page.wait_for_url(re.compile("#so-sanh"))
    page.wait_for_load_state()
