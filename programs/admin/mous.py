"""MOUs as staff see them: prepared, sent, countersigned beside their pages, with evidence and seal looked at each time."""

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
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from autopilot import uploads
from autopilot.admin.base import badge, staff
from autopilot.admin.document_requests import DocumentPages
from autopilot.documents import archive, downloads, seals
from autopilot.documents.errors import ArchiveError, PdfError, SealError
from autopilot.models import Document
from programs import consents
from programs.access import mous_of
from programs.forms import ConfirmForm, PaperForm, PenForm, ReasonForm, TermsForm
from programs.models import Holder, HolderStatus, Mou, MouStatus, Signature
from programs.services import mous
from programs.services.mous import drafting, evidence, signing

# Several forms stand on one page; each has ids of its own.
SIGNING, CONFIRMING, DECLINING, ENDING, PAPER = "sign_%s", "confirm_%s", "decline_%s", "end_%s", "paper_%s"


class DraftForm(TermsForm):
    """The terms of a new version, and with whom."""

    holder = forms.ModelChoiceField(Holder.objects.exclude(status=HolderStatus.TERMINATED), label="Program holder")
    field_order = ["holder"]


@admin.register(Mou)
class MouAdmin(DocumentPages[Mou]):
    """The list of MOUs, and one of them with what can be done about it."""

    list_display = ["name", "holder", "state", "sent_at", "effective_on", "expires_on"]
    list_select_related = ["holder"]
    list_filter = ["status", "compensation"]
    search_fields = ["holder__legal_name", "holder__doing_business_as"]
    search_help_text = "A part of the holder’s name"
    page_template = "programs/admin/mou.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mou]:
        """Return the MOUs this person may read."""
        return mous_of(staff(request))

    def get_urls(self) -> list[URLPattern]:
        """Add the deeds, the files and the pages' pictures."""
        deeds = {
            "edit": self.edit, "send": self.send, "sign": self.sign, "decline": self.decline,
            "terminate": self.terminate, "paper": self.paper, "confirm": self.confirm,
        }  # fmt: skip
        guard = self.admin_site.admin_view
        return [
            *(path(f"<uuid:pk>/{name}/", guard(require_POST(do)), name=f"mou_{name}") for name, do in deeds.items()),
            path("<uuid:pk>/file/<slug:which>/", guard(require_safe(self.file)), name="mou_file"),
            path("<uuid:pk>/pages/<int:number>.png", guard(require_safe(self.picture), True), name="mou_picture"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Return whether this person may prepare MOUs."""
        return request.user.has_perm(drafting.PREPARE)

    @admin.display(description="MOU", ordering="version")
    def name(self, mou: Mou) -> str:
        """Show its reference."""
        return mous.reference_of(mou)

    @admin.display(description="Status", ordering="status")
    def state(self, mou: Mou) -> str:
        """Show the status as a badge."""
        return badge(mou.tone, mou.get_status_display())

    def page_context(self, request: HttpRequest, row: Mou) -> dict[str, Any]:
        """Return what the page of an MOU shows, and the forms of what this person can do about it."""
        document = row.executed_document or row.document
        signatures = list(row.signatures.select_related("paper", "signer").order_by("signed_at"))
        return {
            "title": "MOU",
            "subtitle": mous.reference_of(row),
            "mou": row,
            "state": self.state(row),
            "terms": mous.compensation_of(row),
            "document": document,
            "pages": downloads.pages_of(document),
            "signatures": signatures,
            "links": row.evidence.order_by("number"),
            "faults": evidence.faults(row),
            "seal": _seal_of(row),
            "changes": row.status_changes.order_by("id"),
            "being_sealed": row.status == MouStatus.SIGNED_BY_HOLDER and len(signatures) > 1,
            **_forms(request, row, signatures),
        }

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for the terms, those of the version in force at first, and keep a draft."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = DraftForm(request.POST if request.method == "POST" else None, initial=_initial(request))
        if form.is_valid():
            drafted: list[Mou] = []
            holder, terms = form.cleaned_data["holder"], form.terms()
            if _done(form, lambda: drafted.append(mous.draft_mou(holder, terms, by=staff(request)))):
                return HttpResponseRedirect(_address(drafted[0].pk))
        context = {**self.admin_site.each_context(request), "title": "Prepare an MOU", "opts": self.opts, "form": form}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return TemplateResponse(request, "programs/admin/mou_add.html", context, status=status)

    def edit(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Set the terms of a draft."""
        mou, form = self._found(request, pk, drafting.PREPARE), TermsForm(request.POST)
        return self._do(
            request, mou, form, "terms_form", "Saved.", lambda: mous.change_draft(mou, form.terms(), by=staff(request))
        )

    def send(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Make the document and send it."""
        mou, form = self._found(request, pk, drafting.PREPARE), forms.Form(request.POST)
        told = "Sent. The holder’s people are mailed."
        return self._do(request, mou, form, "send_form", told, lambda: mous.send_mou(mou, by=staff(request)))

    def sign(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Sign for the network."""
        mou, form = self._found(request, pk, signing.SIGN), PenForm(request.POST, auto_id=SIGNING)
        agent, told = request.headers.get("User-Agent", ""), "Signed. The file is being sealed."
        return self._do(
            request, mou, form, "pen_form", told, lambda: mous.countersign_mou(mou, form.pen(agent), by=staff(request))
        )

    def decline(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Decline to sign for the network."""
        mou, form = self._found(request, pk, signing.SIGN), ReasonForm(request.POST, auto_id=DECLINING)
        return self._do(
            request, mou, form, "decline_form", "Declined.",
            lambda: mous.decline_mou(mou, reason=form.cleaned_data["reason"], by=staff(request)),
        )  # fmt: skip

    def terminate(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """End it, or withdraw it."""
        mou, form = self._found(request, pk, drafting.PREPARE), ReasonForm(request.POST, auto_id=ENDING)
        return self._do(
            request, mou, form, "end_form", "It has ended.",
            lambda: mous.terminate_mou(mou, reason=form.cleaned_data["reason"], by=staff(request)),
        )  # fmt: skip

    def paper(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Record a scan of what was signed on paper."""
        mou, form = self._found(request, pk, drafting.PREPARE), PaperForm(request.POST, request.FILES, auto_id=PAPER)
        told = "Recorded. Another person confirms it now."
        return self._do(request, mou, form, "paper_form", told, lambda: _recorded(request, mou, form.cleaned_data))

    def confirm(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Confirm a scan as a second person."""
        mou, form = self._found(request, pk, signing.SIGN), ConfirmForm(request.POST, auto_id=CONFIRMING)
        return self._do(
            request, mou, form, "confirm_form", "Confirmed. The file is being sealed.",
            lambda: mous.confirm_paper(mou, by=staff(request), **form.cleaned_data),
        )  # fmt: skip

    def file(self, request: HttpRequest, pk: UUID, which: str) -> HttpResponse:
        """Hand out a file: what was sent, the executed one, or the scan of a paper."""
        mou = self._found(request, pk)
        if which == "scan":
            papers = mou.signatures.filter(paper__isnull=False).select_related("paper")
            document = papers[0].paper if papers else None
        else:
            document = {"document": mou.document, "executed": mou.executed_document}.get(which)
        return downloads.as_file(_there(document), by=staff(request), name=f"{mous.reference_of(mou)}-{which}")

    def picture(self, request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
        """Show a page of the document."""
        mou = self._found(request, pk)
        return downloads.as_picture(request, _there(mou.executed_document or mou.document), number)

    def _found(self, request: HttpRequest, pk: UUID, right: str = "") -> Mou:
        if not self.has_view_permission(request) or (right and not request.user.has_perm(right)):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("holder", "document", "executed_document")
        return get_object_or_404(rows, pk=pk)

    def _do(
        self, request: HttpRequest, mou: Mou, form: forms.Form, name: str, told: str, do: Callable[[], object]
    ) -> HttpResponse:
        """Do a deed and lead back to the page; or show the page with what is wrong."""
        if form.is_valid() and _done(form, do):
            messages.success(request, told)
            return HttpResponseRedirect(_address(mou.pk))
        mou.refresh_from_db()
        shown: dict[str, Any] = {"wrong": form, name: form}
        return self.page(request, mou, status=HTTPStatus.UNPROCESSABLE_ENTITY, **shown)


def _done(form: forms.Form, do: Callable[[], object]) -> bool:
    """Do a deed; what it refuses is added to the form."""
    try:
        do()
    except ValidationError as refusal:
        found = refusal.error_dict if hasattr(refusal, "error_dict") else {"": [refusal]}
        for field, errors in found.items():
            for error in errors:
                form.add_error(field if field in form.fields else None, error)
        return False
    except PdfError as problem:
        form.add_error(None, str(problem))
        return False
    return True


def _recorded(request: HttpRequest, mou: Mou, said: dict[str, Any]) -> Signature:
    """Take the scan in, if one is asked for, and record it."""
    by = staff(request)
    if mou.status != MouStatus.SENT:
        raise ValidationError("Only an MOU that was sent can be signed on paper.", code="not_sent")
    title = f"Scan of {mous.reference_of(mou)}"
    scan = uploads.receive(said.pop("scan"), title=title, tenant_id=mou.holder_id)
    return mous.record_paper(mou, scan, by=by, **said)


def _forms(request: HttpRequest, mou: Mou, signatures: list[Signature]) -> dict[str, Any]:
    """Return the forms of what a person can do about an MOU where it stands."""
    prepares, signs = request.user.has_perm(drafting.PREPARE), request.user.has_perm(signing.SIGN)
    is_draft, is_sent = mou.status == MouStatus.DRAFT, mou.status == MouStatus.SENT
    waits = mou.status == MouStatus.SIGNED_BY_HOLDER and len(signatures) == 1
    on_paper = waits and signatures[0].method == Signature.Method.PAPER
    is_open = mou.status in (*drafting.OPEN, MouStatus.EXECUTED)
    digest = mou.document.sha256 if mou.document else ""
    pen = PenForm(auto_id=SIGNING, initial={"document_sha256": digest, "name": staff(request).get_full_name()})
    return {
        "terms_form": TermsForm(initial=vars(mou)) if is_draft and prepares else None,
        "may_send": is_draft and prepares,
        "may_amend": mou.status == MouStatus.EXECUTED and prepares,
        "consent": consents.text_of(consents.VERSION),
        "pen_form": pen if waits and signs and not on_paper else None,
        "confirm_form": ConfirmForm(auto_id=CONFIRMING) if on_paper and signs else None,
        "decline_form": ReasonForm(auto_id=DECLINING) if waits and signs else None,
        "paper_form": PaperForm(auto_id=PAPER) if is_sent and prepares else None,
        "end_form": ReasonForm(auto_id=ENDING) if is_open and prepares else None,
        "is_own": mou.created_by_id == request.user.pk,
    }


def _seal_of(mou: Mou) -> dict[str, Any] | None:
    """Return what the seal of the executed file is worth now, or why it cannot be looked at."""
    if mou.executed_document is None:
        return None
    try:
        return {"report": seals.inspect(archive.read(mou.executed_document)), "problem": ""}
    except (ArchiveError, SealError) as problem:
        return {"report": None, "problem": str(problem)}


def _initial(request: HttpRequest) -> dict[str, Any]:
    """Return what a new version begins with: the terms of the one in force with the holder that the address names."""
    named = _uuid(request.GET.get("holder", ""))
    holder = Holder.objects.filter(pk=named).first() if named else None
    executed = mous.executed_version(holder) if holder else None
    names = ("compensation", "share", "amount", "payment_days")
    terms = {name: getattr(executed, name) for name in names} if executed else {}
    return {"holder": holder, "compensation": "share", "payment_days": 30} | terms


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _there(document: Document | None) -> Document:
    if document is None:
        raise Http404
    return document


def _address(pk: UUID) -> str:
    return reverse("admin:programs_mou_change", args=[pk])
