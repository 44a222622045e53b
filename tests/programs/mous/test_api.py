"""MOUs over the API: a holder's own that were sent, and nobody else's."""

import pytest
from django.test import Client

from autopilot.models.tokens import Scope
from autopilot.tokens import create_token
from programs.models import MouStatus
from tests.programs.mous.samples import mou_of
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return holder()


@pytest.fixture
def ask(school):
    """Ask the API as a member of the holder."""
    _, secret = create_token(name="t", user=member_of(school), scopes=[Scope.MOUS_READ], by=None)
    return lambda path: Client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {secret}"})


def test_it_lists_what_was_sent(school, ask):
    mou = mou_of(school, MouStatus.EXECUTED)
    mou_of(school)
    mou_of(holder(ein="35-7654321"), MouStatus.EXECUTED)

    rows = ask("mous").json()["results"]

    assert [(row["id"], row["status"], row["share"]) for row in rows] == [(str(mou.pk), "executed", "33.30")]
    assert rows[0]["executed_sha256"] == mou.executed_document.sha256


def test_it_reads_one_and_hides_the_others(school, ask):
    own, other = mou_of(school, MouStatus.SENT), mou_of(holder(ein="35-7654321"), MouStatus.SENT)

    assert ask(f"mous/{own.pk}").json()["executed_sha256"] is None
    assert ask(f"mous/{other.pk}").status_code == 404
    assert ask("mous?status=draft").json()["results"] == []
    assert ask("mous?status=nonsense").status_code == 400
