import shutil
from pathlib import Path

import pytest

from catalogs.loading import Summary, load
from catalogs.reading import DATA


@pytest.fixture(scope="session")
def wording(tmp_path_factory) -> Path:
    """The product's data without the aliases, which are thousands and change often."""
    folder = tmp_path_factory.mktemp("catalogs") / "data"
    return Path(shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("aliases")))


@pytest.fixture
def folder(wording, tmp_path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copytree(wording, tmp_path / "data"))


@pytest.fixture
def loaded(db, wording) -> Summary:
    """The product's own lists, instruments, programmes and procedures, in the database."""
    return load(wording)
