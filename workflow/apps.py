from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "workflow"

    def ready(self) -> None:
        from catalogs import citations
        from documents import delivery
        from workflow import lawful, recipients, transitions

        recipients.register()
        citations.sources.append(lawful.uses)
        delivery.on_first_download.append(transitions.record_delivery)
