"""The sandbox portal, spoken to as a stranger would: every switch, and input that makes no sense."""

import base64
import hashlib
import http.client
import json
import re
import socket
import sqlite3
import threading
import time
from contextlib import closing
from datetime import timedelta

import pytest

from autopilot import clock, signatures
from autopilot.identifiers import uuid7
from tests.autopilot.outside.servers import serving
from tests.portal import SECRET, running_portal

pytestmark = pytest.mark.once

BODY = b"the packet"


@pytest.fixture
def sandbox():
    with running_portal() as running:
        yield running


def headers_of(packet, body=BODY, *, key="", secret=SECRET, late=0, **changes):
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    headers = {"Content-Type": "application/pdf", "Content-Digest": f"sha-256=:{digest}:"}
    if key:
        headers["Idempotency-Key"] = key
    signed = signatures.sign([secret], packet, body, at=clock.now() - timedelta(minutes=late))
    return {name: value for name, value in (headers | signed | changes).items() if value is not None}


def hand_in(sandbox, packet=None, body=BODY, **options):
    status, answer = sandbox.ask("POST", "/submissions", body, headers_of(packet or str(uuid7()), body, **options))
    return status, json.loads(answer)


def address_of(sandbox):
    host, port = sandbox.host.split(":")
    return host, int(port)


def standings(sandbox, packet):
    headers = signatures.sign([SECRET], packet, b"", at=clock.now())
    return json.loads(sandbox.ask("GET", f"/submissions?packet={packet}", headers=headers)[1])["submissions"]


def standing(sandbox, packet, number):
    headers = signatures.sign([SECRET], packet, b"", at=clock.now())
    status, answer = sandbox.ask("GET", f"/submissions/{number}", headers=headers)
    return status, json.loads(answer)


def test_it_gives_a_receipt_for_what_really_arrived(sandbox):
    packet = str(uuid7())

    status, receipt = hand_in(sandbox, packet)

    assert status == 201
    assert receipt["number"].startswith("SB-")
    assert receipt["sha256"] == hashlib.sha256(BODY).hexdigest()
    assert standings(sandbox, packet) == [{"packet": packet, "receipt": receipt, "status": "received", "reasons": []}]
    assert standing(sandbox, packet, receipt["number"])[1]["receipt"] == receipt


def test_it_counts_by_packet_and_key_so_that_duplicates_show(sandbox):
    sandbox.set(honors_idempotency=False)
    once, twice = str(uuid7()), str(uuid7())
    for packet in (once, twice, twice):
        hand_in(sandbox, packet, key=f"key-{packet}")

    counts = sandbox.counts()

    assert (counts["arrivals"], counts["submissions"], counts["duplicates"]) == (3, 3, [twice])
    assert counts["packets"][once] == {"arrivals": 1, "submissions": 1}
    assert counts["keys"][f"key-{twice}"] == {"arrivals": 2, "submissions": 2}


@pytest.mark.parametrize("written", ["abc", '"abc"'])
def test_it_takes_a_repeated_key_once_while_it_honors_keys(sandbox, written):
    packet = str(uuid7())
    first = hand_in(sandbox, packet, key="abc")

    again = hand_in(sandbox, packet, key=written)

    assert again == first
    assert sandbox.counts()["packets"][packet] == {"arrivals": 2, "submissions": 1}


