"""The one way out: guarded requests to other people's servers.

Every address that a name resolves to is judged before a packet leaves, the connection goes to
the judged address, redirects are judged again, and time and size are limited as a whole. No
cookies, no credentials; proxy variables of the environment are ignored.
"""

import functools
import ipaddress
import queue
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import httpcore
import httpx

MAX_BYTES = 512 * 1024  # after decompression
CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
MAX_REDIRECTS = 3
MAX_URL = 2048  # characters
Resolver = Callable[[str, int], list[str]]
# A host in its ASCII form: a name or an address, also one in brackets.
_HOST = re.compile(r"[a-z0-9._-]{1,253}|[0-9a-f:.]{2,45}")
_ODD = re.compile(r"[\x00-\x20\x7f\\]")


class Unreachable(Exception):
    """The address may not be asked, or did not answer properly. One message for all causes."""


@dataclass(frozen=True)
class Answer:
    status: int
    content: bytes
    content_type: str
    url: str


def system_resolver(host: str, port: int) -> list[str]:
    """All addresses of a name, by the operating system; OSError when it takes too long."""
    found: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            found.put([])

    threading.Thread(target=look_up, daemon=True).start()
    try:
        return [str(info[4][0]) for info in found.get(timeout=CONNECT_SECONDS)]
    except queue.Empty:
        raise OSError("the name was not resolved in time") from None


def fetch(
    url: str,
    *,
    accept: str = "*/*",
    content_types: Collection[str] = (),
    max_bytes: int = MAX_BYTES,
    seconds: float = TOTAL_SECONDS,
    resolver: Resolver = system_resolver,
    transport: httpx.BaseTransport | None = None,
) -> Answer:
    """GET one https address. Raises Unreachable, without telling why.

    `content_types`, when given, are the only media types that an answer may have. `seconds` is
    for everything together: names, connections, redirects and the body.
    """
    deadline = time.monotonic() + min(seconds, TOTAL_SECONDS)
    for _hop in range(MAX_REDIRECTS + 1):
        answer, location = _get(url, accept, resolver, transport, deadline, max_bytes)
        if location is None:
            media_type = answer.content_type.partition(";")[0].strip().lower()
            if answer.status == 200 and content_types and media_type not in content_types:
                raise Unreachable
            return answer
        try:
            url = str(httpx.URL(url).join(location))
        except (httpx.InvalidURL, ValueError):
            raise Unreachable from None
    raise Unreachable


def judged_address(url: str, resolver: Resolver) -> tuple[str, str]:
    """The host and the one address to connect to; raises Unreachable when any is not public."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        raise Unreachable from None
    host = parts.hostname or ""
    if parts.scheme != "https" or port != 443 or "@" in parts.netloc or "%" in parts.netloc:
        raise Unreachable
    if len(url) > MAX_URL or _ODD.search(url) or not _HOST.fullmatch(host):
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
        if ip in _NAT64_LOCAL or ip in _SITE_LOCAL:
            return False
        if ip in _COMPATIBLE and not ip.ipv4_mapped:
            return False
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
    elif ip in _PROTOCOL_ASSIGNMENTS or ip in _OLD_6TO4_RELAYS:
        return False
    return ip.is_global and not ip.is_multicast


_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")
_SITE_LOCAL = ipaddress.ip_network("fec0::/10")
_COMPATIBLE = ipaddress.ip_network("::/96")
_PROTOCOL_ASSIGNMENTS = ipaddress.ip_network("192.0.0.0/24")
_OLD_6TO4_RELAYS = ipaddress.ip_network("192.88.99.0/24")


def _get(
    url: str,
    accept: str,
    resolver: Resolver,
    transport: httpx.BaseTransport | None,
    deadline: float,
    max_bytes: int,
) -> tuple[Answer, str | None]:
    host, address = judged_address(url, resolver)
    timeout = httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS)
    try:
        pinned = httpx.URL(url).copy_with(host=address, fragment=None)
        with (
            httpx.Client(
                transport=transport or _TimedTransport(deadline), trust_env=False, timeout=timeout
            ) as client,
            client.stream(
                "GET",
                pinned,
                headers={"Host": host, "Accept": accept, "Accept-Encoding": "gzip"},
                extensions={"sni_hostname": host},
            ) as response,
        ):
            if response.has_redirect_location:
                return Answer(response.status_code, b"", "", url), response.headers["location"]
            encoding = response.headers.get("content-encoding", "identity").strip().lower()
            body = _limited(
                cast("httpx.SyncByteStream", response.stream), encoding, max_bytes, deadline
            )
            content_type = response.headers.get("content-type", "")
            return Answer(response.status_code, body, content_type, url), None
    except (httpx.HTTPError, httpx.InvalidURL, httpcore.TimeoutException, OSError, ValueError):
        raise Unreachable from None


def _limited(chunks: Iterable[bytes], encoding: str, max_bytes: int, deadline: float) -> bytes:
    """The body, unpacked as far as the limit and never further; raises Unreachable."""
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise Unreachable
    unpack = None if encoding == "identity" else zlib.decompressobj(zlib.MAX_WBITS | 16)
    body = bytearray()
    try:
        for chunk in chunks:
            body += unpack.decompress(chunk, max_bytes + 1 - len(body)) if unpack else chunk
            too_much = len(body) > max_bytes or bool(unpack and unpack.unconsumed_tail)
            if too_much or time.monotonic() > deadline:
                raise Unreachable
    except zlib.error:
        raise Unreachable from None
    if unpack and not unpack.eof:
        raise Unreachable
    return bytes(body)


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class _TimedTransport(httpx.HTTPTransport):
    """One connection whose every step ends at the deadline, however slowly bytes drip in."""

    def __init__(self, deadline: float) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_tls(),
            max_connections=1,
            max_keepalive_connections=0,
            network_backend=_TimedBackend(deadline),
        )


class _TimedBackend(httpcore.SyncBackend):
    def __init__(self, deadline: float) -> None:
        self.deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        left = _left(self.deadline, timeout)
        stream = super().connect_tcp(host, port, left, local_address, socket_options)
        return _TimedStream(stream, self.deadline)


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self.stream = stream
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, _left(self.deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, _left(self.deadline, timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self.deadline, timeout)
        return _TimedStream(
            self.stream.start_tls(ssl_context, server_hostname, left), self.deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    """Seconds until the deadline, or the timeout when that is sooner."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the deadline has passed")
    return left if timeout is None else min(left, timeout)
