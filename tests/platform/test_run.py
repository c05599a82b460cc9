"""`make run` keeps its parts together. The parts here are small programs in place of web server and worker."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from scripts.services import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
SUPERVISOR = """
import sys
from scripts import run
run.prepare = lambda port: None
run.print_welcome = lambda port: print("welcome", flush=True)
run.start = lambda port: [run.Part(name, [sys.executable, "-c", code]) for name, code in {parts!r}]
sys.exit(run.main())
"""
PAGE = """
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *a): pass
HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page).serve_forever()
"""
# Writes its number down, then starts a child that would outlive it.
LASTING = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open("{pids}", "w").write(f"{{os.getpid()}} {{child.pid}}")
time.sleep(60)
"""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def wait_for(what) -> None:
    for _ in range(200):
        if what():
            return
        time.sleep(0.05)
    pytest.fail("it did not come to that within 10 s")


@pytest.fixture
def supervise(tmp_path: Path):
    started = []

    def supervise(**parts: str) -> tuple[subprocess.Popen, Path]:
        pids = tmp_path / "pids"
        parts = {name: code.format(pids=pids) if "{pids}" in code else code for name, code in parts.items()}
        process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR.format(parts=list(parts.items()))],
            cwd=ROOT,
            env=os.environ | {"PORT": str(free_port())},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process, pids

    yield supervise
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
    for number in numbers(tmp_path / "pids"):
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


def numbers(pids: Path) -> list[int]:
    return [int(n) for n in pids.read_text().split()] if pids.exists() else []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopping_it_stops_every_part_and_what_they_started(supervise, how):
    process, pids = supervise(web=PAGE, worker=LASTING)
    wait_for(lambda: len(numbers(pids)) == 2)
    assert process.stdout.readline() == "welcome\n"
    process.send_signal(how)
    assert process.wait(timeout=60) == 0
    wait_for(lambda: not any(alive(n) for n in numbers(pids)))


def test_a_part_that_ends_by_itself_is_named_and_the_rest_is_stopped(supervise):
    process, pids = supervise(web="import sys, time; time.sleep(1); sys.exit(3)", worker=LASTING)
    assert process.wait(timeout=60) == 1
    assert "The web ended by itself (code 3)." in process.stderr.read()
    wait_for(lambda: not any(alive(n) for n in numbers(pids)))


def test_nothing_is_left_when_it_is_killed(supervise):
    process, pids = supervise(web=PAGE, worker=LASTING)
    wait_for(lambda: len(numbers(pids)) == 2)
    process.kill()
    process.wait()
    wait_for(lambda: not alive(numbers(pids)[0]))


def test_a_port_that_is_taken_is_said_with_a_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = subprocess.run(
            [sys.executable, "scripts/run.py"],
            cwd=ROOT,
            env=os.environ | {"PORT": str(port)},
            capture_output=True,
            text=True,
        )
    assert ran.returncode == 1
    assert f"make run PORT={port + 1}" in ran.stderr
