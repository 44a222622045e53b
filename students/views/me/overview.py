"""The first page of a student: what is next to do, the programs with their hours, and what else there is."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from students.me import Panel, Records, add_section, panel, panels, todos
from students.models import Certificate, CertificateStatus
from students.reports import attendance_total, hours_of
from students.services.agreements import standing_agreement
from students.services.certificates import address_of
from students.services.persons import own_records
from students.views.me.base import MeView

add_section("Overview", "me:overview", 0)
MOST = 20


class Overview(MeView):
    """Everything in short."""

    http_method_names = ["get", "head"]
    template_name = "students/me/overview.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        records = own_records(self.user)
        enrollments = list(self.enrollments[:MOST])
        hours = hours_of(enrollments)
        return self.show(
            todos=todos(records), panels=panels(records),
            programs=[(each, hours[each.pk]) for each in enrollments],
        )  # fmt: skip


class Program(MeView):
    """One enrollment: where it stands, hours and attendance, the agreement, and its history."""

    http_method_names = ["get", "head"]
    template_name = "students/me/program.html"

    def get(self, request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
        """Show it."""
        enrollment = self.enrollment(enrollment_id)
        sessions = enrollment.attendance.select_related("session").order_by("-session__date", "-session__starts_at")
        return self.show(
            enrollment=enrollment, hours=hours_of([enrollment])[enrollment.pk], total=attendance_total(enrollment),
            agreement=standing_agreement(enrollment), attendance=sessions[:MOST],
            changes=enrollment.status_changes.order_by("id")[:MOST],
        )  # fmt: skip


@panel(20)
def certificates(records: Records) -> Panel | None:
    """Tell which certificates stand, with the public page of the newest, by which anybody can check it."""
    mine = Certificate.objects.filter(enrollment__student__in=records, status=CertificateStatus.VALID)
    rows = list(mine.exclude(document=None).order_by("-issued_at")[:MOST])
    if not rows:
        return None
    lines = tuple(f"{each.program_title}, number {each.number}" for each in rows)
    return Panel("Your certificates", lines, "Open the newest", address_of(rows[0]))
