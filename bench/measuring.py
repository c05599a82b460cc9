"""The registry of benchmarks, and how one is measured."""

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

WARM_UP = 5
ROUNDS = 60
LONGEST = 20.0  # seconds for one benchmark; a slow one gets fewer rounds, never fewer than five


@dataclass(frozen=True)
class World:
    """What every benchmark starts from: a loaded database and people in each role."""

    n: int
    at: datetime
    people: dict[str, Any]  # role → User
    # Closed at the end of the run: what a benchmark starts for itself goes here.
    running: ExitStack = field(default_factory=ExitStack)

    def client(self, role: str) -> Client:
        client = Client()
        client.force_login(self.people[role])
        return client


@dataclass(frozen=True)
class Comparison:
    """Both are called without arguments. If `work` returns bytes, their number is reported."""

    work: Callable[[], Any]
    limit: Callable[[], Any]
    # How many pieces one call works off; times and queries are given for one.
    pieces: int = 1
    # What else the line tells: the quality of both, where one of them might be fast and wrong.
    notes: dict[str, float] = field(default_factory=dict)


BENCHMARKS: dict[str, Callable[[World], Comparison]] = {}


def benchmark(prepare: Callable[[World], Comparison]) -> Callable[[World], Comparison]:
    BENCHMARKS[prepare.__name__] = prepare
    return prepare


def measure(name: str, world: World) -> str:
    """One line of JSON. Work and limit take turns, so that whatever else the machine does burdens both."""
    comparison = BENCHMARKS[name](world)
    for _ in range(WARM_UP):
        comparison.work()
        comparison.limit()
    with CaptureQueriesContext(connection) as captured:
        result = comparison.work()
    queries = len(captured)  # now: the next request empties the log
    work: list[float] = []
    limit: list[float] = []
    until = time.perf_counter() + LONGEST
    while len(work) < ROUNDS and (len(work) < 5 or time.perf_counter() < until):
        work.append(_milliseconds(comparison.work))
        limit.append(_milliseconds(comparison.limit))
    p50, p95 = (_quantile(work, q) / comparison.pieces for q in (0.5, 0.95))
    limit_ms = _quantile(limit, 0.5) / comparison.pieces
    return json.dumps(
        {
            "bench": name,
            "n": world.n,
            "p50_ms": round(p50, 3),
            "p95_ms": round(p95, 3),
            "limit_ms": round(limit_ms, 3),
            "ratio": round(p50 / limit_ms, 2) if limit_ms else None,
            "queries": round(queries / comparison.pieces, 2),
            "bytes": len(result) if isinstance(result, bytes) else 0,
            **comparison.notes,
        }
    )


def _milliseconds(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def get(client: Client, url: str, data: dict[str, str] | None = None) -> bytes:
    """The page's bytes; anything but a page is an error, so that no benchmark times a redirect."""
    response = client.get(url, data or {})
    assert response.status_code == 200, f"{url}: {response.status_code}"
    return response.content


def sql(statement: str, *parameters: Any) -> Callable[[], list[tuple]]:
    """The bare statement over the same connection."""

    def run() -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall()

    return run
