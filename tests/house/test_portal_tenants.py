"""Nothing of one holder reaches another through the portal: every page, file and export is asked for across the line.

Each route takes ids by name. A route that takes an id which no row here has fails until it gets one, so that a page that
is added is covered, or noticed.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from autopilot import clock
from autopilot.documents import archive
from autopilot.identifiers import uuid7
from programs.models import (
    Closure,
    CreditNote,
    Enquiry,
    Holder,
    Invitation,
    MouStatus,
    Payout,
    PayoutBatch,
    Requirement,
    RequirementUpload,
    Session,
    Site,
)
from students.models import RosterImport
from tests.house.routes import Route, routes
from tests.programs.billing.samples import banked, drafted
from tests.programs.mous.samples import mou_of
from tests.programs.samples import holder, member_of, program
from tests.students.samples import applied, cohort

pytestmark = [pytest.mark.once, pytest.mark.django_db]
METHODS = ("GET", "POST")
# What a route takes that names no row.
PLAIN = {"step": "1", "number": "1", "form": "csv", "topic": "x", "slug": "x", "format": "csv", "week": "2026-11-16"}
PORTAL = [route for route in routes() if route.name.startswith("portal:") and "holder_id" in route.parameters]


@pytest.fixture(autouse=True)
def _no_counts_from_before():
    cache.clear()


def filled(canary: str) -> dict[str, Any]:
    """Return the rows of a holder in whose every text there is a canary, by the name under which routes take them."""
    school = holder(legal_name=f"{canary} School", doing_business_as="", contact_email=f"{canary}@example.org",
                    contact_name=canary, programs=(program(title=f"{canary} program"),))  # fmt: skip
    owner = member_of(school, username=f"{canary}-owner")
    document = archive.store(
        f"%PDF-1.7 {canary}".encode(), media_type="application/pdf", title=canary, tenant_id=school.pk
    )
    mou = mou_of(school, MouStatus.EXECUTED, document=document, executed_document=document)
    group = cohort(school, name=f"{canary} cohort")
    today = clock.today()
    invoice = drafted(school)
    requirement = Requirement.objects.filter(holder=school, type__slug="w-9").get()
    note = CreditNote.objects.create(invoice=invoice, number=f"CRN-{canary}"[:20], amount=Decimal(1), reason=canary)
    rows: dict[str, Any] = {
        "holder_id": school, "document_id": document, "mou_id": mou, "cohort_id": group, "program_id": school.programs.first(),
        "site_id": Site.objects.create(holder=school, name=canary, street=canary, city=canary, state="IN", zip="46204"),
        "closure_id": Closure.objects.create(holder=school, date=today, name=canary),
        "session_id": _session(group, today), "enrollment_id": applied(group), "invoice_id": invoice, "note_id": note,
        "payout_id": _payout(school, owner), "requirement_id": requirement,
        "upload_id": RequirementUpload.objects.create(requirement=requirement, document=document, file_name=canary),
        "enquiry_id": Enquiry.objects.create(program=group.program, name=canary, email=f"{canary}@x.org", form_key=uuid7()),
        "member_id": school.members.get(user=owner), "invitation_id": Invitation.objects.get(holder=school),
        "roster_id": RosterImport.objects.create(holder=school, cohort=group, file_name=f"{canary}.csv"),
    }  # fmt: skip
    return rows | {"owner": owner}


def _session(group: Any, day: date) -> Session:
    return Session.objects.create(cohort=group, date=day - timedelta(days=1), starts_at="09:00", ends_at="13:00",
                                  hours=Decimal(4))  # fmt: skip


def _payout(school: Holder, owner: Any) -> Payout:
    batch = PayoutBatch.objects.create(number=f"PAY-{str(school.pk)[-8:]}", prepared_by=owner)
    return Payout.objects.create(batch=batch, holder=school, bank_account=banked(school), amount=Decimal(5))


def path_of(route: Route, rows: dict[str, Any], **instead: Any) -> str:
    """Return a route with the ids of these rows; one of an id that no row has is refused by name."""
    missing = set(route.parameters) - rows.keys() - PLAIN.keys()
    assert not missing, f"{route.name} takes {missing}: give this test a row for it, so that it is covered."
    ids = {name: str(row.pk) for name, row in (rows | instead).items()}
    return route.filled(PLAIN | ids)


def asked(client: Client, path: str) -> list[tuple[str, int, str]]:
    """Ask for a path by each method, and undo it; returns method, status and everything that was said."""
    found = []
    for method in METHODS:
        with transaction.atomic():
            answer = client.generic(method, path)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
            found.append((method, answer.status_code, f"{content.decode('utf-8', 'replace')} {answer.headers}"))
            transaction.set_rollback(True)
    return found


def owner_of(rows: dict[str, Any]) -> Client:
    """Return the browser of a holder's owner."""
    client = Client(raise_request_exception=False)
    client.force_login(rows["owner"])
    return client


def test_it_shows_no_page_of_another_holder():
    own, other = filled("canary-own"), filled("canary-other")
    client, open_, heard = owner_of(own), [], []

    for route in PORTAL:
        for method, status, text in asked(client, path_of(route, other)):
            if status not in (404, 405):
                open_.append(f"{method} {route.name}: {status}")
            if "canary-other" in text.replace(path_of(route, other), ""):
                heard.append(f"{method} {route.name}")

    assert (open_, heard) == ([], [])
    assert len(PORTAL) > 40


def test_it_shows_no_row_of_another_holder_under_its_own_address():
    own, other = filled("canary-own"), filled("canary-other")
    client, open_, heard = owner_of(own), [], []

    for route in PORTAL:
        for method, status, text in asked(client, path_of(route, other, holder_id=own["holder_id"])):
            rows_of_the_other = set(route.parameters) - {"holder_id"} - PLAIN.keys()
            if rows_of_the_other and status not in (404, 405):
                open_.append(f"{method} {route.name}: {status}")
            if "canary-other" in text:
                heard.append(f"{method} {route.name}")

    assert (open_, heard) == ([], [])


def test_it_tells_holders_what_is_their_own():
    own = filled("canary-own")
    client = owner_of(own)

    told = {
        route.name for route in PORTAL for _, status, text in asked(client, path_of(route, own)) if "canary-own" in text
    }
    broken = [route.name for route in PORTAL for _, status, _ in asked(client, path_of(route, own)) if status >= 500]

    assert {"portal:dashboard", "portal:programs", "portal:sites", "portal:students", "portal:mous"} <= told
    assert broken == []


def test_it_notices_a_route_without_a_row():
    with pytest.raises(AssertionError, match="give this test a row"):
        path_of(Route("portal:new", "portal/<uuid:holder_id>/news/<uuid:news_id>/", ("holder_id", "news_id")), {})
