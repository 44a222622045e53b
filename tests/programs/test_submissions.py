"""Which portal an application goes to, and that only an approved packet goes."""

import pytest

from autopilot.exceptions import Invalid
from autopilot.identifiers import uuid7
from autopilot.models import Portal
from programs.models import Packet
from programs.services.findings import verify_application
from programs.services.packets import open_review, prepare_packet
from programs.services.submissions import choose_portal, prepare_submission
from tests.programs.samples import submitted

pytestmark = pytest.mark.django_db


def portal(slug, **fields):
    """Create a portal at which people upload."""
    return Portal.objects.create(slug=slug, name=slug, delivery="manual", instructions="Upload.", **fields)


def test_it_goes_to_the_portal_of_the_sites_state():
    portal("sandbox")
    portal("ky")
    indiana = portal("in")

    assert choose_portal(submitted(mailing_state="KY")) == indiana


def test_it_goes_to_the_sandbox_where_the_state_has_no_active_portal():
    portal("a")
    portal("in", active=False)
    sandbox = portal("sandbox")

    assert choose_portal(submitted()) == sandbox


def test_it_goes_to_the_first_portal_there_is():
    first = portal("a")
    portal("b")

    assert choose_portal(submitted()) == first


def test_it_says_so_when_there_is_none():
    with pytest.raises(Invalid, match="No portal is active"):
        choose_portal(submitted())


def test_it_refuses_a_packet_that_nobody_has_approved():
    portal("in")
    application, job = submitted(), uuid7()
    verify_application(application.pk, job_id=job)
    open_review(application.pk, prepare_packet(application.pk), job_id=job)

    with pytest.raises(Invalid, match="Nobody has approved"):
        prepare_submission(Packet.objects.get().pk, job_id=job)
