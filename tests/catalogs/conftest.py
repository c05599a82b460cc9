import pytest

from catalogs.loading import Summary, load


@pytest.fixture
def loaded(db) -> Summary:
    """The product's own lists, instruments, programmes and procedures."""
    return load()
