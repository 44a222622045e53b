"""Filters whose choices are known without asking the database for every value it holds."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from autopilot.engine import registry


class WorkerFilter(admin.SimpleListFilter):
    """The family of kinds."""

    title = "worker"
    parameter_name = "worker"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every family that has a kind."""
        return [(name, name) for name in registry.workers()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """Return the rows of the chosen family."""
        return queryset.filter(worker=self.value()) if self.value() else queryset


class MediaTypeFilter(admin.SimpleListFilter):
    """The type of an archived file."""

    title = "type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer what the archive is for, and everything else."""
        return [("pdf", "PDF"), ("other", "Other")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """Return the documents of the chosen type."""
        if self.value() is None:
            return queryset
        pdf = {"media_type": "application/pdf"}
        return queryset.filter(**pdf) if self.value() == "pdf" else queryset.exclude(**pdf)
