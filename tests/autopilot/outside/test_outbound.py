"""The outbound client: what it sends, what it reads, and how it ends when it cannot."""

import socket
import ssl
import threading
import time
from datetime import timedelta
from email.utils import format_datetime

import pytest

from autopilot import clock, outbound
from autopilot.exceptions import Invalid, Retryable, Uncertain
from autopilot.outbound import Answer, Forbidden, Limits, NeverSent, Unanswered
from tests.autopilot.outside.servers import certificate, serving

pytestmark = pytest.mark.once

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Number: 7\r\n\r\nok"
QUICK = Limits(connect=1, read=0.5, total=1, size=1000)


def saying(answer):
    return lambda connection, request: connection.sendall(answer)


@pytest.fixture
def call(settings):
    """A caller of a server on this machine."""

    def send(port, method="GET", path="/", **options):
        settings.OUTBOUND_PRIVATE_HOSTS = [f"127.0.0.1:{port}"]
        return outbound.request(method, f"http://127.0.0.1:{port}{path}", **options)

    return send


def test_it_sends_what_it_was_given_and_reads_the_answer(call):
    with serving(saying(OK)) as (port, requests):
        answer = call(port, "POST", "/in?a=1", body=b"packet", headers={"Content-Type": "text/plain"})

    head, body = requests[0].split(b"\r\n\r\n")
    assert (answer.status, answer.body, answer.headers["x-number"]) == (200, b"ok", "7")
    assert head.startswith(b"POST /in?a=1 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{port}".encode() in head
    assert b"Content-Length: 6" in head
    assert b"Accept-Encoding: identity" in head
    assert body == b"packet"


def test_it_follows_no_redirect(call, settings):
    with serving(saying(OK)) as (inner, reached):
        away = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{inner}/\r\nContent-Length: 0\r\n\r\n".encode()
        with serving(saying(away)) as (port, _):
            answer = call(port)

    assert answer.status == 302
    assert reached == []


def test_it_uses_no_proxy_of_the_environment(call, monkeypatch):
    with serving(saying(OK)) as (proxy, reached):
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        with serving(saying(OK)) as (port, _):
            assert call(port).status == 200

    assert reached == []


def test_it_looks_a_name_up_once_and_keeps_to_the_address(settings, monkeypatch):
    real, asked = socket.getaddrinfo, []

    def rebind(host, port, *arguments, **options):
        asked.append(host)
        first = asked.count("portal.example.gov") == 1
        address = host if host != "portal.example.gov" else "127.0.0.1" if first else "169.254.169.254"
        return real(address, port, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebind)
    with serving(saying(OK)) as (port, requests):
        settings.OUTBOUND_PRIVATE_HOSTS = [f"portal.example.gov:{port}"]
        outbound.request("GET", f"http://portal.example.gov:{port}/")

    assert asked == ["portal.example.gov", "127.0.0.1"]
    assert f"Host: portal.example.gov:{port}".encode() in requests[0]


def test_it_tries_the_next_address_when_one_does_not_answer(settings, monkeypatch):
    with serving(saying(OK)) as (port, _):
        settings.OUTBOUND_PRIVATE_HOSTS = [f"portal.example.gov:{port}"]
        monkeypatch.setattr("autopilot.outbound.targets._look_up", lambda host, port: ("127.0.0.2", "127.0.0.1"))

        assert outbound.request("GET", f"http://portal.example.gov:{port}/").status == 200


def test_it_reads_the_answer_of_who_hangs_up_before_all_was_sent(call):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse():
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=refuse)
        thread.start()
        answer = call(listener.getsockname()[1], "POST", body=b"x" * 20_000_000)
        thread.join()

    assert answer.status == 413


def test_it_says_that_nothing_was_sent_when_nobody_listens(call):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    with pytest.raises(NeverSent, match="could not be reached"):
        call(port)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4, 5\r\n\r\nhello",
        b"SSH-2.0-OpenSSH\r\n",
        b"\x00\xff\xfe garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2000,
    ],
    ids=range(12),
)
def test_it_does_not_know_what_happened_without_a_whole_answer_of_bounded_size(call, answer):
    with serving(saying(answer)) as (port, _), pytest.raises(Unanswered, match=r"127\.0\.0\.1 gave no complete answer"):
        call(port, limits=QUICK)


