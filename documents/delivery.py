"""What happens when somebody who acts for the applicant first fetches the decision. `workflow` registers it."""

from datetime import datetime
from typing import Protocol

from accounts.models import User
from documents.models import IssuedDocument


class FirstDownload(Protocol):
    def __call__(self, document: IssuedDocument, *, person: User, at: datetime) -> object: ...


# Called in the transaction that records the download, each with the document, the person and the moment.
on_first_download: list[FirstDownload] = []
