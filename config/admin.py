"""The staff's AdminSite: one navigation by subject, whatever app a list belongs to."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

# Which lists stand under which heading, in this order; what is not named here stands under its app's own.
SUBJECTS: dict[str, tuple[str, ...]] = {
    "Work": ("Checkpoint", "Application", "Submission", "Job"),
    "Operations": (
        "Worker",
        "Schedule",
        "OutboxMessage",
        "WebhookEndpoint",
        "WebhookDelivery",
        "Portal",
        "ClusterHeartbeat",
        "ClusterRestart",
    ),
    "Records": ("Document", "AuditEntry"),
    "Access": (
        "User",
        "Group",
        "Authenticator",
        "UserSession",
        "AccessAttempt",
        "AccessLog",
    ),
}


class ProvostAdminSite(AdminSite):
    """The staff door of Provost."""

    site_title = "Provost"
    site_header = "Provost"
    index_title = "Today"
    enable_nav_sidebar = True

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the one page that signs in: a form here would not ask for the second factor."""
        if self.has_permission(request):
            return HttpResponseRedirect(_page_after(request))
        if request.user.is_authenticated:
            raise PermissionDenied
        query = urlencode({REDIRECT_FIELD_NAME: _page_after(request)})
        return HttpResponseRedirect(f"{reverse('account_login')}?{query}")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the one page that changes a password."""
        return HttpResponseRedirect(reverse("account_change_password"))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the lists this person may see, grouped by subject; within one app's page, by the app."""
        apps = super().get_app_list(request, app_label)
        return apps if app_label else by_subject(apps)


def _page_after(request: HttpRequest) -> str:
    asked = request.GET.get(REDIRECT_FIELD_NAME, "")
    here = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if here else reverse("admin:index")


def by_subject(apps: list[Any]) -> list[Any]:
    """Return Django's apps with their models, arranged under the subjects' headings; empty ones are left out."""
    models = {model["object_name"]: model for app in apps for model in app["models"]}
    named = {name for names in SUBJECTS.values() for name in names}
    groups = [
        _group(subject, [models[name] for name in names if name in models]) for subject, names in SUBJECTS.items()
    ]
    others = [app | {"models": [each for each in app["models"] if each["object_name"] not in named]} for app in apps]
    return [group for group in groups + others if group["models"]]


def _group(subject: str, models: list[Any]) -> dict[str, Any]:
    return {"name": subject, "app_label": subject.lower(), "app_url": "", "has_module_perms": True, "models": models}
