"""Several checkpoints decided from the inbox: foreseen one by one, decided one by one, told one by one."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from autopilot import engine
from autopilot.models import Checkpoint, Decision
from tests.autopilot.admin import packets
from tests.autopilot.admin.addresses import listed
from tests.autopilot.admin.people import member
from tests.autopilot.admin.test_review_page import amend, words

pytestmark = pytest.mark.django_db
INBOX, BULK = listed("checkpoint"), reverse("admin:checkpoint_bulk")


@pytest.fixture
def three(groups):
    """Three packets that wait."""
    return [packets.waiting() for _ in range(3)]


def choose(client, rows, verdict="approve", show=""):
    """Choose rows in a tab of the inbox, and what to do with them."""
    return client.post(
        f"{INBOX}?show={show}" if show else INBOX,
        {"action": f"{verdict}_chosen", "_selected_action": [str(row.pk) for row in rows]},
    )


def confirm(client, preview, comment="", **more):
    """Press the button of the preview as it stands."""
    fields = re.findall(r'<input type="hidden" name="((?:checkpoint|version)[^"]*)" value="([^"]*)"', preview.text)
    data = {name: value for name, value in fields if name != "checkpoint"}
    data |= {"checkpoint": [value for name, value in fields if name == "checkpoint"]}
    return client.post(BULK, data | {"verdict": preview.context["verdict"], "comment": comment} | more)


def statuses(rows):
    """Return how the checkpoints stand."""
    return [Checkpoint.objects.get(pk=row.pk).status for row in rows]


def test_it_shows_each_with_what_changed_and_decides_nothing(as_person, three, okafor, rivera):
    amend(three[1], rivera)

    answer = choose(as_person(okafor), three)

    said = words(answer)
    assert said.count("First version") == 2
    assert "Version 2 by rivera: Note" in said
    assert "Approve 3 checkpoints" in said
    assert statuses(three) == ["pending"] * 3


def test_it_decides_each_with_one_mark_and_tells_of_each(as_person, three, okafor):
    client = as_person(okafor)

    answer = confirm(client, choose(client, three), comment="As agreed.")

    decisions = Decision.objects.all()
    assert answer.status_code == 200
    assert words(answer).count("Approved in version 1.") == 3
    assert statuses(three) == ["approved"] * 3
    assert len({decision.bulk_id for decision in decisions} - {None}) == 1
    assert {(each.comment, each.channel, each.ip) for each in decisions} == {("As agreed.", "admin", "127.0.0.1")}


def test_it_rejects_with_a_common_reason_and_reasons_of_their_own(as_person, three, okafor):
    client = as_person(okafor)

    confirm(client, choose(client, three, "reject"), "Incomplete.", **{f"reason-{three[0].pk}": "Closed in May."})

    assert statuses(three) == ["rejected"] * 3
    assert sorted(Decision.objects.values_list("comment", flat=True)) == [
        "Closed in May.",
        "Incomplete.",
        "Incomplete.",
    ]


@pytest.mark.parametrize("comment", ["", "  ", "a\0b", "x" * 4001])
def test_it_wants_a_reason_for_rejections_and_keeps_what_was_typed(as_person, three, okafor, comment):
    client = as_person(okafor)

    answer = confirm(client, choose(client, three, "reject"), comment, **{f"reason-{three[0].pk}": "Closed in May."})

    assert answer.status_code == 422
    assert "Closed in May." in answer.text
    assert answer.context["form"].errors["comment"]
    assert statuses(three) == ["pending"] * 3


def test_it_leaves_out_what_the_person_cannot_decide_and_says_why(as_person, okafor, rivera, groups):
    own, edited, sent_back = packets.waiting(by=okafor), packets.waiting(), packets.waiting()
    happened, decided, fine = packets.waiting("trial.once"), packets.waiting(), packets.waiting()
    amend(edited, okafor)
    engine.ask_for_changes(sent_back.pk, actor=rivera, version=1, text="The street.")
    engine.decide(decided.pk, actor=rivera, verdict="approve", version=1)

    answer = choose(as_person(okafor), [own, edited, sent_back, happened, decided, fine], show="all")

    said = words(answer)
    assert said.count("Left out") == 5
    assert said.count("another person must") == 2
    assert "Another reviewer asked for changes" in said
    assert "answer that on its own page" in said
    assert "already approved by rivera" in said
    assert "Approve 1 checkpoint " in said


def test_it_refuses_self_approval_also_where_the_form_is_forged(as_person, okafor, rivera):
    own, fine = packets.waiting(by=okafor), packets.waiting()
    edited = packets.waiting()
    amend(edited, okafor)
    chosen = {f"version-{row.pk}": row.payload_version for row in (own, fine)} | {f"version-{edited.pk}": 2}
    rows = [own, edited, fine]

    answer = as_person(okafor).post(
        BULK, chosen | {"verdict": "approve", "checkpoint": [str(row.pk) for row in rows], "comment": ""}
    )

    assert statuses(rows) == ["pending", "pending", "approved"]
    assert words(answer).count("Refused Who asked for it or edited it last cannot decide it") == 2


def test_it_decides_the_version_that_was_shown_alone(as_person, three, okafor, rivera):
    client = as_person(okafor)
    preview = choose(client, three)
    amend(three[1], rivera)

    answer = confirm(client, preview)

    assert statuses(three) == ["approved", "pending", "approved"]
    assert "Refused The packet changed since you opened it" in words(answer)


def test_it_says_of_a_second_press_that_all_is_done(as_person, three, okafor):
    client = as_person(okafor)
    preview = choose(client, three)
    confirm(client, preview)

    again = confirm(client, preview)

    assert words(again).count("already approved by okafor") == 3
    assert Decision.objects.count() == 3


def test_it_notices_a_right_lost_since_the_preview(as_person, three, okafor):
    client = as_person(okafor)
    preview = choose(client, three)
    okafor.groups.clear()

    assert confirm(client, preview).status_code == 403
    assert statuses(three) == ["pending"] * 3


def test_it_takes_a_hundred_at_most(as_person, three, okafor, monkeypatch):
    monkeypatch.setattr("autopilot.admin.bulk.MOST", 2)
    client = as_person(okafor)

    chosen = choose(client, three)
    forged = client.post(BULK, {"verdict": "approve", "checkpoint": [str(row.pk) for row in three]})

    assert (chosen.status_code, forged.status_code) == (302, 302)
    assert "at most 2 checkpoints" in client.get(INBOX).text
    assert statuses(three) == ["pending"] * 3


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"verdict": "approve"},
        {"verdict": "approve", "checkpoint": "nonsense"},
        {"verdict": "burn", "checkpoint": "0190b1f2-0000-7000-8000-000000000000"},
    ],
)
def test_it_stands_whatever_is_sent(as_person, okafor, data):
    answer = as_person(okafor).post(BULK, data)

    assert answer.status_code == 302
    assert answer.url == INBOX


@pytest.mark.parametrize("version", ["", "x", "9" * 30, "-1", "2"])
def test_it_takes_no_version_that_nobody_saw(as_person, waiting, okafor, version):
    data = {"verdict": "approve", "checkpoint": str(waiting.pk), f"version-{waiting.pk}": version}

    answer = as_person(okafor).post(BULK, data)

    assert "Refused The packet changed" in words(answer)
    assert statuses([waiting]) == ["pending"]


def test_it_is_for_reviewers_and_by_post_alone(client, three, okafor, groups):
    offered = {}
    for name, group in (("auditor", "Auditor"), ("finance", "Finance"), ("nobody", "")):
        client.force_login(member(name, group))
        offered[name] = "Approve…" in client.get(INBOX).text
        client.post(BULK, {"verdict": "approve", "checkpoint": str(three[0].pk), f"version-{three[0].pk}": 1})
    client.force_login(okafor)

    assert offered == {"auditor": False, "finance": True, "nobody": False}
    assert client.get(BULK).status_code == 405
    assert statuses(three) == ["pending"] * 3


def test_it_asks_as_often_for_many_as_for_one(as_person, okafor, rivera, three):
    client = as_person(okafor)
    amend(three[0], rivera)

    def asked(rows):
        with CaptureQueriesContext(connection) as queries:
            assert choose(client, rows).status_code == 200
        return len(queries)

    choose(client, three[:1])
    for_one = asked(three[:1])
    for_many = asked(three + [packets.waiting() for _ in range(20)])

    assert for_many <= for_one <= 18
