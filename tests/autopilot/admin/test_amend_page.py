"""The page that amends: a new version, what is refused, what is kept, and what others did meanwhile."""

import pytest

from autopilot import engine
from autopilot.documents.errors import PdfUnavailable
from autopilot.models import Checkpoint, CheckpointRevision
from tests.autopilot.admin import packets
from tests.autopilot.admin.addresses import deed, page
from tests.autopilot.admin.packets import PAYLOAD
from tests.autopilot.admin.test_review_page import words
from tests.autopilot.admin.test_shapes import sent

pytestmark = pytest.mark.django_db


def amend(client, checkpoint, payload=PAYLOAD, /, **changes):
    """Press the button of the form as it was opened, with some fields changed."""
    return client.post(deed(checkpoint, "amend"), {"action": "save", **sent(payload, **changes)})


def test_it_opens_with_what_is_stored(as_person, waiting, rivera):
    shown = as_person(rivera).get(deed(waiting, "amend"))

    assert shown.status_code == 200
    assert 'value="imani@harbortrades.example"' in shown.text
    assert 'name="courses/count" value="2"' in shown.text
    assert "<legend>Course 2</legend>" in shown.text
    assert "Add course" in shown.text


def test_it_saves_a_new_version_that_another_person_must_decide(as_person, waiting, rivera):
    client = as_person(rivera)

    answer = amend(client, waiting, name="Harbor Trades, Inc.", courses__1__hours="1480", comment="As on their letter.")

    revision = CheckpointRevision.objects.get(checkpoint=waiting, version=2)
    assert answer.status_code == 302
    assert answer.url == page(waiting)
    assert (revision.editor, revision.comment) == (rivera, "As on their letter.")
    assert revision.payload["name"] == "Harbor Trades, Inc."
    assert revision.payload["courses"][1]["hours"] == 1480
    assert revision.payload["rendered"] == 2
    assert [row["path"] for row in revision.diff] == ["/courses/1/hours", "/name", "/rendered"]
    assert "Saved as version 2. Another person must decide it now." in client.get(page(waiting)).text


def test_it_says_beside_each_field_what_is_wrong_and_keeps_the_rest(as_person, waiting, rivera):
    answer = amend(as_person(rivera), waiting, contact_email="nobody", courses__0__hours="0", name="Typed name")

    assert answer.status_code == 422
    said = words(answer)
    assert "Please correct what is marked below Contact e-mail: Enter a valid email address." in said
    assert "Course 1: Clock hours: Ensure this value is greater than or equal to 1." in said
    assert 'value="Typed name"' in answer.text
    assert not CheckpointRevision.objects.filter(version=2).exists()


def test_it_shows_what_only_the_owner_can_refuse(as_person, waiting, rivera):
    answer = amend(as_person(rivera), waiting, contact_email=packets.CLOSED)

    assert answer.status_code == 422
    assert "Contact e-mail: Nobody reads there." in words(answer)
    assert "EIN: Does not fit." in words(answer)


def test_it_makes_no_version_of_nothing(as_person, waiting, rivera):
    def nothing_follows(payload):
        return payload

    engine.review_form("trial.form", schema=packets.SCHEMA, complete=nothing_follows)

    answer = amend(as_person(rivera), waiting)

    assert answer.status_code == 422
    assert "Nothing was changed" in answer.text


def test_it_says_when_the_packet_cannot_be_made(as_person, waiting, rivera):
    def without_pango(payload):
        raise PdfUnavailable

    engine.review_form("trial.form", schema=packets.SCHEMA, complete=without_pango)

    answer = amend(as_person(rivera), waiting, name="Typed name")

    assert answer.status_code == 409
    assert "Pango is not installed" in answer.text
    assert 'value="Typed name"' in answer.text


def test_it_adds_a_record_and_keeps_what_was_typed(as_person, waiting, rivera):
    grown = as_person(rivera).post(
        deed(waiting, "amend"), {**sent(name="Typed name", comment="Why"), "action": "add:courses"}
    )

    assert grown.status_code == 200
    assert "<legend>Course 3</legend>" in grown.text
    assert 'value="Typed name"' in grown.text
    assert "Why</textarea>" in grown.text
    assert "error-summary" not in grown.text
    assert "Add course" not in grown.text


def test_it_removes_a_record(as_person, waiting, rivera):
    shrunk = as_person(rivera).post(deed(waiting, "amend"), {**sent(), "action": "remove:courses/0"})

    assert 'name="courses/count" value="1"' in shrunk.text
    assert 'value="Barbering"' in shrunk.text
    assert 'value="Welding"' not in shrunk.text
    assert "Remove Course" not in shrunk.text


def test_it_saves_with_a_record_more_and_with_one_less(as_person, waiting, rivera):
    client, third = as_person(rivera), {"title": "Plumbing", "cip_code": "46.0503", "hours": 90}
    longer = PAYLOAD | {"courses": [*PAYLOAD["courses"], third]}
    shorter = PAYLOAD | {"courses": PAYLOAD["courses"][1:]}

    amend(client, waiting, longer)
    waiting.refresh_from_db()
    assert waiting.payload["courses"][2] == third

    amend(client, waiting, shorter, version="2")
    waiting.refresh_from_db()
    assert waiting.payload["courses"] == PAYLOAD["courses"][1:]


