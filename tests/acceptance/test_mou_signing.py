"""An agreement signed in a browser: sent by one, read and signed by an owner on a phone, countersigned by another."""

import os
from decimal import Decimal
from pathlib import Path

import pytest

from autopilot.documents import certificates, seals
from programs.models import Mou, MouStatus
from programs.services import mous
from tests.acceptance.agreeing import prepare, sign_for_the_holder, sign_for_the_network
from tests.acceptance.sight import faults, out_of_reach, overflow, refusals
from tests.programs.mous.people import preparer, signer
from tests.programs.mous.samples import content_of
from tests.programs.samples import holder, member_of

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("PROVOST_PICTURES", "")


def looked(page, name):
    """Check what everybody must be able to use; keep a picture where one is asked for."""
    assert faults(page) == []
    assert overflow(page) <= 0
    assert out_of_reach(page) == []
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_it_is_signed_by_both(page_at, sign_in):
    certificates.make("Example Network")
    school = holder()
    owner = member_of(school)
    office, phone, other = page_at(1440), page_at(390, javascript=False), page_at(1440, color_scheme="dark")
    refused = [refusals(page) for page in (office, other)]
    sign_in(office, preparer())
    prepare(office, school, looked)
    mou = Mou.objects.get()

    sign_in(phone, owner)
    phone.goto(f"/portal/{school.pk}/")
    phone.get_by_role("link", name="Read and sign it").first.click()
    phone.get_by_role("link", name="Version 1: read and sign").click()
    phone.get_by_role("button", name="Mail me a code").click()
    sign_for_the_holder(phone, consents=False)
    assert "tick the box" in phone.content()
    sign_for_the_holder(phone)
    phone.get_by_text("You have signed").wait_for()
    if PICTURES:
        phone.screenshot(path=Path(PICTURES) / "phone-signed.png", full_page=True)

    sign_in(other, signer())
    other.goto(f"/admin/programs/mou/{mou.pk}/change/")
    looked(other, "countersign")
    sign_for_the_network(other)
    mous.execute_mou(mou.pk, mous.finish_mou(mou.pk))
    other.reload()
    looked(other, "executed")

    mou.refresh_from_db()
    assert mou.status == MouStatus.EXECUTED
    assert seals.inspect(content_of(mou.executed_document)).is_good
    assert refused == [[], []]


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_everybody_can_use_the_page_that_signs(page_at, sign_in, width, color_scheme):
    school = holder()
    owner, by = member_of(school), preparer()
    mou = mous.draft_mou(school, mous.Terms(share=Decimal(20)), by=by)
    mous.send_mou(mou, by=by)
    page = page_at(width, color_scheme)
    sign_in(page, owner)

    for name, address in (("list", ""), ("sign", f"{mou.pk}/"), ("decline", f"{mou.pk}/decline/")):
        page.goto(f"/portal/{school.pk}/mou/{address}")
        looked(page, f"{name}-{width}-{color_scheme}")
