"""Delegating reviews through the page: for oneself, for others, and ending it."""

from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from autopilot import clock
from autopilot.models import Delegation
from tests.autopilot.admin.addresses import listed, page
from tests.autopilot.admin.people import GROUPS, member
from tests.autopilot.admin.test_deeds import choose
from tests.autopilot.admin.test_review_page import words
from tests.autopilot.engine.packets import DAY, lent

pytestmark = pytest.mark.django_db
LIST, ADD = listed("delegation"), reverse("admin:autopilot_delegation_add")


def today():
    """Return the day it is where the network is."""
    return timezone.localdate(clock.now())


def send(client, delegate, changed=(), **fields):
    """Send the form: from today for a day."""
    changed = dict(changed) | fields
    days = {"starts": today().isoformat(), "ends": today().isoformat()}
    return client.post(ADD, {"delegate": delegate.pk, "reason": "On leave."} | days | changed)


def test_it_delegates_whole_days(as_person, okafor, rivera):
    client = as_person(okafor)

    answer = send(client, rivera, ends=(today() + DAY).isoformat())

    made = Delegation.objects.get()
    zone = timezone.get_current_timezone()
    assert answer.url == LIST
    assert (made.delegator, made.delegate, made.created_by) == (okafor, rivera, okafor)
    assert made.starts_at == datetime.combine(today(), time.min, tzinfo=zone)
    assert made.ends_at == datetime.combine(today() + 2 * DAY, time.min, tzinfo=zone)
    assert "Delegated: rivera stands in for okafor until" in words(client.get(LIST))


def test_it_asks_whose_reviews_only_who_manages_them(as_person, okafor, rivera):
    chief = member("chief", "Administrator")

    own = as_person(okafor).get(ADD).text
    forged = send(as_person(okafor), okafor, delegator=rivera.pk)
    send(as_person(chief), okafor, delegator=rivera.pk)

    assert "Whose reviews" not in own
    assert forged.status_code == 422
    assert (Delegation.objects.get().delegator, Delegation.objects.get().created_by) == (rivera, chief)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"delegate": ""}, "delegate"),
        ({"delegate": "x"}, "delegate"),
        ({"starts": ""}, "starts"),
        ({"starts": "yesterday"}, "starts"),
        ({"starts": "1999-01-01"}, "starts"),
        ({"ends": "1999-01-01"}, "ends"),
        ({"ends": "9999-12-30"}, "ends"),
        ({"ends": "9999-12-31"}, "ends"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 201}, "reason"),
    ],
)
def test_it_says_what_does_not_fit_beside_the_field(as_person, okafor, rivera, fields, field):
    answer = send(as_person(okafor), rivera, fields)

    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert not Delegation.objects.exists()


def test_it_offers_nobody_who_could_not_decide(as_person, okafor, rivera):
    auditor = member("auditor", "Auditor")

    answer = send(as_person(okafor), auditor)

    assert answer.status_code == 422
    assert "auditor" not in as_person(okafor).get(ADD).text


def test_it_lists_whether_each_holds(as_person, okafor, rivera):
    for begins in (-3 * DAY, timedelta(0), 3 * DAY):
        lent(okafor, rivera, begins=begins - timedelta(hours=1), lasts=DAY)

    said = words(as_person(okafor).get(LIST))

    assert [said.count(word) for word in ("To come", "Holds", "Over")] == [1, 1, 1]


def test_it_ends_with_a_reason_and_for_those_concerned(as_person, okafor, rivera, lindqvist):
    delegation = lent(okafor, rivera)

    refused = choose(as_person(lindqvist), "end_delegations", delegation, address=LIST)
    without = choose(as_person(rivera), "end_delegations", delegation, address=LIST, reason=" ")
    assert Delegation.objects.active(clock.now()).exists()
    choose(as_person(rivera), "end_delegations", delegation, address=LIST, reason="Back.")

    assert "You may not delegate these reviews." in refused.text
    assert without.status_code == 422
    assert not Delegation.objects.active(clock.now() + timedelta(seconds=1)).exists()


def test_it_is_added_by_those_who_review(client, groups):
    found = {}
    for group in GROUPS:
        client.force_login(member(f"one of {group}", group))
        found[group] = (client.get(LIST).status_code, client.get(ADD).status_code)
    client.force_login(member("nobody"))

    assert found == {group: (200, 403 if group == "Auditor" else 200) for group in GROUPS}
    assert (client.get(LIST).status_code, client.get(ADD).status_code) == (403, 403)


def test_its_page_is_there_to_be_read_alone(as_person, okafor, rivera):
    delegation, client = lent(okafor, rivera), as_person(okafor)

    assert client.get(page(delegation)).status_code == 200
    assert client.post(page(delegation), {"reason": "x"}).status_code == 403
    assert client.get(reverse("admin:autopilot_delegation_delete", args=[delegation.pk])).status_code == 403
