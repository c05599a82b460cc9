"""The English catalogue: complete, in step with its compiled form, and heard on the pages but not in the papers."""

import ast
import gettext
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from accounts.models import Role
from documents.models import DocumentKind, IssuedDocument
from intake.filing import content_of
from intake.states import State
from tests.factories import NOW, StaffFactory, case_in, complete_dossier
from tests.site import builders
from workflow import transitions
from workflow.transitions import Point

FOLDER = Path(settings.BASE_DIR) / "locale" / "en" / "LC_MESSAGES"
# What has been reached. Texts that are new in the code may wait for their translation, within reason.
SHARE = 0.97

_LINE = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?) )?(".*")')
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w[^>]*>")
_VIETNAMESE = re.compile(r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE)
# Names and signs that stay as they are.
_KEPT = re.compile(r"Tiếng Việt|Hồ Sơ|NĐ-CP|QĐ-TTg")


@dataclass
class Message:
    flags: set[str] = field(default_factory=set)
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        return self.fields["msgid"]

    @property
    def key(self) -> str:
        """Under which the compiled catalogue keeps it: the source, after the context where it has one."""
        context = self.fields.get("msgctxt")
        return f"{context}\x04{self.source}" if context else self.source

    @property
    def forms(self) -> list[str]:
        return [text for name, text in self.fields.items() if name.startswith("msgstr")]

    @property
    def plural(self) -> bool:
        return "msgid_plural" in self.fields


def read_po(path: Path) -> list[Message]:
    messages = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        message, name = Message(), ""
        for line in block.splitlines():
            if line.startswith("#,"):
                message.flags |= {flag.strip() for flag in line[2:].split(",")}
            elif found := _LINE.fullmatch(line):
                name = found[1] or name
                message.fields[name] = message.fields.get(name, "") + ast.literal_eval(found[2])
        if message.fields:
            messages.append(message)
    return messages


HEADER, *MESSAGES = read_po(FOLDER / "django.po")
TRANSLATED = [message for message in MESSAGES if all(message.forms)]


def test_the_header_names_the_plural_forms_and_nobody():
    names = {line.partition(":")[0] for line in HEADER.fields["msgstr"].splitlines()}
    assert "Plural-Forms: nplurals=2; plural=(n != 1);" in HEADER.fields["msgstr"]
    assert not names & {"POT-Creation-Date", "Last-Translator", "Language-Team"}


def test_nothing_is_fuzzy():
    assert [message.source for message in [HEADER, *MESSAGES] if "fuzzy" in message.flags] == []


def test_nearly_everything_is_translated():
    waiting = [message.source for message in MESSAGES if message not in TRANSLATED]
    assert len(TRANSLATED) >= SHARE * len(MESSAGES), waiting


def test_placeholders_and_markup_are_those_of_the_source():
    different = []
    for message in TRANSLATED:
        wanted = sorted(_PLACEHOLDER.findall(message.source))
        for text in message.forms:
            same = sorted(_PLACEHOLDER.findall(text)) == wanted
            # Values without names are filled in by their order.
            ordered = re.findall(r"%[sd]", text) == re.findall(r"%[sd]", message.source)
            edges = (text[:1].isspace(), text[-1:].isspace()) == (
                message.source[:1].isspace(),
                message.source[-1:].isspace(),
            )
            if not (same and ordered and edges):
                different.append((message.source, text))
    assert different == []


def test_every_plural_has_both_forms():
    plurals = [message for message in TRANSLATED if message.plural]
    assert len(plurals) > 10
    assert all(len(message.forms) == 2 for message in plurals)
    assert all(len(message.forms) == 1 for message in TRANSLATED if not message.plural)


def test_no_translation_is_left_in_vietnamese():
    left = []
    for message in TRANSLATED:
        # What is inside a source as an example stays: an address, the name of a form.
        left += [text for text in message.forms if _VIETNAMESE.search(_KEPT.sub("", text))]
    assert left == []


def test_the_compiled_catalogue_is_current():
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = dict(gettext.GNUTranslations(file)._catalog)
    compiled.pop("")
    written = {}
    for message in TRANSLATED:
        if message.plural:
            written |= {(message.key, number): text for number, text in enumerate(message.forms)}
        else:
            written[message.key] = message.forms[0]
    assert compiled == written, "run make messages"


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1 working day left"), (2, "2 working days left"), (0, "0 working days left")]
)
def test_plurals_follow_the_number(number, words):
    with translation.override("en"):
        text = translation.ngettext("Còn %(n)s ngày làm việc", "Còn %(n)s ngày làm việc", number)
    assert text % {"n": number} == words


# --- pages -----------------------------------------------------------------------------------------


@pytest.fixture
def english(client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/huong-dan/", "/danh-muc/"])
def test_navigation_is_english(english, path):
    page = english.get(path).content.decode()
    navigation = re.search(r'<nav class="nav".*?</nav>', page, re.DOTALL)[0]
    for word in ("Catalogues", "Guide", "Verify a paper", "Sign in"):
        assert word in navigation
    shown = re.sub(r"<[^>]+>", " ", navigation)
    assert not _VIETNAMESE.search(_KEPT.sub("", shown))


@pytest.mark.django_db
def test_the_language_ends_with_the_request(english):
    assert english.get("/").headers["Content-Language"] == "en"
    assert translation.get_language() == settings.LANGUAGE_CODE


@pytest.mark.django_db
def test_home_keeps_the_names_that_are_data(english):
    builders.procedure("nhanh", days=20)
    text = re.sub(r"<[^>]+>", " ", english.get("/").content.decode())
    assert "Thủ tục nhanh" in text
    assert "1 required document" in text
    assert "The path of a dossier" in text


# --- papers ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_papers_are_vietnamese_whoever_causes_them():
    case = case_in(State.SCREENING)
    officer = case.received_by or StaffFactory(role=Role.INTAKE_OFFICER)
    with translation.override("en"):
        transitions.request_supplement(
            case.pk,
            by=officer,
            at=NOW,
            expected_version=case.version,
            points=[
                Point("document", "thuyet-minh", "unreadable", "Trang 2 bị mờ."),
                Point("item", "", "unclear", ""),
            ],
        )
    data = IssuedDocument.objects.get(dossier_id=case.pk, kind=DocumentKind.SUPPLEMENT_REQUEST).data
    assert [point["reason"] for point in data["points"]] == ["Không đọc được", "Chưa rõ, cần giải trình"]
    assert data["points"][1]["what"] == "Mục danh mục đã khai"
    assert data["applicant"]["identifier_label"] == "mã số thuế"


@pytest.mark.django_db
def test_what_is_certified_is_the_same_in_both_languages():
    dossier = complete_dossier()
    with translation.override("en"):
        in_english = content_of(dossier)
    assert in_english == content_of(dossier)
