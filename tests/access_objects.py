"""Who may open which object. tests/test_access.py asks each address here with each person.

Every app adds its own in tests/<app>/access_cases.py:

    @object_url("dossier_detail")
    def dossier_detail() -> ObjectUrl:
        dossier = …
        return ObjectUrl(reverse("dossier_detail", args=[dossier.public_id]), admits=[owner], refuses=[stranger])

A refused person must get 404, with GET and with POST; an admitted one must not.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

from accounts.models import User

APPS = ("accounts", "notifications", "catalogs", "intake", "documents", "workflow", "insights")


@dataclass(frozen=True)
class ObjectUrl:
    path: str
    admits: list[User]
    refuses: list[User]
    methods: tuple[str, ...] = ("GET", "POST")
    # Sent with a POST by those who are admitted, so that the view has something to answer.
    data: dict = field(default_factory=dict)


Builder = Callable[[], ObjectUrl]
BUILDERS: dict[str, Builder] = {}


def object_url(name: str) -> Callable[[Builder], Builder]:
    """Registers how to build an object behind the url name; several may share one: "dossier_detail: viewer"."""

    def register(builder: Builder) -> Builder:
        assert name not in BUILDERS, f"{name} is registered twice"
        BUILDERS[name] = builder
        return builder

    return register


def load() -> dict[str, Builder]:
    for app in APPS:
        module = f"tests.{app}.access_cases"
        if find_spec(module):
            import_module(module)
    return BUILDERS
