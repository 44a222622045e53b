"""The pages of certificates: for a stranger with the code, and for the holder whose students they are."""

import json

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from autopilot import clock, outbox
from autopilot.testing import run_jobs
from students.badges import keys
from students.models import Certificate, CertificateRequest, Milestone, MilestoneCompletion, StatusList
from students.services import certificates, milestones
from students.views.public import LOOKS_PER_HOUR
from tests.programs.samples import member_of
from tests.students.samples import account_of, active, cohort, coordinator, school
from tests.students.test_certificates import finished, granted, issued, parts

pytestmark = pytest.mark.django_db
UNKNOWN = "/verify/aaaa-bbbb-cccc-dddd-eeee-ffff-gggg"


@pytest.fixture(autouse=True)
def _ready():
    keys.make()
    cache.clear()


@pytest.fixture
def spring():
    return cohort(school())


@pytest.fixture
def clerk(spring):
    return coordinator(spring.program.holder)


@pytest.fixture
def certificate(spring, clerk):
    return granted(finished(spring, by=clerk), clerk)


@pytest.fixture
def page(client, spring, clerk):
    """Ask for a page of the portal as a coordinator."""
    client.force_login(clerk)

    def ask(path, **posted):
        address = f"/portal/{spring.program.holder_id}/{path}"
        return client.post(address, posted, follow=True) if posted else client.get(address)

    return ask


def test_a_stranger_sees_name_credential_dates_and_status_alone(client, certificate):
    response = client.get(f"/verify/{certificate.code}")

    text = response.content.decode()
    assert response.status_code == 200
    assert all(said in text for said in ("This certificate is valid", "Ann1 Lee", "License, Barber training"))
    kept = ("ann1@example.org", certificate.holder_name, certificate.number, "1500", str(certificate.pk))
    assert not [each for each in kept if each in text]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]


def test_revocation_shows_at_once_and_takes_the_files_away(client, certificate, clerk):
    certificates.revoke(certificate, reason="The exam was not hers.", by=clerk)

    text = client.get(f"/verify/{certificate.code}").content.decode()

    assert "This certificate is revoked" in text
    assert "The exam" not in text
    assert {client.get(f"/verify/{certificate.code}/{file}").status_code for file in FILES} == {404}


FILES = ("certificate.pdf", "credential.json", "credential.jwt")


def test_an_unknown_code_takes_the_same_way(client, certificate):
    seen = []
    for address in (f"/verify/{certificate.code}", UNKNOWN, "/verify/x", "/verify/%00", "/verify/" + "é" * 200):
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address)
        seen.append((len(captured), [template.name for template in response.templates], response["Referrer-Policy"]))
        assert response.status_code == (200 if address.endswith(certificate.code) else 404)

    assert len({str(each) for each in seen}) == 1
    assert "We know no such certificate" in client.get(UNKNOWN).content.decode()


def test_a_certificate_is_not_there_before_it_is_made(client, spring, clerk):
    request = certificates.request_certificate(finished(spring, by=clerk), by=clerk)
    certificates.issue(request.pk)

    assert client.get(f"/verify/{Certificate.objects.get().code}").status_code == 404


def test_nobody_tries_codes_all_day(client, certificate):
    answers = [client.get(UNKNOWN).status_code for _ in range(LOOKS_PER_HOUR)]

    blocked = client.get(f"/verify/{certificate.code}")
    assert set(answers) == {404}
    assert (blocked.status_code, blocked["Retry-After"]) == (429, "3600")
    assert client.get(f"/verify/{certificate.code}", REMOTE_ADDR="203.0.113.9").status_code == 200


def test_a_code_is_typed_as_people_type(client, certificate):
    typed = certificate.code.upper().replace("-", " ")

    response = client.get("/verify/", {"code": typed})

    assert response["Location"] == f"/verify/{certificate.code}"
    assert "Seven groups" in client.get("/verify/").content.decode()


def test_it_gives_the_files_to_whoever_holds_the_code(client, spring, clerk):
    certificate = issued(finished(spring, by=clerk), clerk)

    pdf, wallet, token = (client.get(f"/verify/{certificate.code}/{file}") for file in FILES)

    assert pdf.content.startswith(b"%PDF-")
    assert f'filename="{certificate.number}.pdf"' in pdf["Content-Disposition"]
    assert wallet["Content-Type"] == "application/vc+json"
    assert json.loads(wallet.content)["id"] == f"data:application/vc+jwt,{token.content.decode()}"
    assert parts(token.content.decode())[1]["name"] == "License, Barber training"


def test_machines_find_the_keys_and_the_status_list_by_what_the_credential_names(client, certificate):
    token = client.get(f"/verify/{certificate.code}/credential.jwt").content.decode()
    header, claims = parts(token)

    base = claims["iss"]
    key = client.get(header["kid"].removeprefix(base))
    listed = client.get(claims["credentialStatus"]["statusListCredential"].removeprefix(base))

    assert key.json() in client.get("/.well-known/jwks.json").json()["keys"]
    assert "d" not in key.json()
    assert listed.content.decode() == StatusList.objects.get().signed
    assert (key["Access-Control-Allow-Origin"], listed["Access-Control-Allow-Origin"]) == ("*", "*")
    assert client.get("/verify/keys/none").status_code == 404
    assert client.get("/verify/status-lists/99").status_code == 404
    assert client.get(f"/verify/status-lists/{2**70}").status_code == 404


