"""Every test, on everything the product runs on: SQLite, PostgreSQL, Redis with a real worker, a real browser.

Called by `make test`. What a missing service leaves out is said in one line; the last line adds all stages up.
Arguments are handed to pytest: `python scripts/test.py -k deadline`.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from scripts import services  # noqa: E402

NO_TESTS_COLLECTED = 5
Service = Callable[[], AbstractContextManager[str]]


@dataclass(frozen=True)
class Stage:
    name: str
    marked: str
    services: dict[str, Service]  # environment variable → what it names
    parallel: bool = True


STAGES = (
    Stage("SQLite", "not postgres and not redis and not browser", {}),
    Stage("PostgreSQL", "not redis and not browser", {"DATABASE_URL": services.postgres}),
    Stage(
        "Redis and a real worker",
        "redis",
        {"DATABASE_URL": services.postgres, "TEST_REDIS_URL": services.redis},
        parallel=False,
    ),
    Stage("browser", "browser", {}, parallel=False),
)


def run(stage: Stage, arguments: list[str], report: Path) -> int:
    """Runs one stage; returns pytest's exit code. Raises ServiceMissing."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "TEST_REDIS_URL", "REDIS_URL")}
    with ExitStack() as running:
        for variable, service in stage.services.items():
            environment[variable] = running.enter_context(service())
        command = [sys.executable, "-m", "pytest", "-q", "-m", stage.marked, f"--junit-xml={report}", *arguments]
        if stage.parallel:
            command += ["-n", str(os.cpu_count() or 2), "--dist", "worksteal"]
        return subprocess.run(command, cwd=ROOT, env=environment).returncode


def count(report: Path) -> Counter:
    counted: Counter = Counter()
    if report.exists():
        for suite in ElementTree.parse(report).iter("testsuite"):
            bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped = int(suite.get("skipped", 0))
            counted += Counter(passed=int(suite.get("tests", 0)) - bad - skipped, failed=bad, skipped=skipped)
    return counted


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    total: Counter = Counter()
    lines, failed = [], False
    with tempfile.TemporaryDirectory(prefix="hoso-reports-") as folder:
        for number, stage in enumerate(STAGES):
            print(f"\n=== {stage.name}", flush=True)
            report, began = Path(folder) / f"{number}.xml", time.monotonic()
            try:
                code = run(stage, arguments, report)
            except services.ServiceMissing as missing:
                lines.append(f"{stage.name}: left out, {missing}")
                continue
            except KeyboardInterrupt:
                return 130
            counted = count(report)
            total += counted
            failed = failed or code not in (0, NO_TESTS_COLLECTED)
            if code and code != NO_TESTS_COLLECTED and not counted["failed"]:
                total["failed"] += 1  # pytest itself stopped
            lines.append(
                f"{stage.name}: {counted['passed']} passed, {counted['failed']} failed, {counted['skipped']} skipped"
                f" in {time.monotonic() - began:.0f} s"
            )
    print("\n" + "\n".join(lines))
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped", flush=True)
    if not total["passed"]:
        print("No test ran.", file=sys.stderr)
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
