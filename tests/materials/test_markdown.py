"""What people type and what becomes of it."""

import time

import pytest
from django.utils import translation

from materials.markdown import own_links, plain, render, sections

OWN = "attachment:5b0c3a52-0000-4000-8000-000000000000"


def test_headings_begin_below_the_title_and_carry_anchors() -> None:
    html = render("# One\n\n## Two\n\n### Three\n\n###### Six\n")
    assert html == (
        '<h2 id="t-one">One</h2>\n<h2 id="t-two">Two</h2>\n'
        '<h3 id="t-three">Three</h3>\n<h4 id="t-six">Six</h4>\n'
    )


def test_equal_headings_get_different_anchors() -> None:
    html = render("## Steps\n\n## Steps\n\n## ***\n\n## ???\n")
    assert 'id="t-steps"' in html
    assert 'id="t-steps--2"' in html
    assert 'id="t-part"' in html


def test_links_inside_the_text_find_their_heading() -> None:
    assert '<a href="#t-steps">see</a>' in render("[see](#steps)\n\n## Steps")
    assert render("[see](#nowhere)") == "<p>see</p>\n"


def test_links_to_other_hosts_say_so_and_links_home_do_not(settings) -> None:
    settings.PORTAL_ORIGIN = "https://portal.example"
    assert 'rel="noopener nofollow"' in render("[x](https://elsewhere.example/)")
    assert 'rel="noopener nofollow"' in render("<https://portal.example.evil.example>")
    for address in ("https://portal.example/about/", "/about/", "mailto:a@example.org", "tel:+358"):
        assert render(f"[x]({address})") == f'<p><a href="{address}">x</a></p>\n'


@pytest.mark.parametrize(
    "address",
    ["page", "//evil.example", "ftp://x.example/f", "javascript:alert(1)", "http:", "?a=b"],
)
def test_addresses_that_lead_nowhere_good_become_words(address: str) -> None:
    html = render(f"[words]({address})")
    assert "<a" not in html
    assert "words" in html


def test_links_between_entries_are_resolved_or_become_words() -> None:
    links = {"material:first-day": "/materials/first-day/"}
    html = render("[day](material:first-day) and [gone](material:gone)", links)
    assert html == '<p><a href="/materials/first-day/">day</a> and gone</p>\n'


def test_own_pictures_are_shown_others_become_links() -> None:
    text = (
        f"![a bench]({OWN}) ![track](https://tracker.example/p.gif) ![f](data:image/png;base64,x)"
    )
    html = render(text, {OWN: "/attachments/1/"}, [OWN])
    assert '<img src="/attachments/1/" alt="a bench" loading="lazy">' in html
    assert html.count("<img") == 1
    assert '<a href="https://tracker.example/p.gif" rel="noopener nofollow">track</a>' in html
    assert "data:" not in html


def test_an_own_file_that_is_no_picture_is_a_link() -> None:
    html = render(f"![plan]({OWN}) [plan]({OWN})", {OWN: "/attachments/1/"})
    assert html == (
        '<p><a href="/attachments/1/">plan</a> <a href="/attachments/1/">plan</a></p>\n'
    )


def test_a_picture_inside_a_link_does_not_make_a_second_link() -> None:
    html = render("[![alt](https://x.example/a.png)](https://y.example/)")
    assert html.count("<a ") == 1
    assert "alt</a>" in html


def test_open_tasks_become_boxes_to_tick_on_paper() -> None:
    html = render("- [ ] one **b**\n- [ ] two\n")
    assert html == (
        '<ul class="checklist">\n<li>one <strong>b</strong></li>\n<li>two</li>\n</ul>\n'
    )


def test_mixed_and_done_tasks_get_characters() -> None:
    html = render("- [ ] open\n- [x] done\n- plain\n\n1. [ ] first\n")
    assert "checklist" not in html
    for words in ("☐ open", "☑ done", "<li>plain", "☐ first"):
        assert words in html


def test_an_empty_box_and_a_nested_list() -> None:
    html = render("1. x\n   - [ ] inner\n   - [ ]\n")
    assert '<ul class="checklist">\n<li>inner</li>\n<li></li>\n</ul>' in html


def test_tables_scroll_and_figures_stand_right() -> None:
    with translation.override("en"):
        html = render("| a | b |\n|---|--:|\n| x | 1 |\n")
    assert '<div class="table-scroll" role="group" tabindex="0" aria-label="Table">' in html
    assert '<th scope="col" class="num">b</th>' in html
    assert '<td class="num">1</td>' in html
    assert "style" not in html


def test_code_keeps_its_characters() -> None:
    html = render("`<b>` and\n\n```html\n<script>x</script>\n```\n")
    assert "<code>&lt;b&gt;</code>" in html
    assert "<pre><code>&lt;script&gt;x&lt;/script&gt;\n</code></pre>" in html


def test_five_minutes_and_card_are_sections_of_their_own() -> None:
    text = (
        "Begin.\n\n## Card: the day\n\n- [ ] a\n\n## At the workplace in five minutes\n\n- [ ] b\n"
    )
    opening, card, five = sections(text)
    assert (opening.kind, opening.title, opening.anchor) == ("text", "", "")
    assert (card.kind, card.title, card.name) == ("card", "Card: the day", "The day")
    assert card.html.startswith('<section class="card"><h2 id="t-card-the-day">')
    assert card.inner.startswith('<ul class="checklist">')
    assert five.kind == "five"
    assert five.html.startswith('<section class="five"><h2')


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("As the teacher sees it", "teacher"),
        ("Työpaikan silmin", "workplace"),
        ("Audzēkņa skatījumā", "student"),
        ("Töökohal viie minutiga", "five"),
        ("Kortti: ensimmäinen päivä", "card"),
        ("Cardboard: how to fold", "text"),
        ("Card", "text"),
    ],
)
def test_headings_that_mean_something_in_every_language(heading: str, kind: str) -> None:
    assert sections(f"## {heading}\n\ntext")[0].kind == kind


def test_inner_headings_do_not_begin_a_section() -> None:
    assert len(sections("## A\n\n### Card: x\n\n> ## B\n")) == 1


def test_nothing_gives_nothing() -> None:
    assert render("") == ""
    assert sections("") == ()
    assert plain("") == ""


def test_plain_words_are_what_is_searched() -> None:
    text = "# A *b*\n- [ ] c [d](https://x.example)\n\n```\ncode\n```\n\n| e |\n|---|\n| f |\n"
    assert plain(text).split() == ["A", "b", "c", "d", "code", "e", "f"]


def test_own_links_are_found() -> None:
    assert own_links("[a](material:x-1) ![b](attachment:22) material:y") == {
        "material:x-1",
        "attachment:22",
        "material:y",
    }


@pytest.mark.parametrize(
    "text",
    [
        "[" * 60_000,
        "![" * 30_000,
        ">" * 60_000,
        "*a" * 30_000,
        "`" * 60_000,
        "<" * 60_000,
        "|-" * 20_000 + "\n" + "|-" * 10_000,
        "# a\n" * 15_000,
        "- [ ] a\n" * 7_500,
        "[a]: b\n" * 8_000,
    ],
    ids=lambda text: text[:8].strip(),
)
def test_the_longest_hostile_text_takes_seconds_at_most(text: str) -> None:
    start = time.process_time()
    render(text)
    assert time.process_time() - start < 12
