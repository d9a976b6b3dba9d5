"""The pages of a Confluence export as documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from knowledge.exports import Entry, Refused
from knowledge.readers._attachments import attachment
from knowledge.readers._confluence_files import File, documents, texts
from knowledge.readers._confluence_links import Page, Places, file_href, named, page_href
from knowledge.readers._confluence_people import EARLIEST, called, contributor, contributors
from knowledge.readers._confluence_rights import NOBODY, Rights
from knowledge.readers._confluence_space import WIKI, Content, Dump
from knowledge.readers._confluence_storage import markdown
from knowledge.readers._confluence_wiki import wiki_markdown
from knowledge.readers._text import cut
from knowledge.types import Attachment, Loss, LossKind, ReadFailure, SourceDocument

_UNTOLD = Loss(LossKind.RIGHTS, "its restrictions cannot be told in full; for the importer alone")


class Pages:
    """One export's current pages and what belongs to each."""

    def __init__(self, dump: Dump, entry: Entry, source: str) -> None:
        self._dump, self._entry, self._source = dump, entry, source
        self._rights = Rights(dump)
        self._versions: dict[str, list[Content]] = {}
        for page in dump.pages.values():
            if page.original and page.status.lower() in ("", "current", "archived"):
                self._versions.setdefault(page.original, []).append(page)
        self.current = [page for page in dump.pages.values() if page.current]
        self._places = self._all_places()
        self._files = self._by_page(dump.attachments.values())
        self._comments = self._by_page(dump.comments.values())
        shown = {page.id for page in self.current}
        lost = sum(len(some) for id, some in self._comments.items() if id not in shown)
        self._left = [Loss(LossKind.TEMPLATE, f"page template {one}") for one in dump.templates]
        if lost:
            self._left.append(Loss(LossKind.COMMENT, "comments on nothing in the export", lost))

    def documents(self) -> Iterator[SourceDocument | ReadFailure]:
        """Each current page. What belongs to none of them is told with the first."""
        for page in self.current:
            files, lost = self._attached(page)
            found, unread = texts(files)
            try:
                document = self._document(page, [file.attachment for file in files])
            except Refused as refusal:
                yield ReadFailure(page.id, str(refusal))
                continue
            yield replace(document, losses=(*self._left, *document.losses, *lost, *unread))
            self._left = []
            yield from documents(document, page_href(page.id), found)

    def _document(self, page: Content, files: list[Attachment]) -> SourceDocument:
        space = self._dump.spaces.get(page.space)
        names = {one.name.lower(): one.href for one in files}
        noted = Page(self._places, page.id, space.key if space else "", names)
        title = cut(page.title) or f"Untitled page {page.id}"
        # A page of a title alone is found by it, and what links to it leads somewhere.
        body = self._body(page, noted) or title
        if comments := self._commented(page, noted):
            body += f"\n\n## Comments\n\n{comments}"
        archived = page.status.lower() == "archived" or bool(space and space.archived)
        restrictions = self._rights.of(page)
        untold = [_UNTOLD] if NOBODY in restrictions else []
        return SourceDocument(
            source=self._source,
            external_id=page.id,
            title=title,
            body=body + "\n",
            contributors=contributors(self._dump, page, self._versions.get(page.id, [])),
            tags=self._tags(page, archived),
            created_at=page.created,
            updated_at=page.updated or page.created,
            restrictions=restrictions,
            links=noted.links,
            attachments=tuple(files),
            losses=(*noted.losses(), *untold),
            aliases=(named(space.key, page.title),) if space and page.title else (),
            part=space.key[:200] if space else "",
        )

    def _body(self, content: Content, noted: Page, below: int = 0) -> str:
        text, kind = self._dump.body(content)
        return (wiki_markdown if kind == WIKI else markdown)(text, noted, below)

    def _commented(self, page: Content, noted: Page) -> str:
        comments = sorted(
            self._comments.get(page.id, ()),
            key=lambda one: (one.created or EARLIEST, int(one.id) if one.id.isdecimal() else 0),
        )
        answers: dict[str, list[Content]] = {}
        known = {one.id for one in comments}
        for one in comments:
            answers.setdefault(one.parent if one.parent in known else "", []).append(one)
        told: list[str] = []
        pending = [(one, "") for one in reversed(answers.get("", []))]
        while pending:
            one, to = pending.pop()
            who = called(self._dump, one.creator) if one.creator else "Somebody"
            try:
                told.append(self._comment(one, who, to, noted))
            except Refused as refusal:
                noted.lose(LossKind.COMMENT, str(refusal))
            pending += [(answer, who) for answer in reversed(answers.pop(one.id, []))]
        return "\n\n".join(text for text in told if text)

    def _comment(self, comment: Content, who: str, to: str, noted: Page) -> str:
        body = self._body(comment, noted, below=2)
        told = dict(
            self._dump.properties[i] for i in comment.properties if i in self._dump.properties
        )
        if not body:
            return ""
        at = f", {comment.created:%Y-%m-%d %H:%M} UTC" if comment.created else ""
        answer = f", in reply to {to}" if to else ""
        resolved = ", resolved" if told.get("status", "").lower() == "resolved" else ""
        quoted = " ".join(told.get("inline-original-selection", "").split())
        about = f"> {quoted}\n\n" if quoted else ""
        return f"**{who}**{at}{answer}{resolved}:\n\n{about}{body}"

    def _tags(self, page: Content, archived: bool) -> tuple[str, ...]:
        labels = [self._dump.labels.get(id, "") for id in self._dump.labelled.get(page.id, ())]
        return tuple(dict.fromkeys([*(one for one in labels if one), *["archived"] * archived]))

    def _attached(self, page: Content) -> tuple[list[File], list[Loss]]:
        files: dict[str, File] = {}
        lost: list[Loss] = []
        # Of several of one name that is the file which was saved last.
        for one in sorted(
            self._files.get(page.id, ()), key=lambda f: f.updated or EARLIEST, reverse=True
        ):
            if one.title.lower() in files:
                continue
            entry = None
            if one.title and one.container.isdecimal() and one.id.isdecimal():
                entry = self._entry.beside(f"attachments/{one.container}/{one.id}/{one.version}")
            if entry is None:
                lost.append(Loss(LossKind.ATTACHMENT, f"{one.title}: not in the export"))
                continue
            made = attachment(entry, file_href(one.title), one.title)
            if isinstance(made, Loss):
                lost.append(made)
            else:
                uploader = contributor(self._dump, one.editor or one.creator, one.updated)
                at = one.updated or one.created
                files[one.title.lower()] = File(made, entry, uploader, at)
        return list(files.values()), lost

    def _by_page(self, contents: Iterable[Content]) -> dict[str, list[Content]]:
        found: dict[str, list[Content]] = {}
        for one in contents:
            if one.current:
                found.setdefault(self._page_of(one), []).append(one)
        return found

    def _page_of(self, content: Content) -> str:
        """The page that a file or comment hangs on, also by way of a file or a former version."""
        id = content.container
        if id in self._dump.attachments:
            id = self._dump.attachments[id].container
        page = self._dump.pages.get(id)
        return page.original if page is not None and page.original else id

    def _all_places(self) -> Places:
        places = Places(person=self._name)
        # A title may be given again once its page is archived or is a blog post: pages first.
        for page in sorted(self.current, key=lambda p: (p.status == "archived", p.kind)[::-1]):
            space = self._dump.spaces.get(page.space)
            places.add(space.key if space else "", page.title, page.id)
        for space in self._dump.spaces.values():
            if space.home in places.ids:
                places.homes[space.key.lower()] = space.home
        return places

    def _name(self, ref: str) -> str | None:
        return called(self._dump, ref) if self._dump.person(ref) else None
