"""After all journeys: what they left behind holds together. Named so that it comes last."""

import pytest

from tests.journeys.conftest import Site

pytestmark = pytest.mark.browser


def test_the_trail_is_whole(site: Site):
    assert "unbroken" in site.manage("verify_audit")
