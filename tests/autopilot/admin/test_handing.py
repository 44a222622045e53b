"""Taking in hand, putting back, giving, commenting and asking for changes, through the page."""

import pytest

from autopilot import engine
from autopilot.models import AuditEntry, Checkpoint, CheckpointComment, Decision
from tests.autopilot.admin import packets
from tests.autopilot.admin.addresses import deed, page
from tests.autopilot.admin.people import GROUPS, member
from tests.autopilot.admin.test_review_page import amend, decide, words
from tests.autopilot.engine.packets import lent

pytestmark = pytest.mark.django_db
NAMES = ["claim", "release", "assign", "comment", "changes"]


def send(client, checkpoint, name, **fields):
    """Send one of the forms of the page, as it stands."""
    return client.post(deed(checkpoint, name), {"version": checkpoint.payload_version, **fields})


def now(checkpoint):
    """Return a checkpoint as it stands."""
    return Checkpoint.objects.get(pk=checkpoint.pk)


def test_it_is_taken_in_hand_and_put_back(as_person, waiting, okafor):
    client = as_person(okafor)
    assert "Nobody has it in hand." in client.get(page(waiting)).text

    taken = send(client, waiting, "claim")
    shown = words(client.get(page(waiting)))
    send(client, waiting, "release")

    assert taken.url == page(waiting)
    assert "okafor, since" in shown
    assert "Others still may decide it." in shown
    assert "Put it back" in shown
    assert now(waiting).assignee is None
    history = words(client.get(page(waiting)))
    assert history.index("Taken in hand") < history.index("Put back")


def test_it_says_who_was_faster(as_person, waiting, okafor, rivera):
    engine.claim(waiting.pk, actor=rivera)

    answer = send(as_person(okafor), waiting, "claim")

    assert answer.status_code == 409
    assert now(waiting).assignee == rivera
    assert "rivera, since" in words(answer)


def test_it_is_given_with_a_reason(as_person, waiting, okafor, rivera, lindqvist):
    client = as_person(lindqvist)
    offered = client.get(page(waiting)).context["assign_form"].fields["to"].queryset

    answer = send(client, waiting, "assign", to=okafor.pk, reason="Knows the school.", held_by="")

    assert set(offered) == {okafor, rivera}
    assert answer.status_code == 302
    assert now(waiting).assignee == okafor
    assert "Given to okafor" in words(client.get(page(waiting)))
    assert AuditEntry.objects.get().ip == "127.0.0.1"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"to": "", "reason": "x"}, "Choose who gets it."),
        ({"to": "999999", "reason": "x"}, "could not decide it"),
        ({"to": "x", "reason": "x"}, "could not decide it"),
        ({"to": "okafor", "reason": " "}, "Say why"),
        ({"to": "okafor", "reason": "x", "held_by": "x"}, "Enter a whole number"),
    ],
)
def test_it_keeps_what_was_entered_where_it_does_not_fit(as_person, waiting, okafor, lindqvist, fields, said):
    answer = send(
        as_person(lindqvist), waiting, "assign", **(fields | ({"to": okafor.pk} if fields["to"] == "okafor" else {}))
    )

    assert answer.status_code == 422
    assert said in str(answer.context["assign_form"].errors)
    assert now(waiting).assignee is None


def test_it_is_not_given_past_who_got_it_meanwhile(as_person, waiting, okafor, rivera, lindqvist):
    engine.claim(waiting.pk, actor=rivera)

    answer = send(as_person(lindqvist), waiting, "assign", to=okafor.pk, reason="x", held_by="")

    assert answer.status_code == 409
    assert "rivera has it now" in answer.text


def test_it_is_taken_back_from_somebody_with_a_reason(as_person, waiting, rivera, lindqvist):
    engine.claim(waiting.pk, actor=rivera)
    client = as_person(lindqvist)

    refused = send(client, waiting, "release", reason="")
    send(client, waiting, "release", reason="On leave.")

    assert refused.status_code == 409
    assert "Say why" in refused.text
    assert now(waiting).assignee is None
    assert "Taken back from rivera" in words(client.get(page(waiting)))


def test_it_keeps_a_comment(as_person, waiting, okafor):
    client = as_person(okafor)

    answer = send(client, waiting, "comment", text="<b>Called</b> them.\r\nTwice.")

    assert answer.status_code == 302
    assert CheckpointComment.objects.get().text == "<b>Called</b> them.\nTwice."
    assert "&lt;b&gt;Called&lt;/b&gt; them.<br>Twice." in client.get(page(waiting)).text


