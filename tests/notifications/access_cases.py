from django.urls import reverse

from tests.access_objects import ObjectUrl, object_url
from tests.notifications.builders import mails, notices, person


@object_url("notification_open")
def notification_open() -> ObjectUrl:
    owner, stranger = person("ha@saomai.example"), person("la@saomai.example")
    officer = person("mot-cua@bo.example", role="intake_officer")
    (notice,) = notices(owner, 1, url=reverse("guide"))
    path = reverse("notification_open", args=[notice.pk])
    return ObjectUrl(path, admits=[owner], refuses=[stranger, officer], methods=("POST",))


@object_url("delivery_resend")
def delivery_resend() -> ObjectUrl:
    owner = person("ha@saomai.example")
    officer, auditor = person("mot-cua@bo.example", role="intake_officer"), person("kt@bo.example", role="auditor")
    (mail,) = mails(owner, 1)
    path = reverse("delivery_resend", args=[mail.pk])
    return ObjectUrl(path, admits=[officer], refuses=[owner, auditor], methods=("POST",))
