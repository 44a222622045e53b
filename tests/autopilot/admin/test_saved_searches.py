"""Saved searches: what is kept of the filters, who finds them, and who may delete them."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from autopilot import searches
from autopilot.models import AuditEntry, SavedSearch
from tests.autopilot.admin import rows
from tests.autopilot.admin.addresses import listed
from tests.autopilot.admin.test_review_page import words

pytestmark = pytest.mark.django_db
JOBS = listed("job")
SAVE = reverse("admin:autopilot_job_save_search")
FAILED = "status__exact=failed"


def save(client, query=FAILED, name="Failed ones", **fields):
    """Save a search as the form does."""
    data = {"search-query": query, "search-name": name} | {f"search-{field}": value for field, value in fields.items()}
    return client.post(SAVE, data)


def delete(client, search):
    """Delete a search as its button does."""
    return client.post(reverse("admin:autopilot_job_delete_search", args=[search.pk]))


def test_it_saves_the_filters_and_leads_back_to_them(as_person, okafor):
    client = as_person(okafor)
    assert 'name="search-query" value="status__exact=failed"' in client.get(JOBS, {"status__exact": "failed"}).text

    answer = save(client)
    said = client.get(answer.url)

    assert answer.url == f"{JOBS}?{FAILED}"
    assert "Saved as “Failed ones”." in words(said)
    assert f'<a href="?{FAILED}" aria-current="true">Failed ones</a>' in said.text
    assert f'<a href="?{FAILED}">Failed ones</a>' in client.get(JOBS).text
    assert AuditEntry.objects.get(name="autopilot.search.saved").actor == okafor


def test_it_keeps_known_parameters_alone_in_one_order(as_person, okafor):
    save(as_person(okafor), "worker=sample&p=3&_popup=1&q=a+b&e=1&status__exact=failed&kind=")

    assert SavedSearch.objects.get().query == "q=a+b&status__exact=failed&worker=sample"


@pytest.mark.parametrize(
    "query", ["", "p=2", "nonsense=1", "requested_by__password__startswith=a", "%00", "error__contains=x"]
)
def test_it_saves_no_filters_that_the_list_does_not_have(as_person, okafor, query):
    answer = save(as_person(okafor), query)

    assert answer.url == JOBS
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_it_asks_for_a_name(as_person, okafor, name):
    client = as_person(okafor)

    save(client, name=name)

    assert "name" in words(client.get(JOBS))
    assert not SavedSearch.objects.exists()


def test_it_replaces_its_own_of_the_same_name(as_person, okafor):
    client = as_person(okafor)

    save(client)
    save(client, "worker=sample", shared="on")

    assert list(SavedSearch.objects.values_list("query", "shared")) == [("worker=sample", True)]


def test_it_shows_others_only_what_is_shared(as_person, okafor, rivera):
    save(as_person(okafor), name="For me")
    save(as_person(okafor), name="For all", shared="on")

    shown = as_person(rivera).get(JOBS)

    assert "For all okafor" in words(shown)
    assert ">For me</a>" not in shown.text


def test_its_owner_deletes_it(as_person, okafor):
    client = as_person(okafor)
    save(client)
    assert "Delete “Failed ones”" in client.get(f"{JOBS}?{FAILED}").text

    delete(client, SavedSearch.objects.get())

    assert not SavedSearch.objects.exists()
    assert AuditEntry.objects.filter(name="autopilot.search.deleted").exists()


def test_nobody_else_deletes_it_but_who_may_delete_shared_ones(as_person, okafor, rivera, stone):
    save(as_person(okafor), name="For me")
    save(as_person(okafor), name="For all", shared="on")
    own, shared = (SavedSearch.objects.get(name=name) for name in ("For me", "For all"))

    assert delete(as_person(rivera), own).status_code == 404
    assert delete(as_person(rivera), shared).status_code == 403
    assert delete(as_person(stone), own).status_code == 404
    assert delete(as_person(stone), shared).status_code == 302
    assert list(SavedSearch.objects.all()) == [own]


def test_it_is_refused_to_who_may_not_see_the_list(client, groups, okafor, django_user_model):
    nobody = django_user_model.objects.create_user("nobody", is_staff=True)
    save_by = searches.save_search(owner=okafor, page="autopilot_job", name="x", query=FAILED, shared=True)
    client.force_login(nobody)

    assert save(client).status_code == 403
    assert delete(client, save_by).status_code == 403
    assert client.get(SAVE).status_code == 405


def test_it_keeps_searches_of_other_lists_apart(as_person, okafor):
    elsewhere = searches.save_search(owner=okafor, page="autopilot_checkpoint", name="Mine", query="q=x", shared=False)

    assert "Mine" not in as_person(okafor).get(JOBS).text
    assert delete(as_person(okafor), elsewhere).status_code == 404


def test_it_keeps_no_more_than_anybody_can_read(okafor):
    for number in range(searches.MOST_SEARCHES):
        searches.save_search(owner=okafor, page="autopilot_job", name=f"n{number}", query="q=x", shared=False)

    searches.save_search(owner=okafor, page="autopilot_job", name="n1", query="q=y", shared=False)
    with pytest.raises(ValidationError, match="delete one first"):
        searches.save_search(owner=okafor, page="autopilot_job", name="one more", query="q=x", shared=False)
    with pytest.raises(ValidationError, match="too long"):
        searches.save_search(owner=okafor, page="autopilot_job", name="n2", query="q=" + "x" * 500, shared=False)


def test_it_follows_a_saved_span_as_time_goes_by(as_person, okafor):
    rows.job()
    save(as_person(okafor), "created=1h", name="The last hour")

    assert "1 job" in words(as_person(okafor).get(f"{JOBS}?{SavedSearch.objects.get().query}"))
