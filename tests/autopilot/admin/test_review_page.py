"""The page on which a checkpoint is read and decided, asked as everybody who could stand before it."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from autopilot import clock, engine, submissions
from autopilot.models import Checkpoint, Decision, Job
from autopilot.testing import run_jobs
from tests.autopilot.admin import packets, rows
from tests.autopilot.admin.addresses import deed, page
from tests.autopilot.admin.people import member

pytestmark = pytest.mark.django_db


def decide(client, checkpoint, verdict="approve", **fields):
    """Press a button on the page as it stands."""
    return client.post(deed(checkpoint, "decide"), {"version": 1, "verdict": verdict, "comment": "", **fields})


def amend(checkpoint, by, version=1, **edits):
    """Make a new version."""
    return engine.amend(
        checkpoint.pk, actor=by, version=version, edits=edits or {"note": "Called them."}, comment="After a call."
    )


def words(answer):
    """Return what a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_it_shows_all_that_is_weighed(as_person, waiting, okafor):
    said = words(as_person(okafor).get(page(waiting)))

    for told in (
        "Packet of Harbor Trades",
        "Approval required Pending",
        "What is approved is sent.",
        "Legal name Harbor Trades School",
        "Type of organization Training provider",
        "Contact Name Imani Brooks E-mail imani@harbortrades.example",
        "Course 2 Title Barbering CIP code 12.0402 Clock hours 1500",
        "EIN 35-1234567",
        "Findings: 1 with a warning, 1 passed",
        "EIN prefix: warning No prefix 35. Look. IRS list",
        "Reviewers Reviewer",
        "Requested by Nobody signed in",
        "then the job will fail",
        "Approve version 1",
        "Edit the fields",
    ):
        assert told in said


def test_it_keeps_what_others_wrote_text(as_person, okafor, rivera):
    checkpoint = packets.waiting()
    amend(checkpoint, rivera, name="<script>alert(1)</script>")

    shown = as_person(okafor).get(page(checkpoint)).text

    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;alert(1)" in shown


def test_it_approves(as_person, waiting, okafor):
    answer = decide(as_person(okafor), waiting, comment="All in order.")

    decision = Decision.objects.get()
    assert answer.status_code == 302
    assert answer.url == page(waiting)
    assert (decision.actor, decision.verdict, decision.comment) == (okafor, "approve", "All in order.")
    assert (decision.channel, decision.ip, decision.data) == ("admin", "127.0.0.1", {})
    assert run_jobs() == [("trial.packet", "completed")]


def test_it_rejects_with_the_reason(as_person, waiting, okafor):
    decide(as_person(okafor), waiting, "reject", comment="The EIN is another one's.")
    run_jobs()

    job = Job.objects.get(pk=waiting.job_id)
    assert (job.status, job.reason) == ("failed", "rejected")
    assert Decision.objects.get().comment == "The EIN is another one's."


def test_it_asks_for_the_reason_of_a_rejection_beside_the_field(as_person, waiting, okafor):
    answer = decide(as_person(okafor), waiting, "reject", comment="  ")

    assert answer.status_code == 422
    assert "Please correct what is marked below" in answer.text
    assert "Say why it is rejected" in answer.context["decision_form"].errors["comment"][0]
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"verdict": ""},
        {"verdict": "happened"},
        {"verdict": "burn"},
        {"version": ""},
        {"version": "x"},
        {"comment": "a\0b"},
        {"comment": "x" * 4001},
    ],
)
def test_it_refuses_what_no_button_sends_and_keeps_the_comment(as_person, waiting, okafor, fields):
    answer = decide(as_person(okafor), waiting, **({"comment": "Looked at it."} | fields))

    assert answer.status_code == 422
    assert fields.get("comment", "Looked at it.")[:5] in answer.text
    assert not Decision.objects.exists()
    waiting.refresh_from_db()
    assert waiting.is_pending


def test_it_shows_what_changed_since_the_page_was_opened(as_person, waiting, okafor, rivera):
    amend(waiting, rivera, contact_name="Imani B. Brooks")

    answer = decide(as_person(okafor), waiting, comment="All in order.", version=1)

    said = words(answer)
    assert answer.status_code == 409
    assert "The packet changed since you opened it" in said
    assert "What changed since you opened the page Field Before After Contact name Imani Brooks Imani B. Brooks" in said
    assert "All in order." in said
    assert "Approve version 2" in said
    assert not Decision.objects.exists()


def test_it_lets_the_same_person_decide_the_new_version_from_that_page(as_person, waiting, okafor, rivera):
    amend(waiting, rivera)
    stale = decide(as_person(okafor), waiting, comment="All in order.", version=1)
    version = stale.context["decision_form"]["version"].value()

    answer = decide(as_person(okafor), waiting, comment="All in order.", version=version)

    assert answer.status_code == 302
    assert Decision.objects.get().payload_version == 2


