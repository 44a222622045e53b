"""Applications over the API: checked as the public form checks them, and shown to whose they are."""

import base64
import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from autopilot.identifiers import uuid7
from autopilot.models import Job
from autopilot.models.tokens import IdempotencyKey
from autopilot.tokens import create_token
from programs.models import Application
from programs.services.applications import facts_of
from tests.autopilot.api.conftest import Caller
from tests.autopilot.uploads.files import pdf
from tests.programs.conftest import staff_member
from tests.programs.samples import GOOD, submitted

pytestmark = pytest.mark.django_db
SCOPES = ["applications:read", "applications:write"]


@pytest.fixture
def tenant():
    """An organization."""
    return uuid7()


def caller_for(user: User, tenant_id=None) -> Caller:
    return Caller(create_token(name="test", user=user, scopes=SCOPES, by=None, tenant_id=tenant_id)[1])


@pytest.fixture
def person(applicant) -> Caller:
    """The integration of a person without a tenant."""
    return caller_for(applicant)


@pytest.fixture
def provider(applicant, tenant) -> Caller:
    """The integration of a tenant."""
    return caller_for(applicant, tenant)


def said(**changes: Any) -> dict[str, Any]:
    """Return what is sent for a good application; a change to None leaves the field out."""
    body = GOOD.as_json() | {"accepts_assurances": True} | changes
    body.pop("assurances_version")
    return {name: value for name, value in body.items() if value is not None}


def problems(response) -> list[tuple[str, str]]:
    assert response.status_code == 400, response.content
    return [(row["pointer"], row["code"]) for row in response.json()["errors"]]


def test_it_takes_an_application(provider, applicant, tenant):
    response = provider.create("applications", said())

    application = Application.objects.get()
    assert response.status_code == 201
    assert response["Location"].endswith(f"/applications/{application.pk}")
    assert (application.tenant_id, application.submitted_by, application.legal_name) == (
        tenant,
        applicant,
        GOOD.legal_name,
    )
    assert application.programs.get().cost == GOOD.programs[0].cost
    job = Job.objects.get()
    assert (job.kind, job.requested_by, str(job.pk)) == ("application.process", applicant, response.json()["job_id"])


def test_it_makes_a_tenant_for_who_has_none(person):
    assert person.create("applications", said()).status_code == 201
    assert person.create("applications", said(legal_name="Another")).status_code == 201

    assert len(set(Application.objects.values_list("tenant_id", flat=True))) == 2


def test_it_takes_the_mailing_address_for_the_site(person):
    body = said(site_is_mailing=True, site_street=None, site_city=None, site_state=None, site_zip=None)

    assert person.create("applications", body).status_code == 201
    assert Application.objects.get().site_city == "Indianapolis"


def test_it_checks_what_the_form_checks(person):
    program = said()["programs"][0]
    wrong = said(
        ein="351234567",
        contact_phone="12",
        mailing_zip="4620",
        site_street=None,
        programs=[program, program | {"cip_code": "1"}],
    )

    assert sorted(problems(person.create("applications", wrong))) == [
        ("/contact_phone", "phone"),
        ("/ein", "ein_format"),
        ("/mailing_zip", "zip"),
        ("/programs/1/cip_code", "cip_format"),
        ("/site_street", "required"),
    ]
    assert not Application.objects.exists()


def test_it_takes_sites_and_occupations(person):
    program = said()["programs"][0] | {"soc_codes": ["51-4121"], "taught_at": [2]}
    north = {"street": "8 Lake Avenue", "city": "Hammond", "state": "IN", "zip": "46320"}

    response = person.create("applications", said(sites=[north], programs=[program]))

    assert response.status_code == 201
    found = facts_of(Application.objects.get())
    assert (found.sites[0].city, found.sites[0].name) == ("Hammond", "")
    assert (found.programs[0].soc_codes, found.programs[0].taught_at) == (("51-4121",), (2,))


def test_it_points_to_what_does_not_fit_of_sites_and_occupations(person):
    program = said()["programs"][0] | {"soc_codes": ["51-412"], "taught_at": [3]}
    north = {"street": "8 Lake Avenue", "city": "Hammond", "state": "IN", "zip": "4632"}

    response = person.create("applications", said(sites=[north], programs=[program]))

    assert sorted(problems(response)) == [
        ("/programs/0/soc_codes", "soc_format"),
        ("/programs/0/taught_at", "invalid_choice"),
        ("/sites/0/zip", "zip"),
    ]


def sent(caller: Caller, **changes: Any):
    """Send a W-9 by itself, as comes before the application."""
    body = {"file_name": "w-9.pdf", "kind": "w-9", "content": base64.b64encode(pdf()).decode()} | changes
    return caller.create("applications/attachments", body)


