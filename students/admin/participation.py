"""Services received and what follows from them, as staff see them; and the levels of performance that were negotiated."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from autopilot.admin.base import ConfigurationAdmin, PageAdmin, StaffAdmin, badge, staff
from students.access import students_of
from students.forms.participation import (
    HindranceForm,
    OfStudentForm,
    ReadinessForm,
    ServiceForm,
    TargetForm,
    WithdrawForm,
)
from students.models import ParticipationChange, ParticipationPeriod, PerformanceTarget, ServiceReceived
from students.services import participation
from students.services.participation import RECORD
from students.wioa.services import SERVICES


@admin.register(ServiceReceived)
class ServiceReceivedAdmin(PageAdmin[ServiceReceived]):
    """The list of services, the page on which one is recorded, and one of them."""

    list_display = ["day", "student_name", "program", "title", "standing"]
    list_select_related = ["student"]
    list_filter = ["program", "planned", "day"]
    search_fields = ["student__last_name", "student__first_name", "=student__number"]
    search_help_text = "Name, or the whole person identifier"
    page_template = "students/admin/service.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the deeds."""
        guard = self.admin_site.admin_view
        return [
            path("<uuid:pk>/withdraw/", guard(require_POST(self.withdraw)), name="servicereceived_withdraw"),
            path("ready/", guard(self.ready), name="servicereceived_ready"),
            path("hindered/", guard(self.hindered), name="servicereceived_hindered"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list; a service is recorded from the page of its student."""
        return super().changelist_view(request, {"has_add_permission": False} | (extra_context or {}))

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Return whether this person may record services."""
        return request.user.has_perm(RECORD)

    @admin.display(description="Student", ordering="student__last_name")
    def student_name(self, row: ServiceReceived) -> str:
        """Show whose it is."""
        return row.student.full_name

    @admin.display(description="Service", ordering="service")
    def title(self, row: ServiceReceived) -> str:
        """Show its name."""
        return SERVICES[row.service].name

    @admin.display(description="Standing")
    def standing(self, row: ServiceReceived) -> str:
        """Show whether it was received, is planned, or was taken back."""
        if row.withdrawn_at:
            return badge("withdrawn", "Taken back")
        return badge("pending", "Planned") if row.planned else badge("completed", "Received")

    def page_context(self, request: HttpRequest, row: ServiceReceived) -> dict[str, Any]:
        """Show what it does to a period, and the form that takes it back."""
        may_withdraw = row.withdrawn_at is None and request.user.has_perm(RECORD)
        return {
            "title": "Service",
            "subtitle": self.title(row),
            "service": SERVICES[row.service],
            "standing": self.standing(row),
            "withdraw": WithdrawForm() if may_withdraw else None,
        }

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for a service of the student that the address names, and record it."""
        lead = "Services open and close periods of participation; nobody sets those dates by hand."
        return self._ask(request, ServiceForm, participation.record_service, "Record a service", lead)

    def ready(self, request: HttpRequest) -> HttpResponse:
        """Ask since when a student can become a participant."""
        lead = "A service makes a participant of who is eligible; of youth, who also is assessed and has a plan."
        return self._ask(request, ReadinessForm, participation.make_ready, "Record eligibility", lead)

    def hindered(self, request: HttpRequest) -> HttpResponse:
        """Ask why a student could not go on."""
        lead = "An exit for one of these reasons is left out of the indicators."
        return self._ask(request, HindranceForm, participation.record_hindrance, "Record why somebody left", lead)

    def _ask(
        self, request: HttpRequest, of: type[OfStudentForm], deed: Callable[..., object], title: str, lead: str
    ) -> HttpResponse:
        """Ask for facts about the student that the address names, and have the service record them."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = _form(request, of)
        if form.is_valid():
            student = form.cleaned_data["student"]
            try:
                deed(student, by=staff(request), **form.facts())
            except ValidationError as refusal:
                _show(form, refusal)
            else:
                self.message_user(request, "Recorded.", messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:students_student_change", args=[student.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "lead": lead,
            "opts": self.opts,
            "form": form,
            "student": _student(request, form),
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return TemplateResponse(request, "students/admin/service_add.html", context, status=status)

    def withdraw(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take a service back."""
        if not request.user.has_perm(RECORD):
            raise PermissionDenied
        row, form = get_object_or_404(self.get_queryset(request), pk=pk), WithdrawForm(request.POST)
        if form.is_valid():
            try:
                participation.withdraw_service(row, reason=form.cleaned_data["reason"], by=staff(request))
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                self.message_user(request, "Taken back; the periods of participation are reckoned.", messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:students_servicereceived_change", args=[pk]))
        return self.page(request, row, withdraw=form, wrong=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


class PeriodFilter(admin.SimpleListFilter):
    """Where a period stands, and which ones end if nobody acts."""

    title = "where it stands"
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the lists."""
        return [("open", "Open"), ("ending", "Ends within 30 days"), ("ended", "Ended")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ParticipationPeriod]) -> QuerySet[ParticipationPeriod]:
        """Return the rows of the chosen list."""
        if self.value() == "ending":
            return participation.ending_soon(queryset)
        return queryset.filter(exited_on__isnull=self.value() == "open") if self.value() else queryset


@admin.register(ParticipationPeriod)
class ParticipationPeriodAdmin(PageAdmin[ParticipationPeriod]):
    """The list of periods, and one of them with why each of its dates is what it is."""

    list_display = ["student_name", "programs", "entered_on", "last_service_on", "exited_on", "exclusion", "days_left"]
    list_select_related = ["student"]
    list_filter = [PeriodFilter, "exclusion"]
    search_fields = ["student__last_name", "student__first_name", "=student__number"]
    search_help_text = "Name, or the whole person identifier"
    page_template = "students/admin/period.html"

    @admin.display(description="Student", ordering="student__last_name")
    def student_name(self, row: ParticipationPeriod) -> str:
        """Show whose it is."""
        return row.student.full_name

    @admin.display(description="Days left", ordering="open_until")
    def days_left(self, row: ParticipationPeriod) -> str:
        """Show for how many days a service still keeps it open."""
        left = participation.days_left(row)
        return "" if left is None else str(left)

    def page_context(self, request: HttpRequest, row: ParticipationPeriod) -> dict[str, Any]:
        """Show the reasons."""
        return {
            "title": "Period of participation",
            "subtitle": row.student.full_name,
            "left": participation.days_left(row),
        }


@admin.register(ParticipationChange)
class ParticipationChangeAdmin(StaffAdmin[ParticipationChange]):
    """What the nightly reckoning said otherwise than the one before; to read."""

    list_display = ["at", "student_name", "told"]
    list_display_links = None
    list_select_related = ["student"]
    list_filter = ["at"]
    search_fields = ["student__last_name", "student__first_name", "=student__number"]

    @admin.display(description="Student", ordering="student__last_name")
    def student_name(self, row: ParticipationChange) -> str:
        """Show whose it is."""
        return row.student.full_name

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


@admin.register(PerformanceTarget)
class PerformanceTargetAdmin(ConfigurationAdmin[PerformanceTarget]):
    """The negotiated levels; they are kept, and never deleted."""

    form = TargetForm
    list_display = ["year", "program", "indicator", "level"]
    list_filter = ["year", "program"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


def _form(request: HttpRequest, of: type[OfStudentForm]) -> OfStudentForm:
    form = of(request.POST or None, initial={"student": request.GET.get("student", "")})
    field = form.fields["student"]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (for the types alone)
    field.queryset = students_of(staff(request))
    return form


def _student(request: HttpRequest, form: OfStudentForm) -> Any:
    """Return whose service it is, for the page; None where the address names nobody this person may see."""
    asked = form.data.get("student") or request.GET.get("student", "")
    try:
        return students_of(staff(request)).filter(pk=UUID(asked)).first()
    except ValueError:
        return None


def _show(form: OfStudentForm, refusal: ValidationError) -> None:
    """Show a refusal where it belongs on the form."""
    places = {"service": "kind"}
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for name, errors in refusal.error_dict.items():
        place = places.get(name, name)
        form.add_error(place if place in form.fields else None, errors)
