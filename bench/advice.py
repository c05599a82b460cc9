"""Matching a declaration against a catalogue, each time anew: what a desk keeps of an answer is not used here."""

import json
import math
import re
import sqlite3
from collections import Counter
from collections.abc import Callable

from django.db import connection
from rapidfuzz import fuzz, process

from bench.measuring import Comparison, World, benchmark
from catalogs.learning.candidate import LABELS
from catalogs.matching import scoring, service
from catalogs.matching.words import words_of
from catalogs.models import Catalogue, ItemAlias
from catalogs.text import fold

NAME = "Camera giám sát thông minh xử lý trí tuệ nhân tạo tại biên"
DESCRIPTION = (
    "Thiết bị ghi hình có bộ xử lý mạng nơ-ron ngay trên máy, nhận diện khuôn mặt, biển số và hành vi bất thường mà"
    " không gửi hình ảnh về trung tâm; kèm phần mềm quản lý tập trung và giao diện lập trình cho bên thứ ba."
)
LONGEST = 4000  # characters


@benchmark
def matching(world: World) -> Comparison:
    """Five suggestions with their reasons; the limit is a bare TF-IDF ranking of the same items."""
    catalogue = Catalogue.objects.get(slug="tt-31-2025")
    documents = [Counter(fold(name).split()) for name in catalogue.items.order_by("pk").values_list("name", flat=True)]
    frequency = Counter(word for document in documents for word in document)
    weights = {word: math.log(len(documents) / count) + 1 for word, count in frequency.items()}

    def bare() -> list[float]:
        query = Counter(fold(f"{NAME} {DESCRIPTION}").split())
        return sorted(
            (
                sum(query[w] * c * weights[w] ** 2 for w, c in document.items() if w in query)
                / math.sqrt(sum((c * weights[w]) ** 2 for w, c in document.items()))
                for document in documents
            ),
            reverse=True,
        )

    return Comparison(lambda: service.suggest(catalogue, name=NAME, description=DESCRIPTION, limit=5), bare)


@benchmark
def matching_long(world: World) -> Comparison:
    """The longest description that a form takes, with reasons, on a list no answer is kept of; the limit is cutting it
    into words."""
    index = service.index_of(Catalogue.objects.get(slug="tt-31-2025"))
    text = " ".join(text for text, _accepted in _texts())[:LONGEST]
    return Comparison(lambda: index.match(NAME, text, limit=5), lambda: words_of(text))


# --- against what else could be taken ------------------------------------------------------------------

TEXTS = 60
NUMBER = "31/2025/TT-BKHCN"

Ranked = Callable[[str], str | None]  # the code put first for a text


def _texts() -> list[tuple[str, tuple[str, ...]]]:
    """Products that fit some item, and the codes that are right."""
    records = [scoring.labelled(json.loads(line)) for line in LABELS.read_text("utf-8").splitlines()]
    fitting = [(f"{r.name}. {r.description}", r.labels[NUMBER]) for r in records if r.labels.get(NUMBER)]
    return fitting[:TEXTS]


def _wordings() -> list[tuple[str, str]]:
    """Code and text of each name and alias: everybody is given the same."""
    items = Catalogue.objects.get(slug="tt-31-2025").items
    names = items.order_by("pk").values_list("code", "name")
    aliases = ItemAlias.objects.filter(item__catalogue__slug="tt-31-2025", live=True).order_by("pk")
    return [*names, *aliases.values_list("item__code", "text")]


def _against(other: Ranked) -> Comparison:
    """Our answer and another's for the same texts, with the share of texts for which the first code is right."""
    texts = _texts()
    index = service.index_of(Catalogue.objects.get(slug="tt-31-2025"))

    def ours(text: str) -> str | None:
        return index.match("", text, limit=1, explain=False).ranked[0].code

    def share(ranked: Ranked) -> float:
        return round(sum(ranked(text) in accepted for text, accepted in texts) / len(texts), 3)

    return Comparison(
        lambda: [ours(text) for text, _accepted in texts],
        lambda: [other(text) for text, _accepted in texts],
        pieces=len(texts),
        notes={"r1": share(ours), "limit_r1": share(other)},
    )


@benchmark
def matching_fts5(world: World) -> Comparison:
    """The limit is SQLite's full-text search with BM25, a document an item."""
    database = sqlite3.connect(":memory:")
    world.running.callback(database.close)
    database.execute("CREATE VIRTUAL TABLE items USING fts5(code UNINDEXED, text)")
    documents: dict[str, list[str]] = {}
    for code, text in _wordings():
        documents.setdefault(code, []).append(fold(text))
    database.executemany("INSERT INTO items VALUES (?, ?)", [(code, "\n".join(t)) for code, t in documents.items()])

    def first(text: str) -> str | None:
        query = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", fold(text)))
        row = database.execute("SELECT code FROM items WHERE items MATCH ? ORDER BY bm25(items) LIMIT 1", (query,))
        return next((code for (code,) in row), None)

    return _against(first)


@benchmark
def matching_trgm(world: World) -> Comparison:
    """The limit is PostgreSQL's pg_trgm over every name and alias."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute("CREATE TEMPORARY TABLE bench_wordings (code text, text text)")
        cursor.executemany("INSERT INTO bench_wordings VALUES (%s, %s)", [(c, fold(t)) for c, t in _wordings()])
        cursor.execute("ANALYZE bench_wordings")

    def first(text: str) -> str | None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT code FROM bench_wordings ORDER BY word_similarity(text, %s) DESC, code LIMIT 1", [fold(text)]
            )
            row = cursor.fetchone()
        return row[0] if row else None

    return _against(first)


@benchmark
def matching_rapidfuzz(world: World) -> Comparison:
    """The limit is rapidfuzz' token_set_ratio over every name and alias."""
    wordings = _wordings()
    choices = [fold(text) for _code, text in wordings]

    def first(text: str) -> str | None:
        found = process.extractOne(fold(text), choices, scorer=fuzz.token_set_ratio)
        return wordings[found[2]][0] if found else None

    return _against(first)


@benchmark
def matching_batch(world: World) -> Comparison:
    """A text of a batch without reasons, as `match_products` takes it; the limit is cutting it into words."""
    index = service.index_of(Catalogue.objects.get(slug="tt-31-2025"))
    texts = [text for text, _accepted in _texts()]
    return Comparison(
        lambda: [index.match("", text, explain=False) for text in texts],
        lambda: [words_of(text) for text in texts],
        pieces=len(texts),
    )


@benchmark
def matching_index(world: World) -> Comparison:
    """Making a list ready from the database, as after a start; the limit is reading its items and aliases."""
    catalogue = Catalogue.objects.get(slug="tt-31-2025")
    return Comparison(lambda: service.made_ready(catalogue), _wordings)
