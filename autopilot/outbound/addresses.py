"""Which network addresses a request may go to."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address

GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291 §2.4; it leaves out mapped, NAT64, unique local and multicast
NEVER_PUBLIC = (
    ip_network("168.63.129.16/32"),  # the platform service of Azure, which answers machines on a public address
    ip_network("192.0.0.0/24"),  # protocol assignments, metadata of Oracle among them; not every Python knows all
    ip_network("192.88.99.0/24"),  # relays from IPv4 to 6to4
    ip_network("2001::/23"),  # protocol assignments, Teredo among them
    ip_network("2002::/16"),  # 6to4, which hides an IPv4 address
    ip_network("3fff::/20"),  # documentation
)


def is_public(address: Address) -> bool:
    """Return whether an address belongs to the public internet, and hides no other address in itself."""
    if address.is_multicast or not address.is_global or any(address in network for network in NEVER_PUBLIC):
        return False
    return isinstance(address, IPv4Address) or address in GLOBAL_UNICAST


def is_inside(address: Address) -> bool:
    """Return whether an address is this machine or a private network; the link-local ones of metadata are neither."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return False
    if address.is_link_local or address.is_unspecified or address.is_multicast:
        return False
    return address.is_loopback or (address.is_private and not address.is_reserved)
