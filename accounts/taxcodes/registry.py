"""Who answers for a tax code: the one question, and the three answers that there are to it."""

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings


@dataclass(frozen=True)
class Taxpayer:
    """The tax code is registered under this name."""

    name: str
    address: str
    active: bool


@dataclass(frozen=True)
class Unknown:
    """The registry has no such tax code."""


@dataclass(frozen=True)
class NoAnswer:
    """Nothing is known either way: the registry was away, slow, or said what nobody understands."""

    why: str  # for the log


Answer = Taxpayer | Unknown | NoAnswer


class Registry(Protocol):
    source: str  # as it is kept beside what was found, and shown
    waited_for: bool  # whether a decision waits until it has answered

    def look_up(self, tax_code: str, *, seconds: float) -> Answer:
        """Never raises, and comes back after so many seconds at the latest."""


class Nobody:
    """No registry is configured: every tax code stays unverified until an officer verifies it."""

    source = ""
    waited_for = True

    def look_up(self, tax_code: str, *, seconds: float) -> Answer:
        return NoAnswer("no registry is configured")


def configured() -> Registry:
    """The registry of the settings. One that is configured comes before the recorded table."""
    from accounts.taxcodes.over_http import HttpRegistry
    from accounts.taxcodes.recorded import RecordedTable

    if settings.TAX_REGISTRY_URL:
        return HttpRegistry.from_settings()
    if settings.TAX_TABLE:
        return RecordedTable(settings.TAX_TABLE)
    return Nobody()
