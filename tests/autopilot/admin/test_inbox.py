"""The inbox: what waits, for whom how long, and what was decided."""

from datetime import timedelta

import pytest

from autopilot import clock, engine, reports, tenants
from autopilot.models import Checkpoint
from tests.autopilot.admin import packets
from tests.autopilot.admin.addresses import listed
from tests.autopilot.admin.people import member
from tests.autopilot.engine.packets import lent

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
    assert "Version 2 by rivera: Note" in page


def test_it_marks_what_is_overdue(as_person, waiting, okafor):
    assert "is-overdue" not in as_person(okafor).get(INBOX).text

    with clock.moved(timedelta(hours=25)):
        as_person(okafor)
        assert "is-overdue" in as_person(okafor).get(INBOX).text


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


# --- whose they are ---------------------------------------------------------------------------------------------------


def titles(client, **query):
    """Return the titles in the list, in its order."""
    return [row.title for row in client.get(INBOX, query).context["cl"].result_list]


def named(title, kind="trial.packet", **how):
    """Return a checkpoint that waits under this title."""
    checkpoint = packets.waiting(kind, **how)
    Checkpoint.objects.filter(pk=checkpoint.pk).update(title=title)
    return Checkpoint.objects.get(pk=checkpoint.pk)


def test_it_shows_what_a_person_has_in_hand(as_person, rivera, okafor, stone):
    mine, given, theirs = named("mine"), named("given"), named("theirs")
    engine.claim(mine.pk, actor=okafor)
    engine.assign(given.pk, actor=stone, to=okafor, reason="Knows them.")
    engine.claim(theirs.pk, actor=rivera)

    assert titles(as_person(okafor), show="mine") == ["mine", "given"]


def test_it_shows_the_checkpoints_of_ones_groups(as_person, okafor, lindqvist, stone):
    named("for reviewers"), named("for anybody", "trial.plain"), named("for operators", "trial.once")

    assert titles(as_person(okafor), show="groups") == ["for reviewers"]
    assert titles(as_person(lindqvist), show="groups") == ["for operators"]
    assert titles(as_person(stone), show="groups") == ["for reviewers", "for anybody", "for operators"]


def test_it_shows_what_was_delegated_as_long_as_it_is(as_person, okafor, groups):
    checkpoint, delegate = named("for reviewers"), member("mendes", "Finance")
    lent(okafor, delegate)

    assert titles(as_person(delegate), show="groups") == ["for reviewers"]
    with clock.moved(timedelta(days=2)):
        as_person(delegate)
        assert titles(as_person(delegate), show="groups") == []
    assert checkpoint.is_pending


def test_it_shows_what_is_overdue_by_its_promise(as_person, okafor):
    first, second, third = named("first"), named("second"), named("third")
    now = clock.now()
    for checkpoint, hours in ((first, -1), (second, -3), (third, 1)):
        Checkpoint.objects.filter(pk=checkpoint.pk).update(due_at=now + timedelta(hours=hours))

    assert titles(as_person(okafor), show="overdue") == ["second", "first"]


def test_it_marks_the_tab_it_shows(as_person, okafor):
    page = as_person(okafor).get(INBOX, {"show": "mine"}).text

    assert 'href="?show=mine" aria-current="page">Mine' in page
    assert 'href="?" aria-current="page"' not in page


def test_it_leads_to_the_page_on_the_same_trail_with_ids_alone(as_person, waiting, okafor):
    page = as_person(okafor).get(INBOX, {"show": "groups", "kind__exact": "approval_required", "q": "Harbor"}).text

    assert f"{waiting.pk}/change/?show=groups&amp;kind=approval_required" in page
    assert "_changelist_filters" not in page


def test_it_tells_who_has_it_what_was_said_and_whose_it_is(as_person, waiting, rivera, okafor):
    engine.claim(waiting.pk, actor=rivera)
    engine.comment(waiting.pk, actor=okafor, text="Once.")
    engine.ask_for_changes(waiting.pk, actor=okafor, version=1, text="Twice.")

    page = as_person(okafor).get(INBOX)

    (row,) = page.context["cl"].result_list
    assert (row.told.comments, row.told.organization) == (2, f"…{str(waiting.tenant_id)[-6:]}")
    assert "rivera</td>" in page.text
    assert "Changes asked for" in page.text


def test_it_names_the_organization_where_somebody_knows_it(as_person, okafor, monkeypatch):
    monkeypatch.setattr(tenants, "_namers", [lambda ids: dict.fromkeys(ids, "Harbor Trades School")])
    named("x")

    assert "Harbor Trades School</td>" in as_person(okafor).get(INBOX).text


# --- before and after -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("show", ["", "groups", "mine", "overdue", "decided", "all"])
def test_before_and_after_are_those_of_the_tab(as_person, rivera, okafor, show):
    three = [named(title) for title in ("one", "two", "three")]
    same = three[0].created_at
    for hours, checkpoint in enumerate(three):
        Checkpoint.objects.filter(pk=checkpoint.pk).update(
            created_at=same, due_at=same - timedelta(hours=9 - hours), assignee=okafor
        )
        if show == "decided":
            engine.decide(checkpoint.pk, actor=rivera, verdict="approve", version=1)
    tab = reports.TABS[show]
    order = titles(as_person(okafor), show=show)

    found = [reports.neighbors(row, tab, okafor) for row in Checkpoint.objects.order_by("pk")]

    by_title = dict(zip(("one", "two", "three"), found, strict=True))
    said = [(str(by_title[title][0] or ""), str(by_title[title][1] or "")) for title in order]
    assert sorted(order) == ["one", "three", "two"]
    assert said == [("", order[1]), (order[0], order[2]), (order[1], "")]


def test_after_one_that_left_the_tab_comes_the_one_that_followed_it(rivera, okafor):
    one, two, three = named("one"), named("two"), named("three")

    engine.decide(two.pk, actor=rivera, verdict="approve", version=1)

    assert reports.neighbors(two, reports.WAITING, okafor) == (one, three)


def test_it_leaves_out_other_kinds_where_one_was_chosen(okafor):
    one, _, three = named("one"), named("two", "trial.once"), named("three")

    assert reports.neighbors(one, reports.WAITING, okafor, "approval_required") == (None, three)


def test_one_without_a_promise_leads_to_the_first_that_is_overdue(okafor):
    checkpoint, late = named("one"), named("two")
    Checkpoint.objects.filter(pk=late.pk).update(due_at=clock.now() - timedelta(hours=1))
    Checkpoint.objects.filter(pk=checkpoint.pk).update(due_at=None)

    assert reports.neighbors(Checkpoint.objects.get(pk=checkpoint.pk), reports.TABS["overdue"], okafor) == (None, late)