def test_the_student_is_written_to(mailoutbox, spring, clerk):
    certificate = granted(finished(spring, by=clerk), clerk)

    outbox.deliver_due(50)

    [mail] = [each for each in mailoutbox if each.to == ["ann1@example.org"]]
    assert mail.subject == f"Your certificate {certificate.number}"
    assert certificates.address_of(certificate) in mail.body


def test_a_holder_issues_for_all_who_are_ready_and_sees_how_far_it_is(page, spring, clerk):
    for number in (1, 2):
        finished(spring, number, by=clerk)
    assert "2 students can have the certificate" in page("certificates/").content.decode()

    asked = page("certificates/", action="issue_all").content.decode()
    assert "0 of 2 are done" in asked
    run_jobs()

    batch = CertificateRequest.objects.values_list("batch", flat=True).distinct().get()
    assert "All 2 certificates are issued" in page(f"certificates/batches/{batch}/").content.decode()
    assert Certificate.objects.filter(status="valid").exclude(document=None).count() == 2


def test_a_holder_is_told_what_is_missing(page, spring, clerk):
    milestones.add_milestone(spring.program, title="Final exam", effective_from=spring.starts_on, by=clerk)
    enrollment = finished(spring, by=clerk)

    told = page("certificates/", enrollment=str(enrollment.pk)).content.decode()

    assert "These milestones are not completed yet: Final exam." in told
    assert not CertificateRequest.objects.exists()


def test_a_holder_records_a_milestone_takes_it_back_and_records_it_again(page, spring, clerk):
    milestones.add_milestone(spring.program, title="Final exam", effective_from=spring.starts_on, by=clerk)
    enrollment = active(spring)
    address, asked = f"students/{enrollment.pk}/milestones/", str(Milestone.objects.get().pk)
    done = {"milestone": asked, "on": clock.today().isoformat(), "evidence": "Score sheet, 92"}

    assert "Say what shows it" in page(address, **done | {"evidence": ""}).content.decode()
    assert "in the future" in page(address, **done | {"on": "2999-01-01"}).content.decode()
    assert "Recorded: Final exam." in page(address, **done).content.decode()
    completion = MilestoneCompletion.objects.get()
    taken = page(address, action="withdraw", completion=str(completion.pk), reason="Another’s sheet")
    assert "Another’s sheet" in taken.content.decode()
    assert "Recorded: Final exam." in page(address, **done).content.decode()


@pytest.mark.parametrize("wrong", [{"milestone": "x"}, {"action": "withdraw", "completion": "x"}, {"enrollment": "x"}])
def test_what_is_not_there_is_not_found(page, spring, wrong):
    enrollment = active(spring)
    path = "certificates/" if "enrollment" in wrong else f"students/{enrollment.pk}/milestones/"

    assert page(path, **wrong).status_code == 404


def test_another_holder_finds_none_of_it(client, spring, certificate):
    other = school(ein="35-7654321")
    client.force_login(coordinator(other))

    for path in ("certificates/", f"certificates/{certificate.pk}/", f"certificates/{certificate.pk}/pdf/"):
        assert client.get(f"/portal/{spring.program.holder_id}/{path}").status_code == 404
    assert client.get(f"/portal/{other.pk}/certificates/{certificate.pk}/").status_code == 404
    assert "CERT-" not in client.get(f"/portal/{other.pk}/certificates/").content.decode()


def test_who_may_only_read_issues_nothing(client, spring, clerk):
    enrollment = finished(spring, by=clerk)
    client.force_login(member_of(spring.program.holder, "read_only"))
    address = f"/portal/{spring.program.holder_id}/certificates/"

    assert "Issue" not in client.get(address).content.decode().replace("Issued", "")
    assert client.post(address, {"enrollment": str(enrollment.pk)}).status_code == 403


def test_the_list_asks_as_often_for_many_as_for_one(page, spring, clerk, django_assert_max_num_queries):
    granted(finished(spring, 1, by=clerk), clerk)
    finished(spring, 2, by=clerk)
    with CaptureQueriesContext(connection) as few:
        page("certificates/")
    for number in range(3, 9):
        granted(finished(spring, number, by=clerk), clerk)
        finished(spring, number + 20, by=clerk)

    with django_assert_max_num_queries(len(few)):
        page("certificates/")


def test_students_find_their_own_certificates_and_what_is_still_to_do(client, spring, clerk):
    exam = milestones.add_milestone(spring.program, title="Final exam", effective_from=spring.starts_on, by=clerk)
    mine, others = finished(spring, 1, by=clerk, passed=exam), finished(spring, 2, by=clerk, passed=exam)
    client.force_login(account_of(mine.student))

    assert "Final exam" in client.get("/me/certificates/").content.decode()
    own, other = granted(mine, clerk), granted(others, clerk)
    text = client.get("/me/certificates/").content.decode()

    assert own.number in text
    assert own.code in text
    assert other.number not in text
    assert own.title in client.get("/me/").content.decode()
