"""The public catalog: what can be learned in the network, a page for each program, and asking about it."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View
from django.views.decorators.http import require_safe

from autopilot.identifiers import uuid7
from programs.access import catalog
from programs.catalog import search, upcoming_cohorts
from programs.forms import EnquiryForm, SearchForm
from programs.models import Program
from programs.services.enquiries import enquire
from programs.structured import as_json_ld
from programs.views.throttle import HOUR, is_too_fast

ROWS = 12
MOST_IN_SITEMAP = 10_000
HIDDEN = (
    "/admin/",
    "/portal/",
    "/accounts/",
    "/api/",
    "/apply/received/",
    "/apply/status/",
    "/apply/correct/",
    "/join/",
    "/verify/",
)


class Catalog(View):
    """Everything that can be learned, found by words and choices."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of what fits."""
        form = SearchForm(request.GET)
        wanted = form.wanted()
        page = Paginator(search(wanted), ROWS).get_page(request.GET.get("page"))
        query = urlencode({name: "on" if value is True else value for name, value in wanted.items()})
        context = {
            "form": form,
            "page": page,
            "query": f"&{query}" if query else "",
            "is_narrowed": bool(wanted),
            "filters": [form[name] for name in ("type", "state", "city", "delivery", "credential", "cost", "evening")],
        }
        return render(request, "programs/public/catalog.html", context)


class CatalogProgram(View):
    """One program: what it teaches, costs and leads to, when it begins, and a form to ask about it."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show it."""
        return self._page(_listed(slug), EnquiryForm(initial={"form_key": uuid7()}))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Take in a question."""
        program, form = _listed(slug), EnquiryForm(request.POST)
        if not form.is_valid():
            return self._page(program, form)
        if is_too_fast(request, "enquire"):
            return _slow_down(request)
        try:
            enquire(program, **form.said())
        except ValidationError as refusal:
            for name, errors in refusal.error_dict.items():
                form.add_error(name if name in form.fields else None, errors)
            return self._page(program, form)
        return redirect("programs:catalog_asked", slug=program.slug)

    def _page(self, program: Program, form: EnquiryForm) -> HttpResponse:
        cohorts, sites = upcoming_cohorts(program), list(program.sites.filter(closed_at=None))
        url = f"{settings.BASE_URL}{reverse('programs:catalog_program', args=[program.slug])}"
        context = {
            "program": program,
            "cohorts": cohorts,
            "sites": sites,
            "form": form,
            "url": url,
            "costs": _costs(program),
            "structured": as_json_ld(program, url=url, sites=sites, cohorts=cohorts),
        }
        return render(self.request, "programs/public/program.html", context)


@require_safe
def asked(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that a question has arrived; nothing of it is shown."""
    response = render(request, "programs/public/asked.html", {"program": _listed(slug)})
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Name the public pages to search engines."""
    slugs = catalog().order_by("title", "id").values_list("slug", flat=True)[:MOST_IN_SITEMAP]
    paths = [reverse("home"), reverse("programs:catalog"), reverse("programs:apply")]
    paths += [reverse("programs:catalog_program", args=[slug]) for slug in slugs]
    context = {"addresses": [f"{settings.BASE_URL}{path}" for path in paths]}
    return render(request, "programs/public/sitemap.xml", context, content_type="application/xml")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell search engines what is not theirs, and where the pages are named."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in HIDDEN)]
    lines += ["", f"Sitemap: {settings.BASE_URL}{reverse('programs:sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain")


def _listed(slug: str) -> Program:
    return get_object_or_404(catalog().select_related("holder", "syllabus"), slug=slug)


def _costs(program: Program) -> list[tuple[str, Any]]:
    named = [
        ("Tuition", program.tuition),
        ("Fees", program.fees),
        ("Books", program.books),
        ("Tools and supplies", program.supplies),
        ("Other costs", program.other_costs),
    ]
    return [(name, amount) for name, amount in named if amount]


def _slow_down(request: HttpRequest) -> HttpResponse:
    response = render(request, "programs/public/slow_down.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(HOUR)
    return response
