"""The ground floor as a Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class AutopilotConfig(AppConfig):
    """Find what the apps of the house bring: handlers of jobs, messages of the outbox and objectives."""

    name = "autopilot"

    def ready(self) -> None:
        """Import `handlers`, `messages` and `objectives` of every installed app; a broken module raises, a missing one does not."""
        from autopilot import checks, workers  # noqa: F401, PLC0415 (models exist only now)

        autodiscover_modules("handlers", "messages", "objectives")
        post_migrate.connect(workers.create_missing, sender=self, dispatch_uid="autopilot.workers")
