from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "workflow"

    def ready(self) -> None:
        from catalogs import citations
        from catalogs.managing import publishing
        from documents import delivery
        from workflow import lawful, recipients, transitions
        from workflow.affected import finding, handling  # noqa: F401  registers its kind of job

        recipients.register()
        citations.sources.append(lawful.uses)
        publishing.on_published(finding.after_publishing)
        delivery.on_first_download.append(transitions.record_delivery)
