"""Keep lists that people come back to, under a name."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from autopilot import audit
from autopilot.models.searches import SavedSearch

MAY_DELETE = "autopilot.delete_savedsearch"
MOST_SEARCHES = 30
LONGEST_NAME = 60
LONGEST_QUERY = 500


@transaction.atomic
def save_search(*, owner: User, page: str, name: str, query: str, shared: bool) -> SavedSearch:
    """Keep the filters of a list under a name; its owner's search of that name on that list is replaced.

    `page` is app_model, `query` the filters as an address has them. Raises ValidationError, which says what to do.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise ValidationError(f"Give it a name of at most {LONGEST_NAME} characters.", code="name")
    if not query:
        raise ValidationError("Filter or search first; there is nothing to save.", code="empty")
    if len(query) > LONGEST_QUERY:
        raise ValidationError("These filters are too long to be saved.", code="too_long")
    own = SavedSearch.objects.filter(owner=owner, page=page)
    if own.exclude(name=name).count() >= MOST_SEARCHES:
        raise ValidationError(f"You have {MOST_SEARCHES} saved searches here; delete one first.", code="too_many")
    values = {"query": query, "shared": shared}
    search, _ = SavedSearch.objects.update_or_create(owner=owner, page=page, name=name, defaults=values)
    audit.record(owner, "autopilot.search.saved", search, page=page, shared=shared)
    return search


@transaction.atomic
def delete_search(search: SavedSearch, *, by: User) -> None:
    """Forget a saved search; raises PermissionDenied for anybody but its owner, and for others' shared ones but for
    who may delete saved searches.
    """
    if search.owner_id != by.pk and not (search.shared and by.has_perm(MAY_DELETE)):
        raise PermissionDenied("Only its owner can delete a saved search.")
    audit.record(by, "autopilot.search.deleted", search, page=search.page)
    search.delete()


def searches_for(person: User, page: str) -> QuerySet[SavedSearch]:
    """Return the saved searches of a list that a person may use: their own and the shared ones."""
    seen = Q(owner=person) | Q(shared=True)
    return SavedSearch.objects.filter(seen, page=page).select_related("owner").order_by("name", "pk")