def test_it_takes_one_of_many_simultaneous_repetitions(sandbox):
    packet, answers = str(uuid7()), []
    threads = [threading.Thread(target=lambda: answers.append(hand_in(sandbox, packet, key="abc"))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {status for status, _ in answers} == {201}
    assert len({receipt["number"] for _, receipt in answers}) == 1
    assert sandbox.counts()["submissions"] == 1


@pytest.mark.parametrize("other", [{"packet": None}, {"body": b"other bytes"}])
def test_it_refuses_a_key_that_comes_with_another_packet(sandbox, other):
    packet = str(uuid7())
    hand_in(sandbox, packet, key="abc")

    status, answer = hand_in(sandbox, **({"packet": packet} | other), key="abc")

    assert (status, answer["detail"]) == (422, "This Idempotency-Key came before with another packet.")
    assert sandbox.counts()["submissions"] == 1


def test_it_answers_slowly_after_storing(sandbox):
    sandbox.set(delay_ms=300)
    begun = time.monotonic()

    status, _ = hand_in(sandbox)

    assert status == 201
    assert time.monotonic() - begun >= 0.3


def test_it_fails_as_often_as_it_was_told(sandbox):
    sandbox.set(fail_times=2)
    packet = str(uuid7())

    statuses = [hand_in(sandbox, packet)[0] for _ in range(3)]

    assert statuses == [500, 500, 201]
    assert sandbox.counts()["packets"][packet] == {"arrivals": 3, "submissions": 1}


def test_it_fails_with_the_status_and_wait_it_was_told(sandbox):
    sandbox.set(fail_times=1, fail_status=429, retry_after=7)
    connection = http.client.HTTPConnection(sandbox.host)
    connection.request("POST", "/submissions", BODY, headers_of("p"))

    response = connection.getresponse()

    assert (response.status, response.getheader("Retry-After")) == (429, "7")
    connection.close()


def test_it_drops_the_connection_after_storing(sandbox):
    sandbox.set(drop_times=1)
    packet = str(uuid7())

    with pytest.raises((http.client.HTTPException, OSError)):
        hand_in(sandbox, packet)

    assert len(standings(sandbox, packet)) == 1
    assert hand_in(sandbox, packet)[0] == 201


def test_it_hangs_without_storing_until_told_otherwise(sandbox):
    sandbox.set(hang=True)
    packet, ended = str(uuid7()), threading.Event()

    def call():
        with pytest.raises((http.client.HTTPException, OSError)):
            hand_in(sandbox, packet)
        ended.set()

    thread = threading.Thread(target=call)
    thread.start()
    assert not ended.wait(0.3)
    sandbox.set(hang=False)

    assert ended.wait(5)
    thread.join()
    assert sandbox.counts()["packets"][packet] == {"arrivals": 1, "submissions": 0}


def test_it_stops_while_somebody_hangs():
    lines = [f"{name}: {value}" for name, value in headers_of("p").items()]
    head = "\r\n".join(["POST /submissions HTTP/1.1", "Host: x", f"Content-Length: {len(BODY)}", *lines])
    with running_portal(hang=True) as sandbox, closing(socket.create_connection(address_of(sandbox))) as connection:
        connection.sendall(head.encode() + b"\r\n\r\n" + BODY)
        time.sleep(0.2)
        begun = time.monotonic()

    assert time.monotonic() - begun < 5


def test_it_refuses_with_reasons(sandbox):
    sandbox.set(refuse_reasons=["The EIN is unknown.", "Page 2 is missing."])

    status, answer = hand_in(sandbox)

    assert (status, answer["reasons"]) == (422, ["The EIN is unknown.", "Page 2 is missing."])
    assert sandbox.counts()["submissions"] == 0


def test_it_accepts_for_examination_and_decides_later(sandbox):
    packet = str(uuid7())
    number = hand_in(sandbox, packet)[1]["number"]
    sandbox.set(accept_after=60, decide_after=120, decision="denied", decision_reasons=["No site visit."])

    words = []
    for _ in range(3):
        words.append(standing(sandbox, packet, number)[1]["status"])
        clock.move(timedelta(seconds=61))
    clock.move(timedelta(seconds=-183))

    assert words == ["received", "accepted", "denied"]
    assert standing(sandbox, packet, number)[1]["reasons"] == ["No site visit."]


def answers(*statuses):
    """A script that answers with these statuses in turn, and with the last one for good."""
    left = list(statuses)

    def answer(connection, request):
        status = left.pop(0) if len(left) > 1 else left[0]
        connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())

    return answer


def called_out(requests, times):
    """Wait until so many calls arrived, with a clock that runs ahead; return the header of each that holds its id."""
    before = clock.shift()
    for _ in range(100):
        if len(requests) >= times:
            break
        clock.move(timedelta(seconds=10))
        time.sleep(0.1)
    clock.move(before - clock.shift())
    return [re.findall(rb"webhook-id: (.+)\r\n", request)[0] for request in requests]


def test_it_calls_a_decision_out_signed_and_again_until_it_is_taken():
    packet = str(uuid7())
    with (
        serving(answers(503, 404, 200)) as (port, requests),
        running_portal(callback_url=f"http://127.0.0.1:{port}/callbacks/sandbox/") as sandbox,
    ):
        hand_in(sandbox, packet)
        sandbox.set(decide_after=0, decision="denied", decision_reasons=["No."])
        ids = called_out(requests, 3)
        time.sleep(0.5)

    assert len(requests) == 3
    assert len(set(ids)) == 1
    head, body = requests[-1].split(b"\r\n\r\n", 1)
    assert head.startswith(b"POST /callbacks/sandbox/ HTTP/1.1\r\n")
    message = json.loads(body)
    assert (message["type"], message["data"]["packet"]) == ("submission.decided", packet)
    assert (message["data"]["status"], message["data"]["reasons"]) == ("denied", ["No."])


def test_it_gives_up_after_five_calls():
    with (
        serving(answers(500)) as (port, requests),
        running_portal(callback_url=f"http://127.0.0.1:{port}/", decide_after=0) as sandbox,
    ):
        hand_in(sandbox)
        called_out(requests, 5)
        clock.move(timedelta(hours=1))
        time.sleep(0.5)
        clock.move(timedelta(hours=-1))

    assert len(requests) == 5


def test_it_calls_nothing_out_when_told_not_to():
    with (
        serving(answers(200)) as (port, requests),
        running_portal(callback_url=f"http://127.0.0.1:{port}/", decide_after=0, callback=False) as sandbox,
    ):
        packet = str(uuid7())
        hand_in(sandbox, packet)
        time.sleep(0.4)

        assert standings(sandbox, packet)[0]["status"] == "approved"
    assert requests == []


def test_it_keeps_what_it_received_when_it_starts_again(tmp_path):
    packet, file = str(uuid7()), tmp_path / "portal.sqlite3"
    with running_portal(database=file, honors_idempotency=False) as sandbox:
        hand_in(sandbox, packet)

    with running_portal(database=file) as sandbox:
        assert sandbox.counts()["packets"][packet]["submissions"] == 1
        assert sandbox.json("GET", "/behavior")["honors_idempotency"] is False
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"secret": signatures.new_secret()}, 401),
        ({"late": 6}, 401),
        ({"late": -6}, 401),
        ({"webhook-id": None}, 401),
        ({"webhook-id": "another"}, 401),
        ({"webhook-signature": None}, 401),
        ({"Content-Digest": None}, 400),
        ({"Content-Digest": "sha-256=:AAAA:"}, 400),
        ({"Content-Digest": "md5=:AAAA:"}, 400),
        ({"Content-Digest": f"sha-256=:{'A' * 43}=:"}, 422),
        ({"key": "ключ".encode().decode("latin-1")}, 400),
        ({"key": "k" * 256}, 400),
        ({"Content-Length": "ten"}, 400),
        ({"Content-Length": "-1"}, 400),
        ({"Content-Length": "999999999999999"}, 413),
        ({"Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_it_refuses_a_request_that_is_not_right_and_stores_nothing(sandbox, changes, status):
    answered, problem = hand_in(sandbox, **changes)

    assert (answered, problem["status"]) == (status, status)
    assert problem["detail"]
    assert sandbox.counts()["submissions"] == 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/submissions", 401),
        ("GET", "/submissions/", 401),
        ("GET", "/submissions/SB-1", 401),
        ("PUT", "/submissions", 405),
        ("DELETE", "/counts", 405),
        ("PATCH", "/behavior", 405),
        ("OPTIONS", "/", 501),
        ("GET", "/counts?" + "a=1&" * 50, 400),
        ("GET", "/" + "a" * 70_000, 414),
    ],
)
def test_it_answers_nonsense_with_a_problem(sandbox, method, path, status):
    answered, body = sandbox.ask(method, path)

    assert answered == status
    assert json.loads(body)["detail"]


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n",
        b"GET http://[broken/ HTTP/1.1\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"GET\x00/ x y z\r\n\r\n",
    ],
)
def test_it_survives_what_is_no_http(sandbox, sent):
    with closing(socket.create_connection(address_of(sandbox), timeout=5)) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").read()

    assert b"Traceback" not in answer
    assert sandbox.json("GET", "/healthz") == {"status": "ok"}


