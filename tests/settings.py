"""The product's own settings, in a folder that ends with the tests.

The environment is prepared before `config.settings` is read, so what a person has exported for a running
product never reaches a test, and no test writes into the checkout. DATABASE_URL alone is taken over: with it
the same tests run on PostgreSQL.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

for name in [n for n in os.environ if n.startswith(("HOSO_", "S3_"))] + ["REDIS_URL", "EMAIL_URL"]:
    os.environ.pop(name, None)

# A process of pytest-xdist prepares its own.
_var = tempfile.mkdtemp(prefix="hoso-tests-")
atexit.register(shutil.rmtree, _var, ignore_errors=True)
os.environ["HOSO_VAR"] = _var
(Path(_var) / "static").mkdir()

from config.settings import *  # noqa: E402, F403
from config.settings import MIDDLEWARE, TEMPLATES  # noqa: E402
from tests.guards import UndefinedVariable  # noqa: E402

# Tasks sent on commit land in a queue of this process that nobody reads; `eager_tasks` runs them on the spot.
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict = {}
# Fast, because no test is about how long a password takes to guess.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Nobody answers for a tax code but in the tests that are about it.
TAX_TABLE = ""
# Innermost, so that the session and the messages, which are saved around it, do not count.
MIDDLEWARE = [*MIDDLEWARE, "tests.guards.GetNeverWrites"]
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = UndefinedVariable()
LOGGING_CONFIG = None
