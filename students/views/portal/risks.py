"""The students of a holder who are at risk, with why and what to do."""

from django.http import HttpRequest, HttpResponse

from programs.portal import add_section
from programs.views.portal.base import HolderView
from programs.views.portal.lists import page_of
from students.models import RiskAudience, RiskFinding

add_section("At risk", "portal:at_risk", 52)
# What helps, by what was found.
ACTS = {
    "missing_attendance": "Call the student, and note what you agree on.",
    "behind": "Agree with the student on how to catch up.",
    "missed_milestone": "Plan with the student when to take it again.",
    "paper_missing": "Ask the student to upload it in their portal.",
}


class AtRisk(HolderView):
    """The open findings, the most pressing first."""

    http_method_names = ["get", "head"]
    template_name = "students/portal/risks.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them."""
        rows = RiskFinding.objects.select_related("enrollment__student", "enrollment__cohort__program")
        mine = rows.filter(holder=self.holder, audience=RiskAudience.HOLDER, closed_at=None)
        page = page_of(mine.order_by("level", "opened_on", "pk"), request)
        return self.show(page=page, findings=[(each, ACTS[each.kind]) for each in page])
