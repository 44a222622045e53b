"""The page that a student's invitation opens: with the account at hand, or with a new one."""

from http import HTTPStatus

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from programs.forms import JoinForm
from students.models import StudentInvitation
from students.services.invitations import InvitationClosed, accept_invitation, find_invitation, join

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@method_decorator(never_cache, name="dispatch")
class Join(View):
    """Accept an invitation. A link that is used, withdrawn or expired opens nothing."""

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: str, **kwargs: str) -> HttpResponseBase:
        """Say so when the link is closed."""
        try:
            response = super().dispatch(request, *args, **kwargs)
        except InvitationClosed:
            response = render(request, "students/me/invitation_closed.html", status=HTTPStatus.GONE)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Show what the link is for."""
        return self._page(find_invitation(token), JoinForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Open the record."""
        invitation = find_invitation(token)
        if isinstance(request.user, User):
            accept_invitation(token, by=request.user)
            return redirect("me:overview")
        form = JoinForm(request.POST)
        if form.is_valid():
            try:
                user = join(token, **form.cleaned_data)
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                login(request, user, backend=BACKEND)
                return redirect("me:overview")
        return self._page(invitation, form)

    def _page(self, invitation: StudentInvitation, form: JoinForm) -> HttpResponse:
        return render(self.request, "students/me/join.html", {"invitation": invitation, "form": form})
