"""The one way out: guarded requests to other people's servers.

Every address that a name resolves to is judged before a packet leaves, the connection goes to
the judged address, redirects are judged again, and time and size are limited. Proxy variables
of the environment are ignored.
"""

import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

MAX_BYTES = 512 * 1024  # after decompression
CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
MAX_REDIRECTS = 3
Resolver = Callable[[str, int], list[str]]


class Unreachable(Exception):
    """The address may not be asked, or did not answer properly. One message for all causes."""


@dataclass(frozen=True)
class Answer:
    status: int
    content: bytes
    content_type: str
    url: str


def system_resolver(host: str, port: int) -> list[str]:
    """All addresses of a name, by the operating system."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def fetch(
    url: str,
    *,
    accept: str = "*/*",
    resolver: Resolver = system_resolver,
    transport: httpx.BaseTransport | None = None,
) -> Answer:
    """GET one https address. Raises Unreachable, without telling why."""
    deadline = time.monotonic() + TOTAL_SECONDS
    for _hop in range(MAX_REDIRECTS + 1):
        answer, location = _get(url, accept, resolver, transport, deadline)
        if location is None:
            return answer
        url = str(httpx.URL(url).join(location))
    raise Unreachable


def judged_address(url: str, resolver: Resolver) -> tuple[str, str]:
    """The host and the one address to connect to; raises Unreachable when any is not public."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        raise Unreachable from None
    host = parts.hostname
    if parts.scheme != "https" or port != 443 or not host or parts.username or "\\" in url:
        raise Unreachable
    try:
        addresses = resolver(host, port)
    except (OSError, UnicodeError):
        raise Unreachable from None
    if not addresses or not all(is_public(address) for address in addresses):
        raise Unreachable
    return host, addresses[0]


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet, also when wrapped in another one."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip in _SITE_LOCAL or (ip in _COMPATIBLE and not ip.ipv4_mapped):
            return False
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
    elif ip in _PROTOCOL_ASSIGNMENTS:
        return False
    return ip.is_global and not ip.is_multicast


_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SITE_LOCAL = ipaddress.ip_network("fec0::/10")
_COMPATIBLE = ipaddress.ip_network("::/96")
_PROTOCOL_ASSIGNMENTS = ipaddress.ip_network("192.0.0.0/24")


def _get(
    url: str,
    accept: str,
    resolver: Resolver,
    transport: httpx.BaseTransport | None,
    deadline: float,
) -> tuple[Answer, str | None]:
    host, address = judged_address(url, resolver)
    pinned = httpx.URL(url).copy_with(host=address)
    timeout = httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS)
    try:
        with (
            httpx.Client(transport=transport, trust_env=False, timeout=timeout) as client,
            client.stream(
                "GET",
                pinned,
                headers={"Host": host, "Accept": accept, "Accept-Encoding": "gzip"},
                extensions={"sni_hostname": host},
            ) as response,
        ):
            if response.is_redirect:
                return Answer(response.status_code, b"", "", url), response.headers["location"]
            body = bytearray()
            for chunk in response.iter_bytes(16 * 1024):
                body += chunk
                if len(body) > MAX_BYTES or time.monotonic() > deadline:
                    raise Unreachable
            content_type = response.headers.get("content-type", "")
            return Answer(response.status_code, bytes(body), content_type, url), None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise Unreachable from None