def test_it_waits_no_longer_than_the_time_to_read(call):
    with serving(lambda connection, request: time.sleep(1.5)) as (port, _):
        begun = time.monotonic()
        with pytest.raises(Unanswered):
            call(port, limits=QUICK)

        assert time.monotonic() - begun < 1


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"], ids=["head", "body"])
def test_it_waits_no_longer_than_the_time_in_all_for_an_answer_that_drips(call, start):
    def drip(connection, request):
        connection.sendall(start or b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(40):
            connection.sendall(b"x")
            time.sleep(0.1)

    with serving(drip) as (port, _):
        begun = time.monotonic()
        with pytest.raises(Unanswered):
            call(port, limits=QUICK)

        assert time.monotonic() - begun < 2


@pytest.mark.parametrize("headers", [{"X": "a\r\nHost: evil"}, {"X\n": "a"}, {"X": "ü"}, {"": "a"}])
def test_it_refuses_a_header_that_would_break_the_request(call, headers):
    with serving(saying(OK)) as (port, requests), pytest.raises(Forbidden, match="header"):
        call(port, headers=headers)

    assert requests == []


def test_it_tells_what_surely_did_not_arrive_from_what_may_have():
    assert issubclass(Forbidden, Invalid)
    assert issubclass(NeverSent, Retryable)
    assert issubclass(Unanswered, Uncertain)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("120", 120), ("999999999", 86_400), ("", None), ("soon", None), ("-5", None), ("1.5", None)],
)
def test_it_reads_the_seconds_of_retry_after(text, seconds):
    wait = Answer(503, {"retry-after": text}, b"").retry_after()

    assert wait == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(("offset", "low", "high"), [(60, 55, 60), (-60, 0, 0), (10**7, 86_400, 86_400)])
def test_it_reads_the_date_of_retry_after(offset, low, high):
    date = format_datetime(clock.now() + timedelta(seconds=offset), usegmt=True)

    wait = Answer(503, {"retry-after": date}, b"").retry_after()

    assert wait is not None
    assert low - 1 <= wait.total_seconds() <= high


def test_it_refuses_json_that_is_none_or_too_deep():
    for body in (b"", b"{", b"\xff", b"[" * 100_000):
        with pytest.raises(ValueError):  # noqa: PT011 (whatever the parser says)
            Answer(200, {}, body).json()


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """A context for servers whose certificate names portal.example.gov and is trusted here."""
    file = certificate(tmp_path, "DNS:portal.example.gov")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setattr("autopilot.outbound.targets._look_up", lambda host, port: ("127.0.0.1",))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_it_speaks_tls_with_the_name_not_the_address(tls, settings):
    asked = []
    tls.sni_callback = lambda connection, name, context: asked.append(name)
    with serving(saying(OK), tls) as (port, requests):
        settings.OUTBOUND_PRIVATE_HOSTS = [f"portal.example.gov:{port}"]

        assert outbound.request("GET", f"https://portal.example.gov:{port}/").status == 200
    assert asked == ["portal.example.gov"]
    assert f"Host: portal.example.gov:{port}".encode() in requests[0]


def test_it_sends_nothing_to_a_certificate_of_another_name(tls, settings):
    with serving(saying(OK), tls) as (port, requests):
        settings.OUTBOUND_PRIVATE_HOSTS = [f"other.example.gov:{port}"]

        with pytest.raises(NeverSent):
            outbound.request("GET", f"https://other.example.gov:{port}/")
    assert requests == []


def test_it_sends_nothing_to_a_certificate_nobody_vouches_for(tls, settings, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with serving(saying(OK), tls) as (port, requests):
        settings.OUTBOUND_PRIVATE_HOSTS = [f"portal.example.gov:{port}"]

        with pytest.raises(NeverSent):
            outbound.request("GET", f"https://portal.example.gov:{port}/")
    assert requests == []


def test_it_ends_a_dripping_answer_over_tls_in_time(tls, settings):
    def drip(connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        for _ in range(40):
            connection.sendall(b"x")
            time.sleep(0.1)

    with serving(drip, tls) as (port, _):
        settings.OUTBOUND_PRIVATE_HOSTS = [f"portal.example.gov:{port}"]
        begun = time.monotonic()
        with pytest.raises(Unanswered):
            outbound.request("GET", f"https://portal.example.gov:{port}/", limits=QUICK)

        assert time.monotonic() - begun < 2
