"""An operator at the jobs, in a real browser: found, retried, tried first, saved; by eye, by keyboard, without script."""

import json

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from autopilot import engine
from autopilot.engine import registry
from autopilot.models import Job
from autopilot.testing import run_jobs
from tests.acceptance.sight import faults, overflow, refusals, stops
from tests.autopilot.admin import rows
from tests.autopilot.admin.people import ensure_groups, member

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
JOBS, FAILED, FAILURES = (
    "/admin/autopilot/job/",
    "/admin/autopilot/job/?status__exact=failed",
    "/admin/autopilot/job/failures/",
)


class Portal:
    """What the jobs need, and cannot reach at first."""

    away = True


@pytest.fixture
def portal():
    """Jobs that fail while their portal is away; those that wait or have ended otherwise stand around them."""
    portal = Portal()
    with registry.registered_for_test():

        @engine.handler("trial.deliver", max_attempts=1)
        def deliver(job, number: int):
            job.tx("look", lambda: number)
            if portal.away:
                raise OSError("the state’s portal did not answer; " + "x" * 120)

        for number in range(4):
            engine.enqueue("trial.deliver", tenant_id=rows.TENANT, number=number, unique_key=f"packet:{number}")
        run_jobs()
        rows.job()
        yield portal


@pytest.fixture
def operator(portal) -> User:
    """Somebody who may control jobs."""
    ensure_groups()
    return member("lindqvist", "Operator")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_its_pages_hold_up_to_axe_the_edge_and_the_policy(page_at, sign_in, operator, width, scheme):
    page = page_at(width=width, color_scheme=scheme)
    refused = refusals(page)
    sign_in(page, operator)
    job = Job.objects.filter(status="failed")[0]
    engine.hold(Job.objects.get(status="pending").pk, actor=operator, reason="Wait.")

    found = {}
    for path in (
        JOBS, FAILED, f"{JOBS}?q=portal", FAILURES, f"{JOBS}{job.pk}/change/", f"{JOBS}{job.pk}/do/requeue/",
        f"{JOBS}all/retry/?status__exact=failed",
    ):  # fmt: skip
        page.goto(path)
        for summary in page.locator("main details:not(.filter) > summary").all()[:3]:
            summary.click()
        if path == FAILED:
            page.locator(".action-select").first.check()
        found[path] = (faults(page), overflow(page))

    assert found == {path: ([], 0) for path in found}
    assert refused == []


@pytest.mark.parametrize("width", [1440, 390])
def test_the_keyboard_comes_to_everything(page_at, sign_in, operator, width):
    page = page_at(width=width)
    sign_in(page, operator)
    page.goto(FAILED)

    expected, reached = stops(page)

    assert {stop["number"] for stop in reached} == expected
    assert [stop["name"] for stop in reached if not stop["outlined"] or not stop["shown"]] == []


def test_an_operator_mends_a_failure_without_script(page_at, sign_in, operator, portal):
    page = page_at(javascript=False)
    sign_in(page, operator)

    page.goto(FAILED)
    page.get_by_text("Save this search").click()
    page.get_by_label("Name").fill("What failed")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="What failed")).to_have_attribute("aria-current", "true")

    page.get_by_role("link", name="Failures by cause").click()
    page.get_by_role("link", name="Retry one").click()
    page.get_by_label("Reason").fill("The portal is back.")
    page.get_by_role("button", name="Retry one 1 job").click()
    expect(page.get_by_text("It is under way.").first).to_be_visible()

    portal.away = False
    run_jobs()
    page.reload()
    expect(page.get_by_text("It worked: the rest may be worth a try.").first).to_be_visible()
    page.get_by_role("link", name="Retry the rest (3)").click()
    page.get_by_label("Reason").fill("The canary lived.")
    page.get_by_role("button", name="Retry 3 jobs").click()
    expect(page.get_by_text("Retried: 3 jobs. Refused: 0. Not reached yet: 0.")).to_be_visible()

    run_jobs()
    page.goto(f"{JOBS}?q=packet:2")
    page.get_by_role("link", name="trial.deliver").click()
    page.get_by_role("link", name="Runs", exact=True).click()
    expect(page.get_by_text("Run 2: completed")).to_be_visible()
    assert set(Job.objects.filter(kind="trial.deliver").values_list("status", flat=True)) == {"completed"}


def test_a_row_leads_to_its_deeds_and_an_id_is_copied(page_at, sign_in, operator):
    page = page_at()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, operator)

    page.goto(FAILED)
    page.locator(".row-menu summary", has_text="Actions for").first.click()
    page.locator("#result_list").get_by_role("link", name="Retry…").click()
    page.get_by_label("Reason").fill("Again.")
    page.get_by_role("button", name="Retry 1 job").click()
    expect(page.get_by_text("Retried: 1 job.")).to_be_visible()
    assert page.url.endswith("?status__exact=failed")

    job = Job.objects.filter(status="failed")[0]
    page.goto(f"{JOBS}{job.pk}/change/")
    page.get_by_role("button", name="Copy Id").click()
    assert page.evaluate("navigator.clipboard.readText()") == str(job.pk)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export the history as JSON").click()
    assert json.loads(download.value.path().read_text())["id"] == str(job.pk)
