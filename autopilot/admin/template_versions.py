"""Templates of documents: written beside a preview, compared with what is in force, approved by a second person."""

import difflib
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from autopilot import clock, document_types
from autopilot.admin.approving import ApprovedAdmin, ReasonedForm
from autopilot.admin.base import badge, staff
from autopilot.admin.deeds import Answers, Deed, offer
from autopilot.document_types import language, recipes, versions
from autopilot.document_types.errors import UnknownType
from autopilot.document_types.fields import Fields, Kind
from autopilot.document_types.types import DocumentType
from autopilot.document_types.vocabulary import FILTER_OF
from autopilot.documents import pages
from autopilot.documents.errors import ArchiveError
from autopilot.exceptions import ControlRefused
from autopilot.models import TemplateStatus, TemplateVersion

TONES = {TemplateStatus.DRAFT: "pending", TemplateStatus.APPROVED: "approved", TemplateStatus.RETIRED: "cancelled"}


class SourceForm(forms.Form):
    """The text of a template and what is new in it."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    note = forms.CharField(
        label="What is new",
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="One sentence, for the person who approves it.",
    )
    source = forms.CharField(
        label="Template",
        max_length=language.MOST_CHARACTERS,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false", "class": "template-source"}),
        help_text="HTML with merge fields. When you store it, it is checked, and printed with sample data.",
    )


class TemplateApprovalForm(ReasonedForm):
    """From which day on what was seen is in force, and why."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    effective_on = forms.DateField(
        label="In force from",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Documents of this day and later are made by it; earlier ones stay as they are.",
    )
    field_order = ("revision", "effective_on", "reason")


def _retire(by: Any, version: TemplateVersion, answers: Answers) -> str:
    try:
        versions.retire(version, by=by, reason=answers["reason"])
    except ValidationError as refusal:
        raise ControlRefused(" ".join(refusal.messages)) from refusal
    return "No document is made by it from today on."


RETIRE = Deed("Retire", "Retired", "Documents that were made by it stay as they are.", _retire, danger=True)


