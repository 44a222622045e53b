"""The dashboard as a page: for whom it is, what it says, and what it costs."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from autopilot import clock
from autopilot.engine import registry
from autopilot.models import Worker
from autopilot.reports import figures, objectives
from autopilot.sweep import tallies
from autopilot.testing import run_jobs
from autopilot.views import dashboard
from tests.autopilot.admin.people import member
from tests.autopilot.dashboard.states import DAY, SECOND, due, ended, failed, heartbeat, message, running
from tests.autopilot.engine.runs import job_of

pytestmark = pytest.mark.django_db
PAGE, FRAGMENT = reverse("admin:index"), reverse("admin:dashboard")


@pytest.mark.parametrize("address", [PAGE, FRAGMENT])
def test_it_shows_figures_to_who_may_see_jobs(client, auditor, address):
    due(3)
    client.force_login(auditor)

    answer = client.get(address)

    assert answer.status_code == 200
    assert "Throughput per hour" in answer.text
    assert re.search(r'id="card-pending">Pending</a></p>\s*<p class="figure number">3</p>', answer.text)


def test_it_shows_the_plain_page_to_who_may_not(client, newcomer):
    client.force_login(newcomer)

    page, fragment = client.get(PAGE), client.get(FRAGMENT)

    assert (page.status_code, fragment.status_code) == (200, 403)
    assert "Throughput" not in page.text
    assert "dashboard.js" not in page.text


def test_it_asks_strangers_to_sign_in(client):
    for address in (PAGE, FRAGMENT):
        assert client.get(address).status_code == 302


def test_it_stops_with_the_next_request_of_who_lost_the_right(client, operator):
    client.force_login(operator)
    assert client.get(FRAGMENT).status_code == 200

    operator.groups.clear()

    assert client.get(FRAGMENT).status_code == 403


@pytest.mark.parametrize("address", [PAGE, FRAGMENT])
def test_it_is_kept_by_no_cache(client, operator, address):
    client.force_login(operator)

    assert "no-store" in client.get(address)["Cache-Control"]


def test_it_takes_no_writes(client, operator):
    client.force_login(operator)

    assert client.post(FRAGMENT).status_code == 405


def test_it_leads_only_to_lists_that_a_person_may_see(client, db):
    heartbeat()
    message(attempts=3)
    failed(6)
    seer = member("seer")
    seer.user_permissions.set(permissions("view_job"))
    client.force_login(seer)

    answer = client.get(PAGE)

    assert 'id="alert-link-failed-1"' in answer.text
    assert "alert-unsent-2" in answer.text
    assert "alert-link-unsent" not in answer.text
    assert "cluster-link" not in answer.text


def test_every_link_of_it_leads_somewhere(client, operator):
    heartbeat()
    failed(6)
    running(400)
    message(attempts=3)
    client.force_login(operator)

    addresses = re.findall(r'href="(/admin/autopilot/[^"]+)"', client.get(FRAGMENT).text)

    assert len(addresses) >= 9
    assert {client.get(address.replace("&amp;", "&")).status_code for address in addresses} == {200}


def test_its_one_status_line_says_what_is_wrong(client, operator):
    heartbeat()
    client.force_login(operator)
    assert client.get(PAGE).text.count('role="status">Everything is within its limits.</p>') == 1

    failed(6)
    page, fragment = client.get(PAGE).text, client.get(FRAGMENT).text

    assert page.count('role="status"') == 1
    assert 'role="status">1 alert: failures.</p>' in page
    assert 'data-summary="1 alert: failures."' in fragment
    assert 'role="status"' not in fragment


def test_it_tells_its_charts_in_tables_too(client, operator):
    ended(2)
    ended(1, "invalid", "failed")
    client.force_login(operator)

    text = client.get(FRAGMENT).text

    assert "2 jobs completed and 1 failed within the last 24 hours." in text
    assert re.search(r'<td class="number">2</td><td class="number">1</td>', text)
    assert text.count("<details") == 2


def test_it_tells_of_objectives_and_of_work_that_is_not_there(client, operator):
    ended(20)
    client.force_login(operator)

    text = client.get(FRAGMENT).text

    assert "An application is processed within 5 minutes" in text
    without = [each for each in objectives.declared() if each.kinds and not set(each.kinds) & set(registry.kinds())]
    assert text.count("No such work yet") == len(without) > 0
    assert '<span class="badge is-pass">Kept</span>' in text
    assert "20 of 20" in text


def test_it_shows_latencies_once_they_are_counted(client, operator):
    job_of(lambda job: None)
    run_jobs()
    with clock.moved(61 * SECOND):
        tallies.run()
    client.force_login(operator)

    assert re.search(r'<th scope="row">Run</th><td class="number">\d+ ms</td>', client.get(FRAGMENT).text)


def test_it_says_how_long_the_cluster_is_up(client, operator):
    heartbeat(started_at=clock.now() - 3 * DAY)
    client.force_login(operator)

    text = client.get(FRAGMENT).text

    assert "<dt>Up for</dt><dd>3 days</dd>" in text
    assert '<span class="badge is-enabled">Alive</span>' in text


def test_it_asks_as_often_for_much_as_for_little(client, operator):
    client.force_login(operator)
    client.get(PAGE)

    with CaptureQueriesContext(connection) as little:
        client.get(PAGE)
    due(20)
    ended(20)
    failed(20)
    for number in range(20):
        heartbeat(process=f"p{number}")
        Worker.objects.create(name=f"w{number}")
    with CaptureQueriesContext(connection) as much:
        client.get(PAGE)
    with CaptureQueriesContext(connection) as fragment:
        client.get(FRAGMENT)

    assert len(much) <= len(little) <= 32
    assert len(fragment) <= len(much)


def test_it_tells_objectives_and_shares_as_they_are():
    assert [dashboard.percent(share) for share in (None, 1.0, 0.9999, 0.95, 0.123, 0.0)] == [
        "—", "100%", "99.9%", "95%", "12.3%", "0%",
    ]  # fmt: skip


def test_it_lives_with_a_database_without_a_job():
    taken = figures.take_snapshot()

    assert (taken.completed, taken.success, taken.queue.oldest_due) == (0, None, None)


def permissions(*names):
    return Permission.objects.filter(codename__in=names)
