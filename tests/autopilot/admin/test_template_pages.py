"""Templates of documents in the office: written beside their preview, approved by another person."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from autopilot.document_types import versions
from autopilot.models import TemplateVersion

pytestmark = pytest.mark.django_db
LIST = "/admin/autopilot/templateversion/"
ADD = f"{LIST}add/"
SOURCE = '<div class="heading"><h1>{{ title }}</h1></div>\n<p>Second edition for {{ bill_to|linebreaksbr }}.</p>\n'


def person(name: str, *deeds: str) -> User:
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=[f"{deed}_templateversion" for deed in deeds]))
    return user


@pytest.fixture
def author(client) -> User:
    """Who writes, signed in."""
    author = person("author", "view", "add", "change", "approve")
    client.force_login(author)
    return author


@pytest.fixture
def version(author) -> TemplateVersion:
    return versions.draft("invoice", SOURCE, note="Shorter", by=author)


def address(version: TemplateVersion) -> str:
    return reverse("admin:autopilot_templateversion_change", args=[version.pk])


def test_it_lists_the_types_with_what_is_in_force(client, author):
    text = client.get(ADD).content.decode()

    assert "Memorandum of understanding" in text
    assert "The shipped template" in text
    assert 'href="?type=certificate"' in text


def test_it_starts_from_what_is_in_force(client, author):
    text = client.get(f"{ADD}?type=invoice").content.decode()

    assert "Please pay &lt;strong&gt;{{ total|money }}" in text
    assert "{% for each in lines %}…{% endfor %}" in text
    assert "{{ each.unit_price|money }}" in text


def test_it_stores_a_draft(client, author):
    page = client.post(f"{ADD}?type=invoice", {"note": "Shorter", "source": SOURCE}, follow=True)

    text = page.content.decode()
    assert "Invoice, version 1" in text
    assert "You wrote it, so another person must approve it." in text
    assert "<ins>" in text
    assert "Second edition" in TemplateVersion.objects.get().source


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<h1>x</h1>\n{{ salary }}", "Line 2: There is no field “salary”"),
        ("<h1>x</h1><script>alert(1)</script>", "The element &lt;script&gt; is not allowed"),
        ("", "This field is required"),
    ],
)
def test_it_tells_why_a_template_is_refused_and_keeps_the_text(client, author, source, reason):
    page = client.post(f"{ADD}?type=invoice", {"note": "Note 7", "source": source})

    text = page.content.decode()
    assert page.status_code == 422
    assert reason in text
    assert "Note 7" in text
    assert not TemplateVersion.objects.exists()


def test_it_revises_ones_own_draft(client, version):
    revise = reverse("admin:templateversion_revise", args=[version.pk])
    said = {"revision": 1, "note": "Longer", "source": SOURCE + "<p>More</p>\n"}

    stored = client.post(revise, said, follow=True)
    late = client.post(revise, said)
    wrong = client.post(revise, said | {"revision": 2, "source": "{% load x %}"})

    assert "Stored." in stored.content.decode()
    assert (late.status_code, wrong.status_code) == (422, 422)
    assert "changed meanwhile" in late.content.decode()
    assert "There is no tag {% load %}" in wrong.content.decode()
    version.refresh_from_db()
    assert (version.revision, version.note) == (2, "Longer")


def test_it_shows_pages_of_the_preview(client, version):
    shown = client.get(reverse("admin:templateversion_picture", args=[version.pk, 1]))
    none = client.get(reverse("admin:templateversion_picture", args=[version.pk, 9]))

    assert (shown["Content-Type"], shown.content[:4]) == ("image/png", b"\x89PNG")
    assert none.status_code == 404


def test_it_has_another_person_approve(client, version):
    approve = reverse("admin:templateversion_approve", args=[version.pk])
    answers = {"revision": 1, "effective_on": "2099-01-01", "reason": "Read it."}

    own = client.post(approve, answers, follow=True).content.decode()
    client.force_login(person("second", "view", "approve"))
    seen = client.get(address(version)).content.decode()
    unexplained = client.post(approve, answers | {"reason": ""}, follow=True).content.decode()
    past = client.post(approve, answers | {"effective_on": "2020-01-01"}, follow=True).content.decode()
    approved = client.post(approve, answers, follow=True).content.decode()

    assert "another person must" in own
    assert "<textarea" not in seen
    assert "Say why" in unexplained
    assert "days that are over" in past
    assert "Approved." in approved
    version.refresh_from_db()
    assert (version.status, version.effective_on.year) == ("approved", 2099)


def test_it_retires_a_version_with_a_reason(client, version):
    answers = {"action": "retire_versions", "_selected_action": str(version.pk)}

    asked = client.post(LIST, answers)
    client.post(LIST, answers | {"confirmed": "1", "reason": "Not needed."})

    assert "stay as they are" in asked.content.decode()
    version.refresh_from_db()
    assert version.status == "retired"


def test_it_only_shows_to_who_may_only_look(client, version):
    client.force_login(person("reader", "view"))

    text = client.get(address(version)).content.decode()

    assert "Second edition" in text
    assert "<textarea" not in text
    assert client.get(ADD).status_code == 403
    for name in ("revise", "approve"):
        assert client.post(reverse(f"admin:templateversion_{name}", args=[version.pk])).status_code == 403


def test_it_asks_the_database_as_often_for_many_as_for_one(client, version, django_assert_max_num_queries):
    for number in range(4):
        versions.draft("invoice", SOURCE, note=f"Number {number}", by=version.author)

    with django_assert_max_num_queries(14):
        assert client.get(LIST).status_code == 200
    with django_assert_max_num_queries(14):
        assert client.get(address(version)).status_code == 200
