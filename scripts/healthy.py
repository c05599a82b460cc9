"""Asks one part of the product whether it is well: `healthy.py web|worker|beat`. For health checks of containers."""

import os
import sys
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

LATEST_BEAT = 600  # seconds; beat writes its schedule down every three minutes


def web() -> bool:
    host = os.environ.get("HOSO_HOSTS", "localhost").split(",")[0].lstrip(".")
    # As the proxy in front would ask: production answers https only, and only to hosts it knows.
    request = urllib.request.Request(
        f"http://127.0.0.1:{os.environ.get('PORT') or 8000}/suc-khoe/",
        headers={"Host": host, "X-Forwarded-Proto": "https"},
    )
    with urllib.request.urlopen(request, timeout=5) as page:
        return page.status == 200


def worker() -> bool:
    import socket

    from config.celery import app

    return bool(app.control.ping(destination=[f"worker@{socket.gethostname()}"], timeout=10))


def beat() -> bool:
    written = [p.stat().st_mtime for p in Path(os.environ["HOSO_VAR"]).glob("celerybeat-schedule*")]
    return bool(written) and time.time() - max(written) < LATEST_BEAT


if __name__ == "__main__":
    sys.exit(0 if {"web": web, "worker": worker, "beat": beat}[sys.argv[1]]() else 1)
