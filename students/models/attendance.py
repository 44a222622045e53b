"""Who was there, session by session, and what a holder reports week by week."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from programs.models import Cohort, Holder, Session
from students.models.students import Enrollment


class AttendanceStatus(models.TextChoices):
    """Whether a student was there."""

    PRESENT = "present", "Present"
    ABSENT = "absent", "Absent"
    LATE = "late", "Late"
    EXCUSED = "excused", "Excused"


class Attendance(models.Model):
    """One student at one session."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="attendance", db_index=False)
    session = models.ForeignKey(Session, models.PROTECT, related_name="attendance", db_index=False)
    presence = models.CharField(max_length=7, choices=AttendanceStatus, default=AttendanceStatus.PRESENT)
    hours = models.DecimalField(
        max_digits=4, decimal_places=2, validators=[MinValueValidator(0), MaxValueValidator(24)]
    )
    note = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "attendance"
        ordering = ["session", "enrollment"]
        constraints = [
            models.UniqueConstraint(name="attendance_once_per_session", fields=["session", "enrollment"]),
            models.CheckConstraint(name="attendance_presence_known", condition=Q(presence__in=AttendanceStatus.values)),
            models.CheckConstraint(name="attendance_hours_of_a_day", condition=Q(hours__gte=0, hours__lte=24)),
        ]
        indexes = [models.Index(name="attendance_of_enrollment", fields=["enrollment"])]

    def __str__(self) -> str:
        return f"attendance {self.pk}"


class AttendanceChange(models.Model):
    """What a record of attendance said before it was sent again: append-only."""

    id = models.BigAutoField(primary_key=True)
    attendance = models.ForeignKey(Attendance, models.CASCADE, related_name="changes", db_index=False)
    presence = models.CharField(max_length=7, choices=AttendanceStatus)
    hours = models.DecimalField(max_digits=4, decimal_places=2)
    note = models.CharField(max_length=300, blank=True)
    replaced_by_label = models.CharField(max_length=150)
    replaced_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["attendance", "id"]
        indexes = [models.Index(name="attendance_change_by_row", fields=["attendance", "id"])]

    def __str__(self) -> str:
        return f"change of {self.attendance_id}"


class WeeklyReport(models.Model):
    """What a holder reports of one cohort for the week that ends on a Sunday."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="weekly_reports", db_index=False)
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="weekly_reports", db_index=False)
    week_ending = models.DateField()
    hours_taught = models.DecimalField(max_digits=5, decimal_places=2, validators=[MinValueValidator(0)])
    skills = models.TextField("skills practiced", max_length=2000, blank=True)
    challenges = models.TextField(max_length=2000, blank=True)
    notes = models.TextField(max_length=2000, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    submitted_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-week_ending", "cohort"]
        constraints = [
            models.UniqueConstraint(name="weekly_report_once", fields=["cohort", "week_ending"]),
            models.CheckConstraint(name="weekly_report_ends_on_sunday", condition=Q(week_ending__iso_week_day=7)),
            models.CheckConstraint(name="weekly_report_hours", condition=Q(hours_taught__gte=0, hours_taught__lte=168)),
        ]
        indexes = [models.Index(name="weekly_report_of_holder", fields=["holder", "-week_ending"])]

    def __str__(self) -> str:
        return f"weekly report {self.pk}"


class ProgressNote(models.Model):
    """What a weekly report says of one student."""

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(WeeklyReport, models.CASCADE, related_name="progress_notes", db_index=False)
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="progress_notes", db_index=False)
    text = models.TextField(max_length=2000)

    class Meta:
        ordering = ["report", "id"]
        constraints = [models.UniqueConstraint(name="progress_note_once", fields=["report", "enrollment"])]

    def __str__(self) -> str:
        return f"progress note {self.pk}"


class ReportReminder(models.Model):
    """That a holder was reminded of a missing weekly report: once for each cohort and week."""

    id = models.BigAutoField(primary_key=True)
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="report_reminders", db_index=False)
    week_ending = models.DateField()
    sent_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-week_ending", "cohort"]
        constraints = [models.UniqueConstraint(name="report_reminder_once", fields=["cohort", "week_ending"])]

    def __str__(self) -> str:
        return f"reminder of {self.week_ending}"
