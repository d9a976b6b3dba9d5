"""What is there twice becomes one from the pages, with forms alone, and nothing is lost by it."""

from __future__ import annotations

import html
import re

from knowledge.drafts import Draft
from knowledge.editing import Editor
from knowledge.types import Audience, Kind
from tests.api.web.support import Site, hrefs, part, words
from tests.api.web.test_document_page import post
from tests.builders import document

FIRST = "Open the lid slowly.\n\nLet the kiln cool for a day.\n\nWear gloves for the shelves.\n"
SECOND = "Open the lid slowly.\n\nLet the kiln cool for two days.\n\nWear gloves for the shelves.\n"


def note(site: Site, title: str, body: str) -> int:
    services = site.served.services
    draft = Draft(title, body, Kind.NOTE, (), None, Audience.of("everyone"), None)
    return services.editing.create(draft, Editor(services.principal("ada@example.org")))


def text_of(page: str) -> str:
    found = re.search(r'<textarea id="body"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert found
    return html.unescape(found[1])


def test_two_become_one_without_a_word_being_lost(own: Site) -> None:
    one, other = note(own, "Cooling a kiln", FIRST), note(own, "The kiln, cooled", SECOND)
    care = own.get("/me/care", "ada").text
    (leading,) = [href for href in hrefs(care) if "/replace?by=" in href]
    assert leading == f"/documents/{one}/replace?by=/documents/{other}"
    page = own.get(leading, "ada").text
    differs = part(page, 'id="differs"', "</section>")
    assert "<del>day</del><ins>days</ins>" in differs
    whole = text_of(page)
    # As it is offered: what both say once, where they differ both.
    assert whole.count("Open the lid slowly.") == whole.count("Wear gloves") == 1
    assert "cool for a day." in whole
    assert "cool for two days." in whole
    title = part(page, '<input id="title"', ">")
    assert "The kiln, cooled" in title
    given = {"by": f"/documents/{other}", "how": "merge", "title": "Cooling", "body": whole}
    made = post(own, f"/documents/{one}/replace", "ada", **given).headers["location"]
    assert "cool for two days." in own.get(made, "ben").text
    assert words(own.get(f"/documents/{one}", "ben").text).count("This was merged into Cooling")
    assert made in own.search("how long does the kiln cool")
    assert f"/documents/{one}?" not in own.search("how long does the kiln cool")
    assert "Take the merge back" in own.get(made, "ada").text
    post(own, f"{made}/restore", "ada", merge="undo")
    assert own.get(made, "ada").status_code == 404
    assert f"/documents/{one}?" in own.search("how long does the kiln cool")


def test_the_other_one_is_named_by_its_title(own: Site) -> None:
    one, other = note(own, "Cooling a kiln", FIRST), note(own, "The kiln, cooled", SECOND)
    asking = f"/documents/{one}/replace"
    assert 'data-suggests="document"' in own.get(asking, "ada").text
    page = own.get(asking, "ada", by="the kiln, COOLED").text
    assert "“The kiln, cooled” replaces this one" in page
    assert f'value="/documents/{other}"' in page
    for wrong in ("Nothing of the kind", "Vault of Zebedee", "/documents/4", "Cooling a kiln"):
        answer = own.get(asking, "ben" if wrong != "Cooling a kiln" else "ada", by=wrong)
        assert answer.status_code == 422, wrong
        field = part(answer.text, 'id="by"', ">")
        assert f'value="{wrong}"' in field
        assert "autofocus" in field
        assert "Zebedee" not in answer.text.replace(f'value="{wrong}"', "").replace(
            "called &#39;Vault of Zebedee&#39;", ""
        )
    refused = post(own, asking, "ada", by="Nothing", how="old")
    assert (refused.status_code, 'value="Nothing"' in refused.text) == (422, True)
    done = post(own, asking, "ada", by="The kiln, cooled", how="old")
    assert done.headers["location"] == f"/documents/{other}?said=replaced#line"
    assert "It replaces Cooling a kiln" in words(own.get(f"/documents/{other}", "ben").text)


def test_what_came_by_import_is_replaced_and_not_merged(own: Site) -> None:
    own.add(document("copy", "Stop the ledger first.", title="A backup, restored"))
    page = own.get("/documents/1/replace", "ada", by="A backup, restored").text
    assert "“A backup, restored” replaces this one" in page
    assert "Make one of both" not in page
