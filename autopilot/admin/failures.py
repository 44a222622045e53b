"""Failures by their cause: what broke how often, one job tried again first, and then the rest."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from autopilot.admin.base import PageAdmin, staff
from autopilot.models import Job
from autopilot.reports import failures

CANARY_ENDS = {
    "completed": "It worked: the rest may be worth a try.",
    "failed": "It failed again: mend the cause first.",
    "cancelled": "It was cancelled.",
    "waiting": "It got further, and waits.",
}


class FailurePage(PageAdmin[Job]):
    """The page of failure groups, beside the list of jobs."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page."""
        page = self.admin_site.admin_view(require_safe(self.failures_view))
        return [path("failures/", page, name="job_failures"), *super().get_urls()]

    def failures_view(self, request: HttpRequest) -> HttpResponse:
        """Show the groups to who may view jobs, and what can be done to who may control them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = failures.failure_groups()
        context = {
            **self.admin_site.each_context(request),
            "title": "Failures by cause",
            "opts": self.opts,
            "groups": [_shown(each) for each in found.groups],
            "canaries": [(each, CANARY_ENDS.get(each.job.status, "It is under way.")) for each in found.canaries],
            "complete": found.complete,
            "most_counted": failures.MOST_COUNTED,
            "most_groups": failures.MOST_GROUPS,
            "may_control": staff(request).has_perm("autopilot.control_job"),
        }
        return TemplateResponse(request, "admin/autopilot/failures.html", context)


def _shown(group: failures.FailureGroup) -> dict[str, Any]:
    filters = urlencode(group.filters)
    return {
        "group": group,
        "listed": f"{reverse('admin:autopilot_job_changelist')}?{filters}",
        "try_one": reverse("admin:job_deed", args=[group.sample.pk, "canary"]),
        "retry_rest": f"{reverse('admin:job_deed_all', args=['retry'])}?{filters}",
        "verdict": CANARY_ENDS.get(group.canary.job.status, "It is under way.") if group.canary else "",
    }
