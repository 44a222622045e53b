"""Deeds to one job by a link, and to all jobs that the filters leave, in bounded batches that say how far they came."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods

from autopilot.admin.base import PageAdmin, filtered, staff
from autopilot.admin.deeds import (
    CONFIRMED,
    MOST_AT_ONCE,
    MOST_PREVIEWED,
    MOST_REFUSALS,
    Batch,
    Deed,
    ReasonForm,
    foreseen,
    in_batch,
    offer,
)
from autopilot.admin.job_deeds import CANARY, DEEDS
from autopilot.identifiers import uuid7
from autopilot.models import Job

FILTERS = "_changelist_filters"
LIST = "admin:autopilot_job_changelist"
NOWHERE = UUID(int=0)


class JobDeeds(PageAdmin[Job]):
    """The addresses at which jobs are acted on; who may is asked at each of them."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page of a deed to one job, and to all that match."""
        one, every = (require_http_methods(["GET", "HEAD", "POST"])(view) for view in (self.deed_view, self.all_view))
        deeds = [
            path("<uuid:pk>/do/<slug:name>/", self.admin_site.admin_view(one), name="job_deed"),
            path("all/<slug:name>/", self.admin_site.admin_view(every), name="job_deed_all"),
        ]
        return deeds + super().get_urls()

    def has_control_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may retry, cancel, hold, release and requeue."""
        return staff(request).has_perm("autopilot.control_job")

    def deed_view(self, request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
        """Show what a deed would do to a job and ask why, or do it; then lead back to where the link stood."""
        deed = self._deed(request, name, DEEDS | {"canary": CANARY})
        job = get_object_or_404(self.get_queryset(request), pk=pk)
        filters = request.GET.get(FILTERS)
        back = reverse("admin:autopilot_job_change", args=[pk]) if filters is None else f"{reverse(LIST)}?{filters}"
        back = reverse("admin:job_failures") if deed is CANARY else back
        answer = offer(self, request, self.get_queryset(request).filter(pk=job.pk), deed, back)
        return answer or HttpResponseRedirect(back)

    def all_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show what a deed would do to all that match and ask why, or do it to the next batch of them."""
        deed = self._deed(request, name, DEEDS)
        listed = filtered(self, request)
        if not (listed.has_active_filters or listed.query):
            self.message_user(request, "Filter or search first: this would be done to every job.", messages.WARNING)
            return HttpResponseRedirect(reverse(LIST))
        rows = listed.get_queryset(request).order_by("pk").filter(pk__lte=_id(request, "until", uuid7()))
        form = (deed.form or ReasonForm)(request.POST if CONFIRMED in request.POST else None, rows=list(rows[:2]))
        if form.is_valid():
            after = rows.filter(pk__gt=_id(request, "after", NOWHERE))
            return self._told(request, deed, form, rows, in_batch(after, staff(request), deed, form.cleaned_data))
        return self._asked(request, deed, form, rows)

    def _deed(self, request: HttpRequest, name: str, known: Mapping[str, Deed]) -> Deed:
        if not self.has_view_permission(request) or not self.has_control_permission(request):
            raise PermissionDenied
        if name not in known:
            raise Http404
        return known[name]

    def _asked(self, request: HttpRequest, deed: Deed, form: ReasonForm, rows: QuerySet[Job]) -> TemplateResponse:
        first = list(rows[:MOST_PREVIEWED])
        shown: dict[str, Any] = {
            "outlooks": foreseen(first, staff(request), deed, form),
            "until": uuid7(),
            "count": self._count(rows),
        }
        return self._page(request, deed, form, status=422 if form.errors else 200, **shown)

    def _told(
        self, request: HttpRequest, deed: Deed, form: ReasonForm, rows: QuerySet[Job], batch: Batch
    ) -> TemplateResponse:
        left = self._count(rows.filter(pk__gt=batch.last.pk)) if batch.last else 0
        shown: dict[str, Any] = {
            "batch": batch,
            "refused": batch.refused[:MOST_REFUSALS],
            "left": left,
            "until": request.POST.get("until"),
        }
        return self._page(request, deed, form, **shown)

    def _count(self, rows: QuerySet[Job]) -> int:
        return int(self.paginator(rows, self.list_per_page).count)

    def _page(
        self, request: HttpRequest, deed: Deed, form: ReasonForm, status: int = 200, **more: Any
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"{deed.button} all that match",
            "opts": self.opts,
            "deed": deed,
            "form": form,
            "most_at_once": MOST_AT_ONCE,
            "most_counted": self.paginator.most,
            "back": f"{reverse(LIST)}?{request.GET.urlencode()}",
            **more,
        }
        return TemplateResponse(request, "admin/autopilot/deed_all.html", context, status=status)


def _id(request: HttpRequest, name: str, otherwise: UUID) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        return otherwise
