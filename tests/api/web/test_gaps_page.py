"""The page of what people miss, and how somebody waits for an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from httpx2 import Response

from api.web.bars import HEIGHT, weeks
from knowledge.store import queries
from tests.api.web.support import EVIL, Site, hrefs, part, words
from tests.builders import document
from tests.indexer.searching import log

ADMIN = {"As": "ben@example.org", "Scopes": "search capture admin", "Accept": "text/html"}
ANSWER = "# Oven\n\nDescaling heraldic ovens: monthly, with vinegar, in the kitchen."
ASKED = "descaling heraldic ovens monthly with vinegar"


def missed(site: Site, text: str, *, weeks_ago: int = 0, askers: int = 5) -> None:
    at = datetime.now(UTC) - timedelta(weeks=weeks_ago)
    log(site.served.services.database, text, range(askers), at)


def page(site: Site, path: str = "/gaps") -> str:
    answer = site.served.client.get(path, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def post(site: Site, path: str, headers: dict[str, str] = ADMIN, **form: str) -> Response:
    answer: Response = site.served.client.post(
        path, data=form, headers=headers, follow_redirects=False
    )
    return answer


def test_a_gap_says_what_is_missed_and_whom_to_ask(own: Site) -> None:
    missed(own, "heraldic zeppelin ledger moorings", weeks_ago=2, askers=7)
    missed(own, "heraldic zeppelin ledger moorings")
    shown = page(own)
    told = words(part(shown, '<section class="panel"', "</section>"))
    assert "heraldic zeppelin ledger moorings 7 people in one week, 12 searches" in told
    assert "nearly always without an answer" in told
    assert "near the topic backup" in told
    assert "Ben Osei" in told
    links = hrefs(shown)
    assert "/ask?q=heraldic+zeppelin+ledger+moorings" in links
    assert "/write/quick?about=heraldic+zeppelin+ledger+moorings" in links
    assert shown.count("<rect") == 6
    assert shown.count('<rect x="') - shown.count('class="none"') == 2
    assert '<a href="/gaps" aria-current="page">Gaps</a>' in shown


def test_other_texts_and_words_of_five_are_told_beside_it(own: Site) -> None:
    missed(own, "moorings of zeppelins", askers=5)
    page(own)
    missed(own, "zeppelin moorings of old", askers=9)
    services = own.served.services
    services.gap_finder._found_at = None
    told = words(part(page(own), '<section class="panel"', "</section>"))
    assert told.startswith('aria-labelledby="gap-1"> moorings of zeppelins 9 people')
    assert "Also asked: “zeppelin moorings of old”" in told
    for n, typed in enumerate(["gargoyle polish", "polish gargoyle", "gargoyle polish a"] * 2):
        at = datetime.now(UTC)
        log(services.database, f"{typed} {n}", [f"p{n}"], at)
    services.gap_finder._found_at = None
    told = words(page(own))
    assert "gargoyle polish 6 people" in told
    assert "Words that five or more used: gargoyle, polish" in told


def test_it_is_dismissed_and_reopened(own: Site) -> None:
    missed(own, "heraldic zeppelin ledger moorings")
    page(own)
    done = post(own, "/gaps/1/dismiss")
    assert (done.status_code, done.headers["location"]) == (303, "/gaps?done=dismissed")
    after = page(own, "/gaps?done=dismissed")
    assert "It is dismissed." in after
    assert "heraldic" not in after
    assert "heraldic zeppelin ledger moorings" in page(own, "/gaps?state=dismissed")
    assert post(own, "/gaps/1/reopen").headers["location"] == "/gaps?done=reopened"
    assert "reopened" in part(page(own), '<section class="panel"', "</section>")
    assert post(own, "/gaps/9/reopen").status_code == 404


def test_what_is_closed_says_how(own: Site) -> None:
    missed(own, ASKED)
    own.add(document("oven", ANSWER))
    assert "There is nothing that five people" in words(page(own))
    assert "closed: it has an answer that all may read" in words(page(own, "/gaps?state=closed"))


def test_a_gap_whose_searches_are_forgotten_is_still_told(own: Site) -> None:
    missed(own, "heraldic zeppelin ledger moorings", weeks_ago=2, askers=7)
    page(own)
    services = own.served.services
    with services.database.write() as connection:
        queries.forget_before(connection, datetime.now(UTC))
    services.gap_finder._found_at = None
    told = words(part(page(own), '<section class="panel"', "</section>"))
    assert "7 people , 7 searches. Nobody missed it lately, and nothing answers it yet." in told
    assert "near the topic backup" in told
    found = own.served.client.get("/api/v1/gaps", headers=ADMIN).json()["gaps"][0]
    assert (found["askers"], found["searches"], found["failing"]) == (7, 7, None)
    assert [week["askers"] for week in found["weeks"]] == [7]


def test_a_member_sees_none_and_no_link(own: Site) -> None:
    missed(own, "heraldic zeppelin ledger moorings")
    answer = own.get("/gaps")
    assert answer.status_code == 200
    assert "Gaps are for those who look after a source or a topic." in words(answer.text)
    assert "heraldic" not in answer.text
    assert 'href="/gaps"' not in own.get("/").text
    assert post(own, "/gaps/1/dismiss", {"As": "ben@example.org"}).status_code == 404


def test_strings_of_searches_are_escaped(own: Site) -> None:
    missed(own, f"oven {EVIL}")
    shown = page(own)
    assert "oven &#34;&gt;&lt;script&gt;" in shown
    assert EVIL not in shown


def test_pages_of_another_state_or_list_are_refused(site: Site) -> None:
    for wrong in ("/gaps?state=lost", "/gaps?cursor=AAAA"):
        assert site.served.client.get(wrong, headers=ADMIN).status_code == 422


def test_weeks_between_are_drawn_as_nothing() -> None:
    made = weeks([("2025-W52", 5), ("2026-W02", 10)])
    assert [(bar.day, bar.count) for bar in made.bars] == [
        ("2025-W49", 0),
        ("2025-W50", 0),
        ("2025-W51", 0),
        ("2025-W52", 5),
        ("2026-W01", 0),
        ("2026-W02", 10),
    ]
    assert [bar.height for bar in made.bars[3:]] == [HEIGHT / 2, 1.0, HEIGHT]
    assert (made.most, made.total) == (10, 15)


def test_from_a_search_that_fails_to_being_told(own: Site) -> None:
    ben = {"As": "ben@example.org", "Accept": "text/html"}
    failed = own.search(ASKED)
    assert "Tell me when this can be answered" in failed
    assert f'name="text" value="{ASKED}"' in failed
    done = post(own, "/me/wishes", ben, text=ASKED)
    assert (done.status_code, done.headers["location"]) == (303, "/me?said=wished#wishes")
    own.add(document("oven", ANSWER))
    start = words(own.get("/").text)
    assert f"You wanted to be told: {ASKED} can be answered now." in start
    assert "can be answered now" not in own.get("/", "ada").text
    mine = own.get("/me?said=wished").text
    assert "When it can be answered, you see it here" in mine
    assert f"Can be answered now {ASKED}" in words(mine)
    found = own.search(ASKED)
    assert "Tell me when this can be answered" not in found
    gone = post(own, "/me/wishes", ben, take_back="1")
    assert gone.headers["location"] == "/me?said=unwished#wishes"
    assert "You wait for nothing." in own.get("/me").text
    assert post(own, "/me/wishes", ben, take_back="1").status_code == 404


def test_what_nobody_can_wish_for_is_said_beside_the_form(own: Site) -> None:
    answer = post(own, "/me/wishes", {"As": "ben@example.org", "Accept": "text/html"}, text="?!")
    assert answer.status_code == 422
    assert "holds no word or number" in part(answer.text, 'id="wishes"', "</section>")


def test_the_question_offers_no_wish_where_none_can_be_kept(site: Site) -> None:
    offer = "Tell me when this can be answered"
    assert offer in site.search("zeppelin moorings")
    assert offer in site.search("who knows about zeppelin moorings")
    assert offer not in site.search("zeppelin moorings", kind="note")
    nobody = {"As": "nobody", "Accept": "text/html"}
    asked = site.served.client.get("/", params={"q": "zeppelin"}, headers=nobody)
    assert offer not in asked.text
    reading = {"As": "ben@example.org", "Scopes": "search", "Accept": "text/html"}
    asked = site.served.client.get("/", params={"q": "zeppelin"}, headers=reading)
    assert offer not in asked.text
