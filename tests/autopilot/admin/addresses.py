"""The addresses of the staff's pages."""

from django.db.models import Model
from django.urls import reverse


def listed(model: str) -> str:
    """Return the address of a list."""
    return reverse(f"admin:autopilot_{model}_changelist")


def page(row: Model) -> str:
    """Return the address of a row's page."""
    return reverse(f"admin:autopilot_{row._meta.model_name}_change", args=[row.pk])


def deed(row: Model, name: str) -> str:
    """Return the address of a deed: decide, amend, file, receipt or decision."""
    return reverse(f"admin:{row._meta.model_name}_{name}", args=[row.pk])
