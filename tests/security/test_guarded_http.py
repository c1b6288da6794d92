"""The guarded client against real sockets and hostile servers (S01 to S04, S08).

tests/techvet/test_http.py has the rules one by one; here a trap listens on this machine, and the
client must never reach it, whatever the address looks like.
"""

import contextlib
import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

import httpcore
import httpx
import pytest

from techvet import http
from techvet.http import Unreachable, fetch, is_public, judged_address, system_resolver

PUBLIC = "93.184.216.34"


class Trap:
    """A server on this machine that counts who connects and says what a test wants."""

    def __init__(self, behave: Callable[[socket.socket], None] | None = None) -> None:
        self.connections = 0
        self.behave = behave
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                if self.behave:
                    with contextlib.suppress(OSError):
                        self.behave(connection)

    def close(self) -> None:
        self.listener.close()


@pytest.fixture
def trap() -> Iterator[Trap]:
    trap = Trap()
    yield trap
    trap.close()


def answering(response: httpx.Response) -> httpx.MockTransport:
    return httpx.MockTransport(lambda request: response)


def resolving(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda host, port: list(addresses)


# ------------------------------------------------------------- addresses
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:a9fe:a9fe]",
        "169.254.169.254",
        "100.100.100.200",
        "10.0.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "[fd00::1]",
        "[fe80::1%25eth0]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[::127.0.0.1]",
        "[fec0::1]",
        "[ff02::1]",
        "224.0.0.1",
        "255.255.255.255",
        "192.88.99.1",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
    ],
)
def test_inner_hosts_never_get_a_packet(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_connection(*args: object, **named: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", no_connection)
    with pytest.raises(Unreachable):
        fetch(f"https://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "http://school.example/",
        "https://school.example:22/",
        "https://school.example:25/",
        "https://school.example:6379/",
        "https://school.example:5432/",
        "https://school.example:0443443/",
        "https://good@127.0.0.1/",
        "https://:pass@school.example/",
        "https://@school.example/",
        "https://school.example\\@127.0.0.1/",
        "https://school.example%2f@x/",
        "https://school%2eexample/",
        "https:///x",
        "https://",
        "https:school.example",
        "//school.example/",
        "file:///etc/passwd",
        "gopher://school.example/",
        "ftp://school.example/",
        "dict://school.example:11211/",
        "data:text/plain,x",
        "jar:https://school.example/x!/",
        "https://school.example/\r\nHost: inner",
        "https://school.example/a b",
        "https://school.example/\x00",
        "https://school.example/" + "a" * 3000,
        "https://" + "a" * 300 + ".example/",
        "https://[::1",
        "",
    ],
)
def test_odd_urls_are_refused_before_any_lookup(url: str) -> None:
    def never(host: str, port: int) -> list[str]:
        raise AssertionError(f"looked up {host}")

    with pytest.raises(Unreachable):
        fetch(url, resolver=never)


def test_the_trap_is_never_reached(trap: Trap) -> None:
    for host in ("127.0.0.1", "localhost", "[::1]", "2130706433"):
        for port in ("", f":{trap.port}"):
            with pytest.raises(Unreachable):
                fetch(f"https://{host}{port}/")
    time.sleep(0.05)
    assert trap.connections == 0


def test_a_name_is_resolved_once_and_the_judged_address_is_used() -> None:
    """A name that answers well first and with loopback then has no second chance (S02)."""
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    seen: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.host)
        return httpx.Response(200, text="ok")

    fetch(
        "https://rebinding.example/",
        resolver=lambda host, port: next(answers),
        transport=httpx.MockTransport(respond),
    )
    assert seen == [PUBLIC]
    assert next(answers) == ["127.0.0.1"]


@pytest.mark.parametrize("addresses", [(PUBLIC, "10.0.0.1"), ("::1", PUBLIC), ("nonsense",), ()])
def test_mixed_answers_are_refused(addresses: tuple[str, ...]) -> None:
    with pytest.raises(Unreachable):
        judged_address("https://mixed.example/", resolving(*addresses))


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1/",
        "https://inner.example/",
        "http://school.example/",
        "https://school.example:8443/",
        "https://user@school.example/",
        "file:///etc/passwd",
        "https://[::1",
        "\x00",
        "",
    ],
)
def test_redirects_are_judged_again(location: str) -> None:
    """Also one that stays at the same host for ever."""
    known = {"school.example": [PUBLIC], "inner.example": ["192.168.0.1"]}

    def resolver(host: str, port: int) -> list[str]:
        return known.get(host, ["127.0.0.1"])

    with pytest.raises(Unreachable):
        fetch(
            "https://school.example/",
            resolver=resolver,
            transport=answering(httpx.Response(302, headers={"location": location})),
        )


def test_a_redirect_without_an_address_is_an_answer() -> None:
    found = fetch(
        "https://school.example/",
        resolver=resolving(PUBLIC),
        transport=answering(httpx.Response(304)),
    )
    assert (found.status, found.content) == (304, b"")


