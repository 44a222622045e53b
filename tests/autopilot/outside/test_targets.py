"""Which addresses may be called: the lists of hosts, the rules for network addresses, and the tricks against them."""

import socket

import pytest

from autopilot.outbound.errors import Forbidden, NeverSent
from autopilot.outbound.targets import find_target

PUBLIC = "93.184.215.14"

pytestmark = pytest.mark.once


@pytest.fixture
def names(monkeypatch):
    """The names the resolver knows; IP addresses and number forms are left to the real one."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def look_up(host, port, *arguments, **options):
        found = known.get(host, [host])
        return [answer for address in found for answer in real(address, port, *arguments, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


def test_it_finds_a_listed_public_host(settings, names):
    settings.OUTBOUND_HOSTS = ["portal.example.gov"]
    names["portal.example.gov"] = [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]

    target = find_target("https://Portal.Example.gov./submissions?packet=1")

    assert (target.scheme, target.host, target.port) == ("https", "portal.example.gov", 443)
    assert target.path == "/submissions?packet=1"
    assert target.authority == "portal.example.gov"
    assert target.addresses == (PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c")


def test_it_keeps_a_port_of_its_own_in_the_host_header(settings, names):
    settings.OUTBOUND_HOSTS = ["portal.example.gov:8443"]
    names["portal.example.gov"] = [PUBLIC]

    assert find_target("https://portal.example.gov:8443").authority == "portal.example.gov:8443"


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example.gov/",
        "https://portal.example.gov.evil.example/",
        "https://evilportal.example.gov/",
        "https://portal.example.gov:444/",
        "https://portal.example.gov:0/",
        "https://[::1]/",
        "https://",
        "https:///path",
    ],
)
def test_it_refuses_a_host_that_is_not_listed(settings, url):
    settings.OUTBOUND_HOSTS = ["portal.example.gov"]

    with pytest.raises(Forbidden):
        find_target(url)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://portal.example.gov/",
        "gopher://portal.example.gov/",
        "//portal.example.gov/",
        "portal.example.gov",
        "",
        "https://user@portal.example.gov/",
        "https://user:word@portal.example.gov/",
        "https://portal.example.gov@evil.example/",
        "https://portal.example.gov\\@evil.example/",
        "https://portal.example.gov/a b",
        "https://portal.example.gov/\r\nHost: evil.example",
        "https://portal.example.gov/\tx",
        "https://portal.exam\x00ple.gov/",
        "https://portäl.example.gov/",
        "https://portal.example.gov/#fragment",
        "https://portal.example.gov:port/",
        "https://portal.example.gov:99999/",
        "https://[portal.example.gov/",
    ],
)
def test_it_refuses_what_is_no_plain_address(settings, url):
    settings.OUTBOUND_HOSTS = ["portal.example.gov", "evil.example"]

    with pytest.raises(Forbidden):
        find_target(url)


def test_it_refuses_plain_http_to_a_public_host(settings):
    settings.OUTBOUND_HOSTS = ["portal.example.gov:80"]

    with pytest.raises(Forbidden, match="https"):
        find_target("http://portal.example.gov/")


INNER = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",  # metadata of Alibaba
    "169.254.169.254",  # metadata of AWS, Google, Azure and others
    "168.63.129.16",  # platform service of Azure
    "192.0.0.192",  # metadata of Oracle
    "198.18.0.1",
    "203.0.113.5",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:93.184.215.14",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::5db8:d70e",
    "2002:7f00:1::",
    "2001:0:5db8:d70e::1",
    "2001:db8::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",  # metadata of AWS
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", INNER)
def test_it_refuses_a_name_that_leads_inside(settings, names, address):
    settings.OUTBOUND_HOSTS = ["portal.example.gov"]
    names["portal.example.gov"] = [address]

    with pytest.raises(Forbidden, match="may not be called"):
        find_target("https://portal.example.gov/")


@pytest.mark.parametrize("address", INNER)
def test_it_refuses_a_name_that_leads_inside_among_others(settings, names, address):
    settings.OUTBOUND_HOSTS = ["portal.example.gov"]
    names["portal.example.gov"] = [PUBLIC, address]

    with pytest.raises(Forbidden, match="may not be called"):
        find_target("https://portal.example.gov/")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "017700000001", "127.1", "127.0.1", "0", "0x7f.1", "[::1]"],
)
def test_it_refuses_this_machine_in_every_writing_even_when_listed(settings, names, host):
    settings.OUTBOUND_HOSTS = [host]

    with pytest.raises(Forbidden, match="may not be called"):
        find_target(f"https://{host}/")


def test_it_lets_a_private_host_be_this_machine_and_speak_http(settings, names):
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1:8090", "[::1]:8090", "sandbox.lan"]
    names["sandbox.lan"] = ["192.168.1.20"]

    assert find_target("http://127.0.0.1:8090/counts").addresses == ("127.0.0.1",)
    assert find_target("http://[::1]:8090/").authority == "[::1]:8090"
    assert find_target("http://sandbox.lan/").addresses == ("192.168.1.20",)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8091/", "http://127.0.0.1/", "http://localhost:8090/"])
def test_it_keeps_a_private_host_to_its_port(settings, url):
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1:8090"]

    with pytest.raises(Forbidden, match="OUTBOUND_HOSTS"):
        find_target(url)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "::ffff:127.0.0.1", "240.0.0.1"]
)
def test_it_refuses_metadata_and_the_like_for_private_hosts_too(settings, names, address):
    settings.OUTBOUND_PRIVATE_HOSTS = ["sandbox.lan"]
    names["sandbox.lan"] = [address]

    with pytest.raises(Forbidden, match="may not be called"):
        find_target("http://sandbox.lan/")


def test_it_says_that_nothing_was_sent_when_a_name_is_unknown(settings, monkeypatch):
    def unknown(*arguments, **options):
        raise socket.gaierror("unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    settings.OUTBOUND_HOSTS = ["portal.example.gov"]

    with pytest.raises(NeverSent, match=r"portal\.example\.gov could not be looked up"):
        find_target("https://portal.example.gov/")


def test_it_refuses_a_name_too_long_to_look_up(settings):
    host = "a" * 70 + ".example.gov"
    settings.OUTBOUND_HOSTS = [host]

    with pytest.raises(NeverSent):
        find_target(f"https://{host}/")
