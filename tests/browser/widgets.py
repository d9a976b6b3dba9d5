"""The widget in pages of another site: a service with public documents, and hosts of any kind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from api.app import create_app
from api.auth.serving import ServeDoor
from api.services import Services
from knowledge.capture import Terms
from knowledge.people import Profile
from knowledge.sites import Plan
from knowledge.types import EVERYONE, PUBLIC, Audience, Contributor, Kind, Role, SourceDocument
from tests.browser.support import running
from tests.builders import document, opened
from tests.knowledge.vouchers import planned

FOUND, NOTHING = "how do I trim the lantern", "lantern after:2040"
_TALK = (
    "**Ada Field:** \\[00:03\\] The lantern smokes. Who trims it?\n\n"
    "**Ben Osei:** \\[01:05\\] I trim the lantern every **evening**, *before* the tide.\n\n"
    "**Ada Field:** \\[01:09.250-01:12.500\\] Good. Then it lasts until the morning.\n"
)
STRICT = (
    "default-src 'none'; script-src {who}; connect-src {who}; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


def company() -> list[SourceDocument]:
    """A write-up and a talk for anybody, and a page for colleagues alone."""
    told = datetime(2026, 3, 1, tzinfo=UTC)
    return [
        document(
            "trim",
            "# Lanterns\n\n## Trimming\n\nThe tower 🗼 is old. To trim the lantern, cut the wick "
            "🔥 straight across. Then wait a minute before you light the lantern again.",
            title="Trimming a lantern",
            audience=Audience.of(PUBLIC),
            updated_at=told,
        ),
        document(
            "talk",
            _TALK,
            title="An evening on the tower",
            kind=Kind.TRANSCRIPT,
            audience=Audience.of(PUBLIC),
            contributors=(
                Contributor("Ada Field", Role.SPEAKER, email="ada@example.org"),
                Contributor("Ben Osei", Role.SPEAKER, email="ben@example.org"),
            ),
            updated_at=told,
        ),
        document("inner", "Inside, the lantern is trimmed twice.", title="Lanterns inside"),
    ]


@dataclass
class Hosts:
    """Another origin of this machine. ``pages``: by path, the policy and the page; ``files``: what
    is there as it is."""

    address: str
    pages: dict[str, tuple[str, str]] = field(default_factory=dict)
    files: Path | None = None


@dataclass(frozen=True)
class Place:
    """A service, another site, and its key."""

    services: Services
    who: str
    hosts: Hosts
    key: str

    def element(self, more: str = "", inside: str = "") -> str:
        """The widget as a page has it."""
        told = f'endpoint="{self.who}" site-key="{self.key}"'
        return f"<whoknows-search {told} {more}>{inside}</whoknows-search>"

    @property
    def script(self) -> str:
        """What loads it."""
        return f'<script type="module" src="{self.who}/widget/v1/widget.js"></script>'

    def put(self, path: str, body: str, *, head: str = "", policy: str = "", root: str = "") -> str:
        """A page of the other site; its address."""
        html = (
            f'<!doctype html><html lang="en" {root}><head><meta charset="utf-8"><title>Host</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"{head}</head><body>{body}</body></html>"
        )
        self.hosts.pages[path] = (policy.format(who=self.who), html)
        return self.hosts.address + path

    def plain(self, more: str = "", **given: str) -> str:
        """A page with the widget and nothing else of interest; its address."""
        body = f"<main><h1>Host</h1><p>{self.element(more)}</p></main>{self.script}"
        return self.put("/plain", body, **given)


@contextmanager
def place(data: Path) -> Iterator[Place]:
    """A service and a site that signs who is asking."""
    with opened(data) as services, hosting() as hosts:
        services.directory.put(Profile("Ada Field", "ada@example.org", team="Watch"))
        services.directory.put(Profile("Ben Osei", "ben@example.org"))
        terms = Terms(speakers_consented=True, audience=Audience.of(EVERYONE))
        outcomes = list(services.capture.ingest(company(), terms))
        assert not [one.reason for one in outcomes if one.reason]
        plan = Plan("Intranet", (hosts.address,), **planned("ES256"))
        key = services.sites.create(plan, "operator").key
        with running(create_app(services, ServeDoor(services))) as who:
            yield Place(services, who, hosts, key)


@contextmanager
def hosting() -> Iterator[Hosts]:
    """A server of pages at another port, which is another origin."""
    made = Hosts("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            policy, content, kind = "", b"", "text/html; charset=utf-8"
            if path in made.pages:
                policy, text = made.pages[path]
                content = text.encode()
            elif made.files and (file := made.files / path.lstrip("/")).exists():
                file = file / "index.html" if file.is_dir() else file
                content = file.read_bytes()
                kind = {".js": "text/javascript", ".css": "text/css"}.get(file.suffix, kind)
            self.send_response(200 if content else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            if policy:
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Nothing is told."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Visit:
    """A page of a browser at the other site, on which every message and violation is noted."""

    def __init__(self, chromium: Any, **given: Any) -> None:
        self.context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **given})
        self.context.set_default_timeout(8000)
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.asked: list[Any] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", self._note)
        self.page.add_init_script(
            "addEventListener('securitypolicyviolation', "
            "e => console.warn('CSP', e.violatedDirective, e.blockedURI))"
        )

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(message.text)

    def _note(self, request: Any) -> None:
        self.asked.append(request)

    def open(self, address: str, *, widget: bool = True) -> None:
        """Go there and wait until the widget is one."""
        self.page.goto(address)
        if widget:
            self.page.evaluate("customElements.whenDefined('whoknows-search').then(() => true)")

    def to_service(self, who: str) -> list[Any]:
        """What was asked of the service, but for the script."""
        return [one for one in self.asked if one.url.startswith(f"{who}/api/")]

    def ask(self, question: str, state: str = "found") -> None:
        """Type a question into the open dialog, and wait for what comes of it."""
        self.page.get_by_role("combobox").fill(question)
        self.page.keyboard.press("Enter")
        self.until(state)

    def until(self, state: str) -> None:
        """Wait for a state of the open dialog."""
        self.page.locator(f"dialog[open][data-state={state}]").wait_for()

    @property
    def told(self) -> str:
        """What the open dialog says."""
        return str(self.page.locator("dialog[open] [role=status]").inner_text())

    def choose(self, number: int) -> str:
        """Click on an option, which opens a page of the service; its address."""
        with self.context.expect_page() as opened:
            self.page.get_by_role("option").nth(number).click()
        address = str(opened.value.url)
        opened.value.close()
        self.page.bring_to_front()
        return address

    def close(self) -> list[str]:
        """End it; what went wrong, but for statuses that were wanted."""
        self.context.close()
        wanted = ("status of 4", "status of 5", "ERR_INTERNET_DISCONNECTED", "ERR_FAILED")
        return [one for one in self.wrong if not any(text in one for text in wanted)]
