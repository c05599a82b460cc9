from django.conf import settings
from django.db import models


class EntryQuerySet(models.QuerySet["Entry"]):
    def about(self, subject: models.Model) -> "EntryQuerySet":
        return self.filter(subject_type=subject_type_of(subject), subject_id=str(subject.pk))


class Entry(models.Model):
    """One thing that somebody did. Never changed, never deleted: database triggers refuse both."""

    # The position in the chain, without gaps; assigned under the lock of the chain's head.
    number = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id", "number"], name="audit_by_subject")]

    def __str__(self) -> str:
        return f"#{self.number} {self.action} {self.subject_type}:{self.subject_id}"


class ChainHead(models.Model):
    """The single row whose lock puts entries in one order, and which betrays a cut-off tail."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_chain_head")]

    def __str__(self) -> str:
        return f"#{self.number} {self.hash}"


def subject_type_of(subject: models.Model) -> str:
    """A proxy and its model are one subject: workflow.Case is recorded as intake.dossier."""
    return subject._meta.concrete_model._meta.label_lower  # type: ignore[union-attr]
