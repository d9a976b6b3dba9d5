"""Links, pictures and files of documents: shown safely, and only to whoever may read them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.readers._attachments import embedded
from knowledge.store import documents
from knowledge.types import OPERATOR, Attachment, Audience, Link, SourceDocument
from tests.api.web.support import Site

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
BODY = """See [the glaze](glaze.md#Runs-thin), [the vault](vault.md), [nothing](none.md),
[elsewhere](https://wiki.example/glaze#runs-thin) and [below](#the-end).

![The plan](img/plan.png) ![A drawing](img/drawing.svg) ![Away](https://evil.example/x.png)

## The end
"""


def page(key: str, body: str, **more: object) -> SourceDocument:
    return replace(
        SourceDocument("wiki", key, key.removesuffix(".md").title(), body),
        **more,  # type: ignore[arg-type]
    )


def files() -> tuple[Attachment, ...]:
    return (
        embedded(PNG, "img/plan.png", "plan.png"),
        embedded(SVG, "img/drawing.svg", "drawing.svg"),
        embedded(b"%PDF-1.4", "manual.pdf", 'the "manual"\r\n.pdf'),
    )


KILN = page(
    "kiln.md",
    BODY,
    links=tuple(Link(f"{name}.md", f"{name}.md") for name in ("glaze", "vault", "none")),
    attachments=files(),
)
GLAZE = page("glaze.md", "## Runs thin\n\nGlaze runs.", url="https://wiki.example/glaze")
VAULT = page("vault.md", "The vault opens.", audience=Audience.of("group:vault"))


@pytest.fixture
def ids(own: Site) -> dict[str, int]:
    own.add(KILN, GLAZE, VAULT)
    with own.served.services.database.read() as connection:
        held = documents.load_all(connection, OPERATOR)
    return {d.external_id: key for key, d in held.items() if d.source == "wiki"}


def test_links_lead_to_documents_that_may_be_read(own: Site, ids: dict[str, int]) -> None:
    html = own.get(f"/documents/{ids['kiln.md']}").text
    assert html.count(f'href="/documents/{ids["glaze.md"]}#s-runsthin"') == 2
    assert f'href="/documents/{ids["vault.md"]}' not in html
    assert "the vault" in html
    assert 'href="#s-theend"' in html
    assert '<h2 id="s-theend">The end</h2>' in html
    glaze = own.get(f"/documents/{ids['glaze.md']}").text
    assert 'id="s-runsthin"' in glaze


def test_a_page_that_comes_later_mends_the_links_to_it(own: Site, ids: dict[str, int]) -> None:
    own.add(page("none.md", "Here it is."))
    html = own.get(f"/documents/{ids['kiln.md']}").text
    assert html.count('href="/documents/') == 3


def test_pictures_are_shown_and_what_may_run_is_not(own: Site, ids: dict[str, int]) -> None:
    key = ids["kiln.md"]
    html = own.get(f"/documents/{key}").text
    address = f"/api/v1/documents/{key}/files"
    assert f'<img src="{address}/0" alt="The plan" loading="lazy">' in html
    assert f'<img src="{address}/1"' not in html
    assert '<img src="https://evil' not in html
    assert html.split("<article")[1].count("<img") == 1
    listed = html.split('class="prose files"')[1].split("</section>")[0]
    assert f"{address}/0" not in listed, "what the text shows is not listed again"
    assert f'href="{address}/2"' in listed
    shown = own.get(f"{address}/0")
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    assert shown.headers["content-disposition"].startswith("inline")
    drawing = own.get(f"{address}/1")
    assert drawing.headers["content-type"] == "application/octet-stream"
    assert drawing.headers["content-disposition"].startswith("attachment")
    for response in (shown, drawing):
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert policy.endswith("; sandbox")
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "private" in response.headers["cache-control"]


def test_a_file_s_name_breaks_out_of_no_header(own: Site, ids: dict[str, int]) -> None:
    told = own.get(f"/api/v1/documents/{ids['kiln.md']}/files/2").headers["content-disposition"]
    assert told == (
        "attachment; filename=\"the _manual___.pdf\"; filename*=UTF-8''the%20%22manual%22%0D%0A.pdf"
    )


def test_unknown_and_forbidden_files_are_the_same(own: Site, ids: dict[str, int]) -> None:
    secret = replace(VAULT, attachments=files())
    own.add(secret)
    forbidden = own.get(f"/api/v1/documents/{ids['vault.md']}/files/0")
    unknown = own.get(f"/api/v1/documents/{ids['kiln.md']}/files/9")
    assert forbidden.status_code == unknown.status_code == 404
    one, other = forbidden.json(), unknown.json()
    assert {k: v for k, v in one.items() if k != "instance"} == {
        k: v for k, v in other.items() if k != "instance"
    }


def test_the_interface_tells_them_too(own: Site, ids: dict[str, int]) -> None:
    key = ids["kiln.md"]
    told = own.get(f"/api/v1/documents/{key}").json()
    assert told["links"] == [
        {"href": "glaze.md", "document_id": ids["glaze.md"]},
        {
            "href": "https://wiki.example/glaze#runs-thin",
            "document_id": ids["glaze.md"],
        },
    ]
    assert next((f["href"], f["size"], f["url"]) for f in told["files"]) == (
        "img/plan.png",
        len(PNG),
        f"/api/v1/documents/{key}/files/0",
    )


def test_equal_files_are_kept_once_and_gone_with_the_last_document(
    own: Site, ids: dict[str, int]
) -> None:
    from knowledge.store.tables import blobs

    services = own.served.services
    own.add(page("twin.md", "The same.", attachments=files()))

    def kept() -> int:
        with services.database.read() as connection:
            return len(connection.execute(blobs.select()).all())

    assert kept() == 3
    services.capture.delete(ids["kiln.md"])
    assert kept() == 3
    own.add(page("twin.md", "The same without.", attachments=files()[:1]))
    assert kept() == 1
