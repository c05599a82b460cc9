import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import services

ROOT = Path(__file__).resolve().parent.parent.parent


def run(*arguments: str, code: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "scripts/services.py", *arguments, "--", sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


@pytest.mark.postgres
def test_a_throwaway_postgresql_is_gone_afterwards():
    ran = run(
        "--postgres",
        code="""
import os
import psycopg
from urllib.parse import parse_qs, urlsplit
url = urlsplit(os.environ["DATABASE_URL"])
options = {k: v[0] for k, v in parse_qs(url.query).items()}
with psycopg.connect(dbname=url.path[1:], **options) as connection:
    connection.execute("CREATE EXTENSION pg_trgm")
print(options["host"])
""",
    )
    assert ran.returncode == 0, ran.stderr
    folder = ran.stdout.strip()
    assert folder.startswith("/tmp/hoso-pg-")
    assert not Path(folder).exists()


@pytest.mark.redis
def test_a_throwaway_redis_is_gone_afterwards():
    ran = run("--redis", code="import os, redis; u = os.environ['TEST_REDIS_URL']; redis.from_url(u).ping(); print(u)")
    assert ran.returncode == 0, ran.stderr
    port = re.search(r":(\d+)/", ran.stdout)[1]
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(port))) != 0


def test_the_commands_own_result_is_handed_on():
    assert run(code="import sys; sys.exit(7)").returncode == 7


def test_a_missing_service_is_named(monkeypatch):
    monkeypatch.setattr(services.shutil, "which", lambda name: None)
    with pytest.raises(services.ServiceMissing, match="redis-server"), services.redis():
        pass
