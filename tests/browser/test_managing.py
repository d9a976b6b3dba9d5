"""Whoever looks after the service does it in a browser: with eyes, by keyboard, without scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.app import create_app
from api.auth.serving import ServeDoor
from api.services import Services
from api.worker import Stop, work
from knowledge.identity import AccountRole
from knowledge.people import Profile
from knowledge.types import Audience, Contributor, Role
from tests.browser.support import CHROMIUM, browser, running
from tests.browser.watching import Watch
from tests.builders import document, settings, wired
from tests.conftest import missing
from tests.knowledge.signing import PASSWORD
from tests.knowledge.test_imports import FILES, zipped

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.sqlite("the browser is what is tested"),
]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIKI = {"name": "wiki.zip", "mimeType": "application/zip", "buffer": zipped(FILES)}
ADA = "ada@example.org"
HEX = re.compile(r"/imports/[0-9a-f]{32}")


class Office:
    """A running service, and Ada, its administrator, who has signed in."""

    def __init__(self, services: Services, address: str, chromium: Any) -> None:
        self.services, self.address, self.chromium = services, address, chromium
        self.wrong: list[str] = []
        self.contexts: list[Any] = []
        link = services.accounts.invite(ADA, "operator", administrator=True)
        first = self.page()
        first.goto(f"/invitations/{link}")
        first.get_by_label("Password").fill(PASSWORD)
        first.get_by_label("Once more").fill(PASSWORD)
        first.get_by_role("button", name="Choose it and sign in").click()
        first.wait_for_url(f"{address}/")
        self.state = first.context.storage_state()

    def page(self, **how: Any) -> Any:
        """A page on which every message and every violation is a failure."""
        how = {"base_url": self.address, "viewport": {"width": 1280, "height": 900}} | how
        context = self.chromium.new_context(**how)
        self.contexts.append(context)
        made = context.new_page()
        made.on("console", lambda message: self.wrong.append(message.text))
        made.on("pageerror", lambda error: self.wrong.append(str(error)))
        return made

    def ada(self, **how: Any) -> Any:
        """A page of Ada's."""
        return self.page(storage_state=self.state, **how)

    def run(self) -> None:
        """Read what was handed in."""
        work(self.services, Stop(), lambda _: None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not CHROMIUM.exists():
        missing("no Chromium here; on Debian: apt-get install chromium")
    with browser() as made:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, chromium: Any) -> Iterator[Office]:
    with closing(wired(settings(tmp_path_factory.mktemp("office")))) as services:
        put = services.directory.put
        put(Profile("Ada Field", ADA, groups=("vault",)))
        put(Profile("Ben Osei", "ben@example.org"))
        put(Profile("Cleo Marsh", "cleo@example.org"))
        put(Profile("Dan Quill", "dan@example.org"))
        by = tuple(
            Contributor(name, Role.AUTHOR) for name in ("Osei, Ben", "Marsh, Cleo", "D. Quill")
        )
        held = document("k", "Kilns.", contributors=by, audience=Audience.of("everyone"))
        list(services.capture.ingest([held]))
        with running(create_app(services, ServeDoor(services))) as address:
            yield Office(services, address, chromium)


@pytest.fixture
def office(shared: Office) -> Iterator[Office]:
    """With no message when it ends."""
    shared.wrong.clear()
    yield shared
    while shared.contexts:
        shared.contexts.pop().close()
    # Chromium says of every page with such a status that it failed to load.
    assert [text for text in shared.wrong if "status of 4" not in text] == []


def hand_in(page: Any, source: str, button: str = "Try it first") -> str:
    """Hand in the wiki; the address of its import."""
    page.goto("/imports/new")
    page.set_input_files("#file", WIKI)
    page.get_by_label("What to call where it comes from").fill(source)
    page.get_by_role("button", name=button).click()
    page.wait_for_url(HEX)
    found = HEX.search(page.url)
    assert found is not None
    return found[0]


