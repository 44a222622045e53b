"""Services that students received, and what follows from them: periods of participation, and how they changed."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from autopilot import clock
from autopilot.identifiers import uuid7
from students.models.students import Student


class WioaProgram(models.TextChoices):
    """The programs of Title I."""

    ADULT = "adult", "Adult"
    DISLOCATED_WORKER = "dislocated_worker", "Dislocated worker"
    YOUTH = "youth", "Youth"


class ExitReason(models.TextChoices):
    """Why an exit is left out of the indicators, by the codes of PIRL element 923."""

    INSTITUTIONALIZED = "01", "Institutionalized"
    MEDICAL = "02", "Medical treatment of more than 90 days"
    DECEASED = "03", "Deceased"
    CALLED_UP = "04", "Called to active duty for 90 days or more"
    FOSTER_MOVED = "05", "Foster youth who moved out of the area"
    OFFENDER = "07", "Offender served under section 225"


class ProgramReadiness(models.Model):
    """Since when a student can become a participant of a program; youth is also assessed and has a plan."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(Student, models.PROTECT, related_name="readiness", db_index=False)
    program = models.CharField(max_length=17, choices=WioaProgram)
    eligible_on = models.DateField(help_text="The day of the determination.")
    assessed_on = models.DateField(null=True, blank=True, help_text="The day of the objective assessment; for youth.")
    planned_on = models.DateField(null=True, blank=True, help_text="The day of the service strategy; for youth.")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()
        ordering = ["student", "program"]
        constraints = [
            models.CheckConstraint(name="readiness_program_known", condition=Q(program__in=WioaProgram.values)),
            models.UniqueConstraint(name="readiness_once", fields=["student", "program"]),
        ]

    def __str__(self) -> str:
        return f"readiness {self.pk}"


class ServiceReceived(models.Model):
    """A service that a student received on a day, or that is planned for one; what was a mistake is withdrawn."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(Student, models.PROTECT, related_name="services", db_index=False)
    program = models.CharField(max_length=17, choices=WioaProgram)
    service = models.CharField(max_length=40, help_text="One of the 36 kinds.")
    day = models.DateField(help_text="The day of the service, or for which it is planned.")
    planned = models.BooleanField(default=False, help_text="It is to come; the plan is documented.")
    documented_on = models.DateField(help_text="The day on which it was recorded.")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField(default=clock.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "services received"
        default_permissions = ("view",)
        permissions = [("record_servicereceived", "Can record and withdraw services that students received")]
        ordering = ["-day", "-id"]
        constraints = [
            models.CheckConstraint(name="service_program_known", condition=Q(program__in=WioaProgram.values)),
            models.CheckConstraint(
                name="service_received_is_past", condition=Q(planned=True) | Q(day__lte=F("documented_on"))
            ),
            models.CheckConstraint(
                name="service_withdrawn_has_reason", condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_because="")
            ),
            models.UniqueConstraint(
                name="service_once_a_day",
                fields=["student", "program", "service", "day", "planned"],
                condition=Q(withdrawn_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(name="service_of_student", fields=["student", "day"]),
            models.Index(name="service_list", fields=["-day", "-id"]),
        ]

    def __str__(self) -> str:
        return f"service {self.pk}"


class ExitHindrance(models.Model):
    """Since when, and why, a student could not go on."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(Student, models.PROTECT, related_name="hindrances", db_index=False)
    since = models.DateField()
    code = models.CharField(max_length=2, choices=ExitReason)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()
        ordering = ["student", "since"]
        constraints = [
            models.CheckConstraint(name="hindrance_code_known", condition=Q(code__in=ExitReason.values)),
            models.UniqueConstraint(name="hindrance_once", fields=["student", "since"]),
        ]

    def __str__(self) -> str:
        return f"hindrance {self.pk}"


class ParticipationPeriod(models.Model):
    """A period of participation as the services tell it: reckoned, and written by nobody."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(Student, models.PROTECT, related_name="participation", db_index=False)
    programs = models.CharField(max_length=40, help_text="The programs it is of, one word each.")
    entered_on = models.DateField(help_text="Element 900.")
    last_service_on = models.DateField(help_text="The last qualifying service.")
    open_until = models.DateField(help_text="The last day on which a qualifying service continues it.")
    exited_on = models.DateField(null=True, blank=True, help_text="Element 901; empty while it is open.")
    exclusion = models.CharField(max_length=2, default="00", help_text="Element 923.")
    because = models.JSONField(default=list, help_text="Why each element says what it says, with the source.")
    reckoned_on = models.DateField()

    class Meta:
        default_permissions = ("view",)
        ordering = ["-entered_on", "-id"]
        constraints = [
            models.UniqueConstraint(name="participation_entered_once", fields=["student", "programs", "entered_on"]),
            models.CheckConstraint(
                name="participation_days_in_order",
                condition=Q(last_service_on__gte=F("entered_on"), open_until__gt=F("last_service_on")),
            ),
            models.CheckConstraint(
                name="participation_exit_is_last_service",
                condition=Q(exited_on__isnull=True, exclusion="00") | Q(exited_on=F("last_service_on")),
            ),
        ]
        indexes = [
            models.Index(name="participation_list", fields=["-entered_on", "-id"]),
            models.Index(name="participation_to_end", fields=["open_until"], condition=Q(exited_on__isnull=True)),
            models.Index(name="participation_exits", fields=["exited_on"]),
        ]

    def __str__(self) -> str:
        return f"period {self.pk}"


class ParticipationChange(models.Model):
    """What a reckoning said of a student's periods otherwise than the one before: append-only."""

    id = models.BigAutoField(primary_key=True)
    student = models.ForeignKey(Student, models.PROTECT, related_name="participation_changes", db_index=False)
    told = models.CharField(max_length=300)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ("view",)
        ordering = ["-id"]
        indexes = [models.Index(name="participation_change_of", fields=["student", "-id"])]

    def __str__(self) -> str:
        return f"change {self.pk}"


class PerformanceTarget(models.Model):
    """The level of performance that was negotiated for an indicator of a program and a program year."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    program = models.CharField(max_length=17, choices=WioaProgram)
    indicator = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField(help_text="The program year: 2026 begins on July 1, 2026.")
    level = models.DecimalField(max_digits=9, decimal_places=2, help_text="Percent; for median earnings, dollars.")

    class Meta:
        default_permissions = ("view", "add", "change")
        ordering = ["-year", "program", "indicator"]
        constraints = [
            models.CheckConstraint(name="target_program_known", condition=Q(program__in=WioaProgram.values)),
            models.CheckConstraint(name="target_level_positive", condition=Q(level__gt=0)),
            models.UniqueConstraint(name="target_once", fields=["program", "indicator", "year"]),
        ]

    def __str__(self) -> str:
        return f"target {self.pk}"
