"""Multibase texts, there and back, and only in one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badges.openbadges.multibase import (
    decode_base58,
    decode_base64url,
    encode_base58,
    encode_base64url,
)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "z"),
        (b"\0", "z1"),
        (b"\0\0\x01", "z112"),
        (b"hello world", "zStV1DL6CwTryKyV"),
        (b"Hello World!", "z2NEpo7TZRRrLZSi2U"),
    ],
)
def test_base58_known_values(data: bytes, text: str) -> None:
    assert encode_base58(data) == text
    assert decode_base58(text) == data


@given(st.binary(max_size=100))
def test_base58_there_and_back(data: bytes) -> None:
    assert decode_base58(encode_base58(data)) == data


@pytest.mark.parametrize(
    "text", ["", "StV1", "Z2", "uAA", "z0", "zO", "zI", "zl", "z ", "zé", "z" * 257]
)
def test_base58_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="base58btc"):
        decode_base58(text)


@given(st.binary(max_size=100))
def test_base64url_there_and_back(data: bytes) -> None:
    text = encode_base64url(data)
    assert "=" not in text
    assert decode_base64url(text) == data


def test_base64url_known_value() -> None:
    assert encode_base64url(b"\xfb\xff") == "u-_8"


@pytest.mark.parametrize("text", ["", "AA", "u+/8", "uAA==", "uA", "uAA AA", "uAA\n", "zAA", "uää"])
def test_base64url_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        decode_base64url(text)