def test_a_page_that_sends_something_listens_no_more(office: Office) -> None:
    """What is cancelled has another state before the answer to that is there."""
    page = office.ada()
    page.add_init_script(
        """const Real = EventSource;
        window.EventSource = class extends Real {
          constructor(...given) { super(...given); window.heard = this; }
        };"""
    )
    hand_in(page, "sent")
    assert page.evaluate("heard.readyState !== EventSource.CLOSED")
    page.evaluate("addEventListener('submit', (event) => event.preventDefault())")
    page.get_by_role("button", name="Cancel it").click()
    assert page.evaluate("heard.readyState === EventSource.CLOSED")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_wiki_is_tried_and_started_and_its_report_read(office: Office, scripts: bool) -> None:
    page = office.ada(java_script_enabled=scripts)
    hand_in(page, f"wiki {scripts}")
    assert page.get_by_text("Waiting for its turn").count() == 1
    page.reload()
    assert page.get_by_text("Waiting for its turn").count() == 1
    office.run()
    # The page notices by itself: it listens, or without scripts it is loaded again.
    start = page.get_by_role("button", name="Start for real")
    start.wait_for()
    assert page.get_by_role("heading", name="What would happen").count() == 1
    start.click()
    page.wait_for_url(HEX)
    office.run()
    page.get_by_role("heading", name="What became of it").wait_for()
    page.get_by_role("link", name="Refused 2").click()
    assert page.locator("#report ~ .scroll").get_by_text("c.md").count() == 1
    page.get_by_role("link", name="Everything").click()
    page.get_by_role("link", name="a.md").click()
    page.wait_for_url("**/documents/*")


def test_progress_is_shown_while_it_is_read(office: Office) -> None:
    page = office.ada()
    path = hand_in(page, "slow", "Import straight away")
    jobs = office.services.imports
    (job,) = jobs.unfinished()
    begun = jobs.begin(job)
    assert begun is not None
    page.locator("[data-state=running] progress").wait_for()
    counts = dict(job.counts, added=1234, bytes_read=500, bytes=1000)
    jobs.report(job, [], counts)
    page.locator("[data-count=added]", has_text="1,234").wait_for()
    assert page.locator("main progress").evaluate("bar => bar.position") == 0.5
    assert "50 % is read" in page.locator("[data-said]").inner_text()
    page.goto("/imports")
    assert page.get_by_label("How far wiki.zip is read").count() == 1
    page.goto(path)
    page.get_by_role("button", name="Cancel it").click()
    office.run()
    page.get_by_text("Cancelled", exact=True).wait_for()


@pytest.mark.parametrize("scripts", [True, False])
def test_an_import_waits_and_goes_on(office: Office, scripts: bool) -> None:
    page = office.ada(java_script_enabled=scripts)
    hand_in(page, f"patient {scripts}")
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("It waits for you.").wait_for()
    office.run()
    assert page.get_by_text("Paused").count() == 1
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**done=resume")
    office.run()
    page.get_by_role("button", name="Start for real").wait_for()


def test_a_file_is_dropped_and_the_sending_stopped(office: Office) -> None:
    page = office.ada()
    page.goto("/imports/new")
    given = page.evaluate_handle(
        "() => { const all = new DataTransfer(); all.items.add(new File(['# A'], 'dropped.md')); "
        "return all; }"
    )
    page.dispatch_event("[data-drop]", "dragover", {"dataTransfer": given})
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": given})
    assert page.locator("#file").evaluate("file => file.files[0].name") == "dropped.md"
    page.select_option("#format", "slack")
    assert "Workspace settings" in page.locator("#how").inner_text()

    page.route("**/api/v1/imports", lambda route: None)
    page.get_by_role("button", name="Try it first").click()
    stop = page.get_by_role("button", name="Stop sending")
    assert stop.evaluate("one => one === document.activeElement")
    assert page.get_by_role("button", name="Try it first").is_disabled()
    stop.click()
    assert page.get_by_role("button", name="Try it first").is_enabled()
    page.unroute("**/api/v1/imports")

    page.locator("#format option").first.evaluate("one => { one.value = 'papyrus'; }")
    page.select_option("#format", "papyrus")
    page.get_by_role("button", name="Try it first").click()
    said = page.locator("[data-wrong]")
    said.wait_for()
    assert "there is no format 'papyrus'" in said.inner_text()
    assert page.locator("#file").evaluate("file => file.files[0].name") == "dropped.md"


