"""The yardstick of the outbox: a Celery task that sends a mail, and nothing else."""

from celery import shared_task
from django.core.mail import EmailMessage


@shared_task(ignore_result=True)
def send_mail(subject: str, body: str, to: str) -> None:
    EmailMessage(subject, body, to=[to]).send()
