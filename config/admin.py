"""The staff's AdminSite: one navigation by subject, whatever app a list belongs to."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_http_methods

from autopilot.reports.attention import MOST, attention
from autopilot.views import dashboard

FORM_METHODS = require_http_methods(["GET", "HEAD", "POST"])

# Which lists stand under which heading, in this order; what is not named here stands under its app's own.
SUBJECTS: dict[str, tuple[str, ...]] = {
    "Work": ("Checkpoint", "Delegation", "Application", "Submission", "Job"),
    "Holders": ("Holder", "Requirement", "RequirementType", "Mou", "Program", "Cohort", "Listing", "Enquiry"),
    "Students": (
        "Lead",
        "Student",
        "Enrollment",
        "Agreement",
        "WaitingPlace",
        "RiskFinding",
        "IndividualPlan",
        "CaseNote",
        "SupportiveService",
        "TrainingAccount",
        "StudentPaper",
        "AskedPaper",
        "Attendance",
        "WeeklyReport",
        "Certificate",
        "Milestone",
        "ProgramPolicy",
        "RefundRule",
    ),
    "Compliance": (
        "Determination",
        "ServiceReceived",
        "ParticipationPeriod",
        "ParticipationChange",
        "PerformanceTarget",
        "PirlSchema",
        "IncomeFigure",
        "LocalDefinition",
    ),
    "Money": (
        "Invoice",
        "Charge",
        "Payment",
        "CreditNote",
        "Revenue",
        "Earning",
        "PayoutBatch",
        "Payout",
        "BankAccount",
    ),
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
    "Records": ("Document", "Disposal", "RetentionRule", "Award", "TemplateVersion", "FormEdition", "AuditEntry"),
    "Access": (
        "User",
        "Group",
        "ApiToken",
        "Authenticator",
        "UserSession",
        "AccessAttempt",
        "AccessLog",
    ),
}
# What the number beside a link counts, for those who hear it.
WAITS_FOR = {
    "Checkpoint": "for you to decide",
    "Submission": "to be uploaded by hand",
    "Job": "failed since yesterday",
    "OutboxMessage": "given up since yesterday",
    "Portal": "not answering",
}


class ProvostAdminSite(AdminSite):
    """The staff door of Provost."""

    site_title = "Provost"
    site_header = "Provost"
    index_title = "Today"
    enable_nav_sidebar = True

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Guard a page: for staff alone, and by the methods of a form alone."""
        return super().admin_view(FORM_METHODS(view), cacheable)

    @method_decorator(FORM_METHODS)
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

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the part of the dashboard that refreshes itself."""
        return [path("dashboard/", self.admin_view(dashboard.fragment), name="dashboard"), *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show today's figures to those who may see jobs, and everybody's own lists."""
        return super().index(request, {**dashboard.context(request), **(extra_context or {})})

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page knows; beside its links the navigation shows how much waits for this person."""
        context = super().each_context(request)
        if isinstance(request.user, User):
            _count(context.get("available_apps", []), request.user)
        return context

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


def _count(groups: list[Any], person: User) -> None:
    """Put beside each list how many of its rows wait for a person; nothing where none does."""
    models = {model["object_name"]: model for group in groups for model in group["models"]}
    if not models.keys() & WAITS_FOR.keys():
        return
    for name, count in attention(person, models.keys()).items():
        models[name] |= {"attention": f"{MOST}+" if count > MOST else str(count), "attention_for": WAITS_FOR[name]}