@pytest.mark.parametrize(
    ("scripts", "name", "other"),
    [(True, "Ben Osei", "Osei, Ben"), (False, "Cleo Marsh", "Marsh, Cleo")],
)
def test_two_are_made_one_and_two_again(
    office: Office, scripts: bool, name: str, other: str
) -> None:
    page = office.ada(java_script_enabled=scripts)
    page.goto("/admin/people")
    page.get_by_role("link", name=f"One person… {name} and {other}").click()
    page.get_by_role("button", name="Make them one").click()
    page.get_by_text("They are one person from now on").wait_for()
    page.get_by_role("button", name="Make them two").click()
    page.get_by_text("They are two people again").wait_for()


def opens(office: Office, secret: str) -> bool:
    answer = httpx2.get(
        f"{office.address}/api/v1/search?q=x", headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


@pytest.mark.parametrize("scripts", [True, False])
def test_a_token_from_being_made_to_being_revoked(office: Office, scripts: bool) -> None:
    page = office.ada(java_script_enabled=scripts)
    page.goto("/account/tokens")
    page.get_by_label("What it is for").fill(f"Editor {scripts}")
    page.get_by_role("button", name="Make it").click()
    secret = page.locator("#secret-text").inner_text()
    assert opens(office, secret)
    if scripts:
        heading = page.get_by_role("heading", name="Here is the secret")
        assert heading.evaluate("one => one === document.activeElement")
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.get_by_role("button", name="Copy it").click()
        page.get_by_text("It is copied.").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == secret
    card = page.locator(".job", has_text=f"Editor {scripts}").first
    card.locator("summary", has_text="New secret").click()
    card.get_by_label("The old one works on for").select_option("1")
    card.get_by_role("button", name="Make a new secret").click()
    newer = page.locator("#secret-text", has_not_text=secret).inner_text()
    assert (opens(office, secret), opens(office, newer)) == (True, True)
    card = page.locator(".job", has_text=f"Editor {scripts}").first
    card.locator("summary", has_text="Revoke").click()
    card.get_by_role("button", name="Revoke it").click()
    page.get_by_text("The token is withdrawn").wait_for()
    assert (opens(office, secret), opens(office, newer)) == (True, False)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_site_is_made_and_the_audit_tells(office: Office, scripts: bool) -> None:
    page = office.ada(java_script_enabled=scripts)
    page.goto("/admin/sites")
    page.get_by_label("What it is called").fill(f"Intranet {scripts}")
    page.get_by_label("Where its pages are").fill("https://intranet.example.org")
    page.get_by_role("button", name="Make its key").click()
    page.get_by_role("heading", name=f"Intranet {scripts}").wait_for()
    snippet = page.locator("#snippet-text").inner_text()
    site = office.services.sites.all_of_them()[-1]
    assert f'<whoknows-search endpoint="{office.address}" key="{site.key}">' in snippet
    if scripts:
        page.locator("whoknows-search button").first.click()
        with page.expect_response("**/api/v1/search?*") as answered:
            page.keyboard.type("how do I restore a backup")
        assert answered.value.status == 200
    page.goto("/admin/audit")
    page.get_by_label("What was done").select_option("site-made")
    page.get_by_role("button", name="Show").click()
    assert page.get_by_role("link", name=f"site {site.id}").count() == 1
    assert page.get_by_role("row").nth(1).get_by_text("Ada Field").count() == 1


def test_signing_in_and_out_by_the_menu(office: Office) -> None:
    page = office.page()
    page.goto("/admin/audit")
    page.get_by_label("E-mail address").fill(ADA)
    page.get_by_label("Password").fill("nothing like it")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("E-mail address").fill(ADA)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Audit").wait_for()
    page.locator(".site summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    page.goto("/imports")
    assert page.get_by_role("heading", name="Sign in").count() == 1


def tab_to(page: Any, selector: str) -> None:
    """Press Tab until that has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"the keyboard does not lead to {selector}")


def test_the_keyboard_alone_does_it(office: Office) -> None:
    page = office.ada()
    page.goto("/")
    page.goto("/imports")
    tab_to(page, '.areas a[href="/admin/synonyms"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/synonyms")
    tab_to(page, "#term")
    page.keyboard.type("PTO")
    tab_to(page, "#meaning")
    page.keyboard.type("holidays")
    tab_to(page, "[name=both]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=added")
    tab_to(page, "[action$='/remove'] button")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.get_by_text("There is no jargon yet").wait_for()

    page.goto("/imports/new")
    page.set_input_files("#file", WIKI)  # the system's own window
    tab_to(page, "#source")
    page.keyboard.type("by keyboard")
    tab_to(page, "button[name=dry_run]")
    page.keyboard.press("Enter")
    page.wait_for_url(HEX)
    tab_to(page, "button[value=cancel]")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=cancel")


@pytest.fixture(scope="module")
def places(shared: Office) -> list[str]:
    """Every page, each in its richest state, and the errors."""
    services = shared.services
    page = shared.ada()
    tried = hand_in(page, "rich")
    shared.run()
    kept = hand_in(page, "rich", "Import straight away")
    shared.run()
    waiting = hand_in(page, "rich")
    person = services.merging.find(ADA)
    token = services.tokens.create_own(person, "Shown", services.roles.of(person).scopes)
    assert token
    services.roles.grant(person, AccountRole.CURATOR, "operator", source="wiki")
    services.jargon.add("SLA", "what we promised")
    page.goto("/admin/sites")
    page.get_by_label("What it is called").fill("Handbook")
    page.get_by_label("Where its pages are").fill("https://handbook.example.org")
    page.get_by_role("button", name="Make its key").click()
    page.wait_for_url("**done=made")
    site = services.sites.all_of_them()[-1].id
    pairs = services.merging.review()
    both = [f"/admin/people/merge?kept={p.kept.id}&gone={p.other.id}" for p in pairs[:1]]
    shared.contexts.pop().close()
    link = services.accounts.invite("ben@example.org", "operator")
    return [
        *("/imports", "/imports/new", tried, kept, waiting, f"{kept}?status=refused"),
        *("/admin/sources", "/admin/people", *both, "/admin/roles", "/admin/tokens"),
        *("/admin/sites", f"/admin/sites/{site}", "/admin/synonyms"),
        *("/admin/audit", "/admin/audit?action=eaten", "/account", "/account/tokens"),
        *(f"/invitations/{link}", "/sign-in", "/invitations/none", "/documents/99999"),
        *("/people/99999", "/?q=x&kind=novel", "/nothing"),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: npm install axe-core")
def test_no_rule_of_wcag_is_broken_and_nothing_is_wider_than_the_screen(
    office: Office, places: list[str], width: int, scheme: str
) -> None:
    page = office.ada(color_scheme=scheme, viewport={"width": width, "height": 800})
    for address in places:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        page.evaluate(AXE.read_text("utf-8"))
        broken = page.evaluate(
            f"axe.run({{runOnly: {json.dumps(TAGS)}}}).then(r => r.violations.map(v => "
            "`${v.id}: ${v.nodes.map(n => n.html).slice(0, 3)}`))"
        )
        assert broken == [], address


def test_no_page_holds_what_could_run(office: Office, places: list[str]) -> None:
    watch = Watch(office.chromium, office.address, protected=True)
    watch.page.context.add_cookies(office.state["cookies"])
    for address in places:
        if address not in ("/sign-in",):
            watch.open(address)
    watch.close()
    assert watch.seen.danger == []
    assert watch.seen.violations == []
    assert watch.seen.elsewhere == []
