"""Strings in what helps those who teach: guides, templates, examples, steps and reviews."""

from __future__ import annotations

import itertools

from api.services import Services
from knowledge.drafting import Form
from knowledge.drafts import draft
from knowledge.editing import Editor
from knowledge.guides import TextKind
from knowledge.store import access, people
from knowledge.store import documents as store_documents
from knowledge.types import Kind


def teach(services: Services, strings: list[str]) -> None:
    """Let strings stand in what helps to teach."""
    with services.database.read() as connection:
        ada = access.principal_of(connection, services.merging.find("ada@example.org"))
        readable = sorted(store_documents.load_all(connection, ada))
    judge = Editor(ada, True)
    for number, told in enumerate(strings[::50]):
        line = " ".join(told.split())
        services.guides.put(f"g{number}", TextKind.GUIDE, line[:300], told)
        services.guides.put(f"note-g{number}", TextKind.TEMPLATE, line[:300], told)
    pairs = itertools.pairwise(readable[:40])
    for (key, following), told in zip(pairs, strings[::20], strict=False):
        services.gallery.choose(key, told[:300], judge)
        services.paths.put(key, [], [following], judge)


def review(services: Services, strings: list[str]) -> list[int]:
    """Drafts of a colleague that wait for Ada, who opens the pages."""
    with services.database.read() as connection:
        ada = services.merging.find("ada@example.org")
        others = (key for key in people.listed(connection) if key != ada)
        author = access.principal_of(connection, next(others))
    found = []
    for told in strings[7::250][: services.settings.ask.weekly]:
        text = draft(title=told[:300], body=told, kind=Kind.NOTE, audience=[["everyone"]])
        kept = services.drafting.create(Form.NOTE, text, author)
        found.append(services.reviewing.ask(kept.id, ada, told[:500], author).id)
    return found
