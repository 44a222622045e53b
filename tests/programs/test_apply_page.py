"""The public application form, as a browser uses it."""

import re
from typing import Any

import pytest
from django.urls import reverse

from autopilot.identifiers import uuid7
from autopilot.models import Job
from programs.models import Application
from programs.services.applications import facts_of
from programs.views.throttle import SENDS_PER_HOUR
from tests.programs.conftest import staff_member
from tests.programs.samples import facts, posted, program

pytestmark = pytest.mark.django_db
URL = "/apply/"


def test_it_opens_for_anybody(client):
    page = client.get(URL)

    assert page.status_code == 200
    assert page["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert "What happens next" in page.text
    assert page.text.count("<legend>Program 1</legend>") == 1


def test_it_opens_for_staff_too(client, stranger):
    client.force_login(stranger)

    assert client.get(URL).status_code == 200


def test_it_has_no_inline_script_or_style(client):
    page = client.get(URL).text

    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page)


def test_it_takes_an_application_and_confirms_it(client):
    said = facts(programs=(program(), program(title="Pipe fitting", cip_code="46.0502")))

    answer = client.post(URL, posted(said))

    application = Application.objects.get()
    assert facts_of(application) == said
    assert application.submitted_by is None
    assert Job.objects.get().requester_label == "applicant"
    assert answer.status_code == 302
    assert answer.url == reverse("programs:received", args=[application.reference])


def test_it_remembers_who_was_signed_in(client, applicant):
    client.force_login(applicant)

    client.post(URL, posted())

    assert Application.objects.get().submitted_by == applicant
    assert Job.objects.get().requested_by == applicant


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("legal_name", "", "Enter the legal name"),
        ("legal_name", "x" * 201, "at most 200 characters"),
        ("legal_name", "Schule \N{CJK UNIFIED IDEOGRAPH-5B66}", "cannot print \N{CJK UNIFIED IDEOGRAPH-5B66}"),
        ("legal_name", "a\0b", "Null characters are not allowed"),
        ("entity_type", "", "This field is required"),
        ("entity_type", "cartel", "is not one of the available choices"),
        ("ein", "", "Enter the EIN"),
        ("ein", "351234567", "nine digits in the form 12-3456789"),
        ("ein", "35-123456", "nine digits in the form 12-3456789"),
        ("ein", "AB-1234567", "nine digits in the form 12-3456789"),
        ("contact_name", "", "Enter the name of a person"),
        ("contact_email", "", "Enter an e-mail address"),
        ("contact_email", "nobody", "Enter a complete e-mail address"),
        ("contact_phone", "", "ten-digit phone number"),
        ("contact_phone", "555-0100", "ten-digit phone number"),
        ("contact_phone", "017-555-0100", "ten-digit phone number"),
        ("mailing_street", "", "Enter the street and number of the mailing address"),
        ("mailing_city", "", "Enter the city"),
        ("mailing_state", "XX", "is not one of the available choices"),
        ("mailing_zip", "", "Enter the ZIP code"),
        ("mailing_zip", "4620", "ZIP code of the mailing address as five digits"),
        ("site_street", "", "Enter the street and number of the training site"),
        ("site_zip", "ABCDE", "ZIP code of the training site as five digits"),
        ("expected_students", "", "how many students"),
        ("expected_students", "0", "greater than or equal to 1"),
        ("expected_students", "many", "Enter a whole number"),
        ("expected_students", "9" * 30, "less than or equal to 100000"),
        ("accepts_assurances", None, "Read the assurances and tick the box"),
        ("programs-0-title", "", "Enter the title of the program"),
        ("programs-0-cip_code", "", "Enter the CIP code"),
        ("programs-0-cip_code", "480508", "six digits in the form 12.0402"),
        ("programs-0-credential", "", "what a student holds at the end"),
        ("programs-0-clock_hours", "", "Enter the clock hours"),
        ("programs-0-clock_hours", "0", "at least one clock hour"),
        ("programs-0-cost", "", "Enter the cost"),
        ("programs-0-cost", "-1", "cannot be negative"),
        ("programs-0-cost", "1.005", "no more than 2 decimal places"),
        ("programs-0-cost", "NaN", "Enter a number"),
        ("programs-0-cost", "1e400", "no more than 10 digits"),
    ],
)
def test_it_refuses_each_field_with_its_own_reason_and_a_link_to_it(client, field, value, reason):
    answer = client.post(URL, posted(**{field: value}))

    assert answer.status_code == 200
    [link] = re.findall(r'<li><a href="#id_([^"]+)">([^<]+)</a></li>', answer.text)
    assert link[0] == field
    assert reason in link[1].replace("&#x27;", "'")
    assert not Application.objects.exists()


