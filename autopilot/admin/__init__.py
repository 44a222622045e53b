"""The staff's doors to the ground floor; django-q2's own pages, which could run any code, are closed."""

from django.apps import apps
from django.contrib import admin

from autopilot.admin import (
    audit,
    checkpoints,
    clusters,
    delegations,
    documents,
    form_editions,
    jobs,
    outbox,
    portals,
    retention,
    schedules,
    submissions,
    template_versions,
    tokens,
    webhooks,
    workers,
)

# Without an import of the runner's models: only the cluster knows it. Its admin is found first, as its app stands first.
for _model in apps.get_app_config("django_q").get_models():
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)

__all__ = [
    "audit",
    "checkpoints",
    "clusters",
    "delegations",
    "documents",
    "form_editions",
    "jobs",
    "outbox",
    "portals",
    "retention",
    "schedules",
    "submissions",
    "template_versions",
    "tokens",
    "webhooks",
    "workers",
]
