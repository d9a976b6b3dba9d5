"""The search page: its states, its links, and what nobody may see on it."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from markupsafe import escape

from knowledge.types import Contributor, Kind, Role
from tests.api.web.support import ADA, BEN, EVIL, Site, hrefs, part, words
from tests.builders import document

QUESTION = "how do I restore a backup"


def state(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


def test_without_a_question_the_page_says_what_can_be_asked(site: Site) -> None:
    page = site.get("/").text
    assert "What do you need to know?" in page
    assert " autofocus" in page
    assert "<article" not in page
    assert site.get("/", q="  ").text == page


def test_an_answer_is_marked_and_leads_to_its_passage(site: Site) -> None:
    page = site.search(QUESTION)
    article = part(page, "<article", "</article>")
    assert "<mark>To restore a backup, stop the ledger 🧾 first.</mark> Then start" in article
    assert "Every night a copy is made. <mark>" in article
    assert '<time datetime="2026-03-01T00:00:00+00:00" title="1 March 2026">' in article
    assert "Restoring a backup" in article
    assert " autofocus" not in page
    (address, *_) = [x for x in hrefs(article) if x.startswith("/documents/")]
    document_page = site.get(address).text
    anchor = urlsplit(address).fragment
    assert f'class="wanted" id="{anchor}"' in document_page


def test_what_is_said_is_shown_with_who_says_it_and_when(site: Site) -> None:
    page = site.search("what hangs beside the printer", kind="transcript")
    article = part(page, "<article", "</article>")
    assert words(part(article, 'class="trail">', "</p>")) == "Ben Osei 01:05"
    assert "<mark>It hangs beside the printer.</mark>" in article
    assert "**" not in article
    assert "\\[" not in article


def test_people_are_named_with_dated_quotes_and_a_band_in_words(site: Site) -> None:
    page = site.search(QUESTION)
    people = part(page, 'class="people"', "</section>")
    assert words("<x " + people).startswith("Who")
    assert any(band in people for band in ("Very likely knows", "Likely knows", "May know"))
    assert "%" not in words(people)
    assert "<q>To restore a backup, stop the ledger 🧾 first. Then start it again.</q>" in people
    assert "wrote <a" in people
    assert page.index('id="answers"') < page.index('id="people"')


def test_whoever_wrote_it_is_named_before_whoever_edited_it(own: Site) -> None:
    made = {role: Contributor(f"{role.value.title()} Kay", role) for role in Role}
    heavy = replace(made[Role.EDITOR], weight=99.0)
    # The editor is met first, and so has the smaller id.
    own.add(
        document("first", "Nothing.", contributors=(heavy,)),
        document(
            "lathe",
            "The lathe wants oil every morning.",
            contributors=(heavy, *(made[role] for role in reversed(Role) if role != "editor")),
        ),
    )
    named = ["Author", "Host", "Speaker", "Answerer", "Editor", "Endorser"]
    asked = {"q": "when does the lathe want oil", "limit": 1}
    (answer,) = own.served.get("/search", "ben", **asked).json()["answers"]
    told = [made["name"] for made in answer["document"]["contributors"]]
    assert told == [f"{name} Kay" for name in named]
    page = own.get("/", **asked).text
    assert "by Author Kay, Host Kay, Speaker Kay and 3 more" in words(page).replace(" ,", ",")
    shown = words(own.get(f"/documents/{answer['document']['id']}").text)
    assert [shown.index(f"{name} Kay") for name in named] == sorted(
        shown.index(f"{name} Kay") for name in named
    )


def test_who_knows_puts_people_first(site: Site) -> None:
    page = site.search("who knows how to restore a backup")
    assert page.index('id="people"') < page.index('id="answers"')


def test_no_confidence_is_said_plainly(site: Site) -> None:
    page = site.search("savannah giraffes")
    assert "Nothing here answers this with confidence. Closest matches:" in page
    assert "Nobody is confirmed to know" in page
    assert "<mark>" not in site.search("savannah giraffes", kind="thread")


def test_closest_matches_are_called_so_where_people_were_asked_for(site: Site) -> None:
    page = site.search("who knows about savannah giraffes")
    assert '<p class="unsure">Closest matches:</p>' in part(page, 'class="answers"', "</section>")
    assert "Closest matches" not in site.search("who knows how to restore a backup")


def test_a_narrow_page_leads_to_the_people_at_once(site: Site) -> None:
    for question, said in (
        ("every night a copy is made; stop the ledger, then start it again", "who know"),
        ("savannah giraffes", "who might know"),
    ):
        page = site.search(question)
        jump = part(page, 'class="jump"', "</p>")
        assert hrefs(jump) == ["#people"]
        shown = page.count('<article class="person"')
        assert words(f"<p {jump}") == f"{shown} colleagues {said}"
        assert page.index('class="jump"') < page.index('id="answers"') < page.index('id="people"')
    assert 'class="jump"' not in site.search("who knows how to restore a backup")
    assert 'class="jump"' not in site.search(QUESTION, kind="thread")


def test_whoever_is_named_can_be_written_to_at_the_directory_s_address(own: Site) -> None:
    eve = Contributor("Eve Lund", Role.AUTHOR, email="eve@example.org")
    own.add(
        document("lathe", "The lathe wants oil.", contributors=(ADA, BEN, eve), title="The lathe")
    )
    page = own.search("what does the lathe want")
    people = part(page, 'class="people"', "</section>")
    assert "Eve Lund" in people
    mails = {x for x in hrefs(people) if "mailto" in x}
    # Ben is the one who searches.
    assert mails == {"mailto:ada@example.org"}
    assert "Ask Ada (Ada Field) by mail" in words(people)
    # What all three share is quoted once.
    assert people.count("<q>") == 1
    assert words(people).count("Also wrote The lathe") == 2
    ada, eve_s = (
        next(x for x in hrefs(page) if x.startswith("/people/") and f'{x}">{name}' in page)
        for name in ("Ada Field", "Eve Lund")
    )
    asked = hrefs(part(own.get(ada).text, 'class="write"', "</p>"))
    assert asked == ["mailto:ada@example.org", f"/ask?to={ada.rpartition('/')[2]}"]
    assert "mailto" not in own.get(eve_s).text
    assert "eve@" not in own.get(eve_s).text


def test_a_long_question_is_cut_in_the_title(site: Site) -> None:
    page = site.search("how do I restore a backup " * 100)
    title = part(page, "<title>", "</title>")
    assert title.startswith("how do I restore a backup how do I")
    assert title.endswith("… – whoknows")
    assert len(title) <= 92


def test_a_menu_has_few_entries_and_more_than_one(own: Site) -> None:
    def menu(page: str, name: str) -> list[str]:
        found = page.split(f"<summary>{name}</summary>")
        return hrefs(found[1].split("</ul>")[0]) if len(found) > 1 else []

    own.add(document("many", "The wombat digs.", tags=[f"t{n}" for n in range(20)]))
    page = own.search("ledger backup queue key wombat")
    assert len(menu(page, "Tag")) == 8
    assert len(menu(page, "Source")) == 2
    one = own.search("ledger backup queue key wombat", kind="note")
    assert menu(one, "Source") == []
    assert menu(one, "Kind") == []


def test_nothing_found_says_how_to_go_on(site: Site) -> None:
    page = site.search(QUESTION, kind="thread", tag="ledger")
    assert "Nothing found" in page
    assert "/?q=how+do+I+restore+a+backup" in hrefs(page)
    assert "nothing that you may read within these limits speaks for anybody" in page
    assert "Ask in your team’s channel, and bring the answer back for the next one." in words(page)


def test_filters_are_links_with_counts_that_keep_the_rest(site: Site) -> None:
    page = site.search("ledger", kind="writeup", limit=5, mode="hybrid")
    narrower = [state(x) for x in hrefs(page) if x.startswith("/?") and "tag" in state(x)]
    assert {"q": ["ledger"], "kind": ["writeup"], "tag": ["backup"], "limit": ["5"]} in narrower
    assert "backup <span" in page
    chip = part(page, 'class="chip"', "</a>")
    assert "Write-up" in chip
    assert state(hrefs(chip)[0]) == {"q": ["ledger"], "limit": ["5"]}
    form = part(page, 'role="search"', "</form>")
    assert '<input type="hidden" name="kind" value="writeup">' in form


def test_every_filter_has_a_chip_that_takes_it_away(site: Site) -> None:
    given = {
        "kind": "note",
        "tag": "x",
        "team": "y",
        "source": "z",
        "author": "1",
        "level": "expert",
        "updated_after": "2026-01-31",
        "mode": "lexical",
        "document": "1",
    }
    page = site.search("ledger", **given)
    chips = [piece.split("</a>")[0] for piece in page.split('class="chip"')[1:]]
    left = [set(given) - set(state(hrefs(chip)[0])) for chip in chips]
    assert sorted(name for names in left for name in names) == sorted(given)
    assert all(len(names) == 1 for names in left)
    assert "Since 31 January 2026" in page


def test_more_answers_follow_by_a_cursor_in_the_address(site: Site) -> None:
    first = site.search("ledger backup queue key", limit=1)
    (following,) = [x for x in hrefs(first) if "cursor" in state(x)]
    second = site.get(following).text
    assert "More answers</h2>" in second
    titles = [part(page, "<h3>", "</h3>").split('">')[1] for page in (first, second)]
    assert titles[0] != titles[1]
    assert "cursor" not in "".join(x for x in hrefs(second) if "kind=" in x)
    assert (
        site.get("/", q="another question", cursor=state(following)["cursor"][0]).status_code == 422
    )


def test_a_corrected_question_can_be_asked_as_typed(site: Site) -> None:
    page = site.search("restore a bakcup of the ledgre")
    notice = part(page, 'class="notice"', "</p>")
    assert "Showing results for <strong>restore a backup of the ledger</strong>" in notice
    assert "Search instead for restore a bakcup of the ledgre" in notice
    (address,) = hrefs(notice)
    assert state(address) == {"q": ["restore a bakcup of the ledgre"], "spelling": ["false"]}
    assert "Showing results for" not in site.get(address).text


def test_what_a_question_says_has_chips_that_take_it_away(site: Site) -> None:
    q = 'ledger "every night" -printer by Ada Field since 2026-02'
    page = site.search(q, kind="writeup")
    assert "Restoring a backup" in page
    chips = [piece.split("</a>")[0] for piece in page.split('class="chip"')[1:]]
    left = {words("<x " + chip): state(hrefs(chip)[0])["q"][0] for chip in chips[1:]}
    assert left == {
        "Remove: “every night” ×": "ledger every night -printer by Ada Field since 2026-02",
        "Remove: Without “printer” ×": 'ledger "every night" by Ada Field since 2026-02',
        "Remove: By Ada Field ×": 'ledger "every night" -printer since 2026-02',
        "Remove: Since 1 February 2026 ×": 'ledger "every night" -printer by Ada Field',
    }
    (address,) = [x for x in hrefs(page) if "literal" in state(x)]
    assert state(address) == {"q": [q], "kind": ["writeup"], "literal": ["true"]}
    literal = site.get(address).text
    (again,) = [hrefs(one)[0] for one in literal.split('class="chip"')[1:] if "as typed" in one]
    assert state(again) == {"q": [q], "kind": ["writeup"]}


def test_a_phrase_that_nothing_holds_is_told(site: Site) -> None:
    page = site.search('ledger "made every"')
    notice = part(page, 'class="notice"', "</p>")
    assert "holds <strong>“made every”</strong> word for word." in notice
    assert "Restoring a backup" in page
    assert "“vault ask”" in site.search('"vault ask"', "ben")


def test_without_limits_the_words_of_a_question_are_none_either(site: Site) -> None:
    page = site.search("ledger tag:nothing")
    assert "Nothing found" in page
    (address,) = [x for x in hrefs(part(page, 'class="goon"', "</ul>")) if x.startswith("/?")]
    assert "Restoring a backup" in site.get(address).text
    (chip, *_) = hrefs(part(site.search("tag:nothing"), 'class="narrow"', "</a>"))
    assert state(chip) == {"q": ["tag:nothing"], "literal": ["true"]}


def test_nothing_that_anybody_wrote_becomes_markup(own: Site) -> None:
    own.add(
        document(
            EVIL,
            f"# {EVIL}\n\nThe wombat {EVIL} digs. It digs well.",
            title=f"Wombat {EVIL}",
            source=f"s{EVIL}",
            tags=(f"t{EVIL}",),
            kind=Kind.WRITEUP,
            contributors=(Contributor(f"Eve {EVIL}", Role.AUTHOR, email="eve@example.org"),),
            url="javascript:alert(1)",
        ),
    )
    page = own.search(f"wombat {EVIL}", tag=f"t{EVIL}")
    assert str(escape(EVIL)) in page
    addresses = [x for x in hrefs(page) if x.startswith(("/documents", "/people"))]
    pages = [page, *(own.get(x).text for x in addresses)]
    assert len(pages) > 2
    for one in pages:
        scripts = re.findall(r"<script[^>]*>[^<]*", one)
        assert all(
            re.fullmatch(r'<script type="module" src="/static/\w+/\w+\.js">', x) for x in scripts
        )
        assert "javascript:" not in one
        assert " style=" not in one


def test_what_the_asker_may_not_read_leaves_no_trace(site: Site) -> None:
    shown = [
        site.search(q, who)
        for who in ("ben", "cleo")
        for q in (QUESTION, "who knows the vault", "Zebedee Quill", "zebra")
    ]
    for page in shown:
        told = words(page).replace("Zebedee Quill", "").replace("zebra", "", 1)
        assert "Zebedee" not in told
        assert "tag=zebra" not in page
    assert "Vault of Zebedee" in site.search(QUESTION, "ada")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("kind", "novel", "writeup, note, transcript or thread"),
        ("level", "guru", "newcomer, practitioner or expert"),
        ("mode", "magic", "hybrid, semantic or lexical"),
        ("updated_after", "soon", "a date, such as 2026-01-31"),
        ("limit", "0", "a number from 1 to 50"),
        ("limit", "x", "a number from 1 to 50"),
        ("author", "x", "a number"),
        ("document", "0", "a number"),
        ("tag", "x" * 201, "made of at most 50 values of up to 200 characters"),
        ("source", ["x"] * 51, "made of at most 50 values of up to 200 characters"),
        ("team", "x\0", "made of at most 50 values of up to 200 characters"),
        ("spelling", "perhaps", "true or false"),
        ("cursor", "!", "as the page before wrote it"),
    ],
)
def test_what_cannot_be_meant_is_said_in_plain_words(
    site: Site, name: str, value: str | list[str], said: str
) -> None:
    answer = site.get("/", q="ledger", **{name: value})
    assert answer.status_code == 422
    assert "That cannot be read" in answer.text
    assert f"'{name}' in this address has to be {said}" in words(answer.text)


def test_empty_and_foreign_parameters_are_passed_over(site: Site) -> None:
    def search(**given: str) -> str:
        # Each search has a name of its own, for what its readers say of the answers.
        return re.sub(r"(?<![0-9a-f])[0-9a-f]{32}\b", "", site.search("ledger", **given))

    assert search(kind="", tag=" ", cursor="", utm_source="mail") == search()


def test_pages_are_kept_by_nobody(site: Site) -> None:
    for path in ("/", "/?q=ledger", "/documents/1", "/people/1"):
        answer = site.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store"
        assert "Cookie" in answer.headers["vary"]
        assert site.served.client.head(path, headers={"As": "ben@example.org"}).status_code == 200


def test_static_files_are_kept_as_long_as_they_stay_the_same(site: Site) -> None:
    page = site.get("/").text
    style = next(x for x in hrefs(page) if x.endswith("style.css"))
    answer = site.get(style, None)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/css")
    assert len(answer.content) <= 18_000
    older = site.get("/static/0123456789ab/style.css", None)
    assert (older.content, older.headers["cache-control"]) == (answer.content, "no-cache")
    assert site.get("/static/0123456789ab/none.js", None).status_code == 404
    assert site.get("/static/x/..%2Fwords.py", None).status_code == 404