def test_it_says_who_was_first_and_gives_back_what_was_typed(as_person, waiting, okafor, rivera):
    engine.decide(waiting.pk, actor=rivera, verdict="approve", version=1)

    answer = decide(as_person(okafor), waiting, "reject", comment="A long and careful reason.")

    assert answer.status_code == 409
    assert "This checkpoint is already approved by rivera." in answer.text
    assert "A long and careful reason." in answer.text
    assert "Your decision" not in answer.text
    assert Decision.objects.count() == 1


def test_it_says_when_the_time_to_decide_is_over(as_person, waiting, okafor):
    with clock.moved(timedelta(days=8)):
        answer = decide(as_person(okafor), waiting)

    assert answer.status_code == 409
    assert "The time to decide has passed." in answer.text
    assert not Decision.objects.exists()


def test_it_shows_the_requester_why_another_must_decide(as_person, rivera):
    checkpoint = packets.waiting(by=rivera)
    client = as_person(rivera)

    shown, refused = client.get(page(checkpoint)), decide(client, checkpoint)

    assert "You asked for this, so another person must decide it." in shown.text
    assert 'name="verdict"' not in shown.text
    assert refused.status_code == 403
    assert "another person must" in refused.text
    assert not Decision.objects.exists()


def test_it_shows_the_last_editor_why_another_must_decide(as_person, waiting, rivera):
    amend(waiting, rivera)
    client = as_person(rivera)

    shown, refused = client.get(page(waiting)), decide(client, waiting, version=2)

    assert "You made version 2, so another person must decide it." in shown.text
    assert 'name="verdict"' not in shown.text
    assert "Edit the fields" in shown.text
    assert refused.status_code == 403
    assert not Decision.objects.exists()


@pytest.mark.parametrize("group", ["Operator", "Auditor", "Finance"])
def test_it_shows_who_is_no_reviewer_why_there_are_no_buttons(as_person, waiting, group):
    client = as_person(member("someone", group))

    shown, refused = client.get(page(waiting)), decide(client, waiting)

    assert "You are not among the reviewers of this checkpoint." in shown.text
    assert "Edit the fields" not in shown.text
    assert 'name="verdict"' not in shown.text
    assert refused.status_code == 403
    assert not Decision.objects.exists()


def test_it_shows_the_second_person_what_the_first_has_changed(as_person, waiting, okafor, rivera):
    courses = [packets.PAYLOAD["courses"][0] | {"hours": 500}, packets.PAYLOAD["courses"][1]]
    amend(waiting, rivera, courses=courses, state="KY")

    said = words(as_person(okafor).get(page(waiting)))

    assert "What reviewers changed, version 2 against version 1" in said
    assert "State Indiana Kentucky Course 1: Clock hours 480 500" in said
    assert "What followed from it Field Before After Rendered 1 2" in said
    assert "Amended: version 2" in said
    assert "After a call." in said
    assert "courses/0" not in said


def test_it_tells_how_it_ended_and_leads_to_the_next(as_person, waiting, okafor, rivera):
    other = packets.waiting("trial.plain")
    engine.decide(waiting.pk, actor=rivera, verdict="approve", version=1, comment="All in order.")

    shown = as_person(okafor).get(page(waiting))

    said = words(shown)
    assert "Approved by rivera" in said
    assert "All in order." in said
    assert "You cannot" not in said
    assert 'name="verdict"' not in shown.text
    assert page(other) in shown.text


def test_it_says_when_nothing_else_waits(as_person, waiting, okafor, rivera):
    engine.decide(waiting.pk, actor=rivera, verdict="approve", version=1)

    assert "Nothing else waits for a decision." in as_person(okafor).get(page(waiting)).text


def test_it_shows_a_packet_whose_form_nobody_registers_any_more(as_person, okafor, rivera):
    checkpoint = packets.waiting()
    amend(checkpoint, rivera, state="KY")
    Checkpoint.objects.filter(pk=checkpoint.pk).update(form="gone.form")

    said = words(as_person(okafor).get(page(checkpoint)))

    assert "State Indiana Kentucky" in said
    assert "Legal name Harbor Trades School" in said


def test_it_counts_the_people_a_quorum_needs(as_person, okafor, rivera):
    checkpoint = packets.waiting(quorum=2)
    engine.decide(checkpoint.pk, actor=rivera, verdict="approve", version=1)

    shown, again = as_person(okafor).get(page(checkpoint)), decide(as_person(rivera), checkpoint)

    assert "1 of 2 people needed" in shown.text
    assert again.status_code == 409
    assert "You have already decided on this version." in again.text


