"""Codes to scan: one drawing, no style, nothing but squares."""

import re

from partners.services.qr import qr_svg
from partners.services.tokens import hash_of, new_token


def test_a_code_is_plain_svg():
    svg = qr_svg("https://portal.example/d/abc/", 'Code "of" <desk>')
    assert svg.startswith("<svg viewBox=") and "style" not in svg
    assert 'aria-label="Code &quot;of&quot; &lt;desk&gt;"' in svg
    path = re.search(r' d="([^"]+)"', svg)[1]
    assert re.fullmatch(r"(M\d+ \d+h1v1h-1z)+", path)


def test_its_corner_marks_are_there():
    svg = qr_svg("x", "y")
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    for x, y in ((0, 0), (size - 1, 0), (0, size - 1)):
        assert f"M{x} {y}h1" in svg


def test_tokens_are_long_and_differ():
    tokens = {new_token()[0] for _ in range(50)}
    assert len(tokens) == 50 and all(len(token) >= 43 for token in tokens)
    token, kept = new_token()
    assert hash_of(token) == kept and len(kept) == 64
    assert len(hash_of("\ud800")) == 64