def test_it_shows_what_another_saved_meanwhile_and_keeps_what_was_typed(as_person, waiting, rivera, okafor):
    engine.amend(waiting.pk, actor=okafor, version=1, edits={"contact_name": "Imani B. Brooks"})

    answer = amend(as_person(rivera), waiting, name="Typed name", comment="Why")

    said = words(answer)
    assert answer.status_code == 409
    assert "okafor saved version 2 while you were writing. Your changes are kept below." in said
    assert "What changed meanwhile Field Before After Contact name Imani Brooks Imani B. Brooks" in said
    assert 'value="Typed name"' in answer.text
    assert 'value="Imani B. Brooks"' in answer.text
    assert 'name="version" value="2"' in answer.text
    assert "Why</textarea>" in answer.text
    assert CheckpointRevision.objects.filter(checkpoint=waiting).count() == 2


def test_it_does_not_undo_what_another_saved_meanwhile(as_person, waiting, rivera, okafor):
    engine.amend(waiting.pk, actor=okafor, version=1, edits={"contact_name": "Imani B. Brooks"})
    kept = amend(as_person(rivera), waiting, name="Typed name").context["page"].form
    again = sent(PAYLOAD | {"contact_name": kept["contact_name"].value(), "name": kept["name"].value()}, version="2")

    as_person(rivera).post(deed(waiting, "amend"), again)

    waiting.refresh_from_db()
    assert (waiting.payload_version, waiting.payload["name"]) == (3, "Typed name")
    assert waiting.payload["contact_name"] == "Imani B. Brooks"


def test_it_notices_a_version_that_came_while_a_record_was_added(as_person, waiting, rivera, okafor):
    grown = as_person(rivera).post(deed(waiting, "amend"), {**sent(), "action": "add:courses"})
    engine.amend(waiting.pk, actor=okafor, version=1, edits={"contact_name": "Imani B. Brooks"})
    again = as_person(rivera).post(deed(waiting, "amend"), {**sent(), "action": "add:courses"})

    assert grown.context["page"].form["version"].value() == 1
    assert again.context["page"].form["version"].value() == 1


def test_it_notices_a_version_that_came_in_the_very_moment_of_saving(as_person, waiting, rivera, okafor, monkeypatch):
    def saved_by_another_first(checkpoint_id, **said):
        monkeypatch.undo()
        engine.amend(checkpoint_id, actor=okafor, version=1, edits={"contact_name": "Imani B. Brooks"})
        return engine.amend(checkpoint_id, **said)

    monkeypatch.setattr(engine, "amend", saved_by_another_first)

    answer = amend(as_person(rivera), waiting, name="Typed name")

    assert answer.status_code == 409
    assert "okafor saved version 2 while you were writing." in answer.text


def test_it_lets_an_editor_edit_again(as_person, waiting, rivera):
    client = as_person(rivera)
    amend(client, waiting, name="First")

    answer = amend(client, waiting, name="Second", version="2")

    assert answer.status_code == 302
    assert Checkpoint.objects.get(pk=waiting.pk).payload["name"] == "Second"


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_leads_who_may_not_amend_back_with_the_reason(as_person, waiting, lindqvist, method):
    client = as_person(lindqvist)

    answer = getattr(client, method)(deed(waiting, "amend"), sent(name="Typed name"), follow=True)

    assert answer.redirect_chain == [(page(waiting), 302)]
    assert "You are not among the reviewers of this checkpoint." in answer.text
    assert not CheckpointRevision.objects.filter(version=2).exists()


def test_it_leads_back_from_what_was_decided(as_person, waiting, rivera, okafor):
    engine.decide(waiting.pk, actor=okafor, verdict="approve", version=1)

    answer = as_person(rivera).post(deed(waiting, "amend"), sent(name="Typed name"), follow=True)

    assert "This checkpoint is already approved by okafor." in answer.text


@pytest.mark.parametrize(("kind", "form"), [("trial.plain", ""), ("trial.packet", "gone.form")])
def test_it_leads_back_from_what_has_no_form(as_person, rivera, kind, form):
    checkpoint = packets.waiting(kind)
    Checkpoint.objects.filter(pk=checkpoint.pk).update(form=form)

    answer = as_person(rivera).get(deed(checkpoint, "amend"), follow=True)

    assert "cannot be amended; approve or reject it" in answer.text


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"version": "1"},
        {"version": "9" * 30, "action": "add:courses"},
        {"version": "7", "courses/count": "2"},
        {"version": "1", "courses/count": "-5", "action": "remove:courses/9"},
        {"version": "1", "action": "add:" + "courses/" * 50},
        {"version": "1", "name": ["a", "b"], "courses/0/title": "x" * 300},
    ],
)
def test_it_stands_whatever_is_sent_to_it(as_person, waiting, rivera, data):
    answer = as_person(rivera).post(deed(waiting, "amend"), data)

    assert answer.status_code in (200, 409, 422)
    assert not CheckpointRevision.objects.filter(version=2).exists()
