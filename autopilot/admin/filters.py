"""Filters whose choices are known without asking the database for every value it holds."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from autopilot import clock
from autopilot.engine import registry
from autopilot.models import FINAL, Job, JobStatus, WaitReason
from autopilot.reports.job_search import of_kind

IN_HAND = [status for status in JobStatus if status not in FINAL]

Jobs = QuerySet[Job]
Lookups = list[tuple[str, str]]


class WorkerFilter(admin.SimpleListFilter):
    """The family of kinds."""

    title = "worker"
    parameter_name = "worker"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every family that has a kind."""
        return [(name, name) for name in registry.workers()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """Return the rows of the chosen family."""
        return queryset.filter(worker=self.value()) if self.value() else queryset


class MediaTypeFilter(admin.SimpleListFilter):
    """The type of an archived file."""

    title = "type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer what the archive is for, and everything else."""
        return [("pdf", "PDF"), ("other", "Other")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """Return the documents of the chosen type."""
        if self.value() is None:
            return queryset
        pdf = {"media_type": "application/pdf"}
        return queryset.filter(**pdf) if self.value() == "pdf" else queryset.exclude(**pdf)


class KindFilter(admin.SimpleListFilter):
    """What a job does."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        """Offer every kind that has a handler, and one that had one once if it is asked for."""
        asked = request.GET.get(self.parameter_name, "")
        return [(kind, kind) for kind in sorted({*registry.kinds(), *filter(None, [asked])})]

    def queryset(self, request: HttpRequest, queryset: Jobs) -> Jobs:
        """Return the jobs of the chosen kind."""
        return of_kind(queryset, self.value() or "") if self.value() else queryset


class CreatedFilter(admin.SimpleListFilter):
    """How long ago a job was asked for; counted back from now, so that a saved search stays true."""

    title = "created"
    parameter_name = "created"
    spans = {
        "1h": (timedelta(hours=1), "In the last hour"),
        "1d": (timedelta(days=1), "In the last 24 hours"),
        "7d": (timedelta(days=7), "In the last 7 days"),
        "30d": (timedelta(days=30), "In the last 30 days"),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        """Offer the spans."""
        return [(value, words) for value, (_, words) in self.spans.items()]

    def queryset(self, request: HttpRequest, queryset: Jobs) -> Jobs:
        """Return the jobs of the chosen span."""
        span = self.spans.get(self.value() or "")
        return queryset.filter(created_at__gte=clock.now() - span[0]) if span else queryset


class WaitFilter(admin.SimpleListFilter):
    """What keeps a job."""

    title = "waiting for"
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        """Offer what a waiting job can wait for, and the operators who hold some."""
        return [
            *((str(value), str(words).capitalize()) for value, words in WaitReason.choices),
            ("held", "Its release"),
        ]

    def queryset(self, request: HttpRequest, queryset: Jobs) -> Jobs:
        """Return the jobs that wait for it."""
        if self.value() == "held":
            return queryset.filter(held_at__isnull=False)
        if self.value():
            return queryset.filter(status=JobStatus.WAITING, wait_reason=self.value())
        return queryset


class PriorityFilter(admin.SimpleListFilter):
    """How urgent the jobs are that have not ended: after its end a job's priority means nothing any more."""

    title = "priority"
    parameter_name = "priority"
    ranges = {
        "high": ((6, 10), "6 to 10, in hand"),
        "ordinary": ((5, 5), "5, in hand"),
        "low": ((1, 4), "1 to 4, in hand"),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        """Offer what is above, at and below the ordinary."""
        return [(value, words) for value, (_, words) in self.ranges.items()]

    def queryset(self, request: HttpRequest, queryset: Jobs) -> Jobs:
        """Return the jobs in hand within the chosen range."""
        chosen = self.ranges.get(self.value() or "")
        return queryset.filter(status__in=IN_HAND, priority__range=chosen[0]) if chosen else queryset


class LinkedFilter(admin.SimpleListFilter):
    """A filter that links lead to: shown while it is set, and offering no other value.

    `field` is what has the value, `beside` what holds of the rows as well, as the index of the field demands it.
    """

    field = ""
    beside = Q()

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        """Offer the value that is set."""
        value = request.GET.get(self.parameter_name or "", "")
        return [(value, value)] if value else []

    def queryset(self, request: HttpRequest, queryset: Jobs) -> Jobs:
        """Return the rows that have the value; none for one that cannot be."""
        if not self.value():
            return queryset
        try:
            return queryset.filter(self.beside, **{self.field: self.value()})
        except ValidationError:
            return queryset.none()


class FingerprintFilter(LinkedFilter):
    """Failures of one cause."""

    title, parameter_name, field = "fingerprint", "fingerprint", "error_fingerprint"
    beside = Q(status=JobStatus.FAILED)


class ReasonFilter(LinkedFilter):
    """Failures with one reason that leave no error behind, as a process that was lost too often."""

    title, parameter_name, field = "reason", "reason", "reason"
    beside = Q(status=JobStatus.FAILED, error_fingerprint="")


class KeyFilter(LinkedFilter):
    """Jobs with one unique key, of which at most one can be in hand."""

    title, parameter_name, field = "unique key", "key", "unique_key"
    beside = ~Q(unique_key="")


class TenantFilter(LinkedFilter):
    """One organization's jobs."""

    title, parameter_name, field = "organization", "tenant", "tenant_id"


class ParentFilter(LinkedFilter):
    """The parts of one job."""

    title, parameter_name, field = "part of", "parent", "parent_id"
