"""The rows that migrations lay, kept for tests that follow one that empties the tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models.signals import post_migrate

from autopilot import clock

# Django and the ground floor make these anew by themselves when the tables were emptied.
MADE_ANEW = {"contenttypes", "auth", "sites"}
Rights = set[tuple[str, str, str]]


@dataclass(frozen=True)
class Laid:
    """What each group may do, by its name; and the rows of all other tables."""

    rights: dict[str, Rights]
    rows: dict[Any, list[Any]]


def put_off_duties() -> None:
    """Let no daily duty come up while tests run, whatever the hour: whoever tests one asks for it."""
    apps.get_model("autopilot", "Schedule").objects.update(next_run_at=clock.now() + timedelta(days=30))


def kept() -> Laid:
    """Return what the migrations have laid."""
    groups = apps.get_model("auth", "Group").objects.prefetch_related("permissions__content_type")
    rights = {group.name: {right.natural_key() for right in group.permissions.all()} for group in groups}
    models = [model for model in apps.get_models() if model._meta.app_label not in MADE_ANEW and model._meta.managed]
    rows = {model: list(model._base_manager.order_by("pk")) for model in models}
    return Laid(rights, {model: found for model, found in rows.items() if found})


@transaction.atomic
def restore(laid: Laid) -> None:
    """Put back what is missing altogether."""
    group = apps.get_model("auth", "Group")
    if not group.objects.exists():
        groups = group.objects.bulk_create(group(name=name) for name in laid.rights)
        group.permissions.through.objects.bulk_create(_grants(group.permissions.through, groups, laid.rights))
    for model, rows in laid.rows.items():
        if not model._base_manager.exists():
            model._base_manager.bulk_create(rows)


def _grants(model: Any, groups: list[Any], rights: dict[str, Rights]) -> Iterator[Any]:
    permissions = apps.get_model("auth", "Permission").objects.select_related("content_type")
    keys = {permission.natural_key(): permission.pk for permission in permissions}
    return (model(group_id=group.pk, permission_id=keys[right]) for group in groups for right in rights[group.name])


def restore_after_flush(laid: Laid) -> None:
    """Put it back after each test that empties the tables: workers that steal work mix both sorts of tests."""
    last = [config for config in apps.get_app_configs() if config.models_module][-1]
    post_migrate.connect(lambda **about: restore(laid), sender=last, weak=False, dispatch_uid="tests.laid")