# ------------------------------------------------------------- what comes back
def packed(data: bytes, encoding: str = "gzip") -> httpx.Response:
    return httpx.Response(200, content=data, headers={"content-encoding": encoding})


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(bytes(50_000_000), mtime=0),
        gzip.compress(b"x" * 2000, mtime=0),
        gzip.compress(b"ok", mtime=0)[:-9],
        b"no gzip at all",
    ],
)
def test_packed_answers_are_unpacked_no_further_than_the_limit(content: bytes) -> None:
    with pytest.raises(Unreachable):
        fetch(
            "https://school.example/",
            max_bytes=1000,
            resolver=resolving(PUBLIC),
            transport=httpx.MockTransport(
                lambda request: httpx.Response(
                    200,
                    stream=httpx.ByteStream(content),
                    headers={"content-encoding": "gzip"},
                )
            ),
        )


def test_a_packed_answer_within_the_limit() -> None:
    stream = httpx.ByteStream(gzip.compress(b"genuine"))
    found = fetch(
        "https://school.example/",
        resolver=resolving(PUBLIC),
        transport=httpx.MockTransport(
            lambda request: httpx.Response(200, stream=stream, headers={"content-encoding": "gzip"})
        ),
    )
    assert found.content == b"genuine"


@pytest.mark.parametrize("encoding", ["br", "deflate, gzip", "zstd"])
def test_other_packings_are_not_unpacked(encoding: str) -> None:
    stream = httpx.ByteStream(b"x")
    with pytest.raises(Unreachable):
        fetch(
            "https://school.example/",
            resolver=resolving(PUBLIC),
            transport=httpx.MockTransport(
                lambda request: httpx.Response(
                    200, stream=stream, headers={"content-encoding": encoding}
                )
            ),
        )


@pytest.mark.parametrize(
    ("kind", "is_read"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("text/html", False),
        ("", False),
        ("application/json, text/html", False),
    ],
)
def test_only_wanted_kinds_of_content(kind: str, is_read: bool) -> None:
    def ask(status: int) -> http.Answer:
        answer = httpx.Response(status, content=b"{}", headers={"content-type": kind})
        return fetch(
            "https://school.example/",
            content_types={"application/json"},
            resolver=resolving(PUBLIC),
            transport=answering(answer),
        )

    assert ask(410).status == 410  # what is gone may say so in any form
    if is_read:
        assert ask(200).content == b"{}"
    else:
        with pytest.raises(Unreachable):
            ask(200)


def test_nothing_of_ours_is_sent() -> None:
    seen: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, text="ok", headers={"set-cookie": "a=b"})

    for _ in range(2):
        fetch(
            "https://school.example/x#fragment",
            resolver=resolving(PUBLIC),
            transport=httpx.MockTransport(respond),
        )
    for request in seen:
        assert not {"cookie", "authorization", "referer"} & set(request.headers)
        assert str(request.url) == f"https://{PUBLIC}/x"


# ------------------------------------------------------------- time
def drip(connection: socket.socket) -> None:
    """An answer that never ends, a byte at a time."""
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(600):
        connection.sendall(b"a")
        time.sleep(0.02)


def silence(connection: socket.socket) -> None:
    time.sleep(5)


@pytest.mark.parametrize("behave", [drip, silence])
def test_slow_servers_are_left_at_the_deadline(
    behave: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without TLS and on this machine, for the test only: the clock is what matters here."""
    slow = Trap(behave)
    transport = http._TimedTransport(time.monotonic() + 0.5)
    began = time.monotonic()
    try:
        with (
            httpx.Client(transport=transport, trust_env=False) as client,
            pytest.raises(httpx.TimeoutException),
        ):
            client.get(f"http://127.0.0.1:{slow.port}/", timeout=30)
    finally:
        slow.close()
    assert time.monotonic() - began < 3


def test_the_deadline_is_for_everything_together() -> None:
    backend = http._TimedBackend(time.monotonic() - 1)
    with pytest.raises(httpcore.TimeoutException):
        backend.connect_tcp("127.0.0.1", 9, timeout=5)


def test_a_server_that_speaks_no_tls_and_a_wrong_certificate(trap: Trap) -> None:
    """The certificate must be for the name that was asked, by an authority that we know."""
    context = http._tls()
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_name_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "CONNECT_SECONDS", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **named: time.sleep(0.5))
    with pytest.raises(OSError, match="in time"):
        system_resolver("slow.example", 443)


def test_names_that_cannot_be_asked() -> None:
    for name in ("a" * 70 + ".example", "xn--\udcff"):
        assert system_resolver(name, 443) == []


@pytest.mark.parametrize("address", ["192.88.99.1", "64:ff9b:1::7f00:1", "", "1.2.3", "::g"])
def test_more_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)
