"""Whatever is typed, only listed tags, attributes and schemes come out (X01 to X05)."""

import json
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from materials.markdown import ATTRIBUTES, CLASSES, ID_PREFIX, SCHEMES, TAGS, render
from materials.templatetags.material_text import json_ld, material_text

OWN = "attachment:11"
LINKS = {OWN: "/attachments/11/", "material:a": "/materials/a/"}
VOID = {"br", "hr", "img"}


class Watcher(HTMLParser):
    """Reads the output as a browser would, and refuses what is not on the list."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            self.check(tag, name, value or "")
        if tag not in VOID:
            self.open.append(tag)

    def check(self, tag: str, name: str, value: str) -> None:
        if name == "class":
            assert set(value.split()) <= CLASSES.get(tag, set()), (tag, value)
            return
        assert name in ATTRIBUTES.get(tag, set()), (tag, name)
        if name == "id":
            assert value.startswith(ID_PREFIX)
        if name == "src":
            assert value in LINKS.values()
        if name == "href":
            scheme = urlsplit(value).scheme.lower()
            assert scheme in SCHEMES or (not scheme and value[:1] in "/#"), value
            assert not value.startswith(("//", "/\\"))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")


def judge(text: str) -> str:
    html = render(text, LINKS, [OWN])
    watcher = Watcher()
    watcher.feed(html)
    watcher.close()
    assert watcher.open == []
    return html


PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java\tscript:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](&#x6A;avascript&colon;alert(1))",
    "[a](\x01javascript:alert(1))",
    "[a](vbscript:x)",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](data:image/svg+xml,<svg onload=alert(1)>)",
    "![a](javascript:alert(1))",
    "![a](https://tracker.example/p.gif)",
    '![a](attachment:11 "x\\" onerror=\\"alert(1)")',
    '![x" onerror="alert(1)](attachment:11)',
    "[a][b]\n\n[b]: javascript:alert(1)",
    "<javascript:alert(1)>",
    '<https://e.example/"onmouseover=alert(1)>',
    "[[[a](javascript:x)](javascript:y)](javascript:z)",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<style>@import 'https://e.example'</style>",
    "<form action=https://e.example><input name=password></form>",
    "<meta http-equiv=refresh content='0;url=https://e.example'>",
    "<iframe srcdoc='<script>x</script>'></iframe>",
    "<!-- <img src=x onerror=alert(1)> -->",
    "<?php x ?>",
    "<![CDATA[<script>x</script>]]>",
    "<!DOCTYPE html>",
    '```"><script>alert(1)</script>\nx\n```',
    "~~~ onload=alert(1)\nx\n~~~",
    "## <script>x</script>",
    '## " onclick="x',
    "| <script> |\n|---|\n| <b onclick=x> |",
    "|a|\n|:-:|\n|style|",
    "- [ ] <input autofocus onfocus=alert(1)>",
    "<div class=five>x</div>",
    "<p id=main>x</p>",
    "[a](//evil.example)",
    "[a](/\\evil.example)",
    "[a](\\\\evil.example)",
    "[a](https:evil)",
    "[a](/%0a/evil.example)",
    "[a](material:a' onclick=')",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ 7 }} {% load x %} ${7} {0.__class__}",
    "\u202egpj.exe [a](https://e.example/\u202e)",
    "a\x00b<\x00script>",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_come_out_inert(payload: str) -> None:
    for text in (payload, f"> {payload}", f"- {payload}", f"# {payload}", f"a {payload} b"):
        judge(text)


def test_what_looks_like_a_template_stays_as_it_is() -> None:
    text = "{{ 7 }} {% load x %} ${7} {0.name}"
    assert text in judge(text)


PIECES = st.sampled_from(
    [
        *PAYLOADS,
        *("[", "]", "(", ")", "!", "<", ">", "`", "~", "*", "_", "#", "|", "-", "&", ";", '"', "'"),
        *("\n", "\n\n", " ", "\t", "\\", "/", ":", "=", "javascript:", "data:", "attachment:11"),
        *("material:a", "https://e.example", "- [ ] ", "&#x", "&colon;", "<a ", "</", "<!--"),
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PIECES | st.text(max_size=6), max_size=25).map("".join))
def test_any_mixture_of_pieces_is_safe(text: str) -> None:
    judge(text)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=300))
def test_any_text_is_safe(text: str) -> None:
    judge(text)


def test_the_filter_takes_nothing_and_text() -> None:
    assert material_text(None) == ""
    assert material_text("**b** <i>") == "<p><strong>b</strong> &lt;i&gt;</p>\n"


def test_linked_data_cannot_end_its_script() -> None:
    text = json_ld({"name": "</script><script>alert(1)</script> <!-- & é"})
    assert "<" not in text
    assert ">" not in text
    assert "&" not in text
    assert json.loads(text)["name"] == "</script><script>alert(1)</script> <!-- & é"
