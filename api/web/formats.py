"""What may be handed in, and in one line how to get it out of where it is now."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge import readers


@dataclass(frozen=True, slots=True)
class Format:
    """A reader as it is chosen on a page. ``how``: how to export it."""

    name: str
    label: str
    how: str


_HOW = {
    "confluence_xml": "Space tools → Content Tools → Export → XML → Full; hand in the zip as "
    "it is. Only this one holds who may read what.",
    "confluence_html": "Space tools → Content Tools → Export → HTML; hand in the zip as it is.",
    "mediawiki": "php maintenance/dumpBackup.php --full > wiki.xml, on the server.",
    "dokuwiki": "Zip the folders data/pages, data/meta and data/media, with conf/acl.auth.php and "
    "conf/users.auth.php for names and rights.",
    "notion": "Settings → Export all workspace content → Markdown & CSV, with subpages; hand in "
    "the zip as it is.",
    "outline": "Settings → Export → Markdown; hand in the zip as it is.",
    "github_wiki": "git clone the wiki’s repository, and zip the folder.",
    "obsidian": "Zip the folder of the vault.",
    "tiddlywiki": "Save the wiki as one HTML file, or zip its tiddlers.",
    "evernote": "File → Export notes → ENEX.",
    "roam": "Export all → JSON; hand in the zip.",
    "textbundle": "Export as TextBundle or TextPack; a zip of several will do.",
    "slack": "Workspace settings → Import/Export data → Export; hand in the zip as it is.",
    "markdown": "A zip of the folder, or a single file.",
    "html": "A zip of the folder with its pictures, or a single page.",
    "teach1": "A zip of the notes, or a single one.",
    "docx": "A zip of the documents, or a single one.",
    "odt": "A zip of the documents, or a single one.",
    "pdf": "A zip of the files, or a single one. Pictures of text are not read.",
    "pptx": "A zip of the presentations, or a single one.",
    "eml": "Save messages as .eml, and zip them.",
    "webvtt": "Download the captions of the recording as .vtt.",
    "srt": "Download the captions of the recording as .srt.",
    "sbv": "YouTube Studio → Subtitles → Download → .sbv.",
    "teams_docx": "Recap → Transcript → Download as .docx.",
    "otter": "Export → TXT, with speakers and times.",
    "whisper": "Run Whisper with --output_format json.",
    "transcript_text": "Lines of “Name: what they said”.",
    "judged": "A folder of a judged collection, zipped.",
}


def formats() -> tuple[list[Format], list[Format]]:
    """Whole wikis and chats, and single files; each in an order in which one looks for them."""
    order = list(_HOW)
    known = sorted(readers.names(), key=lambda name: order.index(name) if name in _HOW else 99)
    made = [Format(name, _label(name), _HOW.get(name, "")) for name in known]
    wholes = set(order[: order.index("markdown")])
    return [f for f in made if f.name in wholes], [f for f in made if f.name not in wholes]


def named(name: str) -> str:
    """A format as a report calls it."""
    if name == "by file":
        return "Each file by what it holds"
    return "Found out from the content" if name == readers.AUTO else _label(name)


def _label(name: str) -> str:
    told = readers.load(name).description
    return told[:1].upper() + told[1:]
