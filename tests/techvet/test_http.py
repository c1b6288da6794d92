"""The one way out refuses every inner address before a packet leaves (S01–S05)."""

import gzip
from collections.abc import Callable

import httpx
import pytest

from techvet.http import MAX_BYTES, Answer, Unreachable, fetch, is_public, judged_address

INNER = [
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.8",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "fd00::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "not an address",
]


def resolving(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda host, port: list(addresses)


def answering(respond: Callable[[httpx.Request], httpx.Response]) -> httpx.MockTransport:
    return httpx.MockTransport(respond)


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_open_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://portal.example/",
        "https://portal.example:8443/",
        "https://portal.example:99999/",
        "ftp://portal.example/",
        "file:///etc/passwd",
        "https://good@portal.example/",
        "https:///nowhere",
        "https://portal.example\\@evil.example/",
        "javascript:alert(1)",
        "https://[::1",
    ],
)
def test_odd_addresses_are_refused_before_any_lookup(url: str) -> None:
    def never(host: str, port: int) -> list[str]:
        raise AssertionError("looked up")

    with pytest.raises(Unreachable):
        judged_address(url, never)


def test_one_inner_address_among_good_ones_refuses_all() -> None:
    with pytest.raises(Unreachable):
        judged_address("https://portal.example/", resolving("93.184.216.34", "127.0.0.1"))


@pytest.mark.parametrize("name", ["2130706433", "0x7f.1", "127.1", "017700000001", "localhost."])
def test_disguised_loopback_is_refused_by_what_it_resolves_to(name: str) -> None:
    with pytest.raises(Unreachable):
        fetch(f"https://{name}/")


def test_a_name_that_does_not_resolve() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError

    with pytest.raises(Unreachable):
        judged_address("https://portal.example/", unknown)
    with pytest.raises(Unreachable):
        judged_address("https://portal.example/", resolving())


def test_connects_to_the_judged_address_with_the_original_name() -> None:
    seen: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"ok": True})

    answer = fetch(
        "https://portal.example/x?y=1",
        accept="application/json",
        resolver=resolving("93.184.216.34"),
        transport=answering(respond),
    )
    assert answer == Answer(200, b'{"ok":true}', "application/json", "https://portal.example/x?y=1")
    assert seen[0].url.host == "93.184.216.34"
    assert seen[0].headers["host"] == "portal.example"
    assert seen[0].extensions["sni_hostname"] == "portal.example"


def test_a_redirect_inside_is_judged_again() -> None:
    """A name that answers well first and points inside next (S02, S03)."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    with pytest.raises(Unreachable):
        fetch(
            "https://portal.example/",
            resolver=lambda host, port: next(answers),
            transport=answering(
                lambda request: httpx.Response(302, headers={"location": "https://inner.example/"})
            ),
        )


@pytest.mark.parametrize("target", ["http://portal.example/", "file:///etc/passwd", "//[::1"])
def test_a_redirect_to_another_scheme_is_refused(target: str) -> None:
    with pytest.raises(Unreachable):
        fetch(
            "https://portal.example/",
            resolver=resolving("93.184.216.34"),
            transport=answering(lambda r: httpx.Response(301, headers={"location": target})),
        )


def test_a_good_redirect_is_followed_and_a_chain_is_not() -> None:
    def once(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/a":
            return httpx.Response(302, headers={"location": "/b"})
        return httpx.Response(200, text="here")

    resolver = resolving("93.184.216.34")
    answer = fetch("https://portal.example/a", resolver=resolver, transport=answering(once))
    assert (answer.url, answer.content) == ("https://portal.example/b", b"here")
    with pytest.raises(Unreachable):
        fetch(
            "https://portal.example/",
            resolver=resolver,
            transport=answering(lambda r: httpx.Response(302, headers={"location": "/again"})),
        )


def test_too_much_is_refused_also_when_packed() -> None:
    bomb = gzip.compress(b"0" * (MAX_BYTES + 1))
    for response in (
        httpx.Response(200, content=b"0" * (MAX_BYTES + 1)),
        httpx.Response(200, content=bomb, headers={"content-encoding": "gzip"}),
    ):
        with pytest.raises(Unreachable):
            fetch(
                "https://portal.example/",
                resolver=resolving("93.184.216.34"),
                transport=answering(lambda request, response=response: response),
            )


def test_a_slow_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0.0, 11.0, 12.0])
    monkeypatch.setattr("techvet.http.time.monotonic", lambda: next(ticks))
    with pytest.raises(Unreachable):
        fetch(
            "https://portal.example/",
            resolver=resolving("93.184.216.34"),
            transport=answering(lambda request: httpx.Response(200, text="late")),
        )


def test_a_broken_connection_tells_nothing() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused by 93.184.216.34")

    with pytest.raises(Unreachable) as caught:
        fetch(
            "https://portal.example/",
            resolver=resolving("93.184.216.34"),
            transport=answering(fail),
        )
    assert str(caught.value) == ""
