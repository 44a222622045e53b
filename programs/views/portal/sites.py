"""The places where a holder trains."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from programs.forms import SiteForm
from programs.models import Site
from programs.services.sites import add_site, edit_site
from programs.views.portal.base import HolderView
from programs.views.portal.lists import page_of
from programs.views.portal.refusals import show_refusal


class Sites(HolderView):
    """All places of a holder."""

    http_method_names = ["get", "head"]
    template_name = "programs/portal/sites.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them."""
        return self.show(page=page_of(self.holder.sites.order_by("name"), request))


class NewSite(HolderView):
    """Add a place."""

    template_name = "programs/portal/site_form.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return self.show(form=SiteForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store the place."""
        return _stored(self, SiteForm(request.POST), None)


class EditSite(HolderView):
    """Change a place."""

    template_name = "programs/portal/site_form.html"

    def get(self, request: HttpRequest, site_id: UUID) -> HttpResponse:
        """Show the form as it was stored."""
        site = get_object_or_404(self.holder.sites, pk=site_id)
        return self.show(form=SiteForm(instance=site), site=site)

    def post(self, request: HttpRequest, site_id: UUID) -> HttpResponse:
        """Store it."""
        site = get_object_or_404(self.holder.sites, pk=site_id)
        return _stored(self, SiteForm(request.POST, instance=site), site)


def _stored(view: HolderView, form: SiteForm, site: Site | None) -> HttpResponse:
    if form.is_valid():
        try:
            if site is None:
                add_site(view.holder, said=form.cleaned_data, by=view.user)
            else:
                edit_site(site, said=form.cleaned_data, by=view.user)
        except ValidationError as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(view.request, "Saved.")
            return view.to("portal:sites")
    return view.show(form=form, site=site)
