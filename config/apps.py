"""The composition root as an app, and the staff site in place of Django's."""

from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate

from config import errors, logs


class ConfigConfig(AppConfig):
    """Bring the commands that need the whole house, the checks, the rules of signing in, and word of errors."""

    name = "config"

    def ready(self) -> None:
        """Connect what happens at a sign-in, the cache's table to every `migrate`, and errors to log and Sentry."""
        import config.checks  # noqa: PLC0415 (models exist only now)
        import config.signin.checks  # noqa: PLC0415
        import config.signin.connections  # noqa: F401, PLC0415

        # Django tells only apps that have models of the end of a migration, and this one has none.
        sender = apps.get_app_config("autopilot")
        post_migrate.connect(create_cache_table, sender=sender, dispatch_uid="config.cache")
        logs.log_uncaught()
        errors.start()


class ProvostAdminConfig(AdminConfig):
    """Put Provost's AdminSite in place of Django's."""

    default_site = "config.admin.ProvostAdminSite"

    def ready(self) -> None:
        """Find the staff's pages of all apps, then put ours in place of those about people and their sign-ins."""
        super().ready()
        from config.signin import admin  # noqa: F401, PLC0415 (only now are the others registered)


def create_cache_table(using: str, **about: Any) -> None:
    """Create the table of a cache that stands in the database; without one, and where it exists, nothing happens."""
    if "DatabaseCache" in settings.CACHES["default"]["BACKEND"]:
        call_command("createcachetable", database=using, verbosity=0)
