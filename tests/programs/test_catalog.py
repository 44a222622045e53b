"""The public catalog: who stands in it, how it is searched, and the page of a program."""

import json
import re

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from autopilot import outbox
from programs.models import Enquiry, HolderStatus, MemberRole, MouStatus, Program
from programs.services.cohorts import open_cohort
from programs.services.holders import move_holder
from programs.services.programs import edit_program, retire_program
from tests.programs.mous.samples import mou_of
from tests.programs.offers import active_holder, approved, clerk, cohort_of, draft
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db
KEY = "0190b1f2-0000-7000-8000-0000000000aa"
QUESTION = {
    "name": "Ada Ray",
    "email": "ada@mail.example",
    "phone": "(317) 555-0100",
    "message": "When?",
    "form_key": KEY,
}


@pytest.fixture
def school():
    return active_holder()


def titles(client, query=""):
    """Return the titles of the programs that a search shows, in order."""
    page = client.get(f"/programs/{query}").content.decode()
    return re.findall(r"<h3><a href=\"/programs/[^\"]+\">([^<]+)</a>", page)


def test_it_shows_what_is_approved_and_listed(client, school):
    approved(school)
    draft(school, title="Drafted")
    edit_program(approved(school, title="Hidden"), said={"listed": False}, by=clerk())
    retire_program(approved(school, title="Retired"), by=clerk())

    assert titles(client) == ["Practical Nursing"]


def test_it_shows_nothing_of_a_holder_that_is_not_active(client, school):
    program = approved(school)
    approved(holder(ein="35-7654321"), title="Too early")
    assert titles(client) == ["Practical Nursing"]

    move_holder(school, HolderStatus.SUSPENDED, by=clerk(), reason="Insurance lapsed.")

    assert titles(client) == []
    assert client.get(f"/programs/{program.slug}/").status_code == 404
    assert client.post(f"/programs/{program.slug}/", QUESTION).status_code == 404


@pytest.mark.parametrize(("query", "found"), [
    ("?q=nurs", ["Nursing"]), ("?q=bedside+NURSING", ["Nursing"]), ("?q=harbor", ["Nursing", "Welding"]),
    ("?q=100%25", []), ("?type=skilled_trades", ["Welding"]), ("?delivery=online", ["Welding"]),
    ("?credential=license", ["Nursing"]), ("?cost=1000", ["Welding"]), ("?cost=6000", ["Nursing", "Welding"]),
    ("?evening=on", ["Welding"]), ("?state=IN", ["Nursing"]), ("?state=OH", []), ("?city=gary", ["Nursing"]),
    ("?type=magic", ["Nursing", "Welding"]), ("?page=99", ["Nursing", "Welding"]), ("?page=x", ["Nursing", "Welding"]),
    ("?cost=-1", ["Nursing", "Welding"]), ("?q=" + "x" * 200, ["Nursing", "Welding"]), ("?q=%00", ["Nursing", "Welding"]),
])  # fmt: skip
def test_it_finds(client, school, query, found):
    approved(school, title="Nursing")
    approved(school, title="Welding", type="skilled_trades", delivery="online", credential_type="certificate",
             sites=[], tuition=500, fees=0, books=0, evening=True, description="Steel.",
             credential="Welder")  # fmt: skip

    assert titles(client, query) == found


def test_its_pages_keep_the_search(client, school):
    for number in range(14):
        approved(school, title=f"Nursing {number:02}")

    page = client.get("/programs/?q=nursing").content.decode()

    assert len(titles(client, "?q=nursing&page=2")) == 2
    assert 'href="?page=2&amp;q=nursing"' in page


def test_many_programs_cost_what_few_do(client, school):
    approved(school)
    with CaptureQueriesContext(connection) as few:
        titles(client)
    for number in range(11):
        approved(school, title=f"Nursing {number}")

    with CaptureQueriesContext(connection) as many:
        assert len(titles(client)) == 12

    assert len(many) == len(few) <= 4


@pytest.fixture
def program(school):
    """A listed program with an open cohort and a planned one."""
    found = approved(school, title="Nursing <b>now</b> & </script>")
    mou_of(school, MouStatus.EXECUTED)
    open_cohort(cohort_of(found, site=school.sites.get()), by=clerk())
    cohort_of(found, name="Planned one")
    return found


