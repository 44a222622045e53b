"""The groups that migrations write, kept for tests that follow one that empties the tables."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models.signals import post_migrate

Rights = set[tuple[str, str, str]]


def kept() -> dict[str, Rights]:
    """Return the natural keys of what each group may do, by the group's name."""
    groups = apps.get_model("auth", "Group").objects.prefetch_related("permissions__content_type")
    return {group.name: {right.natural_key() for right in group.permissions.all()} for group in groups}


def restore(rights_of: dict[str, Rights]) -> None:
    """Put the groups back where none is left."""
    model = apps.get_model("auth", "Group")
    if not model.objects.exists():
        groups = model.objects.bulk_create(model(name=name) for name in rights_of)
        model.permissions.through.objects.bulk_create(_grants(model.permissions.through, groups, rights_of))


def _grants(model: Any, groups: list[Any], rights_of: dict[str, Rights]) -> Iterator[Any]:
    permissions = apps.get_model("auth", "Permission").objects.select_related("content_type")
    keys = {permission.natural_key(): permission.pk for permission in permissions}
    return (model(group_id=group.pk, permission_id=keys[right]) for group in groups for right in rights_of[group.name])


def restore_after_flush(rights_of: dict[str, Rights]) -> None:
    """Put the groups back after each test that empties the tables: workers that steal work mix both sorts of tests."""
    last = [config for config in apps.get_app_configs() if config.models_module][-1]
    post_migrate.connect(lambda **about: restore(rights_of), sender=last, weak=False, dispatch_uid="tests.groups")