@pytest.mark.parametrize("who", ["person", "provider"])
def test_it_takes_documents_that_were_sent_before(who, request):
    caller = request.getfixturevalue(who)
    attachment = sent(caller).json()["attachment"]

    response = caller.create("applications", said(attachments=[attachment]))

    assert response.status_code == 201
    application = Application.objects.get()
    row = application.documents.get()
    assert (row.kind, row.file_name, row.document.tenant_id) == ("w-9", "w-9.pdf", application.tenant_id)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"content": "no base64!"}, ("/content", "base64")),
        ({"content": base64.b64encode(b"MZ").decode()}, ("/content", "content")),
        ({"file_name": "virus.exe"}, ("/content", "extension")),
    ],
)
def test_it_refuses_a_document_that_is_none(person, changes, problem):
    assert problems(sent(person, **changes)) == [problem]


def test_it_refuses_an_attachment_that_we_did_not_name(person):
    response = person.create("applications", said(attachments=["forged"]))

    assert problems(response) == [("/attachments", "attachments")]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"legal_name": None}, "/legal_name"),
        ({"legal_name": "學校"}, "/legal_name"),
        ({"accepts_assurances": False}, "/accepts_assurances"),
        ({"programs": []}, "/programs"),
        ({"programs": said()["programs"] * 11}, "/programs"),
        ({"programs": "all"}, "/programs"),
        ({"expected_students": 10**30}, "/expected_students"),
        ({"entity_type": "circus"}, "/entity_type"),
        ({"status": "approved"}, "/status"),
        ({"tenant_id": str(uuid7())}, "/tenant_id"),
        ({"form_key": str(uuid7())}, "/form_key"),
        ({"leave_empty": "x"}, "/leave_empty"),
    ],
)
def test_it_refuses_what_does_not_fit(person, changes, place):
    assert [pointer for pointer, _ in problems(person.create("applications", said(**changes)))] == [place]
    assert not Application.objects.exists()


def test_it_asks_again_about_an_ein_of_an_unknown_prefix(person):
    odd = said(ein="00-1234567")

    assert problems(person.create("applications", odd)) == [("/ein", "ein_prefix")]
    assert person.create("applications", odd | {"ein_confirmed": True}).status_code == 201


def test_it_counts_a_request_once(person):
    first, again = (person.post("applications", said(), key="one") for _ in range(2))

    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert first.json() == again.json()
    assert person.post("applications", said(legal_name="Another"), key="one").status_code == 422
    assert Application.objects.count() == 1


def test_it_knows_a_request_again_after_its_key_is_forgotten(person):
    first = person.post("applications", said(), key="one")
    IdempotencyKey.objects.all().delete()

    again = person.post("applications", said(), key="one")
    IdempotencyKey.objects.all().delete()
    other = person.post("applications", said(legal_name="Another"), key="one")

    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert (other.status_code, other.json()["type"].rpartition(":")[2]) == (422, "form_reused")
    assert Application.objects.count() == 1


def test_it_shows_each_caller_their_own(person, provider, reviewers, tenant, applicant):
    applications = {
        "own": submitted(),
        "tenant": submitted(legal_name="Tenant"),
        "other": submitted(legal_name="Other"),
    }
    Application.objects.filter(pk=applications["own"].pk).update(submitted_by=applicant)
    Application.objects.filter(pk=applications["tenant"].pk).update(tenant_id=tenant)
    staff = caller_for(staff_member("staff", reviewers))

    def seen(caller):
        listed = {row["id"] for row in caller.get("applications").json()["results"]}
        rows = applications.items()
        read = {name for name, row in rows if caller.get(f"applications/{row.pk}").status_code == 200}
        assert read == {name for name, row in rows if str(row.pk) in listed}
        return read

    assert seen(person) == {"own"}
    assert seen(provider) == {"tenant"}
    assert seen(staff) == {"own", "tenant", "other"}


def test_it_tells_where_it_stands_and_nothing_personal(person):
    pk = person.create("applications", said()).json()["id"]

    told = person.get(f"applications/{pk}").json()

    assert (told["status"], told["standing"]) == ("submitted", "We have your application.")
    for canary in (GOOD.ein, GOOD.contact_name, GOOD.contact_email, GOOD.contact_phone):
        assert canary not in json.dumps(told)


def test_it_filters_and_stays_bounded(person, applicant, django_assert_max_num_queries):
    for number in range(20):
        submitted(legal_name=f"School {number}")
    Application.objects.update(submitted_by=applicant)

    with django_assert_max_num_queries(5):
        assert len(person.get("applications?status=submitted").json()["results"]) == 20
    assert person.get("applications?status=approved").json()["results"] == []
    assert person.get("applications?status=x").status_code == 400


def test_it_needs_the_scope_of_the_operation(applicant):
    reader = Caller(create_token(name="test", user=applicant, scopes=["applications:read"], by=None)[1])

    assert reader.create("applications", said()).status_code == 403
    assert reader.get("applications").status_code == 200
    assert reader.get("jobs").status_code == 403
