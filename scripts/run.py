"""The whole product with one command: database, catalogues, demonstration data, web server, worker with its clock.

Called by `make run`. Everything is kept in HOSO_VAR (var/), so that starting again goes on where it stopped.
Ctrl-C stops all of it; when one part ends by itself, that is said and the rest is stopped.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from io import StringIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from scripts.services import die_with_parent  # noqa: E402

PATIENCE = 60  # seconds until the first page must have come
GRACE = 15  # seconds that each part has to finish what it is doing


class Part:
    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        # In a group of its own: Ctrl-C reaches this program alone, which then stops the parts in order.
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            # Celery warns of root; here everything is the one person's who typed the command.
            env=os.environ | {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"},
            start_new_session=True,
            preexec_fn=die_with_parent,
            stdin=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=max(0.1, deadline - time.monotonic()))
        # Also when it is gone: one that was killed leaves the processes that it had started.
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def prepare(port: int) -> None:
    """Migrates, loads catalogues, papers' texts and, in demonstration mode, its data; each may be run again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("HOSO_SITE_URL", f"http://localhost:{port}")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    print("Preparing the database …", flush=True)
    # What they report is for whoever calls them by hand; errors are raised.
    call_command("migrate", interactive=False, stdout=StringIO())
    call_command("load_catalogs", stdout=StringIO())
    call_command("load_templates", stdout=StringIO())
    if settings.DEMO_MODE:
        call_command("seed_demo", stdout=StringIO())
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    connections.close_all()


def print_welcome(port: int) -> None:
    from django.conf import settings

    from accounts.demo import APPLICANTS, OFFICIALS, PASSWORD

    print(f"\n  Hồ Sơ runs at http://localhost:{port}", flush=True)
    if settings.DEMO_MODE:
        rows = [(official.email, official.name, official.job_title) for official in OFFICIALS]
        rows += [(applicant.email, applicant.representative, applicant.name) for applicant in APPLICANTS[:2]]
        widths = [max(len(row[n]) for row in rows) for n in range(3)]
        print(f"  Demonstration accounts, all with the password {PASSWORD}:\n")
        for row in rows:
            print("    " + "   ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    print(f"\n  Data and mail are in {settings.VAR_DIR}. Ctrl-C stops everything.\n", flush=True)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/suc-khoe/", timeout=2) as page:
            return page.status == 200
    except (urllib.error.URLError, OSError):
        return False


def start(port: int) -> list[Part]:
    python = sys.executable
    return [
        Part(
            "web",
            [python, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
            + ["--workers", "1", "--worker-class", "gthread", "--threads", "8", "--no-control-socket"],
        ),
        Part(
            "worker",
            [python, "-m", "celery", "-A", "config", "--quiet", "worker", "--beat", "--loglevel", "WARNING"]
            + ["--concurrency", "2", "--without-gossip", "--without-mingle", "--without-heartbeat"],
        ),
    ]


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def prepared(port: int) -> bool:
    """Prepares; what is wrong with the data is said in its own words, without the way there."""
    try:
        prepare(port)
    except Exception as error:
        if os.environ.get("HOSO_DEBUG"):
            raise
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        print("Data of an earlier version? `rm -r var` starts afresh. HOSO_DEBUG=1 shows more.", file=sys.stderr)
        return False
    return True


def main() -> int:
    port = int(os.environ.get("PORT") or 8000)
    # Set here as well, because a shell that starts it in the background has it ignored.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            print(f"Port {port} is taken: try `make run PORT={port + 1}`.", file=sys.stderr)
            return 1
    parts: list[Part] = []
    try:
        if not prepared(port):
            return 1
        parts = start(port)
        latest = time.monotonic() + PATIENCE
        welcomed = False
        while True:
            for part in parts:
                if part.process.poll() is not None:
                    print(f"The {part.name} ended by itself (code {part.process.returncode}).", file=sys.stderr)
                    return 1
            if not welcomed and answers(port):
                welcomed = True
                print_welcome(port)
            elif not welcomed and time.monotonic() > latest:
                print(f"The web server gave no page within {PATIENCE} s.", file=sys.stderr)
                return 1
            time.sleep(0.3)
    except KeyboardInterrupt:
        print("\nStopping …", flush=True)
        return 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for part in parts:
            part.stop()
        for part in parts:
            part.wait(time.monotonic() + GRACE)


if __name__ == "__main__":
    sys.exit(main())