def test_a_program_has_a_page(client, program):
    page = client.get(f"/programs/{program.slug}/").content.decode()

    assert "Winter" in page
    assert "Planned one" not in page
    assert "$5,250.00" in page
    assert "Gary, IN" in page


def test_its_page_is_structured_for_search_engines(client, program):
    page = client.get(f"/programs/{program.slug}/").content.decode()

    [text] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    course, offered = json.loads(text)["@graph"]
    assert (course["@type"], offered["@type"]) == ("Course", "EducationalOccupationalProgram")
    assert course["name"] == "Nursing <b>now</b> & </script>"
    assert course["offers"] == {"@type": "Offer", "category": "Paid", "price": "5250.00", "priceCurrency": "USD"}
    assert [each["name"] for each in course["hasCourseInstance"]] == ["Winter"]
    assert offered["timeToComplete"] == "P40W"
    assert offered["occupationalCategory"] == ["29-2061"]
    assert offered["location"][0]["address"]["addressLocality"] == "Gary"


def test_somebody_asks(client, program):
    member_of(program.holder, username="owner")
    member_of(program.holder, MemberRole.READ_ONLY)

    answer = client.post(f"/programs/{program.slug}/", QUESTION)
    client.post(f"/programs/{program.slug}/", QUESTION)
    outbox.deliver_due(50)

    assert answer["Location"] == f"/programs/{program.slug}/asked/"
    assert client.get(answer["Location"]).status_code == 200
    enquiry = Enquiry.objects.get()
    assert (enquiry.name, enquiry.phone) == ("Ada Ray", "317-555-0100")
    to_school = [each for each in mail.outbox if "Somebody asks" in each.subject]
    assert [each.bcc for each in to_school] == [["owner@example.org"]]
    assert "Ada" not in to_school[0].body
    assert [each.to for each in mail.outbox if "Your question" in each.subject] == [["ada@mail.example"]]


@pytest.mark.parametrize("change", [
    {"name": ""}, {"email": "ada"}, {"phone": "12"}, {"leave_empty": "x"}, {"form_key": "x"}, {"name": "日本"},
    {"message": "x" * 2001},
])  # fmt: skip
def test_it_says_what_is_wrong_with_a_question(client, program, change):
    answer = client.post(f"/programs/{program.slug}/", QUESTION | change)

    assert answer.status_code == 200
    assert "error-summary" in answer.content.decode()
    assert not Enquiry.objects.exists()


def test_it_slows_down_who_asks_without_end(client, program):
    for number in range(30):
        client.post(f"/programs/{program.slug}/", QUESTION | {"form_key": f"{KEY[:-2]}{number:02}"})

    answer = client.post(f"/programs/{program.slug}/", QUESTION)

    assert answer.status_code == 429
    assert Enquiry.objects.count() == 30


def test_the_school_marks_who_was_contacted(client, program):
    client.post(f"/programs/{program.slug}/", QUESTION)
    enquiry = Enquiry.objects.get()
    where = f"/portal/{program.holder_id}/enquiries/"
    client.force_login(member_of(program.holder, MemberRole.COORDINATOR))
    assert "ada@mail.example" in client.get(where).content.decode()

    client.post(f"{where}{enquiry.pk}/")

    assert "Everybody is answered" in client.get(where).content.decode()
    assert "ada@mail.example" in client.get(f"{where}?show=all").content.decode()


def test_another_school_sees_no_enquiry(client, program):
    client.post(f"/programs/{program.slug}/", QUESTION)
    other = holder(ein="35-7654321")
    client.force_login(member_of(other))

    assert "ada@mail.example" not in client.get(f"/portal/{other.pk}/enquiries/?show=all").content.decode()
    assert client.post(f"/portal/{other.pk}/enquiries/{Enquiry.objects.get().pk}/").status_code == 404
    assert Enquiry.objects.get().answered_at is None


def test_it_is_named_to_search_engines(client, program):
    site_map = client.get("/sitemap.xml")

    assert site_map["Content-Type"] == "application/xml"
    assert f"/programs/{program.slug}/</loc>" in site_map.content.decode()
    assert "Disallow: /portal/" in client.get("/robots.txt").content.decode()


def test_it_is_linked_from_the_home_page(client):
    page = client.get("/").content.decode()

    assert 'href="/programs/"' in page
    assert 'action="/programs/"' in page


def test_an_unknown_program_is_not_there(client, db):
    assert client.get("/programs/no-such-program/").status_code == 404
    assert Program.objects.count() == 0
