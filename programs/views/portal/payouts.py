"""What the network pays a holder, and where to."""

from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode

from autopilot.documents.downloads import as_file
from programs import money
from programs.forms.billing import BankForm
from programs.models import Earning, MemberRole, Payout, PayoutBatchStatus
from programs.services.bank_accounts import account_of, enter_bank_account, is_held
from programs.views.portal.base import may
from programs.views.portal.billing import BillingView
from programs.views.portal.lists import page_of


class PayoutView(BillingView):
    """A page about what the holder is paid; what is only prepared is not shown."""

    tab = "Payouts"

    @property
    def payouts(self) -> QuerySet[Payout]:
        """The payouts that somebody has approved."""
        shown = Payout.objects.filter(holder=self.holder, batch__approved_at__isnull=False)
        return shown.select_related("batch", "document", "bank_account")


class Payouts(PayoutView):
    """The payouts, the newest first, and what was earned since."""

    template_name = "programs/portal/billing/payouts.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        done = [PayoutBatchStatus.PAID]
        coming = Earning.objects.filter(holder=self.holder).exclude(payout__batch__status__in=done)
        amounts = coming.values_list("amount", flat=True)
        return self.show(
            page=page_of(self.payouts.order_by("-created_at", "-pk"), request), coming=money.total(amounts)
        )


class OnePayout(PayoutView):
    """A payout, and what it is made of."""

    template_name = "programs/portal/billing/payout.html"

    def get(self, request: HttpRequest, payout_id: UUID) -> HttpResponse:
        """Show it."""
        payout = get_object_or_404(self.payouts, pk=payout_id)
        return self.show(payout=payout, page=page_of(payout.earnings.all(), request, 100))


class RemittanceFile(PayoutView):
    """The PDF that tells what a payout is made of."""

    def get(self, request: HttpRequest, payout_id: UUID) -> HttpResponse:
        """Hand it out, once its job has made it."""
        payout = get_object_or_404(self.payouts, pk=payout_id)
        if payout.document is None:
            raise Http404
        return as_file(payout.document, by=self.user, name=f"remittance-{payout.batch.number}")


class BankDetails(PayoutView):
    """Where the holder is paid. Owners enter it, after a recent sign-in; nobody reads a whole number here."""

    tab = "Bank details"
    template_name = "programs/portal/billing/bank.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the end of the account's number."""
        return self._page(None)

    def _page(self, form: BankForm | None) -> HttpResponse:
        account = account_of(self.holder)
        held = account is not None and is_held(account)
        return self.show(account=account, held=held, form=form, may_enter=may(self.member, MemberRole.OWNER))


class EnterBankDetails(BankDetails):
    """The form of the bank details, for an owner who has just proved who it is."""

    http_method_names = ["get", "head", "post"]
    reads = writes = MemberRole.OWNER

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return self._unconfirmed() or self._page(BankForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Enter other details; what is sent after the confirmation ran out is forgotten, not kept in a session."""
        return self._unconfirmed() or self._entered(BankForm(request.POST))

    def _entered(self, form: BankForm) -> HttpResponse:
        try:
            if form.is_valid():
                enter_bank_account(self.holder, by=self.user, **form.cleaned_data)
                messages.success(self.request, "Your bank details are saved.")
                return self.to("portal:bank")
        except ValidationError as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, refusal.messages)
        return self._page(form)

    def _unconfirmed(self) -> HttpResponse | None:
        """Return the way to the page that asks who it is, unless that was asked just now."""
        if not get_adapter(self.request).is_reauthentication_required(app="programs"):
            return None
        here = reverse("portal:bank_edit", kwargs={"holder_id": self.holder.pk})
        return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': here})}")