@pytest.mark.parametrize("name", ["comment", "changes"])
@pytest.mark.parametrize("text", ["", " ", "x" * 4001, "a\0b"])
def test_it_refuses_a_text_that_does_not_fit_and_keeps_it(as_person, waiting, okafor, name, text):
    answer = send(as_person(okafor), waiting, name, text=text)

    assert answer.status_code == 422
    assert answer.context["comment_form"].errors["text"]
    assert not CheckpointComment.objects.exists()


def test_it_asks_for_changes_and_bars_others_from_approving(as_person, waiting, okafor, rivera):
    asked = send(as_person(okafor), waiting, "changes", text="The street is missing.")

    client = as_person(rivera)
    shown = words(client.get(page(waiting)))
    refused = decide(client, waiting, comment="Fine by me.")

    assert asked.status_code == 302
    assert "okafor asks for changes to this version The street is missing." in shown
    assert "It can be approved once it is amended, or by okafor." in shown
    assert refused.status_code == 409
    assert "Another reviewer asked for changes" in refused.text
    assert "Fine by me." in refused.text
    assert not Decision.objects.exists()


def test_it_says_no_more_of_it_once_a_new_version_answers_it(as_person, waiting, okafor, rivera):
    send(as_person(okafor), waiting, "changes", text="The street is missing.")
    amend(waiting, rivera)

    said = words(as_person(okafor).get(page(waiting)))

    assert "asks for changes to this version" not in said
    assert "Asked for changes to version 1" in said
    assert decide(as_person(okafor), waiting, version=2).status_code == 302


def test_it_asks_for_changes_of_the_version_that_was_read(as_person, waiting, okafor, rivera):
    client = as_person(okafor)
    amend(waiting, rivera)

    answer = send(client, waiting, "changes", text="The street is missing.")

    assert answer.status_code == 409
    assert "The street is missing." in answer.text
    assert not CheckpointComment.objects.exists()


def test_it_says_in_whose_place_somebody_decides(as_person, waiting, okafor, groups):
    delegate = member("mendes", "Finance")
    lent(okafor, delegate)
    client = as_person(delegate)

    shown = words(client.get(page(waiting)))
    decide(client, waiting)

    assert "You decide in the place of okafor." in shown
    assert Decision.objects.get().on_behalf_of == okafor
    assert "mendes, in the place of okafor" in words(client.get(page(waiting)))


@pytest.mark.parametrize("name", NAMES)
def test_it_takes_nothing_by_get_from_strangers_or_from_who_is_signed_out(client, waiting, okafor, name):
    signed_out = send(client, waiting, name, text="x")
    client.force_login(okafor)
    read = client.get(deed(waiting, name))
    client.force_login(member("nobody"))
    stranger = send(client, waiting, name, text="x")

    assert (signed_out.status_code, read.status_code, stranger.status_code) == (302, 405, 403)
    assert "/login/" in signed_out.url
    assert not CheckpointComment.objects.exists()


@pytest.mark.parametrize(
    ("name", "entitled"),
    [
        ("claim", {"Reviewer"}),
        ("assign", {"Administrator", "Operator"}),
        ("comment", set(GROUPS) - {"Auditor"}),
        ("changes", {"Reviewer"}),
    ],
)
def test_it_is_done_by_who_may(client, okafor, groups, name, entitled):
    done = set()
    for group in GROUPS:
        checkpoint = packets.waiting()
        client.force_login(member(f"one of {group}", group))
        answer = send(client, checkpoint, name, text="x", to=okafor.pk, reason="x", held_by="")
        assert answer.status_code in (302, 403)
        done |= {group} if answer.status_code == 302 else set()

    assert done == entitled


def test_it_takes_nothing_about_what_the_person_asked_for(as_person, rivera):
    checkpoint = packets.waiting(by=rivera)
    client = as_person(rivera)

    found = {name: send(client, checkpoint, name, text="x").status_code for name in ("claim", "changes", "comment")}

    assert found == {"claim": 403, "changes": 403, "comment": 302}
    assert "Take it in hand" not in client.get(page(checkpoint)).text


def test_it_offers_nothing_but_comments_once_it_is_decided(as_person, waiting, okafor, rivera, stone):
    engine.claim(waiting.pk, actor=rivera)
    engine.decide(waiting.pk, actor=rivera, verdict="approve", version=1)
    client = as_person(stone)

    shown = client.get(page(waiting)).text
    found = {name: send(client, waiting, name, text="x", to=okafor.pk, reason="x").status_code for name in NAMES}

    assert "Who has it" not in shown
    assert "Say something" in shown
    assert "Ask for changes" not in shown
    assert found == {"claim": 409, "release": 409, "assign": 409, "comment": 302, "changes": 409}
