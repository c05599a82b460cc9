"""Throwaway PostgreSQL and Redis for tests and benchmarks: started in a folder of their own, gone afterwards.

    python scripts/services.py --postgres --redis -- pytest -m redis

runs the command with DATABASE_URL and TEST_REDIS_URL set. Nothing that is installed or running on the machine is
touched: PostgreSQL listens on a socket in its folder only, Redis on a free port of the loopback address.
"""

import argparse
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


class ServiceMissing(RuntimeError):
    """The program is not installed; the text names the package."""


def die_with_parent() -> None:
    """For preexec_fn: the kernel ends the child when this process is gone, even if it was killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def stop(process: subprocess.Popen, how: signal.Signals = signal.SIGTERM) -> None:
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def postgres_programs() -> Path:
    """The folder with initdb and postgres of the newest version installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    raise ServiceMissing("PostgreSQL is not installed (apt-get install postgresql)")


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """Yields a DATABASE_URL of a new server. `durable` keeps fsync on, as in production; tests do without it."""
    programs = postgres_programs()
    # A short path: the name of a socket has room for 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="hoso-pg-", dir="/tmp"))
    # PostgreSQL refuses to run as root.
    as_user: dict = {}
    if os.getuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        as_user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    log = folder / "log"
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "max_connections": "100",
        "shared_buffers": "512MB" if durable else "128MB",
        "fsync": "on" if durable else "off",
        "synchronous_commit": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
    }
    try:
        subprocess.run(
            [programs / "initdb", "-D", folder / "data", "-U", "hoso", "-A", "trust", "-E", "UTF8"]
            + ["--locale=C.UTF-8", "--no-sync"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            **as_user,
        )
        with log.open("wb") as output:
            server = subprocess.Popen(
                [programs / "postgres", "-D", folder / "data"]
                + [part for name, value in options.items() for part in ("-c", f"{name}={value}")],
                stdout=output,
                stderr=output,
                cwd=folder,
                start_new_session=True,
                preexec_fn=die_with_parent,
                **as_user,
            )
        try:
            for _ in range(300):
                ready = subprocess.run(
                    [programs / "psql", "-h", folder, "-U", "hoso", "-d", "postgres", "-qc", "CREATE DATABASE hoso"],
                    capture_output=True,
                )
                if ready.returncode == 0:
                    break
                if server.poll() is not None:
                    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
                time.sleep(0.1)
            else:
                raise RuntimeError(f"PostgreSQL did not answer:\n{log.read_text()}")
            yield f"postgresql:///hoso?host={folder}&user=hoso"
        finally:
            stop(server, signal.SIGINT)  # “fast” shutdown: open sessions are closed
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis() -> Iterator[str]:
    """Yields a REDIS_URL of a new server that keeps nothing on disk."""
    program = shutil.which("redis-server")
    if not program:
        raise ServiceMissing("Redis is not installed (apt-get install redis-server)")
    folder = Path(tempfile.mkdtemp(prefix="hoso-redis-"))
    port = free_port()
    server = subprocess.Popen(
        [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", folder],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent,
    )
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if server.poll() is not None:
                raise RuntimeError(f"Redis did not start on port {port}")
            time.sleep(0.1)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--durable", action="store_true", help="PostgreSQL with fsync")
    parser.add_argument("--redis", action="store_true")
    parser.add_argument("command", nargs="+")
    wanted = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    environment = dict(os.environ)
    try:
        with ExitStack() as services:
            if wanted.postgres:
                environment["DATABASE_URL"] = services.enter_context(postgres(durable=wanted.durable))
            if wanted.redis:
                environment["TEST_REDIS_URL"] = services.enter_context(redis())
            return subprocess.run(wanted.command, env=environment).returncode
    except ServiceMissing as missing:
        print(f"services: {missing}", file=sys.stderr)
        return 69
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
