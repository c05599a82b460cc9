"""What of a declaration matching reads: the name of the product, and the answers that the procedure names for it."""

from collections.abc import Mapping
from typing import Any

from catalogs.procedures import Definition

Texts = list[tuple[str, str]]  # (question, answer): the name first


def answered(definition: Definition, answers: Mapping[str, Any]) -> Texts:
    """Of a draft, whose answers need not be saved."""
    keys = (definition.title_question, *_keys(definition))
    return [(key, str(answers.get(key) or "")) for key in keys]


def filed(definition: Definition, content: Mapping[str, Any]) -> Texts:
    """As it was filed, with choices in words."""
    shown = {a["key"]: a["display"] for section in content["sections"] for a in section["answers"]}
    return [(definition.title_question, content["title"]), *((key, shown.get(key, "")) for key in _keys(definition))]


def joined(texts: Texts) -> tuple[str, str]:
    """Name and description, as matching takes them: places in the description count over the joined answers."""
    (_question, name), *answers = texts
    return name, "\n".join(text for _question, text in answers)


def _keys(definition: Definition) -> list[str]:
    return [key for key in definition.matching_questions if key != definition.title_question]
