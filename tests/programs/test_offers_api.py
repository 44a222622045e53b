"""Programs, cohorts and sessions over the API: the same checks and services as the portal's."""

import pytest
from django.core.cache import cache

from autopilot.identifiers import uuid7
from autopilot.tokens import create_token
from programs.models import Cohort, MemberRole, MouStatus, Program
from programs.services.listings import begin_listing
from tests.autopilot.api.conftest import Caller
from tests.programs.mous.samples import mou_of
from tests.programs.offers import active_holder, approved, cohort_of, draft, in_days
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db
NEW = {
    "title": "Structural Welding", "cip_code": "48.0508", "occupations": ["51-4121"], "credential": "Welder",
    "credential_issuer": "AWS", "description": "Steel.", "clock_hours": 480, "weeks": 16, "tuition": "6200.00",
    "delivery": "online",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh_counts():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def school():
    return active_holder()


def caller_for(user, *scopes, tenant=None):
    """Return the caller of a person's new token."""
    chosen = scopes or ("programs:read", "programs:write")
    _, secret = create_token(name="test", user=user, scopes=chosen, by=None, tenant_id=tenant)
    return Caller(secret)


@pytest.fixture
def api(school):
    """The integration of the school."""
    return caller_for(member_of(school), tenant=school.pk)


def test_a_program_is_set_up_and_sent_for_review(api, school):
    made = api.create("programs", NEW)
    assert (made.status_code, made.json()["status"], made.json()["occupations"]) == (201, "draft", ["51-4121"])
    where = f"programs/{made.json()['id']}"

    changed = api.post(f"{where}/update", {"tuition": "6400.00", "site_ids": [str(school.sites.get().pk)]})
    sent = api.post(f"{where}/submit")

    assert changed.json()["cost"] == "6400.00"
    assert sent.json()["status"] == "in_review"
    assert api.get(where).json() == sent.json()
    assert made["Location"].endswith(where)


def test_the_same_request_makes_one_program(api):
    key = str(uuid7())

    first, second = api.post("programs", NEW, key=key), api.post("programs", NEW, key=key)

    assert first.json() == second.json()
    assert Program.objects.filter(title="Structural Welding").count() == 1


@pytest.mark.parametrize(("change", "pointer"), [
    ({"cip_code": "1"}, "/cip_code"), ({"clock_hours": 0}, "/clock_hours"), ({"tuition": -1}, "/tuition"),
    ({"occupations": ["nurse"]}, "/occupations"), ({"color": "red"}, "/color"), ({"title": ""}, "/title"),
    ({"site_ids": [str(uuid7())]}, "/site_ids"), ({"holder_id": str(uuid7())}, "/holder_id"),
])  # fmt: skip
def test_it_names_what_is_wrong(api, change, pointer):
    answer = api.create("programs", NEW | change)

    assert answer.status_code in (400, 422)
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert not Program.objects.filter(title="Structural Welding").exists()


def test_it_names_all_that_reviewers_lack(api, school):
    answer = api.post(f"programs/{school.programs.get().pk}/submit")

    assert answer.status_code in (400, 422)
    assert {error["code"] for error in answer.json()["errors"]} == {"incomplete"}


def test_a_cohort_is_planned_and_opened_behind_the_mou(api, school):
    program = approved(school)
    plan = {"program_id": str(program.pk), "name": "Fall", "starts_on": f"{in_days(3)}", "ends_on": f"{in_days(16)}",
            "capacity": 9}  # fmt: skip

    made = api.create("cohorts", plan)
    where = f"cohorts/{made.json()['id']}"
    refused = api.post(f"{where}/open")
    mou_of(school, MouStatus.EXECUTED)
    opened = api.post(f"{where}/open")

    assert made.status_code == 201
    assert [error["code"] for error in refused.json()["errors"]] == ["mou_not_executed"]
    assert opened.json()["status"] == "open"
    assert api.post(f"{where}/update", {"capacity": 14}).json()["capacity"] == 14


def test_sessions_follow_the_week(api, school):
    cohort = cohort_of(draft(school))
    week = {"slots": [{"weekday": 0, "starts_at": "09:00", "ends_at": "12:00"}]}

    api.post(f"cohorts/{cohort.pk}/week", week)
    api.post(f"cohorts/{cohort.pk}/week", week)
    listed = api.get(f"sessions?cohort_id={cohort.pk}").json()["results"]
    api.post(f"sessions/{listed[0]['id']}/cancel")
    added = api.create("sessions", {"cohort_id": str(cohort.pk), "date": f"{cohort.starts_on}", "starts_at": "18:00",
                                    "ends_at": "19:00"})  # fmt: skip

    assert len(listed) == 4
    assert added.json()["hours"] == "1.00"
    assert api.get(f"sessions/{listed[0]['id']}").json()["cancelled_at"]
    assert api.get(f"sessions?date_from={in_days(400)}").json()["results"] == []


def test_a_week_that_overlaps_is_refused(api, school):
    cohort = cohort_of(draft(school))
    slot = {"weekday": 0, "starts_at": "09:00", "ends_at": "12:00"}

    answer = api.post(f"cohorts/{cohort.pk}/week", {"slots": [slot, slot | {"starts_at": "11:00"}]})

    assert [error["code"] for error in answer.json()["errors"]] == ["overlap"]
    assert not cohort.sessions.exists()


def test_what_is_anothers_is_not_there(api):
    strange = cohort_of(draft(holder(ein="35-7654321")))
    for path in (f"programs/{strange.program_id}", f"cohorts/{strange.pk}"):
        assert api.get(path).status_code == 404
    for path in (f"programs/{strange.program_id}/update", f"programs/{strange.program_id}/submit",
                 f"cohorts/{strange.pk}/open", f"cohorts/{strange.pk}/week"):  # fmt: skip
        assert api.post(path, {}).status_code == 404
    answer = api.create("cohorts", {"program_id": str(strange.program_id), "name": "x", "starts_on": "2027-01-01",
                                    "ends_on": "2027-01-02", "capacity": 1})  # fmt: skip
    assert answer.json()["errors"][0]["pointer"] == "/program_id"
    assert Cohort.objects.count() == 1


def test_a_reader_reads_and_writes_nothing(school):
    program = draft(school)
    reader = caller_for(member_of(school, MemberRole.READ_ONLY))

    assert reader.get(f"programs/{program.pk}").status_code == 200
    assert reader.post(f"programs/{program.pk}/submit").status_code == 404
    assert reader.create("programs", NEW).json()["errors"][0]["pointer"] == "/holder_id"


def test_it_asks_for_the_scope(school):
    user = member_of(school)

    assert caller_for(user, "applications:read").get("programs").status_code == 403
    assert caller_for(user, "programs:read").create("programs", NEW).status_code == 403


def test_who_leads_several_organizations_names_one(school):
    user = member_of(school, username="both")
    member_of(active_holder(ein="35-7654321"), username="both")
    api = caller_for(user)

    assert api.create("programs", NEW).json()["errors"][0]["pointer"] == "/holder_id"
    assert api.create("programs", NEW | {"holder_id": str(school.pk)}).status_code == 201


def test_many_cost_what_few_do(api, school, django_assert_max_num_queries):
    for number in range(20):
        draft(school, title=f"Welding {number}")

    with django_assert_max_num_queries(8):
        assert len(api.get("programs").json()["results"]) == 21


def test_a_session_is_moved(api, school):
    cohort = cohort_of(approved(school))
    at = {"starts_at": "09:00", "ends_at": "12:00"}
    first, second = (
        api.create("sessions", {"cohort_id": str(cohort.pk), "date": str(in_days(days))} | at).json()["id"]
        for days in (8, 9)
    )

    moved = api.post(f"sessions/{first}/move", {"date": str(in_days(10)), "starts_at": "13:00", "ends_at": "15:30"})
    taken = api.post(f"sessions/{second}/move", {"date": str(in_days(10)), "starts_at": "14:00", "ends_at": "15:00"})

    assert (moved.json()["date"], moved.json()["hours"]) == (str(in_days(10)), "2.50")
    assert [row["code"] for row in taken.json()["errors"]] == ["overlap"]
    reader = caller_for(member_of(school, MemberRole.READ_ONLY))
    assert reader.post(f"sessions/{first}/move", {"date": str(in_days(11)), **at}).status_code == 404


def test_a_listing_is_read_and_withdrawn(api, school):
    listing = begin_listing(approved(school), state="IN", by=member_of(school, username="lister"))
    where = f"listings/{listing.pk}"

    (listed,) = api.get("listings?state=IN").json()["results"]
    refused = api.post(f"{where}/withdraw", {})
    answer = api.post(f"{where}/withdraw", {"reason": "Taught elsewhere."})

    assert listed == api.get(where).json() | {"status": "prepared", "reason": "", "history": listed["history"]}
    assert refused.status_code == 400
    assert (answer.json()["status"], answer.json()["reason"]) == ("withdrawn", "Taught elsewhere.")
    assert [step["to_status"] for step in answer.json()["history"]] == ["prepared", "withdrawn"]
    assert [row["code"] for row in api.post(f"{where}/withdraw", {"reason": "x"}).json()["errors"]] == ["illegal_move"]
    other = caller_for(member_of(holder(ein="35-7654321")))
    assert other.get(where).status_code == 404
