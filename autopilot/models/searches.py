"""Lists that people come back to."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class SavedSearch(models.Model):
    """A list with its filters, under a name; its owner's alone, or everybody's."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    page = models.CharField(max_length=100, help_text="The list it belongs to: app_model.")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500, help_text="The filters, as the address has them.")
    shared = models.BooleanField(default=False, help_text="Everybody who may see the list finds it.")

    class Meta:
        verbose_name_plural = "saved searches"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(name="search_one_per_name", fields=["owner", "page", "name"]),
            models.CheckConstraint(name="search_has_filters", condition=~Q(query="")),
        ]

    def __str__(self) -> str:
        return self.name
