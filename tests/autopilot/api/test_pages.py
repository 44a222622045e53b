"""Pages, limits and what may be kept: the same for every list."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache

from autopilot import clock, engine
from autopilot.api.throttles import PerCaller
from autopilot.identifiers import uuid7
from autopilot.models import Job
from tests.autopilot.api.conftest import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def seven(db) -> list[str]:
    """Seven jobs, the newest first; three of them of one moment."""
    jobs = [engine.enqueue("sample.simple", tenant_id=uuid7(), subject=str(number)) for number in range(7)]
    Job.objects.filter(pk__in=[job.pk for job in jobs[2:5]]).update(created_at=jobs[2].created_at)
    return [str(job.pk) for job in Job.objects.order_by("-created_at", "-id")]


def ids(response) -> list[str]:
    return [row["id"] for row in response.json()["results"]]


def path_of(address: str) -> str:
    return address.removeprefix("http://testserver/api/v1/")


def test_it_gives_every_row_once_forward_and_back(operator, seven):
    page, forward = operator.get("jobs?page_size=2"), []
    while True:
        forward.append(ids(page))
        if page.json()["next"] is None:
            break
        page = operator.get(path_of(page.json()["next"]))
    backward = [ids(page)]
    while page.json()["previous"]:
        page = operator.get(path_of(page.json()["previous"]))
        backward.append(ids(page))

    assert [row for page in forward for row in page] == seven
    assert backward[::-1] == forward


def test_it_links_to_the_neighbors(operator, seven):
    first = operator.get("jobs?page_size=3&status=pending")
    second = operator.get(path_of(first.json()["next"]))

    assert first["Link"] == f'<{first.json()["next"]}>; rel="next"'
    assert set(re.findall(r'rel="(\w+)"', second["Link"])) == {"next", "prev"}
    assert "status=pending" in second.json()["next"]


def test_it_is_not_shifted_by_rows_that_come_meanwhile(operator, seven):
    first = operator.get("jobs?page_size=3")
    engine.enqueue("sample.simple", tenant_id=uuid7(), subject="new")

    assert ids(operator.get(path_of(first.json()["next"]))) == seven[3:6]


@pytest.mark.parametrize(
    "query",
    ["page_size=0", "page_size=101", "page_size=-1", "page_size=ten", "page_size=", "page_size=%C2%B2", "cursor=garbage",
     "cursor=cD1ub3cl", "cursor=cD0lMDA%3D", "cursor=cD1hYmM%3D", "cursor=%FF", "cursor=bz05OTk5OTk5OTk5OTk5OTk5OTk5"],
)  # fmt: skip
def test_it_refuses_a_page_that_is_none(operator, seven, query):
    for path in ("jobs", "checkpoints", f"jobs/{seven[0]}/events", f"jobs/{seven[0]}/steps", "workers"):
        response = operator.get(f"{path}?{query}")
        assert response.status_code in (200, 400)
        if response.status_code == 400:
            assert response.json()["errors"][0]["parameter"] == query.partition("=")[0]


def test_it_lets_readers_keep_what_they_ask_about_again(operator, seven):
    for path in ("jobs", f"jobs/{seven[0]}", f"jobs/{seven[0]}/events", "kinds", "workers"):
        first = operator.get(path)
        again = operator.get(path, If_None_Match=first["ETag"])
        assert (again.status_code, again.content) == (304, b""), path
        assert first["Cache-Control"] == "private, no-cache"
        assert "Authorization" in first["Vary"]

    engine.cancel(Job.objects.get(pk=seven[0]).pk, actor=None, reason="x")

    assert operator.get(f"jobs/{seven[0]}", If_None_Match=first["ETag"]).status_code == 200


def test_it_lets_nobody_keep_what_was_done(operator):
    created = operator.create("jobs", {"kind": "sample.simple", "payload": {"subject": "x"}})

    assert created["Cache-Control"] == "no-store"
    assert operator.get("nowhere")["Cache-Control"] == "no-store"


def test_it_answers_head_like_get(operator, seven):
    whole = operator.get("jobs")
    head = operator.client.head("/api/v1/jobs", headers=operator.headers)

    assert (head.status_code, head.content, head["ETag"]) == (200, b"", whole["ETag"])


@pytest.fixture
def two_a_minute(monkeypatch):
    """A limit that is soon reached."""
    monkeypatch.setattr(PerCaller, "THROTTLE_RATES", {"caller": "2/min"})
    into_the_minute = timedelta(seconds=60 - clock.now().timestamp() % 60 + 1)
    with clock.moved(into_the_minute):
        yield


def test_it_says_how_much_is_left_and_then_how_long_to_wait(operator, two_a_minute):
    first, second, third = (operator.get("kinds") for _ in range(3))

    assert first["RateLimit-Policy"] == '"caller";q=2;w=60'
    assert re.fullmatch(r'"caller";r=1;t=\d+', first["RateLimit"])
    assert (second.status_code, third.status_code) == (200, 429)
    assert 1 <= int(third["Retry-After"]) <= 60
    assert third.json()["type"].endswith("too_many_requests")
    with clock.moved(timedelta(minutes=1)):
        assert operator.get("kinds").status_code == 200


def test_it_counts_each_caller_alone(operator, owner, two_a_minute):
    for _ in range(3):
        operator.get("kinds")

    assert owner.get("kinds").status_code == 200


def test_it_brakes_who_tries_tokens(two_a_minute):
    stranger = Caller("prv_guessed")

    assert [stranger.get("kinds").status_code for _ in range(3)] == [401, 401, 429]
    assert Caller().get("jobs").status_code == 429


def test_it_keeps_no_address_in_the_cache(two_a_minute):
    Caller().get("kinds")

    assert not [key for key in cache._cache if "127.0.0.1" in key]  # type: ignore[attr-defined]
