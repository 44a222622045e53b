"""An operator walks through workers, schedules and clusters in a real browser."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from autopilot import clock
from autopilot.models import ClusterHeartbeat, ClusterRestart, Job, Worker
from tests.acceptance.sight import faults, overflow, refusals
from tests.autopilot.admin import rows
from tests.autopilot.admin.people import ensure_groups, member

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
PAGES = ["worker/", "worker/sample/change/", "schedule/", "schedule/{pk}/change/", "clusterheartbeat/"]


@pytest.fixture
def operator():
    """An operator of an installation that has seen something."""
    ensure_groups()
    schedule = rows.schedule()
    rows.failed_job()
    now = clock.now()
    for process, seconds in (("web1:1", 1), ("web1:2", 400)):
        ClusterHeartbeat.objects.create(
            process=process, cluster="web1:1", role="pump", seen_at=now - timedelta(seconds=seconds), version="0.2.0"
        )
    ClusterRestart.objects.create(cluster="web1:1", reason="its main process ended with status 1")
    return member("lindqvist", "Operator"), schedule


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_it_leaves_nothing_to_complain_about(page_at, sign_in, operator, width, scheme):
    person, schedule = operator
    page = page_at(width=width, color_scheme=scheme)
    sign_in(page, person)

    found = {}
    for path in PAGES:
        refused = refusals(page)  # before axe, which brings a style of its own
        page.goto("/admin/autopilot/" + path.format(pk=schedule.pk))
        found[path] = (list(refused), faults(page), overflow(page))

    assert found == {path: ([], [], 0) for path in PAGES}


def test_it_pauses_resumes_and_runs_without_javascript(page_at, sign_in, operator):
    person, schedule = operator
    page = page_at(javascript=False)
    sign_in(page, person)

    page.goto("/admin/autopilot/worker/sample/change/")
    page.get_by_role("button", name="Pause…").click()
    page.get_by_label("Reason").fill("New disk.")
    page.get_by_role("button", name="Pause 1 worker").click()
    expect(page.get_by_text("lindqvist: New disk.")).to_be_visible()
    page.get_by_role("button", name="Resume…").click()
    page.get_by_label("Reason").fill("The disk is in.")
    page.get_by_role("button", name="Resume 1 worker").click()
    page.get_by_role("button", name="Run now…").click()
    page.get_by_label("Reason").fill("The list came late.")
    page.get_by_role("button", name="Run now 1 worker").click()

    assert Worker.objects.get(pk="sample").enabled
    assert Job.objects.filter(unique_key=f"schedule:{schedule.pk}:now").count() == 1

    page.get_by_role("link", name="Say hello").click()
    page.get_by_label("Cron:").fill("30 2 * * *")
    page.get_by_role("button", name="Preview the next runs").click()
    expect(page.get_by_role("heading", name="It would run")).to_be_visible()
    expect(page.locator(".preview li")).to_have_count(5)
    schedule.refresh_from_db()
    assert schedule.cron == "0 6 1 * *"
