"""API tokens: who may speak to us as whom, until when; given out here, shown once, and taken back."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.views.decorators.debug import sensitive_variables

from autopilot import clock, tokens
from autopilot.admin.base import PageAdmin, badge, staff
from autopilot.admin.deeds import Answers, Deed, offer
from autopilot.exceptions import ControlRefused
from autopilot.models.tokens import ApiToken, Scope
from autopilot.reports.moments import brief

TEMPLATE = "admin/autopilot/token_add.html"


class TokenForm(forms.Form):
    """What a new token is for."""

    name = forms.CharField(
        max_length=tokens.LONGEST_NAME, help_text="What uses it, for everybody who reads this later.", label="Name"
    )
    user = forms.CharField(
        max_length=150,
        label="Acts for",
        widget=forms.TextInput(attrs={"class": "medium", "autocomplete": "off"}),
        help_text="The username of the account in whose name it acts. It can never do more than that account.",
    )
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="What it opens. You can give what you may do yourself.",
        error_messages={"required": "Choose what it opens."},
    )
    tenant_id = forms.UUIDField(
        required=False,
        label="Tenant",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="The id of an organization: the token then sees what is that organization’s, and nothing else.",
    )
    days = forms.IntegerField(
        label="Days until it ends",
        initial=tokens.ORDINARY_DAYS,
        min_value=1,
        max_value=tokens.MOST_DAYS,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )

    def clean_user(self) -> User:
        """Return the account of a username."""
        user = User.objects.filter(username=self.cleaned_data["user"]).first()
        if user is None:
            raise ValidationError("There is no account of this name.")
        return user


def _revoke(by: User, token: ApiToken, answers: Answers) -> str:
    try:
        tokens.revoke_token(token, by=by, reason=answers["reason"])
    except ValidationError as refusal:
        raise ControlRefused(" ".join(refusal.messages)) from refusal
    return "The next request with it is refused."


REVOKE = Deed(
    "Revoke", "Revoked", "A revoked token opens nothing any more, and cannot be brought back.", _revoke, danger=True
)


@admin.register(ApiToken)
class ApiTokenAdmin(PageAdmin[ApiToken]):
    """The keys of other systems."""

    list_display = ["name", "begins", "state", "user", "opens", "tenant", "expires_at", "last_used"]
    list_select_related = ["user"]
    search_fields = ["name", "prefix__startswith", "user__username"]
    search_help_text = "A part of the name, the beginning of a token, or a username"
    page_template = "admin/autopilot/token.html"
    actions = ["revoke_tokens"]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Return whether this person may give out tokens."""
        return staff(request).has_perm("autopilot.add_apitoken")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may take tokens back."""
        return staff(request).has_perm("autopilot.change_apitoken")

    @admin.display(description="Begins with")
    def begins(self, token: ApiToken) -> str:
        """Show the beginning, by which whoever holds it recognizes it."""
        return format_html("<code>{}…</code>", token.prefix)

    @admin.display(description="State")
    def state(self, token: ApiToken) -> str:
        """Show whether it opens anything."""
        if token.revoked_at is not None:
            return badge("cancelled", "Revoked")
        return badge("expired", "Expired") if token.expires_at <= clock.now() else badge("enabled", "Valid")

    @admin.display(description="Opens")
    def opens(self, token: ApiToken) -> str:
        """Show the scopes."""
        return ", ".join(token.scopes)

    @admin.display(description="Tenant", empty_value="—")
    def tenant(self, token: ApiToken) -> str | None:
        """Show to whom it is confined."""
        return str(token.tenant_id) if token.tenant_id else None

    @admin.display(description="Last used", ordering="last_used_at", empty_value="Never")
    def last_used(self, token: ApiToken) -> str | None:
        """Show when it was last used, to the minute."""
        return brief(token.last_used_at) if token.last_used_at else None

    @sensitive_variables("secret")
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask what a token is for, and show it once: in the answer itself, which nobody keeps."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = TokenForm(
            request.POST if request.method == "POST" else None, initial={"user": staff(request).get_username()}
        )
        if request.method != "POST" or not form.is_valid():
            return self._form(request, form)
        try:
            token, secret = tokens.create_token(by=staff(request), **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self._form(request, form)
        return self._shown_once(request, token, secret)

    def page_context(self, request: HttpRequest, row: ApiToken) -> dict[str, Any]:
        """Return what the page of a token shows."""
        may_revoke = row.revoked_at is None and self.has_revoke_permission(request)
        return {
            "title": "API token",
            "subtitle": row.name,
            "token": row,
            "state": self.state(row),
            "scopes": [Scope(each) for each in row.scopes if each in Scope.values],
            "deeds": [("revoke_tokens", "Revoke…")] if may_revoke else [],
        }

    @admin.action(description="Revoke…", permissions=["revoke"])
    def revoke_tokens(self, request: HttpRequest, rows: QuerySet[ApiToken]) -> HttpResponse | None:
        """Ask why, and take the chosen tokens back."""
        return offer(self, request, rows, REVOKE)

    def _form(self, request: HttpRequest, form: TokenForm) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "API token",
            "subtitle": "Create",
            "opts": self.opts,
            "form": form,
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return TemplateResponse(request, TEMPLATE, context, status=status)

    @sensitive_variables("secret")
    def _shown_once(self, request: HttpRequest, token: ApiToken, secret: str) -> HttpResponse:
        response = self.page(request, token, secret=secret, status=HTTPStatus.CREATED)
        add_never_cache_headers(response)
        return response
