import socket

import pytest
from django.db import connection
from django.http import HttpResponse
from django.template import Context, Engine, Template
from django.test import RequestFactory

from accounts.models import Unit
from tests import guards


def call(view, method: str, name: str = "some_page"):
    request = RequestFactory().generic(method, "/")
    request.resolver_match = type("Match", (), {"view_name": name})
    return guards.GetNeverWrites(lambda r: None).process_view(request, view, (), {})


def view_that_writes(request):
    Unit.objects.create(name="Phòng Công nghiệp số")
    return HttpResponse("ok")


@pytest.mark.django_db
def test_a_get_that_writes_fails_the_test():
    with pytest.raises(guards.GetWrites, match="accounts_unit"):
        call(view_that_writes, "GET")


@pytest.mark.django_db
def test_a_post_may_write_and_a_recording_get_too():
    assert call(view_that_writes, "POST") is None  # left to Django
    assert call(view_that_writes, "GET", next(iter(guards.GETS_THAT_RECORD))) is None


@pytest.mark.django_db
def test_a_get_that_reads_passes():
    assert call(lambda request: HttpResponse(Unit.objects.count()), "GET").content == b"0"


def own_template(text: str, tmp_path, settings) -> Template:
    settings.BASE_DIR = tmp_path
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(text)
    engine = Engine(dirs=[tmp_path / "templates"], string_if_invalid=guards.UndefinedVariable())
    return engine.get_template("page.html")


def test_a_misspelt_variable_fails_the_test(tmp_path, settings):
    template = own_template("{{ titel }}", tmp_path, settings)
    with pytest.raises(guards.UndefinedTemplateVariable, match="titel"):
        template.render(Context({"title": "Hồ sơ"}))


def test_asking_whether_a_variable_is_there_is_allowed(tmp_path, settings):
    template = own_template("{% if note %}{{ note }}{% endif %}{{ title }}", tmp_path, settings)
    assert template.render(Context({"title": "Hồ sơ"})) == "Hồ sơ"


def test_templates_of_installed_packages_are_left_alone():
    engine = Engine(string_if_invalid=guards.UndefinedVariable())
    assert engine.from_string("[{{ missing }}]").render(Context()) == "[]"


@pytest.mark.django_db
def test_unordered_rows_come_in_any_order_and_ordered_ones_do_not():
    Unit.objects.bulk_create(Unit(name=f"{n:02}") for n in range(30))
    names = sorted(Unit.objects.values_list("name", flat=True))
    assert any([u.name for u in Unit.objects.all()] != names for _ in range(3))
    assert [u.name for u in Unit.objects.order_by("name")] == names


def test_nothing_connects_to_another_machine():
    with socket.socket() as outside, pytest.raises(guards.OutsideConnection):
        outside.connect(("192.0.2.1", 80))


def test_mail_stays_in_memory_and_tasks_in_this_process(settings):
    assert settings.EMAIL_BACKEND == "django.core.mail.backends.locmem.EmailBackend"
    assert settings.CELERY_BROKER_URL == "memory://"


def test_nothing_is_written_into_the_checkout(settings):
    assert not settings.VAR_DIR.is_relative_to(settings.BASE_DIR)
    if connection.vendor == "sqlite":
        assert "memory" in connection.settings_dict["NAME"] or not connection.settings_dict["NAME"].startswith(
            str(settings.BASE_DIR)
        )
