"""The link in every follow-up mail: no more of them."""

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from students.models import Lead
from students.services.leads import OPEN, find_by_stop_token, stop_mails


@method_decorator(never_cache, name="dispatch")
class StopMails(View):
    """Ask, and then write no more; whoever holds the link may."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Ask."""
        return self._page(token)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Stop."""
        stop_mails(self._found(token))
        return self._page(token)

    def _page(self, token: str) -> HttpResponse:
        lead = self._found(token)
        answer = render(self.request, "students/me/stop_mails.html", {"is_open": lead.status in OPEN})
        answer["X-Robots-Tag"] = "noindex, nofollow"
        return answer

    def _found(self, token: str) -> Lead:
        try:
            return find_by_stop_token(token)
        except ObjectDoesNotExist:
            raise Http404 from None
