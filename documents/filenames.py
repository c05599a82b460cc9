"""File names that survive every system: letters, digits and hyphens."""

import re
import unicodedata

from documents.models import DocumentKind, IssuedDocument

_PREFIXES = {
    DocumentKind.ACKNOWLEDGEMENT: "xac-nhan-nop-ho-so",
    DocumentKind.RECEIPT: "giay-tiep-nhan",
    DocumentKind.SUPPLEMENT_REQUEST: "phieu-yeu-cau-bo-sung",
    DocumentKind.REFUSAL: "phieu-tu-choi-tiep-nhan",
    DocumentKind.DECISION: "quyet-dinh",
}


def pdf_name(document: IssuedDocument) -> str:
    """quyet-dinh-05-QD-CNCNTT.pdf"""
    bare = unicodedata.normalize("NFD", document.symbol.replace("Đ", "D").replace("đ", "d"))
    symbol = re.sub(r"[^A-Za-z0-9]+", "-", "".join(char for char in bare if not unicodedata.combining(char)))
    return f"{_PREFIXES[DocumentKind(document.kind)]}-{symbol.strip('-')}.pdf"
