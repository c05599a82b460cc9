"""Runs the benchmarks on a throwaway PostgreSQL that writes to disk as in production.

    BENCH_N=1000 python -m bench queue search

prints one line of JSON for each benchmark whose name begins with one of the words; all without any.
"""

import importlib
import os
import signal
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack
from pathlib import Path

from scripts import services

MODULES = ("queue", "dossier", "papers", "advice", "messages", "lists")


def prepare(n: int):
    """Tables, catalogues, demonstration dossiers with their whole history, and `n` more dossiers."""
    import django
    from django.conf import settings

    settings.CELERY_BROKER_URL = "memory://"  # nobody takes up what is sent; each benchmark calls what it measures
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    settings.LOGGING_CONFIG = None
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from bench import dossiers
    from bench.measuring import World

    at = timezone.now()
    with open(os.devnull, "w") as silence:
        for command in ("migrate", "load_catalogs", "seed_demo"):
            call_command(command, stdout=silence)
    staff = dossiers.people()
    began = time.monotonic()
    dossiers.load(n, at=at, staff=staff)
    dossiers.tidy()
    say(f"{n} dossiers loaded in {time.monotonic() - began:.0f} s")
    return World(n=n, at=at, people=staff)


def say(text: str) -> None:
    """For a person who watches; the lines of JSON go to standard output alone."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def main(words: list[str]) -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    n = int(os.environ.get("BENCH_N") or 100_000)
    failed = False
    try:
        with ExitStack() as stack:
            os.environ["HOSO_VAR"] = stack.enter_context(tempfile.TemporaryDirectory(prefix="hoso-bench-"))
            (Path(os.environ["HOSO_VAR"]) / "static").mkdir()
            os.environ["DATABASE_URL"] = stack.enter_context(services.postgres(durable=True))
            os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
            world = prepare(n)
            stack.enter_context(world.running)
            for module in MODULES:
                try:
                    importlib.import_module(f"bench.{module}")
                except ImportError:
                    failed = True
                    say(f"bench.{module} cannot be read:\n{traceback.format_exc(limit=1)}")
            from bench.measuring import BENCHMARKS, measure

            for name in BENCHMARKS:
                if words and not name.startswith(tuple(words)):
                    continue
                try:
                    print(measure(name, world), flush=True)
                except Exception:
                    failed = True
                    say(f"{name} failed:\n{traceback.format_exc()}")
    except services.ServiceMissing as missing:
        say(str(missing))
        return 1
    except KeyboardInterrupt:
        return 130
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
