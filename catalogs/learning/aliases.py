"""Other ways to say what an item covers, as a catalogue manager proposes them.

What came with the product is read-only here: it is changed in the data files. A proposed alias counts in matching and
in the search only after it was evaluated and put into force (`catalogs.learning.candidate`).
"""

import unicodedata
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from catalogs.learning.acting import LearningError, require_manager
from catalogs.matching.words import words_of
from catalogs.models import CatalogueItem, ItemAlias
from catalogs.search import search_text
from catalogs.text import composed

LENGTH = 300
# What it says of an alias that a person added; it is data, and so in one language.
ORIGIN = "Cán bộ quản lý danh mục"
# Cc: control characters. Cf: the marks of right-to-left text and other invisible signs. Cs, Co, Cn: no characters.
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")


class AliasError(LearningError):
    """The alias was not taken."""


class SaidElsewhere(AliasError):
    """Another item of the list is called so too. Whoever knows that may propose it all the same."""


class NotTheirs(AliasError):
    """It came with the product, or is gone."""


def clean(text: str) -> str:
    """The text as it is kept. Raises AliasError."""
    if len(text) > 4 * LENGTH:  # decomposed letters count here; what is longer is not looked at
        raise AliasError(_("Tên gọi dài quá %(max)s ký tự.") % {"max": LENGTH})
    text = " ".join(composed(text).split(" ")).strip()
    if any(unicodedata.category(character) in UNSEEN for character in text):
        raise AliasError(_("Cách gọi chứa ký tự điều khiển hoặc ký tự ẩn. Hãy gõ lại bằng chữ thường."))
    text = " ".join(text.split())
    if not text:
        raise AliasError(_("Hãy ghi cách gọi."))
    if len(text) > LENGTH:
        raise AliasError(_("Cách gọi dài quá %(max)s ký tự.") % {"max": LENGTH})
    if not words_of(text):
        raise AliasError(_("Cách gọi phải có chữ hoặc số."))
    return text


@transaction.atomic
def propose_alias(
    item: CatalogueItem, text: str, *, language: str, by: User, at: datetime, although_elsewhere: bool = False
) -> ItemAlias:
    """Propose another name for the item; not in force. Raises NotManager, AliasError, SaidElsewhere."""
    require_manager(by)
    text = clean(text)
    known = ItemAlias.objects.filter(item__catalogue=item.catalogue_id).select_related("item").order_by("pk")
    same = [alias for alias in known if alias.text.casefold() == text.casefold()]
    if text.casefold() == item.name.casefold() or any(alias.item_id == item.pk for alias in same):
        raise AliasError(_("Mục này đã có cách gọi “%(text)s”.") % {"text": text})
    if same and not although_elsewhere:
        other = same[0].item
        raise SaidElsewhere(
            _("Cách gọi này đã thuộc mục %(other)s. Một cách gọi chung cho hai mục làm kết quả đối chiếu kém rõ ràng.")
            % {"other": other}
        )
    try:
        with transaction.atomic():
            alias = ItemAlias.objects.create(
                item=item,
                text=text,
                language=language,
                origin=ORIGIN,
                added_on=timezone.localdate(at, timezone.get_default_timezone()),
                added_by=by,
                live=False,
                search_text=search_text(text),
            )
    except IntegrityError as error:
        raise AliasError(_("Mục này đã có cách gọi “%(text)s”.") % {"text": text}) from error
    trail.record(item, "propose_alias", by=by, at=at, data={"text": text})
    return alias


@transaction.atomic
def retire_alias(alias_id: int, *, item: CatalogueItem, by: User, at: datetime) -> None:
    """Take away an alias that a manager added: a proposed one at once; one in force stays until the candidate without
    it was evaluated and put into force. Raises NotManager, NotTheirs."""
    alias = _theirs(alias_id, item=item, by=by)
    trail.record(item, "retire_alias", by=by, at=at, data={"text": alias.text, "live": alias.live})
    if alias.live:
        ItemAlias.objects.filter(pk=alias.pk).update(retiring=True)
    else:
        alias.delete()


@transaction.atomic
def keep_alias(alias_id: int, *, item: CatalogueItem, by: User, at: datetime) -> None:
    """Let an alias stay that was to go. Raises NotManager, NotTheirs."""
    alias = _theirs(alias_id, item=item, by=by)
    if alias.retiring:
        trail.record(item, "keep_alias", by=by, at=at, data={"text": alias.text})
        ItemAlias.objects.filter(pk=alias.pk).update(retiring=False)


def _theirs(alias_id: int, *, item: CatalogueItem, by: User) -> ItemAlias:
    require_manager(by)
    rows = ItemAlias.objects.filter(pk=alias_id, item=item, added_by__isnull=False)
    alias = rows.select_for_update(of=("self",)).order_by("pk").first()
    if alias is None:
        raise NotTheirs(_("Cách gọi này không còn, hoặc có sẵn cùng hệ thống nên không bỏ ở đây được."))
    return alias
