"""Determinations as staff see them: the outcome for who may view, every criterion for who may read, deeds for who assess."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from autopilot import audit
from autopilot.admin.base import PageAdmin, badge, staff
from autopilot.documents.downloads import as_file
from students.access import determinations_of, enrollments_of
from students.forms.determinations import EvidenceForm, FactsForm
from students.models import Determination, DeterminationStatus
from students.models.determinations import DECIDED, PROGRAMS
from students.services import certification, determinations, evidence
from students.services.determinations import READ
from students.wioa.documentation import TOPICS
from students.wioa.eligibility.rows import TONES, WORDS, rows_of

STATUS = {
    "gathering": "draft", "in_review": "in_review", "eligible": "approved", "ineligible": "denied",
    "submitted": "sent", "certified": "completed", "refused": "refused", "withdrawn": "cancelled",
}  # fmt: skip
FORM = require_http_methods(["GET", "HEAD", "POST"])


@admin.register(Determination)
class DeterminationAdmin(PageAdmin[Determination]):
    """The list of determinations, and one of them with its criteria, its evidence and what can be done about it."""

    list_display = [
        "name",
        "student_name",
        "organization",
        "standing",
        "eligible_for",
        "priority",
        "as_of",
        "created_at",
    ]
    list_select_related = ["student", "enrollment__holder"]
    list_filter = ["status", *PROGRAMS, "priority", "created_at"]
    search_fields = ["student__last_name", "student__first_name", "enrollment__holder__legal_name"]
    search_help_text = "Name of the student or the holder"
    page_template = "students/admin/determination.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Determination]:
        """Return the determinations this person may see."""
        return determinations_of(staff(request)).defer("facts", "decision")

    def get_urls(self) -> list[URLPattern]:
        """Add the facts, the locker and the deeds."""
        guard, one = self.admin_site.admin_view, "<uuid:pk>"
        kept = f"{one}/evidence/<uuid:evidence_id>"
        pages: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
            "facts": (f"{one}/facts/", FORM(self.enter_facts)),
            "evidence": (f"{one}/evidence/", require_POST(self.add_evidence)),
            "evidence_file": (f"{kept}/file/", require_safe(self.download)),
            "evidence_withdraw": (f"{kept}/withdraw/", require_POST(self.withdraw_evidence)),
            "review": (f"{one}/review/", require_POST(self.send_to_review)),
            "withdraw": (f"{one}/withdraw/", require_POST(self.withdraw)),
            "begin": ("begin/<uuid:enrollment_id>/", require_POST(self.begin)),
        }
        return [
            *(
                path(route, guard(never_cache(page)), name=f"determination_{name}")
                for name, (route, page) in pages.items()
            ),
            *super().get_urls(),
        ]

    @admin.display(description="Determination", ordering="created_at")
    def name(self, row: Determination) -> str:
        """Show its reference."""
        return row.reference

    @admin.display(description="Student", ordering="student__last_name")
    def student_name(self, row: Determination) -> str:
        """Show who it is."""
        return row.student.full_name

    @admin.display(description="Holder")
    def organization(self, row: Determination) -> str:
        """Show where the student trains."""
        return str(row.enrollment.holder)

    @admin.display(description="Status", ordering="status")
    def standing(self, row: Determination) -> str:
        """Show the status as a badge."""
        return badge(STATUS[row.status], row.get_status_display())

    @admin.display(description="Eligible as")
    def eligible_for(self, row: Determination) -> str:
        """Show the programs."""
        return ", ".join(row.programs) or "Nothing yet"

    def page_context(self, request: HttpRequest, row: Determination) -> dict[str, Any]:
        """Show the outcome; to who may read it the criteria, which is recorded; and what this person can do."""
        person = staff(request)
        may_read, may_assess = person.has_perm(READ), person.has_perm(evidence.ASSESS)
        if may_read:
            audit.record(person, "students.determination.read", row)
        return {
            "title": "Determination of eligibility",
            "subtitle": row.reference,
            "badge": self.standing(row),
            "may_read": may_read,
            "may_assess": may_assess,
            "gathering": row.status == DeterminationStatus.GATHERING,
            "decided": row.status in DECIDED,
            "is_latest": not row.enrollment.determinations.filter(created_at__gt=row.created_at).exists(),
            "changes": row.changes.all(),
            **(_criteria(row) if may_read else {}),
            **(_locker(row) if may_read else {}),
            "evidence_form": EvidenceForm() if may_assess else None,
        }

    def enter_facts(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the facts, and keep what was entered."""
        row = self._assessed(request, pk)
        if not request.user.has_perm(READ):
            raise PermissionDenied
        if row.status != DeterminationStatus.GATHERING:
            self.message_user(request, "It is in review or decided; its facts are fixed.", messages.WARNING)
            return self._back(row)
        form = FactsForm(request.POST if request.method == "POST" else None, facts=determinations.facts_of(row))
        if request.method == "POST" and form.is_valid():
            return self._done(
                request, row, lambda: determinations.enter_facts(row, form.facts(), by=staff(request)),
                "Saved, and judged anew.",
            )  # fmt: skip
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        template = "students/admin/determination_facts.html"
        return self.page(request, row, template, status, form=form, title=f"Facts of {row.reference}")

    def add_evidence(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Put a proof into the locker, and judge anew what is open."""
        row, form = self._assessed(request, pk), EvidenceForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                evidence.add_evidence(row.student, by=staff(request), **form.cleaned_data)
            except ValidationError as refusal:
                _tell(form, refusal)
            else:
                self._judge_anew(row)
                self.message_user(request, "The proof is in the locker.", messages.SUCCESS)
                return self._back(row)
        return self.page(request, row, status=HTTPStatus.UNPROCESSABLE_ENTITY, evidence_form=form)

    def withdraw_evidence(self, request: HttpRequest, pk: UUID, evidence_id: UUID) -> HttpResponse:
        """Take a proof out of what counts."""
        row = self._assessed(request, pk)
        proof = get_object_or_404(row.student.evidence, pk=evidence_id)
        reason = request.POST.get("reason", "")

        def deed() -> None:
            evidence.withdraw_evidence(proof, reason=reason, by=staff(request))
            self._judge_anew(row)

        return self._done(request, row, deed, "The proof no longer counts.")

    def download(self, request: HttpRequest, pk: UUID, evidence_id: UUID) -> HttpResponse:
        """Hand out the file of a proof to who may read determinations."""
        row = self._found(request, pk)
        if not request.user.has_perm(READ):
            raise PermissionDenied
        proof = get_object_or_404(row.student.evidence.select_related("document"), pk=evidence_id)
        if proof.document is None:
            raise Http404
        return as_file(proof.document, by=staff(request))

    def send_to_review(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Have a job put it before its reviewer, if the law decides by now."""
        row = self._assessed(request, pk)
        if row.verdict == "unknown":
            self.message_user(request, "The law cannot decide yet: see what is missing.", messages.ERROR)
            return self._back(row)
        told = "On its way to the reviewer."
        return self._done(request, row, lambda: certification.ask_to_certify(row.enrollment, by=staff(request)), told)

    def withdraw(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """End a determination that nobody needs."""
        row, reason = self._assessed(request, pk), request.POST.get("reason", "")

        def deed() -> None:
            determinations.withdraw_determination(row, reason=reason, by=staff(request))

        return self._done(request, row, deed, "Withdrawn.")

    def begin(self, request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
        """Open a determination for an enrollment, and lead to its facts."""
        by = staff(request)
        enrollment = get_object_or_404(enrollments_of(by).select_related("student"), pk=enrollment_id)
        if not by.has_perm(evidence.ASSESS):
            raise PermissionDenied
        try:
            made = determinations.begin_determination(enrollment, by=by, reason=request.POST.get("reason", ""))
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
            latest = enrollment.determinations.first()
            return (
                self._back(latest)
                if latest
                else HttpResponseRedirect(reverse("admin:students_determination_changelist"))
            )
        return HttpResponseRedirect(reverse("admin:determination_facts", args=[made.pk]))

    def _found(self, request: HttpRequest, pk: UUID) -> Determination:
        rows = determinations_of(staff(request)).select_related("student__key", "enrollment")
        return get_object_or_404(rows, pk=pk)

    def _assessed(self, request: HttpRequest, pk: UUID) -> Determination:
        row = self._found(request, pk)
        if not request.user.has_perm(evidence.ASSESS):
            raise PermissionDenied
        return row

    def _judge_anew(self, row: Determination) -> None:
        if row.status == DeterminationStatus.GATHERING:
            determinations.judge(row)

    def _done(self, request: HttpRequest, row: Determination, deed: Callable[[], object], told: str) -> HttpResponse:
        try:
            deed()
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
        else:
            self.message_user(request, told, messages.SUCCESS)
        return self._back(row)

    def _back(self, row: Determination) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:students_determination_change", args=[row.pk]))


def _criteria(row: Determination) -> dict[str, Any]:
    """Return every criterion of what was decided, and what is missing for the programs that are open."""
    decided = determinations.decision_of(row)
    if decided is None:
        return {"programs": [], "missing": []}
    programs = [_program(title, decided["programs"][name]) for name, title in PROGRAMS.items()]
    others = [("Low income", decided["low_income"]), ("Training", decided["training"])]
    return {
        "programs": programs,
        "others": [_program(title, criterion) for title, criterion in others],
        "priority": decided["priority"],
        "barriers": [each for each in decided["barriers"] if each["verdict"] == "met"],
        "unknown_barriers": sum(each["verdict"] == "unknown" for each in decided["barriers"]),
    }


def _program(title: str, criterion: dict[str, Any]) -> dict[str, Any]:
    rows = list(rows_of(criterion))
    missing = dict.fromkeys(each for row in rows for each in row.missing)
    verdict = criterion["verdict"]
    return {
        "title": title, "badge": badge(TONES[verdict], WORDS[verdict]), "verdict": verdict,
        "because": criterion["because"], "rows": [(row, badge(row.tone, row.word)) for row in rows[1:]],
        "missing": list(missing) if verdict == "unknown" else [],
    }  # fmt: skip


def _locker(row: Determination) -> dict[str, Any]:
    proofs = row.student.evidence.order_by("topic", "-recorded_at")
    return {"proofs": [(proof, TOPICS.get(proof.topic)) for proof in proofs]}


def _tell(form: forms.Form, refusal: ValidationError) -> None:
    """Put a refusal beside its field, or above the form."""
    told = refusal.message_dict if hasattr(refusal, "error_dict") else {"file": refusal.messages}
    for name, texts in told.items():
        form.add_error(name if name in form.fields else None, texts)
