"""The composition root as an app, and the staff site in place of Django's."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConfigConfig(AppConfig):
    """Bring the commands that need the whole house."""

    name = "config"


class ProvostAdminConfig(AdminConfig):
    """Put Provost's AdminSite in place of Django's."""

    default_site = "config.admin.ProvostAdminSite"
