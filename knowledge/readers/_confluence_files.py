"""Office files that are attached to pages: documents of their own, for what they say is knowledge
that no page has. Whoever may read the page may read them, and nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from knowledge.exports import Entry, Refused, check_text
from knowledge.readers._office import OFFICE, text_of
from knowledge.readers._text import cut
from knowledge.readers._wikitext import literal
from knowledge.types import Attachment, Contributor, Link, Loss, LossKind, SourceDocument

TAG = "attachment"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a page: the attachment, where its bytes lie, who put it there and when."""

    attachment: Attachment
    entry: Entry
    uploader: Contributor | None = None
    at: datetime | None = None


def texts(files: Iterable[File]) -> tuple[list[tuple[File, str]], list[Loss]]:
    """The office files that have text, with it; and those that keep theirs, with the reason."""
    found: list[tuple[File, str]] = []
    lost: list[Loss] = []
    for file in files:
        name = file.attachment.name
        if not name.lower().endswith(OFFICE):
            continue
        try:
            text = text_of(name, file.entry.read())
            check_text(text)
        except Refused as refusal:
            lost.append(Loss(LossKind.ATTACHMENT, f"{name}: not searched: {refusal}"))
            continue
        if text.strip():
            found.append((file, text))
    return found, lost


def documents(
    page: SourceDocument, href: str, found: Iterable[tuple[File, str]]
) -> Iterator[SourceDocument]:
    """Each of them below its page, to which ``href`` leads."""
    for file, text in found:
        name = file.attachment.name
        back = f"Attached to [{literal(page.title)}]({href})."
        yield SourceDocument(
            source=page.source,
            external_id=f"{page.external_id}/attachments/{name}",
            title=cut(name),
            body=f"{back}\n\n{text.strip()}\n",
            contributors=(file.uploader,) if file.uploader else (),
            tags=(TAG,),
            created_at=file.at,
            updated_at=file.at,
            restrictions=page.restrictions,
            links=(Link(href, page.external_id),),
            attachments=(file.attachment,),
            part=page.part,
        )
