from django.apps import AppConfig


class CatalogsConfig(AppConfig):
    name = "catalogs"

    def ready(self) -> None:
        from catalogs.enquiries import recipients as of_enquiries
        from catalogs.managing import recipients as of_lists

        of_lists.register()
        of_enquiries.register()
