"""What comes from tools whose files are not read: by name, with the export to use instead."""

from __future__ import annotations

import re

from knowledge.exports import Entry, Refused

_SUFFIXES = {
    ".jex": "an archive of Joplin; use its File > Export all > MD - Markdown + Front Matter",
    ".exb": "a database of Evernote; use its Export notebook > ENEX format (.enex)",
    ".one .onepkg .onetoc2": "of OneNote; use its File > Export > Word Document (.docx)",
    ".edn .transit": "of Logseq, whose pages are Markdown: hand in the graph's folder of .md files",
    ".bear2bk .bearbk": "a backup of Bear; use its File > Export Notes > TextBundle",
    ".opml": "an outline; export it as Markdown or text",
    ".doc .dot .wps .rtf .docm .dotx": "an older or other kind of Word file; save it as .docx",
    ".ppt .pps .odp .pptm .ppsx": "an older or other kind of presentation; save it as .pptx",
    ".xls .xlsx .xlsm .ods .numbers": (
        "a spreadsheet, which is not read; put what is worth finding into a page"
    ),
    ".pages": "of Apple Pages; use its File > Export To > Word (.docx)",
    ".key": "of Apple Keynote; use its File > Export To > PowerPoint (.pptx)",
    ".gdoc .gslides .gsheet": (
        "only a link to Google Drive; use File > Download there (.docx, .pptx)"
    ),
    ".msg .pst .ost": "of Outlook; save the messages as .eml",
    ".mbox .mbx": "a whole mailbox; save the messages worth finding as .eml, one by one",
    ".rst .adoc .asciidoc .org .textile .creole .tex": (
        "a markup that is not read; convert it to Markdown (pandoc FILE -o FILE.md)"
    ),
    ".epub .mobi .azw3": "an electronic book; convert it to HTML or PDF",
    ".ass .ssa .sub .ttml .dfxp .smi .stl": (
        "captions of a kind that is not read; save them as .vtt or .srt"
    ),
    ".canvas .excalidraw": "a drawing board; only text is searched",
}
_SENTENCES = {suffix: why for listed, why in _SUFFIXES.items() for suffix in listed.split()}
_JOPLIN_NAME = re.compile(r"(?:.*/)?[0-9a-f]{32}\.md")
_JOPLIN_TAIL = re.compile(r"(?:\A|\n)id: [0-9a-f]{32}\n(?:[a-z_]+:[^\n]*\n)*type_: \d+\s*\Z")
_HEAD = 100_000


def instead(entry: Entry) -> str | None:
    """Why a file that no reader takes is refused, where it is known what it is."""
    if entry.suffix == ".json":
        return _of_json(entry)
    return _SENTENCES.get(entry.suffix)


def disguised(entry: Entry) -> str | None:
    """The same of a file that looks like plain text or Markdown, and is another tool's own."""
    try:
        if entry.suffix == ".txt" and entry.text().startswith("Content-Type: text/x-zim-wiki"):
            return "a page of Zim; use its File > Export, and Markdown or HTML as the format"
        if _JOPLIN_NAME.fullmatch(entry.name):
            # Regular expressions that look for an end start everywhere.
            tail = entry.text().replace("\r\n", "\n")[-4000:]
            if _JOPLIN_TAIL.search(tail):
                return f"Joplin's raw form; {_SENTENCES['.jex'].partition('; ')[2]}"
    except Refused:
        return None
    return None


def _of_json(entry: Entry) -> str | None:
    try:
        head = entry.text()[:_HEAD]
    except Refused:
        return None

    def holds(*keys: str) -> bool:
        return all(re.search(rf'"{key}"\s*:', head) for key in keys)

    if holds("instance", "exported_at") and (holds("book") or holds("chapter") or holds("page")):
        return "of BookStack; use its Export > Markdown File or Contained Web File there"
    if holds("shortLink", "idOrganization") or holds("shortUrl", "cards", "lists"):
        return "a board of Trello, which is not read; put what is worth finding into a page"
    if holds("items", "content_type", "uuid"):
        return "a backup of Standard Notes; use its plain text backup (.txt files)"
    if holds("blocks", "schemaVersion") or holds("~:block/uid"):
        return _SENTENCES[".edn"]
    return None
