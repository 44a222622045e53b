"""A student's certificates, each with its public page; and which milestones stand before the next one."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from students.me import Panel, Records, add_section, panel
from students.models import Certificate, CertificateStatus
from students.services.certificates import address_of
from students.services.milestones import TRAINED, steps_of
from students.views.me.base import MeView

add_section("Certificates", "me:certificates", 40)
MOST = 50


class Certificates(MeView):
    """What was earned, and what is still to do."""

    http_method_names = ["get", "head"]
    template_name = "students/me/certificates.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        earned = [(each, address_of(each)) for each in _earned(self.records)[:MOST]]
        certified = {each.enrollment_id for each, _ in earned if each.status == CertificateStatus.VALID}
        trained = self.enrollments.filter(status__in=TRAINED).exclude(pk__in=certified)
        return self.show(earned=earned, under_way=[(each, steps_of(each)) for each in trained[:MOST]])


@panel(40)
def certificates_panel(records: Records) -> Panel | None:
    """Name the latest certificate that counts."""
    latest = _earned(records).filter(status=CertificateStatus.VALID).first()
    if latest is None:
        return None
    lines = (f"{latest.title}, issued {latest.issued_at:%B %-d, %Y}.",)
    return Panel("Your certificates", lines, "See them", reverse("me:certificates"))


def _earned(records: Records) -> QuerySet[Certificate]:
    return Certificate.objects.filter(enrollment__student__in=records).exclude(document=None)
