"""Matching a declaration against a catalogue, each time anew: what a desk keeps of an answer is not used here."""

import math
from collections import Counter

from bench.measuring import Comparison, World, benchmark
from catalogs.matching import service
from catalogs.models import Catalogue
from catalogs.text import fold

NAME = "Camera giám sát thông minh xử lý trí tuệ nhân tạo tại biên"
DESCRIPTION = (
    "Thiết bị ghi hình có bộ xử lý mạng nơ-ron ngay trên máy, nhận diện khuôn mặt, biển số và hành vi bất thường mà"
    " không gửi hình ảnh về trung tâm; kèm phần mềm quản lý tập trung và giao diện lập trình cho bên thứ ba."
)


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