def test_it_says_of_an_expired_one_that_nobody_decided(as_person, waiting, okafor):
    Checkpoint.objects.filter(pk=waiting.pk).update(
        status="expired", decided_at=clock.now(), outcome={"verdict": "expired"}
    )

    assert "Expired" in words(as_person(okafor).get(page(waiting)))


def test_it_opens_the_packet_and_shows_the_receipt(as_person, okafor):
    checkpoint = packets.waiting()
    sent = rows.submitted_by_hand()
    submissions.record_receipt(sent.pk, {"number": "IN-2026-77"})
    packet = checkpoint.payload | {"document": {"id": str(sent.document_id), "sha256": sent.approved_digest}}
    Checkpoint.objects.filter(pk=checkpoint.pk).update(payload=packet)

    shown = as_person(okafor).get(page(checkpoint)).text

    assert deed(sent.document, "file") in shown
    assert "IN-2026-77" in shown
    assert page(sent) in shown


@pytest.mark.parametrize("document", [{"id": "nonsense"}, "nonsense", {}, None, {"id": None}])
def test_it_stands_whatever_a_payload_calls_a_document(as_person, waiting, okafor, document):
    Checkpoint.objects.filter(pk=waiting.pk).update(
        payload=packets.PAYLOAD | {"document": document, "findings": "none"}
    )

    assert as_person(okafor).get(page(waiting)).status_code == 200


def test_it_never_decides_by_get(as_person, waiting, okafor):
    answer = as_person(okafor).get(deed(waiting, "decide"), {"version": 1, "verdict": "approve"})

    assert answer.status_code == 405
    assert not Decision.objects.exists()


def test_it_wants_the_token_of_its_own_form(waiting, okafor):
    client = Client(enforce_csrf_checks=True)
    client.force_login(okafor)

    forged = decide(client, waiting)
    token = client.get(page(waiting)).context["csrf_token"]
    sent = decide(client, waiting, csrfmiddlewaretoken=str(token))

    assert forged.status_code == 403
    assert sent.status_code == 302
    assert Decision.objects.count() == 1


def test_it_asks_somebody_who_is_signed_out_to_sign_in(client, waiting):
    answer = decide(client, waiting)

    assert answer.status_code == 302
    assert "/login/" in answer.url
    assert not Decision.objects.exists()


def test_it_shows_a_note_without_asking_for_anything(as_person, okafor):
    engine.enqueue("sample.simple", tenant_id=rows.TENANT, subject="A quarterly report")
    run_jobs()
    note = Checkpoint.objects.get(kind="info")

    shown = as_person(okafor).get(page(note))

    assert "For information" in shown.text
    assert "A quarterly report" in shown.text
    assert 'name="verdict"' not in shown.text
    assert decide(as_person(okafor), note).status_code == 409


def test_it_takes_a_receipt_for_what_happened(as_person, lindqvist):
    checkpoint = packets.waiting("trial.once")

    answer = decide(as_person(lindqvist), checkpoint, "happened", number="IN-77", comment="Seen in the portal.")
    run_jobs()

    assert answer.status_code == 302
    assert Decision.objects.get().data == {"number": "IN-77"}
    assert Job.objects.get(pk=checkpoint.job_id).result == {"receipt": {"number": "IN-77", "confirmed_by": "lindqvist"}}
    assert "number IN-77" in words(as_person(lindqvist).get(page(checkpoint)))


def test_it_asks_for_the_receipt_of_what_happened_and_keeps_the_comment(as_person, lindqvist):
    checkpoint = packets.waiting("trial.once")

    answer = decide(as_person(lindqvist), checkpoint, "happened", number="", comment="Seen in the portal.")

    assert answer.status_code == 422
    assert "receipt" in answer.context["decision_form"].errors["number"][0]
    assert "Seen in the portal." in answer.text
    assert not Decision.objects.exists()


def test_it_does_again_what_did_not_happen(as_person, lindqvist):
    checkpoint = packets.waiting("trial.once")

    decide(as_person(lindqvist), checkpoint, "not_happened", comment="The portal has nothing.")
    run_jobs()

    assert Checkpoint.objects.filter(job_id=checkpoint.job_id, kind="reconcile").count() == 2


def test_it_asks_for_no_number_when_a_step_was_renamed(as_person, lindqvist):
    checkpoint = packets.waiting("trial.once")
    Checkpoint.objects.filter(pk=checkpoint.pk).update(payload={"step": "send", "older_steps": ["submit"]})
    client = as_person(lindqvist)

    shown, answer = client.get(page(checkpoint)), decide(client, checkpoint, "happened")

    assert 'name="number"' not in shown.text
    assert answer.status_code == 302
    assert Decision.objects.get().data == {}


