from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "intake"

    def ready(self) -> None:
        # Both read models, which are there only now.
        from accounts import renaming
        from intake import filing, recipients

        recipients.register()
        renaming.register(filing.follow_rename)
