"""What people did, for those who audit it: found by who, what, when, from where and why; and taken along as CSV."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from itertools import chain
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from autopilot import audit, clock, spreadsheets
from autopilot.admin.base import CappedPaginator, ReadOnlyAdmin, staff
from autopilot.models import AuditEntry
from autopilot.reports import find_deeds

MOST_EXPORTED = 50_000
HEADING = ["At (UTC)", "Deed", "Who", "Record", "Record’s id", "Reason", "Address", "More"]
FIRST_DAY, LAST_DAY = "0001-01-02", "9999-12-30"


def _records() -> list[tuple[str, str]]:
    return [("", "Any"), *sorted((model._meta.label, model._meta.label) for model in apps.get_models())]


def _day(label: str) -> forms.DateField:
    # The first and last days of the calendar have no day before or after them.
    widget = forms.DateInput(attrs={"type": "date", "min": FIRST_DAY, "max": LAST_DAY})
    return forms.DateField(label=label, required=False, widget=widget)


class SearchForm(forms.Form):
    """What a deed shall fit; nothing entered fits all."""

    actor = forms.CharField(label="Who", required=False, max_length=150, help_text="A username, or “nobody”")
    deed = forms.CharField(label="Deed begins with", required=False, max_length=100, help_text="As autopilot.job.")
    subject_type = forms.ChoiceField(label="Record", required=False, choices=_records)
    subject_id = forms.CharField(label="Record’s whole id", required=False, max_length=64)
    since = _day("From")
    until = _day("To")
    ip = forms.GenericIPAddressField(label="Address", required=False)
    reason = forms.CharField(label="Reason contains", required=False, max_length=100, help_text="In the newest 5,000")

    def clean(self) -> dict[str, Any]:
        """Refuse days that have none beside them, and a span that ends before it begins."""
        entered = super().clean() or self.cleaned_data
        for name in ("since", "until"):
            if entered.get(name) and not FIRST_DAY <= entered[name].isoformat() <= LAST_DAY:
                self.add_error(name, "Choose another day.")
        if entered.get("since") and entered.get("until") and entered["since"] > entered["until"]:
            self.add_error("until", "It ends before it begins.")
        return entered


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin[AuditEntry]):
    """Deeds, newest first."""

    fields = ["name", "who", "subject_type", "subject_id", "data", "ip", "at"]

    def get_urls(self) -> list[URLPattern]:
        """Add the file."""
        export = self.admin_site.admin_view(require_POST(self.export))
        return [path("export/", export, name="auditentry_export"), *super().get_urls()]

    @admin.display(description="Who")
    def who(self, entry: AuditEntry) -> str:
        """Show who did it: a person with an account, else the autopilot or somebody who did not sign in."""
        return entry.actor_label or "Nobody signed in"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the deeds that fit what was asked for."""
        form, found = self._search(request, request.GET)
        page = CappedPaginator(found, self.list_per_page).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Audit",
            "opts": self.opts,
            "form": form,
            "page": page,
            "most": CappedPaginator.most,
            "most_exported": MOST_EXPORTED,
            "asked": {name: value for name, value in request.GET.items() if name in form.fields and value},
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return TemplateResponse(request, "admin/autopilot/audit.html", context, status=status)

    def export(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """Hand out the newest 50,000 deeds that fit as a CSV file; that it was taken is a deed as well."""
        form, found = self._search(request, request.POST)
        if form.errors:
            return HttpResponse(
                "Some of what was asked for cannot be understood.", status=422, content_type="text/plain"
            )
        asked = {name: value for name, value in form.cleaned_data.items() if value}
        audit.record(staff(request), "autopilot.audit.exported", staff(request), asked=asked)
        lines = spreadsheets.csv_lines(chain([HEADING], _rows(found[:MOST_EXPORTED])))
        name = f"audit-{clock.today():%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)

    def _search(self, request: HttpRequest, asked: Any) -> tuple[SearchForm, QuerySet[AuditEntry]]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = SearchForm(asked)
        return form, find_deeds(**form.cleaned_data) if form.is_valid() else AuditEntry.objects.none()


def _rows(found: QuerySet[AuditEntry]) -> Iterator[list[object]]:
    for each in found.iterator(chunk_size=1000):
        more = {name: value for name, value in each.data.items() if name != "reason"}
        yield [
            each.at.isoformat(timespec="seconds"),
            each.name,
            each.actor_label,
            each.subject_type,
            each.subject_id,
            each.data.get("reason", ""),
            each.ip,
            json.dumps(more, ensure_ascii=False) if more else "",
        ]
