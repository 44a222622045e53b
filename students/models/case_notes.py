"""Case notes: what staff learned of a student, with the least that evidence must say (TEGL 07-18, Change 1)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.encryption import EncryptedTextField, Keys
from autopilot.identifiers import uuid7
from students.models.students import Student


class CaseNote(models.Model):
    """One note: never changed; another one corrects it. Its text opens with the student's own key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(Student, models.PROTECT, related_name="case_notes", db_index=False)
    subject = models.CharField(max_length=120, help_text="What it is about, such as “Employment in Q2 after exit”.")
    status = models.CharField(max_length=200, help_text="The status that was found, in a few words.")
    obtained_on = models.DateField(help_text="The day on which it was learned.")
    staff_name = models.CharField(max_length=150, help_text="Who learned it.")
    text = EncryptedTextField(keys_of="keys", blank=True)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="corrected_by")
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    written_at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ("view", "add")
        ordering = ["-written_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="case_note_minimum", condition=~Q(subject="") & ~Q(status="") & ~Q(staff_name="")
            )
        ]
        indexes = [models.Index(name="case_note_of_student", fields=["student", "-written_at", "-id"])]

    def __str__(self) -> str:
        return f"case note {self.pk}"

    @property
    def keys(self) -> Keys:
        """The student's own keys."""
        return self.student.key.keys
