"""Checks that the queue is wired as the engine needs it."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from autopilot.engine import registry
from autopilot.models.workers import Schedule

BROKER = "autopilot.cluster.broker.ResidentBroker"


@register()
def check_runner(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse settings with which django-q2 would be more than the runner of our pumps."""
    problems: list[CheckMessage] = []
    if settings.Q_CLUSTER.get("broker_class") != BROKER:
        hint = f'Set Q_CLUSTER["broker_class"] = "{BROKER}".'
        problems.append(Error("django-q2 would run messages of its own.", hint=hint, id="autopilot.E001"))
    if settings.Q_CLUSTER.get("scheduler", True):
        hint = 'Set Q_CLUSTER["scheduler"] = False; schedules are autopilot.Schedule rows.'
        problems.append(Error("django-q2's own scheduler is on.", hint=hint, id="autopilot.E002"))
    return problems


@register(Tags.database)
def check_schedules(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Name every enabled schedule whose kind nobody registers."""
    if not databases:
        return []
    try:
        rows = list(Schedule.objects.filter(enabled=True).values_list("name", "kind"))
    except DatabaseError:
        # Before the first migrate there is no table, and so no schedule.
        return []
    hint = f"Known kinds: {', '.join(registry.kinds())}."
    return [
        Error(f"The schedule {name!r} names the unknown kind {kind!r}.", hint=hint, id="autopilot.E003")
        for name, kind in rows
        if kind not in registry.kinds()
    ]
