"""What a thread works on, as deeds and answers tell it."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.test import RequestFactory

from autopilot import audit, trace
from autopilot.requests import trace_request


def respond(request):
    return HttpResponse(trace.current().request_id)


def test_it_knows_nothing_outside_of_any_work():
    assert trace.current() == trace.Trace()


def test_it_adds_what_is_known_and_forgets_it_afterwards():
    with trace.tracing(request_id="r"):
        with trace.tracing(job_id="j"):
            assert trace.current() == trace.Trace(request_id="r", job_id="j")
        assert trace.current() == trace.Trace(request_id="r")

    assert trace.current() == trace.Trace()


def test_it_gives_each_request_an_id_and_tells_it():
    first = trace_request(respond)(RequestFactory().get("/"))
    second = trace_request(respond)(RequestFactory().get("/"))

    assert re.fullmatch("[0-9a-f]{32}", first["X-Request-ID"])
    assert first.content.decode() == first["X-Request-ID"]
    assert first["X-Request-ID"] != second["X-Request-ID"]


@pytest.mark.parametrize(
    ("brought", "kept"),
    [("from-the-proxy.1", True), ("short", False), ("a" * 65, False), ("with blank and\nline", False)],
)
def test_it_keeps_an_id_only_if_it_is_fit(brought, kept):
    answer = trace_request(respond)(RequestFactory().get("/", headers={"X-Request-ID": brought}))

    assert (answer["X-Request-ID"] == brought) is kept


@pytest.mark.django_db
def test_it_tells_deeds_from_where_they_were_asked():
    person, group = User.objects.create_user("lee"), Group.objects.create(name="A group")

    with trace.tracing(ip="203.0.113.9"):
        entry = audit.record(person, "auth.group.seen", group)

    assert entry.ip == "203.0.113.9"