def test_it_keeps_what_was_entered_when_it_refuses(client):
    answer = client.post(URL, posted(ein="1"))

    for kept in ('value="Harbor Trades School, Inc."', 'value="1"', 'value="Welding Technology"', 'value="7200.00"'):
        assert kept in answer.text


@pytest.mark.parametrize("written", ["(317) 555-0100", "+1 317 555 0100", "317.555.0100", "3175550100"])
def test_it_reads_phone_numbers_as_people_write_them(client, written):
    client.post(URL, posted(contact_phone=written))

    assert Application.objects.get().contact_phone == "317-555-0100"


@pytest.mark.parametrize("written", ["317-555-0100 ext. 42", "317-555-0100x42", "317 555 0100 Ext 42"])
def test_it_reads_extensions(client, written):
    client.post(URL, posted(contact_phone=written))

    assert Application.objects.get().contact_phone == "317-555-0100 ext 42"


def test_it_copies_the_mailing_address_when_training_takes_place_there(client):
    blank: dict[str, Any] = {f"site_{part}": "" for part in ("street", "city", "zip")}

    client.post(URL, posted(site_is_mailing="on", **blank))

    application = Application.objects.get()
    assert application.site_street == application.mailing_street
    assert application.site_zip == application.mailing_zip


def test_it_warns_of_an_unassigned_prefix_and_takes_the_ein_when_confirmed(client):
    data = posted(ein="07-1234567")

    warned = client.post(URL, data)
    assert warned.status_code == 200
    assert "no numbers that begin with 07" in warned.text
    assert not Application.objects.exists()

    [confirmed] = re.findall(r'name="confirmed_ein" value="([^"]+)"', warned.text)
    answer = client.post(URL, data | {"confirmed_ein": confirmed})
    assert answer.status_code == 302
    assert Application.objects.get().ein == "07-1234567"


def test_it_warns_again_when_another_unassigned_ein_is_entered(client):
    answer = client.post(URL, posted(ein="08-1234567", confirmed_ein="07-1234567"))

    assert "no numbers that begin with 08" in answer.text
    assert not Application.objects.exists()


def test_it_takes_the_same_form_once(client):
    data = posted()

    first, second = client.post(URL, data), client.post(URL, data)

    assert first.url == second.url
    assert Application.objects.count() == Job.objects.count() == 1


def test_it_says_so_when_a_form_comes_again_with_other_contents(client):
    data = posted()
    client.post(URL, data)

    answer = client.post(URL, data | {"legal_name": "Another School"})

    assert answer.status_code == 200
    assert f"already sent, as {Application.objects.get().reference}" in answer.text


@pytest.mark.parametrize("key", ["", "not-a-key", None])
def test_it_refuses_a_page_that_has_lost_its_key(client, key):
    answer = client.post(URL, posted(form_key=key))

    assert answer.status_code == 200
    assert "Open it anew" in answer.text


def test_it_refuses_what_only_a_program_fills_in(client):
    answer = client.post(URL, posted(leave_empty="https://spam.example"))

    assert answer.status_code == 200
    assert "Please correct what is marked" in answer.text
    assert not Application.objects.exists()


def test_it_adds_a_program_and_keeps_everything(client):
    answer = client.post(URL, posted(action="add-programs", ein="half typed", site_is_mailing="on"))

    assert answer.status_code == 200
    assert "<legend>Program 2</legend>" in answer.text
    assert 'name="programs-TOTAL_FORMS" value="2"' in answer.text
    assert 'value="half typed"' in answer.text
    assert 'value="Welding Technology"' in answer.text
    assert re.search(r'name="site_is_mailing"[^>]* checked', answer.text)
    assert re.search(r'name="programs-1-title"[^>]* autofocus', answer.text)
    assert "field-invalid" not in answer.text


