from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "workflow"

    def ready(self) -> None:
        from documents import delivery
        from workflow import affected, recipients, transitions  # noqa: F401  `affected` registers its job

        recipients.register()
        delivery.on_first_download.append(transitions.record_delivery)
