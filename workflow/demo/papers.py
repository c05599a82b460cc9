"""Sample attachments: real PDFs that say what they are."""

from functools import lru_cache
from html import escape

from weasyprint import HTML


@lru_cache(maxsize=256)
def sample_pdf(title: str) -> bytes:
    """A page with a title, so that an officer who opens it sees a document of that name."""
    return HTML(
        string=f"""<html lang="vi"><meta charset="utf-8"><title>{escape(title)}</title>
        <style>@page{{size:A4;margin:25mm}} body{{font:13pt/1.5 serif}} h1{{font-size:16pt;text-align:center}}</style>
        <h1>{escape(title)}</h1>
        <p>Tài liệu minh họa của bản trình diễn. Nội dung là giả định.</p></html>"""
    ).write_pdf()
