"""Rendering a decision."""

import weasyprint
from weasyprint.text.fonts import FontConfiguration

from bench.measuring import Comparison, World, benchmark
from documents import rendering
from documents.models import DocumentKind, IssuedDocument


@benchmark
def decision_pdf(world: World) -> Comparison:
    """A decision from its frozen data; the limit is WeasyPrint alone on the same HTML, its fonts kept."""
    decision = IssuedDocument.objects.filter(kind=DocumentKind.DECISION).order_by("pk").first()
    assert decision, "the demonstration data hold no decision"
    html = rendering.render(decision).html
    fonts = FontConfiguration()

    def bare() -> bytes:
        return weasyprint.HTML(string=html, url_fetcher=rendering._Fetcher()).write_pdf(
            font_config=fonts, pdf_variant=rendering.PDF_VARIANT
        )

    return Comparison(lambda: rendering.render(decision).pdf, bare)
