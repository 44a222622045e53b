"""People, groups, and how they sign in, as staff manage them: nobody gives what they lack, and no secret is shown."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import ManyToManyField, QuerySet
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse

from autopilot import audit
from autopilot.admin.base import ConfigurationAdmin, ReadOnlyAdmin, badge, staff
from autopilot.admin.deeds import offer
from autopilot.reports.moments import brief
from config.signin import rights
from config.signin.devices import device_of
from config.signin.sign_in_deeds import END, REMOVE, UNLOCK

KINDS = {"totp": "Authenticator app", "webauthn": "Security key", "recovery_codes": "Recovery codes"}

# E-mail addresses stand in the accounts themselves, and of failures the attempts are kept.
for _model in (User, Group, EmailAddress, Authenticator, UserSession, AccessAttempt, AccessFailureLog, AccessLog):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class GrantingAdmin(ConfigurationAdmin[Any]):
    """Rows that hold rights: one may give only what one has."""

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **how: Any
    ) -> "ModelMultipleChoiceField[Any] | None":
        """Offer the groups and permissions that this person may give."""
        if db_field.name == "groups":
            how["queryset"] = rights.grantable_groups(staff(request))
        elif db_field.related_model is Permission:
            among = Permission.objects.select_related("content_type")
            how["queryset"] = rights.grantable_permissions(staff(request), among)
        return super().formfield_for_manytomany(db_field, request, **how)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether this person may change rows, and the one at hand."""
        return super().has_change_permission(request, obj) and self.is_manageable(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether this person may delete rows: a superuser, since what was done stays tied to them."""
        return staff(request).is_superuser

    def is_manageable(self, request: HttpRequest, row: Any) -> bool:
        """Return whether a row holds nothing that this person lacks."""
        raise TypeError("Each of these pages says what it means.")


@admin.register(User)
class PersonAdmin(GrantingAdmin, UserAdmin):  # type: ignore[type-arg]
    """Accounts. Only superusers make superusers."""

    list_display = ["username", "first_name", "last_name", "email", "state", "is_staff"]
    list_filter = ["is_staff", "is_active", "groups"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Lock what only a superuser sets, and what nobody does."""
        locked = () if staff(request).is_superuser else ("is_superuser",)
        return ("last_login", "date_joined", *locked)

    def is_manageable(self, request: HttpRequest, row: Any) -> bool:
        """Return whether an account holds nothing that this person lacks."""
        return row is None or rights.may_manage(staff(request), row)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Set somebody’s password, and record that it was set."""
        response = super().user_change_password(request, id, form_url)
        person = self.get_object(request, id)
        if person is not None and request.method == "POST" and response.status_code == 302:
            audit.record(staff(request), "auth.password.set", person)
        return response

    @admin.display(description="Status", ordering="is_active")
    def state(self, person: User) -> str:
        """Show whether the account is switched on."""
        return badge("enabled", "Active") if person.is_active else badge("disabled", "Switched off")


@admin.register(Group)
class TeamAdmin(GrantingAdmin, GroupAdmin):  # type: ignore[misc]
    """Groups and what they may do."""

    def is_manageable(self, request: HttpRequest, row: Any) -> bool:
        """Return whether a group holds nothing that this person lacks."""
        return row is None or rights.grantable_groups(staff(request)).filter(pk=row.pk).exists()


@admin.register(Authenticator)
class FactorAdmin(ReadOnlyAdmin[Any]):
    """Second factors: that they exist, never what they hold."""

    list_display = ["user", "kind", "created", "used"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    search_help_text = "A username"
    fields = ["user", "kind", "created", "used"]
    actions = ["remove_factors"]

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may remove a lost factor."""
        return staff(request).has_perm("mfa.delete_authenticator")

    @admin.action(description="Remove…", permissions=["remove"])
    def remove_factors(self, request: HttpRequest, factors: QuerySet[Any]) -> HttpResponse | None:
        """Ask why, and remove lost factors."""
        return offer(self, request, factors.select_related("user"), REMOVE)

    @admin.display(description="Kind", ordering="type")
    def kind(self, factor: Authenticator) -> str:
        """Show what it is, in the words of the page on which its owner set it up."""
        return KINDS[factor.type]

    @admin.display(description="Set up", ordering="created_at")
    def created(self, factor: Authenticator) -> str:
        """Show when it was set up."""
        return brief(factor.created_at)

    @admin.display(description="Last used", ordering="last_used_at", empty_value="Not used")
    def used(self, factor: Authenticator) -> str | None:
        """Show when it was used last."""
        return brief(factor.last_used_at) if factor.last_used_at else None


@admin.register(UserSession)
class SessionAdmin(ReadOnlyAdmin[Any]):
    """Where people are signed in."""

    list_display = ["user", "device", "address", "since", "seen"]
    list_select_related = ["user"]
    search_fields = ["user__username", "ip"]
    search_help_text = "A username or an address"
    fields = ["user", "device", "address", "since", "seen"]
    ordering = ["-last_seen_at", "-id"]
    actions = ["end_sessions"]

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may end the sessions of others."""
        return staff(request).has_perm("usersessions.delete_usersession")

    @admin.action(description="End…", permissions=["end"])
    def end_sessions(self, request: HttpRequest, sessions: QuerySet[Any]) -> HttpResponse | None:
        """Ask why, and end sessions."""
        return offer(self, request, sessions.select_related("user"), END)

    @admin.display(description="Device")
    def device(self, session: UserSession) -> str:
        """Show browser and system."""
        return device_of(session.user_agent)

    @admin.display(description="Address", ordering="ip")
    def address(self, session: UserSession) -> str:
        """Show from where it was opened."""
        return str(session.ip)

    @admin.display(description="Since", ordering="created_at")
    def since(self, session: UserSession) -> str:
        """Show when it began."""
        return brief(session.created_at)

    @admin.display(description="Last seen", ordering="last_seen_at")
    def seen(self, session: UserSession) -> str:
        """Show when it was seen last, to within a twentieth of the idle limit."""
        return brief(session.last_seen_at)


@admin.register(AccessAttempt)
class FailureAdmin(ReadOnlyAdmin[Any]):
    """Failed sign-ins, per account and address."""

    list_display = ["username", "ip_address", "failures_since_start", "at"]
    search_fields = ["username", "ip_address"]
    search_help_text = "A username or an address"
    fields = ["username", "ip_address", "failures_since_start", "at", "path_info", "user_agent"]
    ordering = ["-attempt_time", "-id"]
    actions = ["unlock"]

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may unlock accounts."""
        return staff(request).has_perm("axes.delete_accessattempt")

    @admin.action(description="Unlock…", permissions=["unlock"])
    def unlock(self, request: HttpRequest, attempts: QuerySet[Any]) -> HttpResponse | None:
        """Ask why, and forget failures."""
        return offer(self, request, attempts, UNLOCK)

    @admin.display(description="Last failure", ordering="attempt_time")
    def at(self, attempt: AccessAttempt) -> str:
        """Show when it failed last."""
        return brief(attempt.attempt_time)


@admin.register(AccessLog)
class SignInAdmin(ReadOnlyAdmin[Any]):
    """Who signed in, when, and from where."""

    list_display = ["username", "ip_address", "signed_in", "signed_out"]
    search_fields = ["username", "ip_address"]
    search_help_text = "A username or an address"
    fields = ["username", "ip_address", "signed_in", "signed_out", "user_agent"]
    ordering = ["-attempt_time", "-id"]

    @admin.display(description="Signed in", ordering="attempt_time")
    def signed_in(self, entry: AccessLog) -> str:
        """Show when somebody signed in."""
        return brief(entry.attempt_time)

    @admin.display(description="Signed out", ordering="logout_time", empty_value="—")
    def signed_out(self, entry: AccessLog) -> str | None:
        """Show when somebody signed out; a session that ended by itself has no such time."""
        return brief(entry.logout_time) if entry.logout_time else None