# --- versions and what comes next -------------------------------------------------------------------------------------


@pytest.fixture
def thrice(waiting, rivera):
    """A packet of which there are three versions."""
    amend(waiting, rivera, name="Harbor Trades School LLC")
    amend(waiting, rivera, 2, state="KY")
    return Checkpoint.objects.get(pk=waiting.pk)


@pytest.mark.parametrize(
    ("query", "earlier", "later", "changed"),
    [
        ({}, 1, 3, ["Legal name", "State"]),
        ({"from": "1", "to": "2"}, 1, 2, ["Legal name"]),
        ({"from": "2"}, 2, 3, ["State"]),
        ({"from": "3", "to": "1"}, 3, 1, ["Legal name", "State"]),
        ({"from": "2", "to": "2"}, 2, 2, []),
        ({"from": "0", "to": "9"}, 1, 3, ["Legal name", "State"]),
        ({"from": "x", "to": "\x00"}, 1, 3, ["Legal name", "State"]),
        ({"from": "9" * 5000}, 1, 3, ["Legal name", "State"]),
    ],
)
def test_it_compares_any_two_versions(as_person, thrice, okafor, query, earlier, later, changed):
    shown = as_person(okafor).get(page(thrice), query)

    comparison = shown.context["comparison"]
    assert (comparison["earlier"], comparison["later"]) == (earlier, later)
    assert [change.label for change in comparison["changes"].made] == changed
    assert f"version {later} against version {earlier}" in words(shown)


def test_it_marks_the_words_that_changed(as_person, thrice, okafor):
    shown = as_person(okafor).get(page(thrice)).text

    assert "Harbor Trades School<ins> LLC</ins>" in shown
    assert "<del>Indiana</del>" in shown


def test_it_goes_on_to_what_follows_where_the_person_came_from(as_person, waiting, okafor, rivera):
    others = [packets.waiting(), packets.waiting("trial.plain")]
    for each in (waiting, others[1]):
        engine.claim(each.pk, actor=okafor)
    client = as_person(okafor)

    first = client.post(f"{deed(waiting, 'decide')}?show=mine", {"version": 1, "verdict": "approve", "comment": ""})
    last = client.post(f"{deed(others[1], 'decide')}?show=mine", {"version": 1, "verdict": "approve", "comment": ""})

    assert first.url == f"{page(others[1])}?show=mine"
    assert last.url == f"{page(others[1])}?show=mine"
    told = words(client.get(last.url))
    assert "Approved: Packet of Harbor Trades ." in told
    assert "Approved by okafor" in told


def test_it_shows_the_way_to_the_one_before_and_the_one_after(as_person, waiting, okafor):
    before, middle, after = waiting, packets.waiting(), packets.waiting()

    shown = as_person(okafor).get(page(middle), {"show": "groups", "kind": "approval_required"}).text

    trail = "?show=groups&amp;kind=approval_required"
    assert f'rel="prev" href="{page(before)}{trail}"' in shown
    assert f'rel="next" href="{page(after)}{trail}"' in shown
    assert f'action="{deed(middle, "decide")}{trail}"' in shown


@pytest.mark.parametrize("query", [{"show": "nonsense"}, {"kind": "'; DROP"}, {"show": "\x00"}, {"show": ["a", "b"]}])
def test_it_takes_a_trail_it_does_not_know_for_all_that_waits(as_person, waiting, okafor, query):
    shown = as_person(okafor).get(page(waiting), query)

    assert shown.status_code == 200
    assert shown.context["trail"].query == ""


@pytest.mark.parametrize("lost", ["group", "permission", "active"])
def test_it_notices_a_right_lost_at_the_next_request(as_person, waiting, okafor, lost):
    client = as_person(okafor)
    assert "Approve version 1" in client.get(page(waiting)).text

    if lost == "group":
        okafor.groups.set(Group.objects.filter(name="Finance"))
    elif lost == "permission":
        okafor.groups.get().permissions.remove(Permission.objects.get(codename="decide_checkpoint"))
    else:
        User.objects.filter(pk=okafor.pk).update(is_active=False)

    assert decide(client, waiting).status_code == (302 if lost == "active" else 403)
    assert not Decision.objects.exists()


def test_it_refuses_who_amends_and_then_approves(as_person, waiting, rivera):
    client = as_person(rivera)
    client.post(deed(waiting, "amend"), {"action": "save", "version": 1})
    amend(waiting, rivera)

    assert decide(client, waiting, version=2).status_code == 403
    assert decide(client, waiting, version=1).status_code == 403
    assert not Decision.objects.exists()