def test_it_shows_a_standing_only_to_who_signs_for_its_packet(sandbox):
    packet = str(uuid7())
    number = hand_in(sandbox, packet)[1]["number"]
    headers = signatures.sign([SECRET], "another", b"", at=clock.now())

    assert sandbox.ask("GET", f"/submissions/{number}", headers=headers)[0] == 404
    assert sandbox.ask("GET", f"/submissions?packet={packet}", headers=headers)[0] == 403


@pytest.mark.parametrize(
    "switches",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 50_000,
        b'{"unknown": 1}',
        b'{"honors_idempotency": 1}',
        b'{"delay_ms": -1}',
        b'{"delay_ms": true}',
        b'{"delay_ms": 1.5}',
        b'{"fail_times": "1"}',
        b'{"fail_status": 200}',
        b'{"retry_after": "soon"}',
        b'{"refuse_reasons": "one"}',
        b'{"refuse_reasons": [""]}',
        b'{"decide_after": NaN}',
        b'{"decide_after": -0.1}',
        b'{"decision": "maybe"}',
        b'{"decision": []}',
        b'{"hang": null}',
    ],
)
def test_it_refuses_switches_that_make_no_sense_and_changes_none(sandbox, switches):
    before = sandbox.json("GET", "/behavior")

    status, _ = sandbox.ask("PUT", "/behavior", switches)

    assert status == 400
    assert sandbox.json("GET", "/behavior") == before


def test_it_shows_people_what_it_received(sandbox):
    assert "Nothing has arrived yet." in sandbox.ask("GET", "/")[1].decode()
    sandbox.set(honors_idempotency=False, decide_after=0, decision="denied", decision_reasons=["<b>No</b> site."])
    for _ in range(2):
        hand_in(sandbox, "packet<script>alert(1)</script>", **{"Content-Type": "<i>text</i>"})

    status, page = sandbox.ask("GET", "/")

    text = page.decode()
    assert status == 200
    assert "Packets stored: 2. Packets stored more than once: 1." in text
    assert "denied<br>&lt;b&gt;No&lt;/b&gt; site." in text
    assert "packet&lt;script&gt;" in text
    assert "<script" not in text
    assert "<i>" not in text
    assert text.count("2 times") == 2
    assert sandbox.ask("GET", "/style.css")[0] == 200


def test_it_listens_on_this_machine_only(sandbox):
    port = int(sandbox.host.split(":")[1])
    addresses = {str(answer[4][0]) for answer in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET)}

    for address in addresses - {"127.0.0.1"}:
        with closing(socket.socket()) as connection:
            assert connection.connect_ex((address, port)) != 0 or address.startswith("127.")
    assert sandbox.url.startswith("http://127.0.0.1:")
