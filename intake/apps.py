from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "intake"

    def ready(self) -> None:
        from accounts import services
        from intake import filing

        services.on_rename.append(filing.follow_rename)
