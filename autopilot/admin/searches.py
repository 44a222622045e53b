"""Saved searches above a list: links that lead back to its filters, one's own or everybody's."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR, SEARCH_VAR, ChangeList
from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from autopilot import searches
from autopilot.admin.base import Row, StaffAdmin, staff
from autopilot.models import SavedSearch

MOST_SHOWN = 60


class SaveSearchForm(forms.Form):
    """The filters at hand, their name, and for whom they are."""

    name = forms.CharField(max_length=searches.LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    shared = forms.BooleanField(required=False, label="For everybody who may see this list")
    query = forms.CharField(required=False, widget=forms.HiddenInput)


class SavedSearches(StaffAdmin[Row]):
    """A list whose filters can be saved: put it before the other bases of an admin.

    Saved are the parameters that the list's own filters and its search know, whatever else the address has.
    """

    def get_urls(self) -> list[URLPattern]:
        """Add the deeds: to save and to delete are POST alone."""
        save, delete = (
            self.admin_site.admin_view(require_POST(view)) for view in (self.save_search, self.delete_search)
        )
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        deeds = [
            path("searches/save/", save, name=f"{name}_save_search"),
            path("searches/<int:pk>/delete/", delete, name=f"{name}_delete_search"),
        ]
        return deeds + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, with the saved searches above it."""
        page, person = self._list_name(), staff(request)
        found = list(searches.searches_for(person, page)[:MOST_SHOWN])
        shown = {
            "saved_searches": [
                (each, each.query == self._filters(request), self._removable(request, each)) for each in found
            ],
            "save_form": SaveSearchForm(initial={"query": request.GET.urlencode()}, prefix="search"),
            "save_address": reverse(f"admin:{page}_save_search"),
            "delete_address": f"admin:{page}_delete_search",
        }
        return super().changelist_view(request, shown | (extra_context or {}))

    def save_search(self, request: HttpRequest) -> HttpResponse:
        """Save the filters that came with the form, and lead back to them."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        form = SaveSearchForm(request.POST, prefix="search")
        if not form.is_valid():
            self.message_user(request, "Give the search a name of at most 60 characters.", messages.ERROR)
            return self._back("")
        try:
            query = self._known(request, form.cleaned_data["query"])
            said = {"name": form.cleaned_data["name"], "shared": form.cleaned_data["shared"]}
            search = searches.save_search(owner=staff(request), page=self._list_name(), query=query, **said)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
            return self._back("")
        self.message_user(request, f"Saved as “{search.name}”.", messages.SUCCESS)
        return self._back(query)

    def delete_search(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Delete a saved search of this list."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        search = get_object_or_404(searches.searches_for(staff(request), self._list_name()), pk=pk)
        searches.delete_search(search, by=staff(request))
        self.message_user(request, f"“{search.name}” is deleted.", messages.SUCCESS)
        return self._back("")

    def _list_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def _back(self, query: str) -> HttpResponseRedirect:
        address = reverse(f"admin:{self._list_name()}_changelist")
        return HttpResponseRedirect(f"{address}?{query}" if query else address)

    def _removable(self, request: HttpRequest, search: SavedSearch) -> bool:
        person = staff(request)
        return search.owner_id == person.pk or (search.shared and person.has_perm(searches.MAY_DELETE))

    def _filters(self, request: HttpRequest) -> str:
        """Return the filters of the address, in the one order in which they are saved."""
        return urlencode(sorted(request.GET.items()))

    def _known(self, request: HttpRequest, query: str) -> str:
        """Return those filters of a query that this list knows; raises ValidationError if it refuses them."""
        request.GET = QueryDict(query)  # the list reads its filters from there
        try:
            listed: ChangeList = self.get_changelist_instance(request)
        except (IncorrectLookupParameters, SuspiciousOperation) as error:
            raise ValidationError("This list has no such filters.", code="unknown") from error
        known = {name for spec in listed.filter_specs for name in spec.expected_parameters() if name}
        known |= {SEARCH_VAR, ORDER_VAR}
        return urlencode(sorted((name, value) for name, value in request.GET.items() if name in known and value))
