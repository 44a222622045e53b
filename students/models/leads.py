"""People who may become students: from the catalog, by hand or by a file; written to until they answer."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from programs.models import Enquiry, Program
from students.models.students import Enrollment


class LeadStatus(models.TextChoices):
    """Where a lead stands; written by `services.leads` alone."""

    NEW = "new", "New"
    CONTACTED = "contacted", "In touch"
    ENROLLED = "enrolled", "Enrolled"
    CLOSED = "closed", "Closed"


class LeadSource(models.TextChoices):
    """How somebody came."""

    CATALOG = "catalog", "Asked in the catalog"
    STAFF = "staff", "Entered by staff"
    IMPORT = "import", "Imported"


class Lead(models.Model):
    """Somebody who may want a program."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    program = models.ForeignKey(Program, models.PROTECT, related_name="leads", db_index=False)
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    email = models.EmailField("e-mail", blank=True)
    phone = models.CharField(max_length=24, blank=True)
    source = models.CharField(max_length=7, choices=LeadSource)
    status = models.CharField(max_length=9, choices=LeadStatus, default=LeadStatus.NEW)
    enquiry = models.OneToOneField(Enquiry, models.SET_NULL, null=True, blank=True, related_name="lead")
    enrollment = models.OneToOneField(Enrollment, models.PROTECT, null=True, blank=True, related_name="lead")
    follow_ups = models.PositiveSmallIntegerField(default=0, help_text="Mails that were sent.")
    follow_up_on = models.DateField(null=True, blank=True, help_text="When the next mail goes out; empty: none does.")
    note = models.CharField(max_length=500, blank=True)
    closed_because = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ("view", "add")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(name="lead_status_known", condition=Q(status__in=LeadStatus.values)),
            models.CheckConstraint(name="lead_reachable", condition=~Q(email="") | ~Q(phone="")),
            models.CheckConstraint(
                name="lead_enrolled_has_enrollment", condition=~Q(status="enrolled") | Q(enrollment__isnull=False)
            ),
            models.CheckConstraint(
                name="lead_closed_has_reason", condition=~Q(status="closed") | ~Q(closed_because="")
            ),
            models.CheckConstraint(
                name="lead_done_has_no_mail", condition=~Q(status__in=["enrolled", "closed"]) | Q(follow_up_on=None)
            ),
        ]
        indexes = [
            models.Index(name="lead_list", fields=["-created_at", "-id"]),
            models.Index(name="lead_same_email", fields=["program", "email"], condition=~Q(email="")),
            models.Index(name="lead_to_write", fields=["follow_up_on"], condition=Q(follow_up_on__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"lead {self.pk}"
