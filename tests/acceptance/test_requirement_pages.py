"""Requirements in a real browser: a holder uploads, a reviewer looks at the pages and accepts; both by what is seen."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from programs.models import Requirement, RequirementType
from programs.services.requirements import refresh_checklist, reject_proof
from tests.acceptance.sight import faults, overflow
from tests.programs.proofs import FILE, accepted, in_days, judge, newest, owner, requirement, submitted
from tests.programs.samples import holder

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def school():
    """A holder that has begun to prove what it must."""
    # The migrations lay these types, unless a test before has emptied the table.
    for group, slug, title, expires in [
        ("business", "license", "Business or school license", True),
        ("business", "insurance", "Liability insurance", True),
        ("compliance", "ferpa", "FERPA policy", False),
        ("compliance", "safety", "Safety plan", False),
    ]:
        facts = {"title": title, "group": group, "expires": expires, "effective_from": date(2026, 7, 1)}
        RequirementType.objects.get_or_create(slug=slug, effective_to=None, defaults=facts)
    made = holder()
    refresh_checklist(made)
    accepted(made, "ferpa")
    sent = submitted(made, "insurance")
    reject_proof(sent, by=judge(), seen=newest(sent).pk, remark="The dates cannot be read. Please scan it again.")
    return made


def test_a_holder_uploads_and_a_reviewer_accepts(page_at, sign_in, school):
    row = requirement(school, "license")
    page = page_at()
    sign_in(page, owner(school))
    page.goto(f"/portal/{school.pk}/requirements/")
    page.get_by_role("link", name="Business or school license").click()
    page.locator("#id_files").set_input_files({"name": "license.pdf", "mimeType": "application/pdf", "buffer": FILE})
    page.get_by_label("Good until").fill(in_days(400).isoformat())
    page.get_by_role("button", name="Send to the reviewers").click()
    expect(page.get_by_text("We have your files.")).to_be_visible()

    office = page_at(javascript=False)
    sign_in(office, User.objects.create_superuser("head", "head@example.org"))
    office.goto("/admin/programs/requirement/?show=review")
    office.get_by_role("link", name="Business or school license").click()
    expect(office.get_by_role("img", name="Page 1 of 1 of license.pdf")).to_be_visible()
    office.get_by_role("button", name="Accept").click()
    expect(office.get_by_text("accepted.")).to_be_visible()

    assert Requirement.objects.get(pk=row.pk).status == "accepted"


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_the_pages_are_for_everybody(page_at, sign_in, school, width, scheme):
    rejected, waiting = requirement(school, "insurance"), submitted(school, "license")
    portal, office = f"/portal/{school.pk}/", "/admin/programs/"
    paths = [
        *(f"{portal}{path}" for path in ("requirements/", f"requirements/{rejected.pk}/", "compliance/", "")),
        *(f"{portal}onboarding/{step}/" for step in (1, 2, 3, 4)),
        f"{office}requirement/",
        f"{office}requirement/{waiting.pk}/change/",
        f"{office}requirementtype/",
        f"{office}requirementtype/{waiting.type_id}/change/",
        f"{office}holder/{school.pk}/change/",
    ]
    person = owner(school)
    person.is_staff = person.is_superuser = True
    person.save()
    page = page_at(width=width, color_scheme=scheme)
    sign_in(page, person)

    found = {}
    for path in paths:
        page.goto(path)
        found[path] = (faults(page), overflow(page))

    assert found == {path: ([], 0) for path in paths}
