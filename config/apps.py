"""The staff site as an app."""

from django.contrib.admin.apps import AdminConfig


class ProvostAdminConfig(AdminConfig):
    """Put Provost's AdminSite in place of Django's."""

    default_site = "config.admin.ProvostAdminSite"
