"""The portal's pages of the agreement: for the holder's people, signed by an owner, kept by everybody."""

import pytest

from autopilot.models import OutboxMessage
from programs import consents
from programs.models import MemberRole, Mou, MouStatus, Signature, SigningCode
from programs.portal import stages
from programs.services import mous
from programs.services.mous.codes import digits_of
from tests.programs.mous.people import countersign, preparer, sent_mou, sign
from tests.programs.mous.samples import content_of, mou_of
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return holder()


@pytest.fixture
def owner(school):
    return member_of(school)


@pytest.fixture
def mou(school):
    """An MOU that was sent, with any file for its document."""
    return mou_of(school, MouStatus.SENT, sent_at="2026-11-20T15:00:00Z", created_by=preparer())


def at(client, user):
    client.force_login(user)
    return client


def page_of(mou, rest=""):
    return f"/portal/{mou.holder_id}/mou/{mou.pk}/{rest}"


def typed(mou, code, **changes):
    """Return what a browser posts to sign."""
    said = {"name": "Imani Brooks", "title": "Director", "consent": "on", "code": code}
    return {**said, "consent_version": consents.VERSION, "document_sha256": mou.document.sha256} | changes


def test_it_shows_the_pages_and_the_consent(client, school, owner):
    mou = sent_mou(school)
    client = at(client, owner)

    page = client.get(page_of(mou)).content.decode()
    picture = client.get(page_of(mou, "pages/1/"))

    assert f'value="{mou.document.sha256}"' in page
    assert "Page 1 of" in page
    assert all(statement.split("“")[0].split("’")[0] in page for statement in consents.text_of(consents.VERSION))
    assert picture["Content-Type"] == "image/png"
    assert client.get(page_of(mou, "file/")).content == content_of(mou.document)
    assert client.get(page_of(mou, "executed/")).status_code == 404


def test_an_owner_asks_for_a_code_and_signs(client, mou, owner):
    client = at(client, owner)

    client.post(page_of(mou, "code/"))
    code = digits_of(SigningCode.objects.get())
    answer = client.post(page_of(mou), typed(mou, code), headers={"User-Agent": "Firefox"})

    assert answer["Location"] == page_of(mou)
    assert Signature.objects.get().user_agent == "Firefox"
    assert Mou.objects.get().status == MouStatus.SIGNED_BY_HOLDER
    assert OutboxMessage.objects.filter(topic="programs.mou.to_countersign").count() == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "This field is required"),
        ({"consent": ""}, "tick the box"),
        ({"code": "00000000"}, "not the code"),
        ({"code": ""}, "This field is required"),
        ({"document_sha256": "0" * 64}, "Open the page again"),
        ({"consent_version": "2000-01"}, "tick the box"),
        ({"title": "x" * 151}, "at most 150"),
    ],
)
def test_it_says_what_is_missing_and_signs_nothing(client, mou, owner, change, said):
    client = at(client, owner)
    client.post(page_of(mou, "code/"))
    sent = typed(mou, digits_of(SigningCode.objects.get())) | change

    answer = client.post(page_of(mou), sent)

    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Signature.objects.exists()


@pytest.mark.parametrize("role", [MemberRole.COORDINATOR, MemberRole.READ_ONLY])
def test_others_read_it_and_do_not_sign(client, school, mou, role):
    client = at(client, member_of(school, role))

    assert "An owner signs it" in client.get(page_of(mou)).content.decode()
    for rest in ("", "code/", "decline/"):
        assert client.post(page_of(mou, rest), typed(mou, "12345678")).status_code == 403
    assert Mou.objects.get().status == MouStatus.SENT


def test_another_holder_finds_nothing_of_it(client, mou):
    other = holder(ein="35-7654321")
    client = at(client, member_of(other))

    for rest in ("", "code/", "decline/", "file/", "executed/", "pages/1/"):
        for prefix in (page_of(mou, rest), f"/portal/{other.pk}/mou/{mou.pk}/{rest}"):
            assert client.get(prefix).status_code in (404, 405)
            assert client.post(prefix, {"reason": "x"}).status_code in (404, 405)
    assert Mou.objects.get(pk=mou.pk).status == MouStatus.SENT


@pytest.mark.parametrize("status", [MouStatus.DRAFT, MouStatus.TERMINATED])
def test_what_was_never_sent_is_not_shown(client, school, owner, status):
    draft = mou_of(school, status)
    client = at(client, owner)

    assert client.get(page_of(draft)).status_code == 404
    assert "No agreement yet" in client.get(f"/portal/{school.pk}/mou/").content.decode()


def test_an_owner_declines_with_a_reason(client, mou, owner):
    client = at(client, owner)

    assert "This field is required" in client.post(page_of(mou, "decline/"), {"reason": ""}).content.decode()
    client.post(page_of(mou, "decline/"), {"reason": "The share is too low."})

    mou.refresh_from_db()
    assert (mou.status, mou.reason) == (MouStatus.DECLINED, "The share is too low.")
    assert "The share is too low." in client.get(page_of(mou)).content.decode()


def test_both_keep_the_executed_file(client, school, owner):
    mou = sent_mou(school)
    sign(mou, owner)
    countersign(mou)

    file = at(client, owner).get(page_of(mou, "executed/"))

    assert file.content == content_of(mou.executed_document)
    assert mous.reference_of(mou) in file["Content-Disposition"]


def test_the_list_asks_the_same_however_long_it_is(client, school, owner, django_assert_max_num_queries):
    for _ in range(30):
        mou_of(school, MouStatus.TERMINATED, sent_at="2026-11-20T15:00:00Z", document=None)
    client = at(client, owner)

    with django_assert_max_num_queries(12):
        page = client.get(f"/portal/{school.pk}/mou/?page=2").content.decode()

    assert "of 2" in page


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (None, "waiting"),
        (MouStatus.SENT, "due"),
        (MouStatus.SIGNED_BY_HOLDER, "waiting"),
        (MouStatus.EXECUTED, "done"),
        (MouStatus.DECLINED, "waiting"),
        (MouStatus.EXPIRED, "waiting"),
        (MouStatus.TERMINATED, "waiting"),
    ],
)
def test_the_dashboard_tells_where_it_stands(school, status, state):
    if status:
        mou_of(school, status, sent_at="2026-11-20T15:00:00Z")

    assert next(each for each in stages(school) if each.title == "MOU").state == state
