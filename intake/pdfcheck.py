"""Looks into an untrusted PDF: `python -I pdfcheck.py FILE BYTES` prints a finding, or nothing if it is harmless.

It runs as a process of its own with no more memory than BYTES and little time, because a hostile file may make a
parser eat both. It imports nothing of the product. The findings are: encrypted, damaged, empty, too_complex, script,
action, outside, link, embedded, media, form.

A file is judged, never mended: taking something out would change the bytes that a company may have signed.
What may stay: links to web pages, to mail addresses and to places in the document, also as the place to open it at.
"""

import resource
import sys

import pikepdf

MEMORY = 1024**3  # bytes, what a caller grants
SECONDS = 20
MAX_OBJECTS = 200_000
MAX_DEPTH = 60

# Actions that leave the document, start something or send something (ISO 32000-1, 12.6.4).
FORBIDDEN_ACTIONS = {
    "/JavaScript": "script",
    "/Launch": "action",
    "/SubmitForm": "action",
    "/ImportData": "action",
    "/GoToR": "action",
    "/GoToE": "embedded",
    "/Rendition": "media",
    "/Movie": "media",
    "/Sound": "media",
    "/RichMediaExecute": "media",
}
FORBIDDEN_KEYS = {
    "/JavaScript": "script",
    "/JS": "script",
    "/AA": "action",
    "/EmbeddedFiles": "embedded",
    "/EF": "embedded",
    "/XFA": "form",
}
FORBIDDEN_SUBTYPES = {
    "/FileAttachment": "embedded",
    "/RichMedia": "media",
    "/Screen": "media",
    "/Movie": "media",
    "/Sound": "media",
    "/3D": "media",
}
# How an address begins that a link may have. Without a scheme a reader looks for a file, unless it is plainly a host.
LINKS = ("http://", "https://", "mailto:", "www.")


def finding(path: str) -> str:
    """What is wrong with the file, or an empty string."""
    try:
        with pikepdf.open(path, attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                return "encrypted"
            if found := _walk(pdf):
                return found
            if not _stays_inside(pdf.Root.get("/OpenAction"), 0):
                return "action"
            if not _base_is_web(pdf.Root.get("/URI")):
                return "link"
            # What could not be read came as nothing, and another reader may see it.
            # (Pages without their own resources are usual, and qpdf repairs them in its memory.)
            if any(not warning.endswith("repairing") for warning in pdf.get_warnings()):
                return "damaged"
            return "" if len(pdf.pages) else "empty"
    except pikepdf.PasswordError:
        return "encrypted"
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, TypeError, KeyError, RecursionError):
        return "damaged"
    except MemoryError:
        return "too_complex"


def _walk(pdf: pikepdf.Pdf) -> str:
    if len(pdf.objects) > MAX_OBJECTS:
        return "too_complex"
    for one in pdf.objects:
        if found := _look(one, 0):
            return found
    return ""


def _look(one: object, depth: int) -> str:
    """Look at an object and the direct ones inside; indirect ones have their own turn."""
    if depth > MAX_DEPTH:
        return "too_complex"
    if isinstance(one, pikepdf.Array):
        return next((found for child in one if (found := _child(child, depth))), "")
    if not isinstance(one, (pikepdf.Dictionary, pikepdf.Stream)):
        return ""
    for key in one.keys():  # noqa: SIM118  a stream has keys but is no mapping
        if key in FORBIDDEN_KEYS:
            return FORBIDDEN_KEYS[key]
        child = one.get(key)
        if key == "/S" and str(child) in FORBIDDEN_ACTIONS:
            return FORBIDDEN_ACTIONS[str(child)]
        if key == "/Subtype" and str(child) in FORBIDDEN_SUBTYPES:
            return FORBIDDEN_SUBTYPES[str(child)]
        if found := _child(child, depth):
            return found
    return _points_outside(one)


def _points_outside(one: pikepdf.Dictionary | pikepdf.Stream) -> str:
    """What is wrong with where an object leads: a reader may fetch that, or hand it to another program."""
    # ISO 32000-1, 7.3.8.2 and 8.10.4: content, or a page to draw, that lies in another file. (In a dictionary that is
    # no stream both keys mean other things.)
    if isinstance(one, pikepdf.Stream) and ("/F" in one or "/Ref" in one):
        return "outside"
    action = str(one.get("/S", ""))
    if action == "/Thread" and "/F" in one:
        return "outside"
    return "link" if action == "/URI" and not _is_link(one.get("/URI")) else ""


def _is_link(address: object) -> bool:
    return isinstance(address, pikepdf.String) and str(address).strip().lower().startswith(LINKS)


def _base_is_web(of_document: object) -> bool:
    """Whether addresses without a scheme, if anything completes them, become those of the web (12.6.4.7)."""
    if not isinstance(of_document, pikepdf.Dictionary) or "/Base" not in of_document:
        return True
    return _is_link(of_document.get("/Base"))


def _stays_inside(action: object, depth: int) -> bool:
    """Whether what happens on opening, and whatever follows it, is no more than going to a place in the document."""
    if depth > MAX_DEPTH:
        return False
    if not isinstance(action, pikepdf.Dictionary):
        return True  # a place by itself
    if str(action.get("/S", "/GoTo")) != "/GoTo":
        return False
    following = action.get("/Next")
    after = list(following) if isinstance(following, pikepdf.Array) else [following]
    return all(_stays_inside(one, depth + 1) for one in after)


def _child(child: object, depth: int) -> str:
    if isinstance(child, pikepdf.Object) and not child.is_indirect:
        return _look(child, depth + 1)
    return ""


if __name__ == "__main__":
    granted = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (granted, granted))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.write(finding(sys.argv[1]))
