"""Proofs as staff see them: what is to review, what expires, and one of them with its files as pages."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from autopilot import clock
from autopilot.admin.base import PageAdmin, badge, staff
from autopilot.documents.downloads import as_file
from autopilot.views.uploaded import page_picture
from programs.forms.requirements import VerdictForm
from programs.models import Requirement, RequirementStatus, RequirementUpload
from programs.models.requirements import REMINDER_DAYS
from programs.services.requirements import MOU, accept_proof, reject_proof

PERMISSION = "programs.review_requirement"
TONES = {"accepted": "approved", "missing": "pending", "submitted": "review"}
MOST_PAGES = 50
JUDGED = (RequirementStatus.SUBMITTED, RequirementStatus.ACCEPTED)


class WaitingFilter(admin.SimpleListFilter):
    """What there is to do about proofs."""

    title = "what is to do"
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the reviewer's lists."""
        soon = max(REMINDER_DAYS)
        return [("review", "To review"), ("expiring", f"Expiring in {soon} days"), ("expired", "Expired")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Requirement]) -> QuerySet[Requirement]:
        """Return the rows of the chosen list."""
        soon = clock.today() + timedelta(days=max(REMINDER_DAYS))
        lists = {
            "review": Q(status=RequirementStatus.SUBMITTED) & ~Q(type__slug=MOU),
            "expiring": Q(status=RequirementStatus.ACCEPTED, expires_on__lte=soon),
            "expired": Q(status=RequirementStatus.EXPIRED),
        }
        return queryset.filter(lists[self.value() or ""]) if self.value() in lists else queryset


@admin.register(Requirement)
class RequirementAdmin(PageAdmin[Requirement]):
    """The list of proofs, and the page on which one is judged."""

    list_display = ["what", "holder", "standing", "expires_on", "uploaded"]
    list_select_related = ["holder", "type", "program"]
    list_filter = [WaitingFilter, "status", "type__group"]
    search_fields = ["holder__legal_name", "type__title"]
    search_help_text = "Name of the organization or of the requirement"
    page_template = "programs/admin/requirement.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Requirement]:
        """Return the rows with the time of their newest file."""
        return super().get_queryset(request).annotate(uploaded_at=Max("uploads__uploaded_at"))

    def get_urls(self) -> list[URLPattern]:
        """Add the verdict, and the files as files and as pages."""
        guard = self.admin_site.admin_view
        file = "<uuid:pk>/files/<uuid:upload_id>/"
        return [
            path("<uuid:pk>/verdict/", guard(require_POST(self.judge)), name="requirement_verdict"),
            path(file, guard(require_safe(self.download)), name="requirement_file"),
            path(f"{file}<int:number>.png", guard(require_safe(self.picture), cacheable=True), name="requirement_picture"),
            *super().get_urls(),
        ]  # fmt: skip

    @admin.display(description="Requirement", ordering="type__title")
    def what(self, row: Requirement) -> str:
        """Show what is asked, and of which program."""
        return f"{row.type.title}, {row.program.title}" if row.program else row.type.title

    @admin.display(description="Status", ordering="status")
    def standing(self, row: Requirement) -> str:
        """Show the status as a badge."""
        label = "To review" if row.status == RequirementStatus.SUBMITTED else row.get_status_display()
        return badge(TONES.get(row.status, row.status), label)

    @admin.display(description="Uploaded", ordering="uploaded_at")
    def uploaded(self, row: Any) -> Any:
        """Show when the newest file came."""
        return row.uploaded_at

    def page_context(self, request: HttpRequest, row: Requirement) -> dict[str, Any]:
        """Show the files of today as pages, those of before as links, and the verdict's form."""
        files = row.uploads.select_related("document", "uploaded_by")
        standing = list(files.filter(replaced_at=None).order_by("uploaded_at", "pk"))
        may_judge = row.status in JUDGED and bool(standing) and request.user.has_perm(PERMISSION)
        return {
            "title": self.what(row),
            "subtitle": self.what(row),
            "badge": self.standing(row),
            "files": [(upload, range(1, min(_pages(upload), MOST_PAGES) + 1)) for upload in standing],
            "replaced": files.exclude(replaced_at=None).order_by("-uploaded_at", "pk"),
            "form": _verdict(row, standing) if may_judge else None,
        }

    def judge(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Accept a proof or send it back."""
        row = self._found(request, pk)
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        form = VerdictForm(request.POST, requirement=row)
        deeds: dict[str, Callable[[], None]] = {
            "accept": lambda: accept_proof(row, by=staff(request), **form.cleaned_data),
            "reject": lambda: reject_proof(row, by=staff(request), **_without_date(form.cleaned_data)),
        }
        deed = deeds.get(request.POST.get("action", ""))
        if deed is None or not form.is_valid():
            return self.page(request, row, status=HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
        try:
            deed()
        except ValidationError as refusal:
            form.add_error(None, refusal) if not hasattr(refusal, "error_dict") else _add_errors(form, refusal)
            return self.page(request, row, status=HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
        messages.success(request, f"{self.what(row)}: {row.get_status_display().lower()}.")
        return HttpResponseRedirect(f"{reverse('admin:programs_requirement_changelist')}?show=review")

    def download(self, request: HttpRequest, pk: UUID, upload_id: UUID) -> HttpResponse:
        """Hand out a file."""
        row, upload = self._upload(request, pk, upload_id)
        return as_file(upload.document, by=staff(request), name=row.type.title)

    def picture(self, request: HttpRequest, pk: UUID, upload_id: UUID, number: int) -> HttpResponse:
        """Return a page of a file as a picture."""
        _, upload = self._upload(request, pk, upload_id)
        return page_picture(request, upload.document, number)

    def _found(self, request: HttpRequest, pk: UUID) -> Requirement:
        row = self.get_object(request, str(pk))
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    def _upload(self, request: HttpRequest, pk: UUID, upload_id: UUID) -> tuple[Requirement, RequirementUpload]:
        row = self._found(request, pk)
        return row, get_object_or_404(row.uploads.select_related("document"), pk=upload_id)


def _pages(upload: RequirementUpload) -> int:
    return int(upload.document.snapshot.get("pages", 1))


def _verdict(row: Requirement, standing: list[RequirementUpload]) -> VerdictForm:
    known = {"seen": standing[-1].pk, "expires_on": row.expires_on and row.expires_on.isoformat()}
    return VerdictForm(initial=known, requirement=row)


def _without_date(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name != "expires_on"}


def _add_errors(form: VerdictForm, refusal: ValidationError) -> None:
    for name, errors in refusal.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)
