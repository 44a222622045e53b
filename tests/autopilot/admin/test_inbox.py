"""The inbox: what waits, for whom how long, and what was decided."""

from datetime import timedelta

import pytest

from autopilot import clock, engine
from autopilot.models import Checkpoint
from tests.autopilot.admin import packets
from tests.autopilot.admin.addresses import listed

pytestmark = pytest.mark.django_db
INBOX = listed("checkpoint")


def test_it_shows_what_waits_and_leaves_out_what_was_decided(as_person, waiting, okafor, rivera):
    decided = packets.waiting("trial.plain", by=rivera)
    engine.decide(decided.pk, actor=okafor, verdict="approve", version=1)

    page = as_person(okafor).get(INBOX).text

    assert waiting.title in page
    assert decided.title not in page
    assert "1 checkpoint" in page


@pytest.mark.parametrize(
    ("show", "titles"), [("decided", {"Write 1 file?"}), ("all", {"Write 1 file?", "Packet of Harbor Trades"})]
)
def test_it_shows_what_was_decided_when_asked(as_person, waiting, okafor, rivera, show, titles):
    decided = packets.waiting("trial.plain", by=rivera)
    engine.decide(decided.pk, actor=okafor, verdict="reject", version=1, comment="Not now.")

    page = as_person(okafor).get(INBOX, {"show": show}).text

    assert {title for title in ("Write 1 file?", "Packet of Harbor Trades") if title in page} == titles
    assert "Rejected" in page


def test_it_shows_who_has_waited_longest_first(as_person, waiting, okafor):
    with clock.moved(timedelta(hours=1)):
        packets.waiting("trial.plain")

        page = as_person(okafor).get(INBOX).text

    assert page.index("Packet of Harbor Trades") < page.index("Write 1 file?")


def test_it_says_who_asked_and_who_amended(as_person, rivera, okafor):
    checkpoint = packets.waiting(by=okafor)
    engine.amend(checkpoint.pk, actor=rivera, version=1, edits={"note": "Called them."})

    page = as_person(okafor).get(INBOX).text

    assert "okafor</td>" in page
    assert "2, by rivera" in page


def test_it_marks_what_is_overdue(as_person, waiting, okafor):
    assert "Overdue" not in as_person(okafor).get(INBOX).text

    with clock.moved(timedelta(hours=25)):
        as_person(okafor)
        assert "Overdue" in as_person(okafor).get(INBOX).text


def test_it_finds_by_a_part_of_the_title(as_person, waiting, okafor):
    packets.waiting("trial.plain")

    page = as_person(okafor).get(INBOX, {"q": "harbor"}).text

    assert "Packet of Harbor Trades" in page
    assert "Write 1 file?" not in page


@pytest.mark.parametrize(
    "query", [{"q": "'); DROP"}, {"show": "nonsense"}, {"kind__exact": "x"}, {"p": "x"}, {"o": "9.x"}, {"q": "\x00"}]
)
def test_it_stands_whatever_is_asked_of_it(as_person, waiting, okafor, query):
    assert as_person(okafor).get(INBOX, query, follow=True).status_code == 200


def test_it_says_when_nothing_waits(as_person, okafor):
    assert not Checkpoint.objects.pending().exists()

    assert "No checkpoints to show" in as_person(okafor).get(INBOX).text
