"""Applications with several training sites and with occupations, from the form to the holder."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from autopilot.storable import digest
from programs import merge_fields
from programs.facts import facts_from_json
from programs.models import Application, ApplicationProgram, ApplicationSite
from programs.services.applications import check_facts, facts_of
from programs.verification import verify
from tests.programs.samples import facts, holder, posted, program, site, submitted

pytestmark = pytest.mark.django_db
URL = "/apply/"
TWO_SITES = facts(
    sites=(site(), site(name="", street="1 Mill Road", city="Muncie", zip="47302")),
    programs=(
        program(soc_codes=("51-4121", "51-4041"), taught_at=(1, 3)),
        program(title="Pipe Fitting", cip_code="46.0502"),
    ),
)


def test_it_keeps_sites_and_occupations(client):
    answer = client.post(URL, posted(TWO_SITES))

    assert answer.status_code == 302
    assert facts_of(Application.objects.get()) == TWO_SITES


def test_it_reads_what_it_wrote():
    assert facts_from_json(TWO_SITES.as_json()) == TWO_SITES


def test_it_keeps_the_digest_of_what_was_stored_before_there_were_several_sites():
    before = facts().as_json()

    assert not {"sites", "documents"} & before.keys()
    assert before["programs"][0].keys() == {"title", "cip_code", "credential", "clock_hours", "cost"}
    assert digest(facts_from_json(before).as_json()) == digest(before)


def test_it_finds_codes_by_words(client):
    data = posted() | {"programs-0-cip_code": "phlebotomy", "programs-0-soc_codes_0": "phlebotomists"}

    client.post(URL, data)

    said = ApplicationProgram.objects.get()
    assert (said.cip_code, said.soc_codes) == ("51.1009", "31-9097")


def test_it_offers_the_codes_as_lists_that_need_no_script(client):
    page = client.get(URL).text

    assert 'list="cip-codes"' in page
    assert '<option value="48.0508">Welding Technology/Welder</option>' in page
    assert page.count('list="soc-codes"') == 3


@pytest.mark.parametrize(
    ("field", "value", "link", "reason"),
    [
        ("sites-0-street", "", "sites-0-street", "Training site 2, Street and suite: Enter the street"),
        ("sites-1-zip", "1234", "sites-1-zip", "Training site 3, ZIP code: Enter five digits"),
        ("programs-0-soc_codes_0", "51-41", "programs-0-soc_codes_0", "Program 1, Occupations: Enter six digits"),
        ("programs-0-soc_codes_1", "sorcerer", "programs-0-soc_codes_0", "in the form 51-4121"),
        ("programs-0-taught_at", ["9"], "programs-0-taught_at_0", "9 is not one of the available choices"),
    ],
)
def test_it_refuses_each_field_with_a_link_to_it(client, field, value, link, reason):
    answer = client.post(URL, posted(TWO_SITES) | {field: value})

    [found] = re.findall(r'<li><a href="#id_([^"]+)">([^<]+)</a></li>', answer.text)
    assert found[0] == link
    assert reason in found[1]
    assert not Application.objects.exists()


def test_it_shows_a_row_for_one_more_site_and_asks_where_programs_are_taught(client):
    page = client.post(URL, posted() | {"action": "add-sites"}).text

    assert "<legend>Training site 2</legend>" in page
    assert 'name="programs-0-taught_at"' in page
    assert 'value="Harbor Trades School, Inc."' in page
    assert not Application.objects.exists()


def test_it_renumbers_what_is_taught_where_when_a_site_is_removed(client):
    page = client.post(URL, posted(TWO_SITES) | {"action": "remove-sites-0"}).text

    assert 'value="1 Mill Road"' in page
    assert "8 Lake Avenue" not in page
    checked = re.findall(r'name="programs-0-taught_at" value="(\d+)"[^>]* checked', page)
    assert checked == ["1", "2"]


@pytest.mark.parametrize(
    "action", ["remove-sites-7", "remove-sites-x", "remove-sites-", "add-", "add-ghosts", "remove-"]
)
def test_it_ignores_rows_that_are_not_there(client, action):
    page = client.post(URL, posted(TWO_SITES) | {"action": action})

    assert page.status_code == 200
    assert 'value="8 Lake Avenue"' in page.text


@pytest.mark.parametrize("total", ["99999", "x", "1" * 400, ""])
def test_it_takes_any_count_of_sites_for_what_it_is(client, total):
    answer = client.post(URL, posted(TWO_SITES) | {"sites-TOTAL_FORMS": total})

    assert answer.status_code == 200
    assert not Application.objects.exists()


def test_it_takes_a_page_from_before_there_were_several_sites(client):
    data = posted()
    for name in ("sites-TOTAL_FORMS", "sites-INITIAL_FORMS"):
        del data[name]

    client.post(URL, data)

    assert facts_of(Application.objects.get()) == facts()


def test_it_refuses_a_site_that_is_not_there():
    with pytest.raises(ValidationError, match="not there"):
        check_facts(facts(programs=(program(taught_at=(2,)),)))


def test_it_refuses_more_sites_than_fit():
    with pytest.raises(ValidationError, match="at most 10 training sites"):
        check_facts(facts(sites=tuple(site(name=f"Site {number}") for number in range(10))))


@pytest.mark.parametrize("changes", [{"soc_codes": "51-41"}, {"taught_at": "0"}, {"taught_at": "1, 2"}])
def test_it_stores_nothing_of_another_form(changes):
    application = submitted()

    with pytest.raises(IntegrityError), transaction.atomic():
        application.programs.update(**changes)


def test_it_checks_every_site_and_every_occupation():
    said = facts(sites=(site(zip="90210"),), programs=(program(soc_codes=("51-4121", "60-0000")),))

    found = {each.check: each for each in verify(said, other_applications_with_ein=0)}

    assert (found["site_address_2"].title, found["site_address_2"].verdict) == ("Training site 2", "warn")
    assert (found["soc"].verdict, "60-0000" in found["soc"].reason) == ("warn", True)


def test_it_finds_nothing_new_about_what_was_not_asked_before():
    checks = {each.check for each in verify(facts(), other_applications_with_ein=0)}

    assert not {check for check in checks if check == "soc" or check.startswith("site_address_")}


def test_its_holder_has_the_sites_the_occupations_and_what_is_taught_where():
    opened = holder(sites=TWO_SITES.sites, programs=TWO_SITES.programs)

    assert sorted(opened.sites.values_list("name", "city")) == [
        ("Main site", "Gary"),
        ("North campus", "Hammond"),
        ("Site 3", "Muncie"),
    ]
    welding, fitting = opened.programs.order_by("-title")
    assert [each.soc_code for each in welding.occupations.all()] == ["51-4041", "51-4121"]
    assert sorted(welding.sites.values_list("name", flat=True)) == ["Main site", "Site 3"]
    assert fitting.sites.count() == 3


def test_its_holder_has_sites_of_different_names():
    opened = holder(sites=(site(name="Main site"), site(name="Main site")))

    assert sorted(opened.sites.values_list("name", flat=True)) == ["Main site", "Main site (2)", "Main site (3)"]


def test_it_can_be_written_into_forms():
    application = submitted(sites=TWO_SITES.sites, programs=TWO_SITES.programs)

    known = merge_fields.context_of(application)

    assert known["application.site_2.city"] == "Hammond"
    assert known["application.site_3.street"] == "1 Mill Road"
    assert known["application.program_1.soc_codes"] == "51-4121 51-4041"


def test_it_has_no_second_site_with_the_number_of_the_first():
    application = submitted()

    with pytest.raises(IntegrityError), transaction.atomic():
        ApplicationSite.objects.create(
            application=application, position=1, street="1 A", city="B", state="IN", zip="46204"
        )
