"""Where the product applies which article: read out of what cites it, so that nothing is typed twice.

Procedures say in their data on which article a period or a statement rests; the pages for everybody cite in their
texts; what other packages do by law they tell by `sources.append(…)` when they start.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.template import Engine
from django.urls import reverse
from django.utils.translation import gettext as _

from catalogs.models import Procedure, Provision
from catalogs.procedures import Definition, title_of

_NUMBER = r"\d+(?:/\d{4})?/[A-ZĐ][A-ZĐa-z0-9-]*"
_ARTICLE = r"(?:điểm \w khoản \d+ Điều \d+|khoản \d+ Điều \d+|Điều \d+)"
# “khoản 3 Điều 4 Thông tư số 31/2025/TT-BKHCN”, “Điều 16, Điều 17 Nghị định số 118/2025/NĐ-CP”
_LONG = re.compile(
    rf"(?P<articles>(?:{_ARTICLE}(?:, | và )?)+) (?:của )?(?:Luật|Nghị định|Quyết định|Thông tư)(?: số)? "
    rf"(?P<number>{_NUMBER})",
    re.IGNORECASE,
)
# As comments and docstrings have it: “NĐ 118/2025 Đ19.5”, “TT 31/2025/TT-BKHCN Đ4.3”
_SHORT = re.compile(r"\b(?:NĐ|TT|QĐ) (?P<number>\d+(?:/[\w-]+)*) (?P<articles>Đ\d+(?:\.\w+)*(?:, Đ\d+(?:\.\w+)*)*)")
_PARTS = re.compile(r"(?:điểm (?P<point>\w) )?(?:khoản (?P<clause>\d+) )?Điều (?P<article>\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Citation:
    """A place in an instrument: `key` as a provision's, "17.2.c"."""

    number: str  # of the instrument, as printed; without its issuer where the text leaves that out: 118/2025
    key: str

    def of(self, number: str) -> bool:
        return number == self.number or number.startswith(f"{self.number}/")

    def order(self) -> list[tuple[int, str]]:
        """Articles, clauses and points in the order of the instrument: 9 before 16."""
        return [(int(part), "") if part.isdigit() else (0, part) for part in self.key.split(".")]

    def __str__(self) -> str:
        article, *inner = self.key.split(".")
        words = [f"Điều {article}"]
        if inner:
            words.insert(0, f"khoản {inner[0]}")
        if len(inner) > 1:
            words.insert(0, f"điểm {inner[1]}")
        return " ".join(words)


@dataclass(frozen=True)
class Use:
    """Something that the product does and the article on which it rests."""

    citation: Citation
    what: str
    title: str  # where: the procedure, the page
    url: str = ""


# What other packages do by law; each answers when a page asks.
sources: list[Callable[[], Iterable[Use]]] = []


def citations_in(text: str) -> list[Citation]:
    """The places that the text names together with their instrument, in its order, each once."""
    found = []
    for match in _LONG.finditer(text):
        for part in _PARTS.finditer(match["articles"]):
            keys = (part["article"], part["clause"], part["point"])
            found.append(Citation(match["number"], ".".join(key for key in keys if key)))
    for match in _SHORT.finditer(text):
        found += [Citation(match["number"], article.removeprefix("Đ")) for article in match["articles"].split(", ")]
    return list(dict.fromkeys(found))


def uses(procedures: Iterable[tuple[Procedure, Definition]]) -> list[Use]:
    """Everything that cites an article: these procedures, the pages for everybody, what other packages do."""
    found = [use for procedure, definition in procedures for use in _of_procedure(procedure, definition)]
    found += _of_pages()
    found += [use for source in sources for use in source()]
    return list(dict.fromkeys(found))


def uses_of(number: str, among: Iterable[Use]) -> list[Use]:
    """Those that cite the instrument with this number."""
    return [use for use in among if use.citation.of(number)]


def nearest(key: str, provisions: Iterable[Provision]) -> Provision | None:
    """The provision with this key, or the one in which it stands: "17.2" for "17.2.c" if that is not held."""
    held = {provision.key: provision for provision in provisions}
    while key not in held and "." in key:
        key = key.rpartition(".")[0]
    return held.get(key)


def _of_procedure(procedure: Procedure, definition: Definition) -> Iterator[Use]:
    url, title = reverse("procedure_detail", args=[procedure.slug]), definition.short_name
    texts: list[tuple[str, str]] = [(rule.basis, _("Thời hạn: %s") % title_of(rule)) for rule in definition.deadlines]
    texts += [(one.basis, _("Cam kết: %s") % one.text) for one in definition.statements]
    texts += [(f"{q.label} {q.help}", _("Câu hỏi: %s") % q.label) for q in definition.questions()]
    texts += [(f"{d.title} {d.help}", _("Tài liệu: %s") % d.title) for d in definition.documents]
    texts += [(basis.text, _("Căn cứ của quyết định")) for basis in definition.legal_basis]
    texts += [(text, _("Lời văn của quyết định")) for one in definition.outcomes.values() for text in one.articles]
    for text, what in texts:
        for citation in citations_in(text):
            yield Use(citation, what, title, url)


def _of_pages() -> Iterator[Use]:
    for template, name, title in (("home.html", "home", _("Trang chủ")), ("guide.html", "guide", _("Hướng dẫn"))):
        for citation in citations_in(Engine.get_default().get_template(template).source):
            yield Use(citation, _("Nội dung của trang"), title, reverse(name))