def test_it_removes_the_program_that_was_named(client):
    three = (program(title="First"), program(title="Second"), program(title="Third"))

    answer = client.post(URL, posted(facts(programs=three), action="remove-programs-1"))

    assert 'value="First"' in answer.text
    assert 'value="Second"' not in answer.text
    assert 'value="Third"' in answer.text
    assert 'name="programs-TOTAL_FORMS" value="2"' in answer.text


@pytest.mark.parametrize("action", ["remove-programs-9", "remove-program-", "remove-program-x", "remove-program--1"])
def test_it_ignores_the_removal_of_a_program_that_is_not_there(client, action):
    answer = client.post(URL, posted(action=action))

    assert answer.status_code == 200
    assert 'value="Welding Technology"' in answer.text


def test_it_ignores_rows_left_blank(client):
    blank: dict[str, Any] = {
        f"programs-1-{name}": "" for name in ("title", "cip_code", "credential", "clock_hours", "cost")
    }

    client.post(URL, posted(**blank, **{"programs-TOTAL_FORMS": "2"}))

    assert Application.objects.get().programs.count() == 1


def test_it_offers_ten_rows_and_no_more(client):
    ten = facts(programs=(program(),) * 10)

    answer = client.post(URL, posted(ten, action="add-programs"))

    assert answer.text.count("<legend>Program ") == 10
    assert 'value="add-programs"' not in answer.text


@pytest.mark.parametrize("total", ["11", "1000000", "-1", "x", "", None])
@pytest.mark.parametrize("action", ["send", "add-programs", "remove-programs-0"])
def test_it_survives_a_forged_number_of_rows(client, total, action):
    answer = client.post(URL, posted(action=action, **{"programs-TOTAL_FORMS": total}))

    assert answer.status_code == 200


def test_it_refuses_an_application_without_programs(client):
    answer = client.post(URL, posted(facts(programs=())))

    assert "Name 1 to 10 programs." in answer.text
    assert not Application.objects.exists()


def test_it_answers_an_empty_post_with_every_reason(client):
    answer = client.post(URL, {})

    assert answer.status_code == 200
    assert "Please correct what is marked" in answer.text
    assert not Application.objects.exists()


def test_it_slows_down_who_sends_too_often(client):
    for _ in range(SENDS_PER_HOUR):
        client.post(URL, posted())

    answer = client.post(URL, posted())

    assert answer.status_code == 429
    assert answer["Retry-After"] == "3600"
    assert Application.objects.count() == SENDS_PER_HOUR


def test_it_lets_people_correct_themselves_as_often_as_they_need(client):
    for _ in range(SENDS_PER_HOUR):
        client.post(URL, posted(ein="1"))

    assert client.post(URL, posted()).status_code == 302


def test_it_counts_addresses_as_the_trusted_proxy_tells_them(client, settings):
    settings.TRUSTED_PROXY_COUNT = 1
    for _ in range(SENDS_PER_HOUR):
        client.post(URL, posted(), headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.1"})

    same = client.post(URL, posted(), headers={"X-Forwarded-For": "203.0.113.7, 198.51.100.1"})
    other = client.post(URL, posted(), headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})

    assert (same.status_code, other.status_code) == (429, 302)


def test_it_needs_the_csrf_token(client):
    strict = type(client)(enforce_csrf_checks=True)

    assert strict.post(URL, posted()).status_code == 403


def test_it_knows_no_other_methods(client):
    assert client.put(URL).status_code == client.delete(URL).status_code == 405


def test_it_asks_the_database_a_fixed_number_of_questions(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):  # what a document can prove
        client.get(URL)

    with django_assert_max_num_queries(30):
        client.post(URL, posted(facts(programs=(program(),) * 10), form_key=str(uuid7())))


def test_staff_apply_like_anybody(client):
    client.force_login(staff_member("colleague"))

    assert client.post(URL, posted()).status_code == 302
