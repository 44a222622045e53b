"""The mails to applicants."""

import re

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.urls import reverse

from autopilot.engine.registry import find_message
from autopilot.identifiers import uuid7
from programs.models import Application
from programs.services.applications import move_application
from programs.services.corrections import correction_token, reject_application
from tests.programs.samples import GOOD, submitted

pytestmark = pytest.mark.django_db
NAMES = ["received", "rejected", "submitted_to_state", "state_decided"]


@pytest.fixture
def rejected():
    """A rejected application, whose texts try to be markup."""
    application = submitted(contact_name="Ann <b>Lee</b>", legal_name="Lee & Sons")
    for status in ("validating", "in_review"):
        move_application(application, status)
    reject_application(application, reason="Use <your> EIN & try again.")
    return application


def letter(name, application):
    """Build a mail as the outbox does."""
    return find_message(f"programs.application.{name}")(application_id=str(application.pk))


def html_of(mail):
    """Return a mail's HTML."""
    [(html, media_type)] = [(part.content, part.mimetype) for part in mail.alternatives]
    assert media_type == "text/html"
    return html


@pytest.mark.parametrize("name", NAMES)
def test_it_goes_to_the_contact_with_the_reference_and_without_the_ein(rejected, name):
    mail = letter(name, rejected)

    assert mail.to == [GOOD.contact_email]
    assert rejected.reference in mail.subject
    assert "\n" not in mail.subject
    for text in (mail.body, html_of(mail)):
        assert rejected.reference in text
        assert GOOD.ein not in text
        assert GOOD.ein[3:] not in text


@pytest.mark.parametrize("name", NAMES)
def test_it_keeps_what_people_wrote_text(rejected, name):
    mail = letter(name, rejected)

    assert "Ann <b>Lee</b>" in mail.body
    assert "Lee & Sons" in mail.body
    assert "Ann &lt;b&gt;Lee&lt;/b&gt;" in html_of(mail)


def test_a_rejection_says_why_and_brings_the_link(rejected, settings):
    settings.BASE_URL = "https://provost.example"

    mail = letter("rejected", rejected)

    link = "https://provost.example" + reverse("programs:correct", args=[correction_token(rejected)])
    assert "Use <your> EIN & try again." in mail.body
    assert link in mail.body
    assert link in html_of(mail)


def test_a_rejection_is_the_same_letter_when_it_is_built_again(rejected):
    assert letter("rejected", rejected).body == letter("rejected", rejected).body


def test_a_rejection_whose_link_is_used_is_not_sent(rejected):
    Application.objects.filter(pk=rejected.pk).update(
        status="submitted", correction_token_digest="", correction_expires_at=None
    )

    with pytest.raises(ObjectDoesNotExist):
        letter("rejected", rejected)


def test_links_come_from_the_configured_address(rejected, settings):
    settings.BASE_URL = "https://provost.example"

    body = letter("received", rejected).body

    assert re.findall(r"https?://[^/\s]+", body) == ["https://provost.example"]


@pytest.mark.parametrize("name", NAMES)
def test_it_does_not_exist_for_an_application_that_does_not(name):
    with pytest.raises(ObjectDoesNotExist):
        find_message(f"programs.application.{name}")(application_id=str(uuid7()))
