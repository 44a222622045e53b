"""What people ask about a program in the public catalog."""

from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from programs.models.programs import Program


class Enquiry(models.Model):
    """Somebody who wants to hear more of a program; the holder and the network's staff may see it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    program = models.ForeignKey(Program, models.CASCADE, related_name="enquiries", db_index=False)
    name = models.CharField(max_length=120)
    email = models.EmailField("e-mail")
    phone = models.CharField(max_length=24, blank=True)
    message = models.TextField(max_length=2000, blank=True)
    form_key = models.UUIDField(unique=True, help_text="Names the form that was sent; a form counts once.")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "enquiries"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(name="enquiry_of_program", fields=["program", "-created_at"]),
            models.Index(name="enquiry_open", fields=["created_at"], condition=Q(answered_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"enquiry {self.pk}"
