"""The processes that execute handlers: who is alive, whose turn a duty is, and what the watchdog did."""

from django.db import models

from autopilot import clock


class ClusterHeartbeat(models.Model):
    """One process of a cluster, as it last reported itself."""

    class Role(models.TextChoices):
        """What the process does."""

        SUPERVISOR = "supervisor", "Supervisor"
        PUMP = "pump", "Pump"

    process = models.CharField(max_length=100, primary_key=True)
    cluster = models.CharField(max_length=100)
    role = models.CharField(max_length=10, choices=Role)
    version = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField(default=clock.now)
    seen_at = models.DateTimeField(default=clock.now)
    claims = models.PositiveBigIntegerField(default=0)
    last_claim_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["cluster", "role", "process"]
        indexes = [models.Index(name="heartbeat_seen", fields=["seen_at"])]

    def __str__(self) -> str:
        return f"{self.role} {self.process}"


class ClusterRestart(models.Model):
    """One time the supervisor ended a cluster's processes and started them again."""

    cluster = models.CharField(max_length=100)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.cluster}: {self.reason}"


class Duty(models.Model):
    """A periodic duty of the whole installation; the row gives each turn to one cluster."""

    name = models.CharField(max_length=40, primary_key=True)
    next_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "duties"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