@admin.register(TemplateVersion)
class TemplateVersionAdmin(ApprovedAdmin[TemplateVersion]):
    """The versions of the templates of documents."""

    list_display = ["version", "state", "note", "effective_on", "author", "approved_by", "created_at"]
    list_select_related = ["author", "approved_by"]
    list_filter = ["status"]
    search_fields = ["slug", "note"]
    search_help_text = "A part of the type or of what is new"
    page_template = "admin/autopilot/template_version.html"
    actions = ["retire_versions"]
    approval_form, approval_right = TemplateApprovalForm, versions.APPROVE

    def get_queryset(self, request: HttpRequest) -> QuerySet[TemplateVersion]:
        """Leave what only the page of a version needs out of the list."""
        return super().get_queryset(request).defer("source", "preview")

    def get_urls(self) -> list[URLPattern]:
        """Add the preview's pages, and the two deeds that need what was seen."""
        guard = self.admin_site.admin_view
        picture = guard(require_safe(self.picture), cacheable=True)
        return [
            path("<uuid:pk>/revise/", guard(require_POST(self.revise)), name="templateversion_revise"),
            path("<uuid:pk>/approve/", guard(require_POST(self.approve)), name="templateversion_approve"),
            path("<uuid:pk>/pages/<int:number>.png", picture, name="templateversion_picture"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Return whether this person may write templates."""
        return request.user.has_perm(versions.ADD)

    @admin.display(description="Template", ordering="slug")
    def version(self, version: TemplateVersion) -> str:
        """Show the type and the number."""
        return f"{_title(version.slug)}, version {version.number}"

    @admin.display(description="Status", ordering="status")
    def state(self, version: TemplateVersion) -> str:
        """Show where it stands."""
        return badge(TONES[TemplateStatus(version.status)], version.get_status_display())

    def page_context(self, request: HttpRequest, row: TemplateVersion) -> dict[str, Any]:
        """Return what the page of a version shows: its text beside its preview, and what would change with it."""
        is_draft, is_own = row.status == TemplateStatus.DRAFT, row.author_id == request.user.pk
        may_approve = is_draft and self.has_approve_permission(request)
        may_retire = row.status != TemplateStatus.RETIRED and self.has_approve_permission(request)
        kind, today = _kind(row.slug), clock.today()
        current = recipes.in_force(row.slug, today)
        return {
            "title": "Document template",
            "subtitle": self.version(row),
            "version": row,
            "kind": kind,
            "state": self.state(row),
            "in_force": current == row,
            "pages": _pages(row),
            "changes": _changes(kind, row, current) if is_draft else [],
            "fields": _listed(kind.schema) if kind else [],
            "source_form": _filled(row) if is_draft and is_own and request.user.has_perm(versions.CHANGE) else None,
            "is_own": is_own,
            "approval": TemplateApprovalForm(initial={"revision": row.revision, "effective_on": today})
            if may_approve
            else None,
            "deeds": [("retire_versions", "Retire…")] if may_retire else [],
        }

    @admin.action(description="Retire…", permissions=["approve"])
    def retire_versions(self, request: HttpRequest, rows: QuerySet[TemplateVersion]) -> HttpResponse | None:
        """Ask why, and have no document made by the chosen versions."""
        return offer(self, request, rows, RETIRE)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the types and what is in force; with a type, take its new version, starting from what is in force."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        kind = _kind(request.GET.get("type", ""))
        if kind is None:
            return self._answer(request, "template_types.html", {"title": "Document types", "types": _types()})
        recipe = recipes.for_day(kind, clock.today())
        form = SourceForm(request.POST or None, initial={"source": recipe.source})
        if form.is_valid() and (stored := self._stored(request, kind, form)):
            self.message_user(request, "Stored. Look at its pages; another person approves it.", messages.SUCCESS)
            return HttpResponseRedirect(self.address_of(stored.pk))
        context = {"title": f"New version: {kind.title}", "kind": kind, "recipe": recipe, "form": form}
        return self._answer(request, "template_add.html", {**context, "fields": _listed(kind.schema)}, form)

    def revise(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Store another text of one's draft; a refused one is shown again with the reason beside it."""
        version = get_object_or_404(TemplateVersion, pk=pk)
        if not request.user.has_perm(versions.CHANGE):
            raise PermissionDenied
        form = SourceForm(request.POST)
        said = form.cleaned_data if form.is_valid() else {}
        try:
            if said:
                versions.revise(
                    version, said["source"], note=said["note"], revision=said["revision"] or 0, by=staff(request)
                )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        if form.errors:
            return self.page(request, version, status=HTTPStatus.UNPROCESSABLE_ENTITY, source_form=form)
        self.message_user(request, "Stored. Look at its pages; another person approves it.", messages.SUCCESS)
        return HttpResponseRedirect(self.address_of(pk))

    def perform_approval(self, row: TemplateVersion, by: User, said: dict[str, Any]) -> None:
        """Approve a version, from a day on."""
        versions.approve(row, by=by, **said)

    def picture(self, request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
        """Return one page of the preview as a PNG."""
        version = get_object_or_404(TemplateVersion, pk=pk)
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        headers = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
        try:
            drawn = pages.picture_in(bytes(version.preview), number)
        except ArchiveError as problem:
            raise Http404 from problem
        return HttpResponse(drawn, content_type="image/png", headers=headers)

    def _stored(self, request: HttpRequest, kind: DocumentType, form: SourceForm) -> TemplateVersion | None:
        """Return the draft; None, with the reason beside the text, where it is refused."""
        said = form.cleaned_data
        try:
            return versions.draft(kind.slug, said["source"], note=said["note"], by=staff(request))
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return None

    def _answer(
        self, request: HttpRequest, template: str, more: dict[str, Any], form: forms.Form | None = None
    ) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **more}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form and form.errors else HTTPStatus.OK
        return TemplateResponse(request, f"admin/autopilot/{template}", context, status=status)


def _filled(version: TemplateVersion) -> SourceForm:
    return SourceForm(initial={"revision": version.revision, "note": version.note, "source": version.source})


def _pages(version: TemplateVersion) -> list[pages.Page]:
    try:
        return pages.pages_in(bytes(version.preview))
    except ArchiveError:
        return []


def _changes(
    kind: DocumentType | None, version: TemplateVersion, current: TemplateVersion | None
) -> list[tuple[str, str]]:
    """Return the lines that would change, each with what becomes of it: added, removed, or same."""
    before = current.source if current else kind.default_source if kind else ""
    lines = difflib.unified_diff(before.splitlines(), version.source.splitlines(), n=1, lineterm="")
    words = {"+": "added", "-": "removed", " ": "same"}
    return [(words[line[0]], line[1:]) for line in list(lines)[2:] if line[0] in words]


def _listed(fields: Fields, row: str = "") -> list[dict[str, str]]:
    """Return how each field is written, what it is, and the fields of rows below their list."""
    listed = []
    for name, field in fields.items():
        if field.kind is Kind.ROWS:
            each = f"each_{name}" if row else "each"
            listed.append({"written": f"{{% for {each} in {row}{name} %}}…{{% endfor %}}", "label": field.label})
            listed += _listed(field.fields, f"{each}.")
        else:
            named = f"{row}{name}|{FILTER_OF[field.kind]}" if field.kind in FILTER_OF else f"{row}{name}"
            listed.append({"written": f"{{{{ {named} }}}}", "label": field.label})
    return listed


def _types() -> list[dict[str, Any]]:
    today = clock.today()
    return [{"kind": kind, "version": recipes.in_force(kind.slug, today)} for kind in document_types.declared()]


def _kind(slug: str) -> DocumentType | None:
    try:
        return document_types.named(slug)
    except UnknownType:
        return None


def _title(slug: str) -> str:
    kind = _kind(slug)
    return kind.title if kind else slug
