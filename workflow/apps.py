from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "workflow"

    def ready(self) -> None:
        from catalogs import citations
        from catalogs.managing import publishing
        from documents import delivery
        from workflow import affected, lawful, recipients, transitions

        recipients.register()
        citations.sources.append(lawful.uses)
        publishing.on_published(affected.after_publishing)
        delivery.on_first_download.append(transitions.record_delivery)
