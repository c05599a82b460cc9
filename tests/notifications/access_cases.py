from django.urls import reverse

from accounts.models import Role
from notifications import jobs
from notifications.models import Job
from tests.access_objects import ObjectUrl, object_url
from tests.notifications.builders import NOON, mails, notices, person


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


def _job_url(name: str, *, methods: tuple[str, ...]) -> ObjectUrl:
    owner, stranger = person("ha@saomai.example"), person("la@saomai.example")
    manager = person("danh-muc@bo.example", role=Role.CATALOGUE_MANAGER)
    job: Job = jobs.start("count_units", title="Đếm", by=owner, at=NOON, arguments={})
    return ObjectUrl(reverse(name, args=[job.pk]), admits=[owner], refuses=[stranger, manager], methods=methods)


@object_url("job_detail")
def job_detail() -> ObjectUrl:
    return _job_url("job_detail", methods=("GET",))


@object_url("job_progress")
def job_progress() -> ObjectUrl:
    return _job_url("job_progress", methods=("GET",))


@object_url("job_stop")
def job_stop() -> ObjectUrl:
    return _job_url("job_stop", methods=("POST",))


@object_url("job_detail: of a role")
def job_of_a_role() -> ObjectUrl:
    manager, other = (person(f"danh-muc{n}@bo.example", role=Role.CATALOGUE_MANAGER) for n in (1, 2))
    job = jobs.start("count_units", title="Đếm", by=manager, at=NOON, arguments={}, role=Role.CATALOGUE_MANAGER)
    refuses = [person("cv@bo.example", role=Role.SPECIALIST), person("ha@saomai.example")]
    path = reverse("job_detail", args=[job.pk])
    return ObjectUrl(path, admits=[manager, other], refuses=refuses, methods=("GET",))
