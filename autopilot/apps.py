"""The ground floor as a Django app."""

from typing import Any

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules

from autopilot import clock


class AutopilotConfig(AppConfig):
    """Find what the apps bring: jobs, messages, objectives, merge fields, types of documents, parts of a score."""

    name = "autopilot"

    def ready(self) -> None:
        """Import the modules of agreed names of every installed app; a broken one raises, a missing one does not."""
        from autopilot import checks, workers  # noqa: F401, PLC0415 (models exist only now)

        connection_created.connect(_follow_its_clock, dispatch_uid="autopilot.clock")
        autodiscover_modules("handlers", "messages", "objectives", "merge_fields", "document_types", "compliance")
        post_migrate.connect(workers.create_missing, sender=self, dispatch_uid="autopilot.workers")


def _follow_its_clock(connection: BaseDatabaseWrapper, **_: Any) -> None:
    clock.follow(connection)
