"""What is known of an organisation's tax code: asked for when it is registered or edited, and again until it is known.

Nobody waits for a registry but the page that registers, and that for two seconds at most. Filing goes on whatever
the state; only a decision that grants waits (`workflow.transitions.approve`).
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.models import Organisation, TaxStatus, User
from accounts.taxcodes import names
from accounts.taxcodes.registry import Answer, NoAnswer, Registry, Taxpayer, configured
from audit import trail

logger = logging.getLogger(__name__)

LONGEST_IN_REQUEST = 2.0  # seconds
# Held so long by whoever asks; one that died is followed by the next sweep.
LEASE = timedelta(minutes=2)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=30)
# What a registry denies is asked again: it may learn of a company, or of its new name, later than we do.
ASKED_AGAIN = timedelta(days=1)
# Of one sweep, so that the worker stays free for other tasks.
SWEEP_SIZE, SWEEP_TIME = 200, timedelta(minutes=2)
# A registry that fails so often in a row is away: the rest is due again at the next sweep.
FAILURES = 3
MANUAL = "manual"


def enlist(organisation: Organisation, *, at: datetime) -> None:
    """Have the tax code checked from now on, whatever was known of it. The caller saves."""
    if organisation.tax_code:
        organisation.tax_status = TaxStatus.UNVERIFIED
        organisation.tax_source = organisation.tax_note = ""
        organisation.tax_registered_name = organisation.tax_registered_address = ""
        organisation.tax_checked_at = None
        organisation.tax_attempts = 0
        organisation.tax_next_check_at = at


def check_now(organisation: Organisation, *, at: datetime) -> Organisation:
    """Ask while somebody waits for the page, and read what is known then; what is not stays with the sweep."""
    registry = configured()
    if not registry.source or organisation.tax_next_check_at is None:
        return organisation
    seconds = min(LONGEST_IN_REQUEST, settings.TAX_REGISTRY_SECONDS)
    _check(organisation.pk, at=at, seconds=seconds, registry=registry)
    return Organisation.objects.get(pk=organisation.pk)


def check_against(registry: Registry, organisation: Organisation, *, at: datetime) -> None:
    """Ask this one registry now, whichever is configured."""
    _check(organisation.pk, at=at, seconds=LONGEST_IN_REQUEST, registry=registry)


def sweep(*, clock: Callable[[], datetime]) -> int:
    """Ask about what is due; returns how many organisations were asked about."""
    started, asked, failures = clock(), 0, 0
    registry = configured()
    if not registry.source:
        return 0
    due = Organisation.objects.filter(tax_next_check_at__lte=started).order_by("tax_next_check_at", "pk")
    for pk in list(due.values_list("pk", flat=True)[:SWEEP_SIZE]):
        if failures >= FAILURES or clock() - started > SWEEP_TIME:
            break
        answer = _check(pk, at=clock(), seconds=settings.TAX_REGISTRY_SECONDS, registry=registry)
        asked += answer is not None
        failures = failures + 1 if isinstance(answer, NoAnswer) else 0
    return asked


def _check(organisation_id: int, *, at: datetime, seconds: float, registry: Registry) -> Answer | None:
    """Ask and write down; None if it is not due, or somebody else is asking. No transaction is open meanwhile."""
    due = Organisation.objects.filter(pk=organisation_id, tax_next_check_at__lte=at)
    tax_code = due.values_list("tax_code", flat=True).first()
    # The condition again: of two who ask at the same time, one finds it changed.
    if not tax_code or not due.update(tax_next_check_at=at + LEASE):
        return None
    answer = registry.look_up(tax_code, seconds=seconds)
    write(organisation_id, answer, source=registry.source, at=at)
    return answer


@transaction.atomic
def write(organisation_id: int, answer: Answer, *, source: str, at: datetime) -> None:
    """Keep what was answered. The name is compared as it stands now, not as it stood when the question was asked."""
    organisation = Organisation.objects.select_for_update().filter(pk=organisation_id).first()
    if organisation is None or organisation.tax_next_check_at is None:
        return  # an officer was faster
    before = organisation.tax_status
    if isinstance(answer, NoAnswer):
        organisation.tax_attempts = min(organisation.tax_attempts + 1, 1000)
        wait = min(FIRST_WAIT * 2 ** min(organisation.tax_attempts - 1, 10), LONGEST_WAIT)
        organisation.tax_next_check_at = at + wait
        logger.warning(
            "tax code of organisation %s (attempt %d): %s", organisation.pk, organisation.tax_attempts, answer.why
        )
    else:
        organisation.tax_status = _status(organisation, answer)
        told = answer if isinstance(answer, Taxpayer) else Taxpayer("", "", active=False)
        organisation.tax_registered_name, organisation.tax_registered_address = told.name, told.address
        organisation.tax_source, organisation.tax_checked_at, organisation.tax_attempts = source, at, 0
        known = organisation.tax_status == TaxStatus.VERIFIED
        organisation.tax_next_check_at = None if known else at + ASKED_AGAIN
    organisation.save(update_fields=TAX_FIELDS)
    if organisation.tax_status != before:
        _record(organisation, "tax_code_checked", before, by=None, at=at)


def _status(organisation: Organisation, answer: Answer) -> TaxStatus:
    if not isinstance(answer, Taxpayer):
        return TaxStatus.NOT_FOUND
    if not answer.active:
        return TaxStatus.CEASED
    return TaxStatus.VERIFIED if names.same(organisation.name, answer.name) else TaxStatus.NAME_DIFFERS


def verify_by_hand(organisation: Organisation, reason: str, *, by: User, at: datetime) -> None:
    """An officer has seen papers that prove it. The caller has locked the organisation and asked the policy."""
    before = organisation.tax_status
    organisation.tax_status, organisation.tax_source = TaxStatus.VERIFIED, MANUAL
    organisation.tax_note, organisation.tax_checked_at = reason, at
    organisation.tax_next_check_at, organisation.tax_attempts = None, 0
    organisation.save(update_fields=TAX_FIELDS)
    _record(organisation, "tax_code_verified_by_hand", before, by=by, at=at, reason=reason)


def _record(
    organisation: Organisation, action: str, before: str, *, by: User | None, at: datetime, **more: str
) -> None:
    data = {
        "tax_status": [before, organisation.tax_status],
        "source": organisation.tax_source,
        "registered_name": organisation.tax_registered_name,
        **more,
    }
    trail.record(organisation, action, by=by, at=at, data=data)


TAX_FIELDS = [
    "tax_status",
    "tax_source",
    "tax_registered_name",
    "tax_registered_address",
    "tax_note",
    "tax_checked_at",
    "tax_next_check_at",
    "tax_attempts",
]
