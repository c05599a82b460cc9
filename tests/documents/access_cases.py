from django.urls import reverse

from accounts.models import Role
from tests.access_objects import ObjectUrl, object_url
from tests.documents import builders


@object_url("document_download")
def document_download() -> ObjectUrl:
    owner = builders.person()
    stranger = builders.organisation(builders.person()).memberships.get().user
    paper = builders.issue(of=builders.dossier(owner))
    path = reverse("document_download", args=[paper.public_id])
    return ObjectUrl(path, admits=[owner, builders.officer(Role.CLERK)], refuses=[stranger], methods=("GET",))
