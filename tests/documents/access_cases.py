from django.urls import reverse

from accounts.models import Role
from tests.access_objects import ObjectUrl, object_url
from tests.documents.builders import dossier, issue, officer, person


@object_url("document_download")
def document_download() -> ObjectUrl:
    """A paper that is still being made: whoever may have it is told so."""
    owner, stranger = person(), person("Người khác")
    dossier(stranger)
    document = issue(of=dossier(owner))
    return ObjectUrl(
        reverse("document_download", args=[document.public_id]),
        admits=[owner, officer(), officer(Role.AUDITOR)],
        refuses=[stranger],
        methods=("GET",),
    )
