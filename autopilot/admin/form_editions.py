"""Agencies' forms: uploaded, looked at, mapped field by field beside the page, and approved by a second person."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from autopilot import clock
from autopilot.admin.approving import ApprovedAdmin, ReasonedForm
from autopilot.admin.base import badge, staff
from autopilot.admin.deeds import Answers, Deed, offer
from autopilot.admin.form_rows import Place, Row, mapped_rows, places_on, rows_of
from autopilot.documents import archive
from autopilot.documents.errors import ArchiveError
from autopilot.exceptions import ControlRefused
from autopilot.fillable_forms import cautions, desk, merging, shelf
from autopilot.fillable_forms.errors import FormUnusable
from autopilot.fillable_forms.shapes import SIGNATURE, Triage
from autopilot.models import EditionStatus, FormEdition
from autopilot.states import STATES

KINDS = {"acroform": "AcroForm", "hybrid_xfa": "AcroForm with XFA beside it"}


class UploadForm(forms.Form):
    """The agency's file, and what to call it."""

    agency = forms.CharField(max_length=100, help_text="Who issues it, such as DWD.")
    name = forms.CharField(max_length=150, help_text="As the agency calls it, without the edition.")
    state = forms.ChoiceField(
        label="Goes with",
        required=False,
        choices=[("", "Applications of every state"), *STATES.items()],
        help_text="A form of one state’s agency goes only with that state’s applications.",
    )
    file = forms.FileField(
        label="PDF form",
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,.pdf"}),
        help_text="The agency’s own file, as it was downloaded: a copy saved by another program may have lost fields.",
    )

    def clean_file(self) -> Any:
        """Refuse a file that is too large before it is read."""
        file = self.cleaned_data["file"]
        if (file.size or 0) > desk.MOST_BYTES:
            raise ValidationError(f"The file has {file.size} bytes; {desk.MOST_BYTES} are allowed.")
        return file


class StateForm(forms.Form):
    """With which state's applications a draft goes."""

    state = forms.ChoiceField(
        label="Goes with", required=False, choices=[("", "Applications of every state"), *STATES.items()]
    )


class ApprovalForm(ReasonedForm):
    """Why the version that was seen is approved."""

    version = forms.IntegerField(widget=forms.HiddenInput)


@dataclass(frozen=True)
class Sheet:
    """One page of a form: its number and size in points, the rows that are mapped with it, and all places it shows."""

    number: int
    width: float
    height: float
    rows: list[Row]
    places: list[Place]

    @property
    def mapped(self) -> int:
        """How many of its fields are mapped."""
        return sum(bool(row.merge_field) for row in self.rows)


def _retire(by: Any, edition: FormEdition, answers: Answers) -> str:
    try:
        shelf.retire(edition, by=by, reason=answers["reason"])
    except ValidationError as refusal:
        raise ControlRefused(" ".join(refusal.messages)) from refusal
    return "It is filled no more."


RETIRE = Deed("Retire", "Retired", "What was filled with it stays as it was filled.", _retire, danger=True)


