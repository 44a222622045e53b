"""The agreements of a holder: read, sign, decline and keep them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from autopilot.documents import downloads
from programs import consents
from programs.forms import ReasonForm, SignForm
from programs.models import Holder, MemberRole, Mou, MouStatus
from programs.portal import Stage, add_section, stage
from programs.services import mous
from programs.views.portal.base import HolderView, may
from programs.views.portal.lists import page_of
from programs.views.portal.refusals import show_refusal

add_section("MOU", "portal:mous", 30)
SIGNED, EXECUTED = "document", "executed"


def mous_of(holder: Holder) -> QuerySet[Mou]:
    """Return the versions that a holder has been shown; what was never sent is the network's own."""
    found = Mou.objects.filter(holder=holder, sent_at__isnull=False)
    return found.select_related("document", "executed_document").order_by("-version")


class Mous(HolderView):
    """All versions of the agreement."""

    http_method_names = ["get", "head"]
    template_name = "programs/portal/mous.html"
    writes = MemberRole.OWNER

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them."""
        return self.show(page=page_of(mous_of(self.holder), request))


class MouView(HolderView):
    """A page about one version; what it writes is an owner's to do."""

    writes = MemberRole.OWNER

    def found(self, mou_id: UUID) -> Mou:
        """Return it; what belongs to another holder, or was never sent, is not there."""
        return get_object_or_404(mous_of(self.holder), pk=mou_id)

    @property
    def browser(self) -> str:
        """What the browser says it is."""
        return self.request.headers.get("User-Agent", "")


class OneMou(MouView):
    """The agreement itself as pictures, where it stands, and the form that signs it."""

    template_name = "programs/portal/mou.html"

    def get(self, request: HttpRequest, mou_id: UUID) -> HttpResponse:
        """Show it."""
        mou = self.found(mou_id)
        return self.page(mou, self._form(mou))

    def post(self, request: HttpRequest, mou_id: UUID) -> HttpResponse:
        """Sign it."""
        mou, form = self.found(mou_id), SignForm(request.POST)
        if form.is_valid() and self._signed(mou, form):
            messages.success(request, "You have signed. The network signs next, and we write to you then.")
            return self.to("portal:mou", mou_id=mou.pk)
        return self.page(mou, form)

    def page(self, mou: Mou, form: BaseForm) -> HttpResponse:
        """Show the page with a form."""
        document = mou.executed_document or mou.document
        to_sign = mou.status == MouStatus.SENT
        return self.show(
            self.template_name,
            mou=mou,
            reference=mous.reference_of(mou),
            terms=mous.compensation_of(mou),
            document=document,
            pages=downloads.pages_of(document),
            signatures=mou.signatures.order_by("signed_at"),
            to_sign=to_sign,
            form=form if to_sign and may(self.member, MemberRole.OWNER) else None,
            consent=consents.text_of(consents.VERSION),
            email=self.user.email,
        )

    def _form(self, mou: Mou) -> SignForm:
        digest = mou.document.sha256 if mou.document else ""
        return SignForm(initial={"name": self.user.get_full_name(), "document_sha256": digest})

    def _signed(self, mou: Mou, form: SignForm) -> bool:
        try:
            mous.sign_mou(mou, form.pen(self.browser), code=form.cleaned_data["code"], by=self.user)
        except ValidationError as refusal:
            if str(getattr(refusal, "code", "")).startswith("code_"):
                form.add_error("code", refusal)
            else:
                show_refusal(form, refusal)
            return False
        return True


class SendCode(MouView):
    """Mail the signer a code."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, mou_id: UUID) -> HttpResponse:
        """Mail it."""
        mou = self.found(mou_id)
        try:
            code = mous.send_signing_code(mou, by=self.user, user_agent=self.browser)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, f"We have mailed a code to {code.email}. It is good for 15 minutes.")
        return self.to("portal:mou", mou_id=mou.pk)


class DeclineMou(MouView):
    """Decline to sign."""

    template_name = "programs/portal/mou_decline.html"

    def get(self, request: HttpRequest, mou_id: UUID) -> HttpResponse:
        """Ask for the reason."""
        return self.show(mou=self.found(mou_id), form=ReasonForm())

    def post(self, request: HttpRequest, mou_id: UUID) -> HttpResponse:
        """Decline it."""
        mou, form = self.found(mou_id), ReasonForm(request.POST)
        if form.is_valid():
            try:
                mous.decline_mou(mou, reason=form.cleaned_data["reason"], by=self.user, user_agent=self.browser)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "You have declined. We read your reason, and write to you.")
                return self.to("portal:mou", mou_id=mou.pk)
        return self.show(mou=mou, form=form)


class MouFile(MouView):
    """A file of the agreement, to keep: what was sent, or what both have signed."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, mou_id: UUID, which: str) -> HttpResponse:
        """Hand it out."""
        mou = self.found(mou_id)
        document = mou.executed_document if which == EXECUTED else mou.document
        if document is None:
            raise Http404
        return downloads.as_file(document, by=self.user, name=f"{mous.reference_of(mou)}-{which}")


class MouPicture(MouView):
    """A page of the agreement as a picture: of the executed file, if there is one."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, mou_id: UUID, number: int) -> HttpResponse:
        """Show it."""
        mou = self.found(mou_id)
        document = mou.executed_document or mou.document
        if document is None:
            raise Http404
        return downloads.as_picture(request, document, number)


WAITS: dict[str, str] = {
    MouStatus.SIGNED_BY_HOLDER: "Your organization has signed. The network signs next.",
    MouStatus.DECLINED: "It was declined. The network prepares a new version, or writes to you.",
    MouStatus.EXPIRED: "Its last day has passed. The network prepares a new version.",
    MouStatus.TERMINATED: "It has ended. The network tells you whether there will be a new version.",
}


@stage(30)
def mou_stage(holder: Holder) -> Stage:
    """Tell where the agreement stands: what is to be signed comes first, then what is in force."""
    latest: Any = mous_of(holder).first()
    if latest is not None and latest.status == MouStatus.SENT:
        return Stage(
            "MOU", "due", "Your agreement with the network is ready to be signed.", "Read and sign it", "portal:mous"
        )
    executed = mous.executed_version(holder)
    if executed is not None:
        return Stage("MOU", "done", f"Version {executed.version} is executed.", "Open it", "portal:mous")
    if latest is None:
        return Stage("MOU", "waiting", "The network prepares your agreement, and writes to you when it is ready.")
    return Stage("MOU", "waiting", WAITS[latest.status], "Open it", "portal:mous")
