"""Income figures and local definitions, as staff keep them."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from autopilot.admin.base import ConfigurationAdmin
from students.models import IncomeFigure, LocalDefinition


class DatedAdmin(ConfigurationAdmin[models.Model]):
    """Rows with dates, which are ended and never deleted: determinations were made by them."""

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Refuse."""
        return False


@admin.register(IncomeFigure)
class IncomeFigureAdmin(DatedAdmin):
    """The poverty guidelines and 70 % of the LLSIL."""

    list_display = [
        "place",
        "measure",
        "family_size",
        "amount",
        "each_further_person",
        "effective_from",
        "effective_to",
    ]
    list_filter = ["measure", "effective_from"]
    search_fields = ["place", "source"]
    search_help_text = "Area, or where it was published"


@admin.register(LocalDefinition)
class LocalDefinitionAdmin(DatedAdmin):
    """What the law leaves to states and local areas."""

    list_display = ["topic", "source", "effective_from", "effective_to"]
    list_filter = ["topic"]
