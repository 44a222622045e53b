"""The schemas of the PIRL that were loaded, as staff see them."""

from django.contrib import admin

from autopilot.admin.base import ReadOnlyAdmin
from students.models import PirlSchema


@admin.register(PirlSchema)
class PirlSchemaAdmin(ReadOnlyAdmin[PirlSchema]):
    """Which versions there are, from when to when, and from which file; an operator loads them."""

    list_display = ["version", "columns", "effective_from", "effective_to", "source", "loaded_at"]
    search_fields = ["version", "source"]
    search_help_text = "Version or name of the file"
    fields = ["version", "columns", "effective_from", "effective_to", "source", "digest", "loaded_at", "loaded_by"]
