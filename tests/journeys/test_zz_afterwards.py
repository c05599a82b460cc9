"""After all journeys: what they left behind holds together. Named so that it comes last."""

from tests.journeys.conftest import Site


def test_the_trail_is_whole(site: Site):
    assert "unbroken" in site.manage("verify_audit")
