from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "workflow"

    def ready(self) -> None:
        from documents import delivery
        from workflow import recipients, transitions

        recipients.register()
        delivery.on_first_download.append(transitions.record_delivery)
