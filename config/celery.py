import os
from typing import Any

from celery import Celery
from celery.signals import task_postrun, task_prerun
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("hoso")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
@task_postrun.connect
def end_worn_out_connections(task: Any, **_: Any) -> None:
    """Around a task as around a request: what is too old or broken is closed, the rest is checked and kept."""
    if not task.request.is_eager:
        close_old_connections()
