"""base58btc of signatures, several digits at a time; the same text as `multibase` writes."""

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS = [one + other for one in _ALPHABET for other in _ALPHABET]
_PAIR = 58**2
# Five digits are less than 2**30, which Python counts with as one word; ten are two of them.
_FIVE = 58**5
_TEN = 58**10


def encode_signature(signature: bytes) -> bytes:
    """The proofValue, with its prefix z."""
    number = int.from_bytes(signature, "big")
    tens: list[str] = []
    while number:
        number, ten = divmod(number, _TEN)
        high = ten // _FIVE
        low = ten - high * _FIVE
        left, right = high // _PAIR, low // _PAIR
        first, fourth = left // 58, right // 58
        tens.append(
            f"{_PAIRS[first]}{_ALPHABET[left - first * 58]}{_PAIRS[high - left * _PAIR]}"
            f"{_PAIRS[fourth]}{_ALPHABET[right - fourth * 58]}{_PAIRS[low - right * _PAIR]}"
        )
    tens.reverse()
    zeros = len(signature) - len(signature.lstrip(b"\0"))
    return f"z{'1' * zeros}{''.join(tens).lstrip('1')}".encode()