@admin.register(FormEdition)
class FormEditionAdmin(ApprovedAdmin[FormEdition]):
    """The editions of agencies' forms."""

    list_display = ["form", "edition", "standing", "goes_with", "expiry", "edited_by", "approved_by", "created_at"]
    list_select_related = ["form", "edited_by", "approved_by"]
    list_filter = ["status", "state"]
    search_fields = ["form__agency", "form__name", "edition"]
    search_help_text = "A part of the agency, the form or the edition"
    page_template = "admin/autopilot/form_edition.html"
    actions = ["retire_editions"]
    approval_form, approval_right = ApprovalForm, shelf.APPROVE
    approved = "Approved. From now on this edition is filled."

    def get_queryset(self, request: HttpRequest) -> QuerySet[FormEdition]:
        """Leave what only the page of a form needs out of the list."""
        return super().get_queryset(request).defer("fields", "triage", "sizes")

    def get_urls(self) -> list[URLPattern]:
        """Add the pages' pictures, and the two deeds that need what was seen."""
        guard = self.admin_site.admin_view
        return [
            path("<uuid:pk>/map/<int:number>/", guard(require_POST(self.map_page)), name="formedition_map"),
            path("<uuid:pk>/state/", guard(require_POST(self.set_state)), name="formedition_state"),
            path("<uuid:pk>/approve/", guard(require_POST(self.approve)), name="formedition_approve"),
            path(
                "<uuid:pk>/pages/<int:number>.png",
                guard(require_safe(self.picture), cacheable=True),
                name="formedition_picture",
            ),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Return whether this person may upload forms."""
        return request.user.has_perm(shelf.ADD)

    @admin.display(description="Status", ordering="status")
    def standing(self, edition: FormEdition) -> str:
        """Show where it stands."""
        tone = {EditionStatus.DRAFT: "pending", EditionStatus.APPROVED: "approved"}.get(
            EditionStatus(edition.status), "cancelled"
        )
        return badge(tone, edition.get_status_display())

    @admin.display(description="Goes with", ordering="state")
    def goes_with(self, edition: FormEdition) -> str:
        """Show the state whose applications it goes with."""
        return edition.get_state_display() if edition.state else "Every state"

    @admin.display(description="Expires", ordering="expires_on", empty_value="—")
    def expiry(self, edition: FormEdition) -> Any:
        """Show its last day, and that it is over."""
        if edition.expires_on and edition.expires_on < clock.today():
            return badge("warn", f"Expired {edition.expires_on:%m/%d/%Y}")
        return edition.expires_on

    def page_context(self, request: HttpRequest, row: FormEdition) -> dict[str, Any]:
        """Return what the page of an edition shows: one page of the form, and all that is known of it."""
        sheets = _sheets(row)
        number = _number(request.GET.get("page", ""), len(sheets))
        triage = Triage.of(row.triage)
        is_draft = row.status == EditionStatus.DRAFT
        may_approve = is_draft and self.has_approve_permission(request)
        may_retire = row.status != EditionStatus.RETIRED and self.has_approve_permission(request)
        return {
            "title": "Agency form",
            "edition": row,
            "state": self.standing(row),
            "kind": KINDS.get(triage.kind, triage.kind),
            "triage": triage,
            "signed": sum(field.type == SIGNATURE or field.for_signing for field in shelf.fields_of(row)),
            "cautions": cautions.of(triage, clock.today()),
            "sheets": sheets,
            "sheet": sheets[number - 1],
            "offered": merging.offered(),
            "known": {field.name for field in merging.offered()},
            "transforms": [(name, label) for name, (label, _) in merging.TRANSFORMS.items()],
            "unmapped": [
                each for sheet in sheets for each in sheet.rows if each.field.required and not each.merge_field
            ],
            "may_map": is_draft and request.user.has_perm(shelf.CHANGE),
            "state_form": StateForm(initial={"state": row.state}),
            "is_own": row.edited_by_id == request.user.pk,
            "approval": ApprovalForm(initial={"version": row.version}) if may_approve else None,
            "deeds": [("retire_editions", "Retire…")] if may_retire else [],
        }

    @admin.action(description="Retire…", permissions=["approve"])
    def retire_editions(self, request: HttpRequest, rows: QuerySet[FormEdition]) -> HttpResponse | None:
        """Ask why, and have the chosen editions filled no more."""
        return offer(self, request, rows, RETIRE)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for the file; keep it as a draft, or tell why it cannot be filled."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(*(request.POST, request.FILES) if request.method == "POST" else (None,))
        edition = self._uploaded(request, form) if form.is_valid() else None
        if edition is not None:
            self.message_user(
                request, "Uploaded. Map its fields, then let another person approve it.", messages.SUCCESS
            )
            return HttpResponseRedirect(self.address_of(edition.pk))
        context = {**self.admin_site.each_context(request), "title": "Upload a form", "opts": self.opts, "form": form}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return TemplateResponse(request, "admin/autopilot/form_upload.html", context, status=status)

    def map_page(self, request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
        """Store what is written into the fields of one page."""
        edition = get_object_or_404(FormEdition, pk=pk)
        sheets = _sheets(edition)
        if not 1 <= number <= len(sheets):
            raise Http404
        rows = sheets[number - 1].rows
        try:
            shelf.map_fields(
                edition,
                mapped_rows(rows, request.POST),
                among=[row.field.name for row in rows],
                by=staff(request),
            )
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
        else:
            self.message_user(request, f"Page {number} is stored.", messages.SUCCESS)
        return HttpResponseRedirect(f"{self.address_of(pk)}?page={number}")

    def set_state(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Store with which state's applications a draft goes."""
        edition, form = get_object_or_404(FormEdition, pk=pk), StateForm(request.POST)
        if not request.user.has_perm(shelf.CHANGE):
            raise PermissionDenied
        try:
            if not form.is_valid():
                raise ValidationError("Choose a state of the list.")
            shelf.set_state(edition, form.cleaned_data["state"], by=staff(request))
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
        else:
            self.message_user(request, "Stored.", messages.SUCCESS)
        return HttpResponseRedirect(self.address_of(pk))

    def perform_approval(self, row: FormEdition, by: User, said: dict[str, Any]) -> None:
        """Approve an edition."""
        shelf.approve(row, by=by, **said)

    def picture(self, request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
        """Return one page of the form as a PNG; the browser may keep it, but asks again each time."""
        edition = get_object_or_404(FormEdition.objects.select_related("document"), pk=pk)
        if not self.has_view_permission(request, edition):
            raise PermissionDenied
        tag = f'"{edition.document.sha256}-{number}"'
        headers = {"Cache-Control": "private, no-cache", "ETag": tag, "X-Content-Type-Options": "nosniff"}
        if request.headers.get("If-None-Match") == tag:
            return HttpResponseNotModified(headers=headers)
        try:
            drawn = desk.picture(archive.read(edition.document), number)
        except (ArchiveError, FormUnusable) as problem:
            raise Http404 from problem
        return HttpResponse(drawn, content_type="image/png", headers=headers)

    def _uploaded(self, request: HttpRequest, form: UploadForm) -> FormEdition | None:
        """Return the edition; None, with the reason beside the file, where it cannot be filled."""
        said = form.cleaned_data
        try:
            return shelf.upload(
                said["file"].read(), agency=said["agency"], name=said["name"], by=staff(request), state=said["state"]
            )
        except FormUnusable as refusal:
            named = f" Lost: {', '.join(refusal.names)}." if refusal.names else ""
            form.add_error("file", f"{refusal}{named}")
            return None


def _sheets(edition: FormEdition) -> list[Sheet]:
    mappings = {mapping.field: mapping for mapping in edition.mappings.all()}
    rows = rows_of(shelf.to_map(edition), mappings)
    return [
        Sheet(number, width, height, [row for row in rows if row.page == number], places_on(rows, number))
        for number, (width, height) in enumerate(edition.sizes, start=1)
    ]


def _number(asked: str, most: int) -> int:
    return min(max(int(asked), 1), most) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1
