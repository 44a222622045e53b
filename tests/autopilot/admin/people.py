"""Staff in the groups that the migrations make, whatever a test before has emptied."""

from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db import connection

GROUPS = import_module("autopilot.migrations.0003_groups").GROUPS
MIGRATIONS: list[tuple[str, str, str]] = [
    ("autopilot", "autopilot.migrations.0003_groups", "create"),
    ("autopilot", "autopilot.migrations.0007_groups_console", "grant"),
    ("autopilot", "autopilot.migrations.0012_groups_purge", "grant"),
    ("autopilot", "autopilot.migrations.0015_groups_forms", "grant"),
    ("autopilot", "autopilot.migrations.0019_template_versions", "grant"),
    ("programs", "programs.migrations.0002_groups", "grant"),
    ("programs", "programs.migrations.0004_holder_groups", "grant"),
    ("programs", "programs.migrations.0007_billing", "grant"),
    ("config", "config.migrations.0001_grants", "grant"),
]


def ensure_groups() -> None:
    """Make the groups of staff as the migrations make them; those that exist stay."""
    for label, module, name in MIGRATIONS:
        _with_models(label, getattr(import_module(module), name))


def member(name: str, *groups: str, **fields: Any) -> User:
    """Return a new member of staff in the groups of these names."""
    user = User.objects.create_user(name, email=f"{name}@provost.example", **{"is_staff": True, **fields})
    user.groups.set(Group.objects.filter(name__in=groups))
    return user


def _with_models(label: str, run: Callable[..., None]) -> None:
    # The migrations mark the app as one without models when they are done, which is true of their own state only.
    config = apps.get_app_config(label)
    kept = config.models_module
    try:
        run(apps, SimpleNamespace(connection=connection))
    finally:
        config.models_module = kept
