from datetime import date

from catalogs.models import Catalogue, CatalogueGroup, CatalogueItem, Instrument, ItemAlias, Stage


def a_list(
    slug: str, number: str, family: str, since: str, until: str | None, items: dict[str, tuple[str, ...]]
) -> Catalogue:
    """A list in force from `since` to the day before `until`; `items` holds by code the name, then the aliases."""
    catalogue = Catalogue.objects.create(
        slug=slug,
        family=family,
        instrument=Instrument.objects.create(number=number, slug=f"van-ban-{slug}", kind="circular", title=number),
        title=number,
        effective_from=date.fromisoformat(since),
        effective_to=until and date.fromisoformat(until),
    )
    group = CatalogueGroup.objects.create(catalogue=catalogue, code="1", name="Nhóm", position=1)
    for position, (code, (name, *aliases)) in enumerate(items.items(), 1):
        item = CatalogueItem.objects.create(
            catalogue=catalogue, group=group, code=code, name=name, position=position, search_text=""
        )
        for text in aliases:
            ItemAlias.objects.create(
                item=item, text=text, language="vi", origin="thử", added_on=date(2026, 1, 1), search_text=""
            )
    catalogue.stage = Stage.PUBLISHED
    catalogue.save()
    return catalogue
