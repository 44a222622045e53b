"""The office's pages of MOUs: prepared by one, sent, countersigned by another beside the pages, with what it is worth."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from autopilot.models import Job
from programs import consents
from programs.models import Mou, MouStatus, Signature
from programs.services import mous
from tests.autopilot.documents.samples import paper
from tests.programs.mous.people import countersign, preparer, sent_mou, sign, signer
from tests.programs.mous.samples import content_of, mou_of
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db
TERMS = {
    "compensation": "share",
    "share": "33.3",
    "amount": "",
    "payment_days": "30",
    "effective_on": "",
    "expires_on": "",
}


@pytest.fixture
def school():
    return holder()


def at(client, user):
    """Return a client in which somebody is signed in."""
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def page_of(mou, deed="change"):
    """Return the address of an MOU's page, or of a deed."""
    return f"/admin/programs/mou/{mou.pk}/{deed}/"


def test_staff_prepare_and_send_one(client, school):
    client = at(client, preparer())

    drafted = client.post("/admin/programs/mou/add/", {"holder": str(school.pk), **TERMS})
    mou = Mou.objects.get()
    assert drafted["Location"] == page_of(mou)
    assert "Send it to be signed" in client.get(page_of(mou)).content.decode()
    client.post(page_of(mou, "send"))

    mou.refresh_from_db()
    assert (mou.status, str(mou.share)) == (MouStatus.SENT, "33.30")
    assert mou.document.snapshot["context"]["holder_name"] == "Harbor Trades School, Inc."


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"share": ""}, "how many percent"),
        ({"amount": "5"}, "Leave this empty"),
        ({"compensation": "flat"}, "how many dollars"),
        ({"expires_on": "2020-01-01"}, "later day"),
        ({"share": "101"}, "less than or equal to 100"),
        ({"holder": "x"}, "not a valid"),
    ],
)
def test_it_says_what_does_not_fit(client, school, change, said):
    answer = at(client, preparer()).post("/admin/programs/mou/add/", {"holder": str(school.pk), **TERMS, **change})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Mou.objects.exists()


def test_a_draft_takes_other_terms(client, school):
    mou = mous.draft_mou(school, mous.Terms(share=Decimal(20)), by=preparer())

    at(client, preparer()).post(page_of(mou, "edit"), TERMS | {"compensation": "flat", "share": "", "amount": "900"})

    mou.refresh_from_db()
    assert (mou.compensation, mou.share, str(mou.amount)) == ("flat", None, "900.00")


def test_another_person_countersigns_beside_the_pages(client, school):
    mou = sent_mou(school)
    sign(mou, member_of(school))
    client = at(client, signer())

    page = client.get(page_of(mou)).content.decode()
    picture = client.get(f"/admin/programs/mou/{mou.pk}/pages/1.png")
    answer = client.post(
        page_of(mou, "sign"),
        {
            "name": "Ada Stone",
            "title": "Chief executive",
            "consent": "on",
            "consent_version": consents.VERSION,
            "document_sha256": mou.document.sha256,
        },
    )

    assert "Sign for the network" in page
    assert picture["Content-Type"] == "image/png"
    assert answer.status_code == 302
    assert Signature.objects.get(party="network").name == "Ada Stone"
    assert Job.objects.filter(kind="mou.execute").count() == 1
    assert "being sealed" in client.get(page_of(mou)).content.decode()


def test_it_says_why_it_is_not_signed(client, school):
    mou = mou_of(school, MouStatus.SENT, sent_at="2026-11-20T00:00:00Z", created_by=preparer())
    sign(mou, member_of(school))

    answer = at(client, signer()).post(
        page_of(mou, "sign"),
        {"name": "A", "title": "B", "consent_version": consents.VERSION, "document_sha256": "0" * 64},
    )

    assert answer.status_code == 422
    assert "tick the box" in answer.content.decode()


def test_the_page_tells_what_evidence_and_seal_are_worth(client, school, settings):
    mou = sent_mou(school)
    sign(mou, member_of(school))
    countersign(mou)
    client = at(client, signer())

    page = client.get(page_of(mou)).content.decode()

    assert "The file is as it was sealed" in page
    assert "The chain is whole" in page
    file = client.get(f"/admin/programs/mou/{mou.pk}/file/executed/")
    assert file.content == content_of(mou.executed_document)
    assert file["Content-Disposition"].startswith("attachment")
    assert client.get(f"/admin/programs/mou/{mou.pk}/file/other/").status_code == 404


def test_a_scan_is_recorded_by_one_and_confirmed_by_another(client, school):
    mou = sent_mou(school)
    scan = SimpleUploadedFile("scan.pdf", paper("A scan"), "application/pdf")
    said = {"name": "Imani Brooks", "title": "Director", "reason": "They have no e-mail."}
    client = at(client, preparer())

    recorded = client.post(page_of(mou, "paper"), {"scan": scan, **said})
    assert recorded.status_code == 302
    own = client.post(page_of(mou, "confirm"), {"name": "Ada Stone", "title": "Chief executive"})
    assert own.status_code == 403
    at(client, signer()).post(page_of(mou, "confirm"), {"name": "Ada Stone", "title": "Chief executive"})

    assert list(Signature.objects.values_list("party", "method")) == [("holder", "paper"), ("network", "paper")]
    assert Job.objects.filter(kind="mou.execute").exists()


def test_a_scan_with_active_content_is_refused(client, school):
    mou = mou_of(school, MouStatus.SENT, sent_at="2026-11-20T00:00:00Z")
    scan = SimpleUploadedFile("scan.pdf", b"<html><script>", "application/pdf")

    answer = at(client, preparer()).post(
        page_of(mou, "paper"), {"scan": scan, "name": "A", "title": "B", "reason": "C"}
    )

    assert answer.status_code == 422
    assert not Signature.objects.exists()


def test_it_ends_with_a_reason(client, school):
    mou = mou_of(school, MouStatus.EXECUTED)
    client = at(client, preparer())

    assert client.post(page_of(mou, "terminate"), {"reason": " "}).status_code == 422
    client.post(page_of(mou, "terminate"), {"reason": "The school has closed."})

    mou.refresh_from_db()
    assert (mou.status, mou.reason) == (MouStatus.TERMINATED, "The school has closed.")


def test_an_amendment_begins_with_the_terms_in_force(client, school):
    mou_of(school, MouStatus.EXECUTED)

    page = at(client, preparer()).get(f"/admin/programs/mou/add/?holder={school.pk}").content.decode()

    assert 'value="33.30"' in page


def test_the_list_asks_the_same_however_long_it_is(client, school, django_assert_max_num_queries):
    for _ in range(12):
        mou_of(school, MouStatus.TERMINATED)
    client = at(client, signer())
    client.get("/admin/programs/mou/")

    with django_assert_max_num_queries(14):
        page = client.get("/admin/programs/mou/").content.decode()

    assert page.count("Terminated") >= 12
