"""Markdown that people typed becomes HTML that cannot hurt anybody.

Two layers that do not trust each other: the parser never passes HTML through, and what it makes
is cleaned again against a list of tags, attributes and schemes. Nothing is loaded from elsewhere:
only files of the entry itself are shown as pictures, all other pictures become links.
"""

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import nh3
from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import get_language, gettext
from markdown_it import MarkdownIt
from markdown_it.token import Token

from materials.markdown.headings import kind_of

ID_PREFIX = "t-"  # so that no heading takes the id of a part of the page
SCHEMES = frozenset({"http", "https", "mailto", "tel"})
TAGS = frozenset(
    {
        *("h2", "h3", "h4", "p", "ul", "ol", "li", "blockquote", "section", "div", "hr", "br"),
        *("strong", "em", "a", "code", "pre", "img"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
)
ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "rel"},
    "img": {"src", "alt", "loading"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "ol": {"start"},
    "th": {"scope"},
    "div": {"role", "tabindex", "aria-label"},
}
CLASSES: dict[str, set[str]] = {
    "ul": {"checklist"},
    "section": {"five", "card"},
    "div": {"table-scroll", "table-plain"},
    "th": {"num"},
    "td": {"num"},
}
_OWN_LINK = re.compile(r"\b(?:material|attachment):[\w-]{1,100}")

_TASK = re.compile(r"\[([ xX])\](?:\s+|$)")
_BOXES = {" ": "\u2610 ", "x": "\u2611 "}

_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Section:
    """What stands under one heading of the second level, or before the first one.

    `kind` is `text`, `five`, `card` or one of the perspectives; `html` includes the heading,
    `inner` leaves it out.
    """

    kind: str
    title: str
    anchor: str
    html: SafeString
    inner: SafeString

    @property
    def name(self) -> str:
        """The title without the word for card."""
        name = self.title.partition(":")[2].strip() if self.kind == "card" else self.title
        return name[:1].upper() + name[1:]


def render(
    text: str, links: Mapping[str, str] | None = None, pictures: Iterable[str] = ()
) -> SafeString:
    """The whole text as HTML; see `sections` for the arguments."""
    found = sections(text, links, pictures)
    return mark_safe("".join(part.html for part in found))  # noqa: S308 - cleaned below


def sections(
    text: str, links: Mapping[str, str] | None = None, pictures: Iterable[str] = ()
) -> tuple[Section, ...]:
    """The text in sections.

    `links` gives the addresses of `material:<slug>` and `attachment:<id>`; those it does not
    know become plain words. `pictures` names the attachments that may be shown in the text.
    """
    known = tuple(sorted((links or {}).items()))
    return _sections(text, known, frozenset(pictures), get_language() or "")


def own_links(text: str) -> set[str]:
    """All `material:<slug>` and `attachment:<id>` that the text mentions."""
    return set(_OWN_LINK.findall(text))


def plain(text: str) -> str:
    """The words alone, one block a line: what is searched."""
    tokens = _parser.parse(text)
    _adapt_lists(tokens)
    return "\n".join(
        plain_of(token) if token.type == "inline" else token.content
        for token in tokens
        if token.type in ("inline", "fence", "code_block")
    )


@functools.lru_cache(maxsize=64)
def _sections(
    text: str, links: tuple[tuple[str, str], ...], pictures: frozenset[str], language: str
) -> tuple[Section, ...]:
    env: dict[str, object] = {}
    tokens = _parser.parse(text, env)
    anchors = _adapt_headings(tokens)
    _adapt_lists(tokens)
    addresses = dict(links)
    for token in tokens:
        _adapt_block(token)
        if token.type == "inline":
            token.children = _adapt_inline(token.children or [], addresses, pictures, anchors)
    return tuple(_section(part, env) for part in _split(tokens) if part)


def _split(tokens: list[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.type == "heading_open" and token.tag == "h2" and token.level == 0:
            parts.append([])
        parts[-1].append(token)
    return parts


def _section(tokens: list[Token], env: dict[str, object]) -> Section:
    has_heading = tokens[0].type == "heading_open" and tokens[0].tag == "h2"
    title = plain_of(tokens[1]) if has_heading else ""
    anchor = str(tokens[0].attrGet("id") or "") if has_heading else ""
    kind = kind_of(title) if has_heading else "text"
    head = _parser.renderer.render(tokens[:3], _parser.options, env) if has_heading else ""
    rest = _parser.renderer.render(tokens[3 if has_heading else 0 :], _parser.options, env)
    rest = _scrolling_tables(rest)
    html = head + rest
    if kind in ("five", "card"):
        html = f'<section class="{kind}">{html}</section>'
    return Section(kind, title, anchor, _clean(html), _clean(rest))


def plain_of(token: Token) -> str:
    """The words of one inline token."""
    return "".join(_words(child) for child in token.children or ()).strip()


def _words(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    return token.content


def _adapt_headings(tokens: list[Token]) -> dict[str, str]:
    """One h1 a page, and it is the title: headings begin at h2. Returns anchor by plain name."""
    anchors: dict[str, str] = {}
    used: dict[str, int] = {}
    for place, token in enumerate(tokens):
        if token.type not in ("heading_open", "heading_close"):
            continue
        token.tag = f"h{min(max(int(token.tag[1]), 2), 4)}"
        if token.type == "heading_open":
            name = slugify(plain_of(tokens[place + 1]))[:60] or "part"
            used[name] = used.get(name, 0) + 1
            unique = name if used[name] == 1 else f"{name}--{used[name]}"
            anchors[unique] = ID_PREFIX + unique
            token.attrs = {"id": anchors[unique]}
    return anchors


def _adapt_block(token: Token) -> None:
    if token.type in ("th_open", "td_open"):
        is_number = "right" in str(token.attrGet("style") or "")
        token.attrs = {"scope": "col"} if token.type == "th_open" else {}
        if is_number:
            token.attrSet("class", "num")


def _adapt_inline(
    children: list[Token],
    links: Mapping[str, str],
    pictures: frozenset[str],
    anchors: Mapping[str, str],
) -> list[Token]:
    kept: list[Token] = []
    inside = dropped = False
    for token in children:
        if token.type == "link_open":
            address = _address(str(token.attrGet("href") or ""), links, anchors)
            inside, dropped = True, address is None
            if address is not None:
                token.attrs = _link_attributes(address)
                kept.append(token)
        elif token.type == "link_close":
            inside = False
            if not dropped:
                kept.append(token)
        elif token.type == "image":
            kept += _picture(token, links, pictures, anchors, inside)
        else:
            kept.append(token)
    return kept


def _picture(
    token: Token,
    links: Mapping[str, str],
    pictures: frozenset[str],
    anchors: Mapping[str, str],
    inside: bool,
) -> list[Token]:
    """A picture of the entry's own, or a link to whatever it was."""
    source = str(token.attrGet("src") or "")
    words = plain_of(token) or source
    if source in pictures and source in links:
        token.attrs = {"src": links[source], "alt": "", "loading": "lazy"}
        return [token]
    address = _address(source, links, anchors)
    if inside or address is None:
        return [_text(words)]
    opening = Token("link_open", "a", 1, attrs=_link_attributes(address))
    return [opening, _text(words), Token("link_close", "a", -1)]


def _text(words: str) -> Token:
    return Token("text", "", 0, content=words)


def _address(href: str, links: Mapping[str, str], anchors: Mapping[str, str]) -> str | None:
    """Where a link may lead, or None when it may lead nowhere."""
    if href.startswith(("material:", "attachment:")):
        return links.get(href)
    if href.startswith("#"):
        anchor = anchors.get(href[1:])
        return f"#{anchor}" if anchor else None
    if href.startswith("/") and not href.startswith(("//", "/\\")):
        return href
    try:
        parts = urlsplit(href)
    except ValueError:
        return None
    return href if parts.scheme.lower() in SCHEMES and (parts.netloc or parts.path) else None


def _link_attributes(address: str) -> dict[str, str | int | float]:
    own = address.startswith(("/", "#", f"{settings.PORTAL_ORIGIN}/"))
    if own or address.lower().startswith(("mailto:", "tel:")):
        return {"href": address}
    return {"href": address, "rel": "noopener nofollow"}


def _adapt_lists(tokens: list[Token]) -> None:
    """A list of open tasks alone gets real boxes; in a mixed list a character stands for them.

    The usual plugin walks back through the list for each item, which takes seconds for a few
    thousand of them.
    """
    open_lists: list[tuple[Token, list[Token | None]]] = []
    for place, token in enumerate(tokens):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            open_lists.append((token, []))
        elif token.type == "list_item_open":
            open_lists[-1][1].append(_first_text(tokens, place))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            _mark_tasks(*open_lists.pop())


def _mark_tasks(opening: Token, firsts: list[Token | None]) -> None:
    found = [(first, _TASK.match(first.content)) for first in firsts if first is not None]
    is_checklist = opening.type == "bullet_list_open" and all(
        first is not None and (task := _TASK.match(first.content)) and task[1] == " "
        for first in firsts
    )
    if is_checklist:
        opening.attrSet("class", "checklist")
    for first, task in found:
        if task:
            box = "" if is_checklist else _BOXES[task[1].lower()]
            first.content = box + first.content[task.end() :]


def _first_text(tokens: list[Token], item: int) -> Token | None:
    inline = tokens[item + 2] if item + 2 < len(tokens) else None
    children = inline.children if inline is not None and inline.type == "inline" else None
    return children[0] if children and children[0].type == "text" else None


def _scrolling_tables(html: str) -> str:
    """A wide table scrolls in a region of its own, which the keyboard reaches."""
    label = escape(gettext("Table"))
    opening = f'<div class="table-scroll" role="group" tabindex="0" aria-label="{label}"><table>'
    return html.replace("<table>", opening).replace("</table>", "</table></div>")


def _clean(html: str) -> SafeString:
    cleaned = nh3.clean(
        html,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        url_schemes=set(SCHEMES),
        link_rel=None,
        strip_comments=True,
    )
    return mark_safe(cleaned)  # noqa: S308 - cleaned in the line above
