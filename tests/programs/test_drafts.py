"""Save an application, and go on with it later by a mailed link."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from autopilot import clock
from autopilot.engine import enqueue
from autopilot.models import OutboxMessage
from autopilot.tenants import NETWORK
from autopilot.testing import run_jobs
from programs.messages.applications import draft_saved
from programs.models import Application, ApplicationDraft
from programs.services.applications import facts_of
from programs.services.drafts import (
    KEPT_FOR,
    MOST_CHARACTERS,
    DraftClosed,
    draft_token,
    find_draft,
    forget_expired_drafts,
    save_draft,
)
from tests.programs.samples import facts, posted, program, site

pytestmark = pytest.mark.django_db
URL = "/apply/"
SAID = facts(sites=(site(),), programs=(program(soc_codes=("51-4121",), taught_at=(2,)), program(title="Pipe Fitting")))


def saved(client, **changes):
    """Return the draft of somebody who has pressed “Save”."""
    client.post(URL, posted(SAID) | {"action": "save"} | changes)
    return ApplicationDraft.objects.get()


def address(draft):
    """Return the address of a draft's link."""
    return reverse("programs:continue", args=[draft_token(draft)])


def test_it_keeps_what_was_typed_and_mails_the_link(client):
    draft = saved(client)

    mail = draft_saved(str(draft.pk))
    assert OutboxMessage.objects.get().topic == "programs.application.draft_saved"
    assert mail.to == ["imani@harbortrades.example"]
    assert address(draft) in mail.body
    assert address(draft) in str(mail.alternatives[0][0])
    assert not Application.objects.exists()


def test_it_opens_as_it_was_left(client):
    draft = saved(client, legal_name="Half a na", ein="35-", **{"programs-0-title": "<Weld & cut>"})

    page = client.get(address(draft))

    assert page.status_code == 200
    assert 'value="Half a na"' in page.text
    assert 'value="35-"' in page.text
    assert "&lt;Weld &amp; cut&gt;" in page.text
    assert 'value="8 Lake Avenue"' in page.text
    assert re.findall(r'name="programs-0-taught_at" value="(\d+)"[^>]* checked', page.text) == ["2"]
    assert 'name="accepts_assurances"' in page.text
    assert " checked" not in re.search(r'<input[^>]*name="accepts_assurances"[^>]*>', page.text)[0]
    assert page["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "x" * 300 + "@example.org"])
def test_it_needs_an_address_and_loses_nothing_without_one(client, email):
    page = client.post(URL, posted(SAID) | {"action": "save", "contact_email": email})

    assert page.status_code == 200
    assert "Enter your e-mail address; we mail you the link" in page.text
    assert 'value="Harbor Trades School, Inc."' in page.text
    assert not ApplicationDraft.objects.exists()


def test_it_needs_nothing_but_an_address(client):
    client.post(URL, {"action": "save", "contact_email": "imani@harbortrades.example"})

    assert client.get(address(ApplicationDraft.objects.get())).status_code == 200


def test_it_keeps_what_a_database_can_hold(client):
    draft = saved(client, legal_name="a\0b")

    assert 'value="ab"' in client.get(address(draft)).text


def test_it_is_saved_again_under_the_same_link_and_mailed_once(client):
    draft = saved(client)

    client.post(address(draft), posted(SAID) | {"action": "save", "legal_name": "Another name"})

    again = ApplicationDraft.objects.get()
    assert (again.pk, again.saves) == (draft.pk, 2)
    assert 'value="Another name"' in client.get(address(again)).text
    assert OutboxMessage.objects.count() == 1


def test_it_is_mailed_to_the_new_address_when_that_has_changed(client):
    draft = saved(client)

    client.post(address(draft), posted(SAID) | {"action": "save", "contact_email": "other@example.org"})

    assert OutboxMessage.objects.count() == 2
    assert draft_saved(str(draft.pk)).to == ["other@example.org"]


def test_it_is_sent_once_and_forgotten(client):
    draft = saved(client)
    link = address(draft)
    data = posted(SAID)

    answers = [client.post(link, data) for _ in range(2)]

    assert [each.status_code for each in answers] == [302, 302]
    assert facts_of(Application.objects.get()) == SAID
    assert not ApplicationDraft.objects.exists()
    assert client.get(link).status_code == 410


def test_it_shows_what_is_wrong_and_keeps_the_draft(client):
    draft = saved(client)

    page = client.post(address(draft), posted(SAID) | {"ein": "1"})

    assert page.status_code == 200
    assert "Please correct what is marked below" in page.text
    assert ApplicationDraft.objects.filter(pk=draft.pk).exists()


def test_it_becomes_another_draft_when_it_was_sent_in_meanwhile(client):
    draft = saved(client)
    link = address(draft)
    draft.delete()

    client.post(link, posted(SAID) | {"action": "save"})

    assert ApplicationDraft.objects.get().pk != draft.pk


@pytest.mark.parametrize("token", ["0" * 64, "f" * 64])
def test_it_opens_nothing_for_another_link(client, token):
    page = client.get(reverse("programs:continue", args=[token]))

    assert page.status_code == 410
    assert "was sent in already" in page.text


def test_it_expires_and_is_forgotten(client):
    draft = saved(client)
    past = clock.now() - timedelta(minutes=1)
    ApplicationDraft.objects.update(saved_at=past - KEPT_FOR, expires_at=past)

    assert client.get(address(draft)).status_code == 410
    assert forget_expired_drafts() == 1
    assert not ApplicationDraft.objects.exists()


def test_it_is_forgotten_by_the_job_of_the_day(client):
    saved(client)
    past = clock.now() - timedelta(minutes=1)
    ApplicationDraft.objects.update(saved_at=past - KEPT_FOR, expires_at=past)

    job = enqueue("application.forget_drafts", tenant_id=NETWORK)
    run_jobs()

    job.refresh_from_db()
    assert job.result == {"forgotten": 1, "files": 0}


def test_it_stores_no_link():
    draft = save_draft(contents={}, email="imani@harbortrades.example")

    token = draft_token(draft)

    assert find_draft(token) == draft
    assert token not in str(ApplicationDraft.objects.values().get())


def test_it_opens_nothing_after_the_secret_key_has_changed(settings):
    draft = save_draft(contents={}, email="imani@harbortrades.example")

    settings.SECRET_KEY = "another one"

    with pytest.raises(DraftClosed):
        draft_token(draft)


def test_it_keeps_no_more_than_fits():
    with pytest.raises(ValidationError, match="more text than we can keep"):
        save_draft(contents={"a": ["x" * MOST_CHARACTERS, "y"]}, email="imani@harbortrades.example")


def test_it_tells_nobody_that_an_organization_has_applied_before(client):
    client.post(URL, posted(SAID))

    page = client.post(URL, posted(SAID) | {"action": "save"})

    assert page.status_code == 302
    assert ApplicationDraft.objects.count() == 1
