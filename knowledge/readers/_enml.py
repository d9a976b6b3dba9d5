"""Evernote's markup of a note as Markdown."""

from __future__ import annotations

import base64
import binascii
import hashlib
import mimetypes
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from bs4 import BeautifulSoup, Tag
from bs4.element import AttributeValueList, NavigableString

from knowledge.exports import Refused
from knowledge.readers import _html
from knowledge.readers._attachments import embedded
from knowledge.types import Attachment, Link, Loss, LossKind

_HEAD = re.compile(r"\A\s*(?:<\?xml[^<>]*\?>\s*)?(?:<!DOCTYPE[^<>\[\]]*>\s*)?", re.IGNORECASE)
# HTML knows no elements of Evernote's, so these would never close.
_CLOSED = re.compile(r"<(en-media|en-todo)\b([^<>]*?)/>", re.IGNORECASE)
_LANGUAGE = re.compile(r"--en-(?:syntax|codeblock)Language:\s*([\w+#-]+)", re.IGNORECASE)
_NOTE_LINK = re.compile(
    r"evernote:///|https://(?:www|share)\.evernote\.com/(?:shard|l|note)/", re.I
)


@dataclass(frozen=True, slots=True)
class Resource:
    """A file of a note. ``digest`` is its MD5, by which the text names it."""

    digest: str
    name: str
    kind: str
    data: bytes | None

    @staticmethod
    def of(data: bytes, name: str, kind: str) -> Resource:
        """A file by its content."""
        return Resource(hashlib.md5(data, usedforsecurity=False).hexdigest(), name, kind, data)

    @staticmethod
    def lost(name: str, kind: str, recognition: str) -> Resource:
        """One that is too large to keep; what was recognised in it may tell its digest."""
        found = re.search(r'objID="([0-9a-f]{32})"', recognition)
        return Resource(found[1] if found else "", name, kind, None)


@dataclass(frozen=True, slots=True)
class Told:
    """What a note says."""

    body: str
    links: tuple[Link, ...]
    attachments: tuple[Attachment, ...]
    losses: tuple[Loss, ...]


def to_markdown(
    enml: str,
    resources: Mapping[str, Resource],
    tasks: Sequence[tuple[str, str]],
    known: Mapping[str, str],
) -> Told:
    """A note's text. ``tasks`` are (title, state); ``known`` are notes' ids by their titles.

    Raises Refused when there is none.
    """
    tree = _html.soup(_CLOSED.sub(r"<\1\2></\1>", _HEAD.sub("", enml, count=1)))
    lost: Counter[tuple[LossKind, str]] = Counter()
    for placeholder in tree.find_all("div", style=re.compile("--en-task-group:")):
        # Says that this version of Evernote cannot show tasks, which follow below.
        placeholder.decompose()
    _code(tree)
    _nest(tree)
    _todos(tree)
    for secret in tree.find_all("en-crypt"):
        lost[LossKind.EMBED, "encrypted text"] += 1
        secret.replace_with("(encrypted text)")
    attachments = _media(tree, resources, lost)
    links = _links(tree, known, lost)
    body = _html.to_markdown(tree) if tree.get_text(strip=True) or attachments else ""
    listed = "\n".join(
        f"- [{'x' if state == 'completed' else ' '}] {' '.join(title.split())}"
        for title, state in tasks
        if title.strip()
    )
    # Evernote writes every second blank so.
    body = body.replace("\N{NO-BREAK SPACE}", " ").strip()
    body = "\n\n".join(part for part in (body, listed) if part)
    if not body:
        raise Refused("there is no text in it")
    losses = tuple(Loss(kind, what, n) for (kind, what), n in sorted(lost.items()))
    return Told(body + "\n", tuple(links), tuple(attachments), losses)


def _code(tree: BeautifulSoup) -> None:
    for block in tree.find_all("div", style=re.compile("-en-codeblock:")):
        lines = block.find_all("div", recursive=False) or [block]
        for broken in block.find_all("br"):
            broken.replace_with("" if broken.parent in lines and len(lines) > 1 else "\n")
        text = "\n".join(line.get_text().rstrip("\n") for line in lines)
        made = tree.new_tag("pre")
        language = _LANGUAGE.search(str(block.get("style")))
        if language and language[1].lower() not in ("plaintext", "text", "none"):
            made["class"] = AttributeValueList([f"language-{language[1].lower()}"])
        made.string = text.replace("\N{NO-BREAK SPACE}", " ")
        block.replace_with(made)


def _nest(tree: BeautifulSoup) -> None:
    """Put lists below items into these: Evernote writes them beside, which HTML does not know."""
    for inner in tree.find_all(("ul", "ol")):
        above = inner.find_previous_sibling()
        within = inner.parent is not None and inner.parent.name in ("ul", "ol")
        if within and above is not None and above.name == "li":
            above.append(inner.extract())


def _todos(tree: BeautifulSoup) -> None:
    for todo in tree.find_all("en-todo"):
        mark = "[x] " if str(todo.get("checked")).lower() == "true" else "[ ] "
        item = todo.find_parent("li") or todo.find_parent("td")
        todo.insert_after(NavigableString(mark if item else f"- {mark}"))
        todo.unwrap()
    for listed in tree.find_all(("ul", "ol"), style=re.compile("--en-todo:")):
        for item in listed.find_all("li", recursive=False):
            checked = "--en-checked:true" in str(item.get("style")).replace(" ", "")
            first = next((c for c in item.children if isinstance(c, Tag)), item)
            first.insert(0, NavigableString("[x] " if checked else "[ ] "))


def _media(
    tree: BeautifulSoup, resources: Mapping[str, Resource], lost: Counter[tuple[LossKind, str]]
) -> list[Attachment]:
    found: dict[str, Attachment] = {}
    names: set[str] = set()
    for media in tree.find_all("en-media"):
        one = resources.get(str(media.get("hash")).lower())
        if one is None or one.data is None:
            what = one.name if one and one.name else str(media.get("type") or "a file")
            why = "larger than 50 MB" if one else "missing in the export"
            lost[LossKind.ATTACHMENT, f"{what}: {why}"] += 1
            media.decompose()
            continue
        if one.digest not in found:
            suffix = mimetypes.guess_extension(one.kind, strict=False) or ""
            name = one.name or f"{one.digest[:8]}{suffix}"
            folder = f"{one.digest[:8]}/" if name in names else ""
            names.add(name)
            found[one.digest] = embedded(one.data, f"resources/{folder}{quote(name)}", name)
        made = found[one.digest]
        if one.kind.startswith("image/"):
            shown = tree.new_tag(
                "img", attrs={"src": made.href, "alt": str(media.get("alt") or "")}
            )
        else:
            shown = tree.new_tag("a", attrs={"href": made.href})
            shown.string = made.name
        media.insert_after(shown)
        media.unwrap()
    for image in tree.find_all("img", src=re.compile(r"^data:", re.IGNORECASE)):
        inline = _inline(str(image["src"]), len(found))
        if inline is None:
            lost[LossKind.ATTACHMENT, "a picture within the text"] += 1
            image.decompose()
        else:
            image["src"] = found.setdefault(inline.digest, inline).href
    return list(found.values())


def _inline(address: str, number: int) -> Attachment | None:
    """A picture whose bytes stand in its address."""
    about = re.match(r"data:(image/[\w.+-]{1,40})(;base64)?,", address, re.IGNORECASE)
    if about is None:
        return None
    try:
        said = address[about.end() :]
        data = base64.b64decode(said, validate=True) if about[2] else unquote_to_bytes(said)
    except (binascii.Error, ValueError):
        return None
    suffix = mimetypes.guess_extension(about[1].lower()) or ""
    name = f"picture-{number + 1}{suffix}"
    return embedded(data, f"resources/{name}", name) if data else None


def _links(
    tree: BeautifulSoup, known: Mapping[str, str], lost: Counter[tuple[LossKind, str]]
) -> list[Link]:
    found: dict[str, Link] = {}
    for link in tree.find_all("a", href=True):
        if not link.get_text(strip=True) and link.find("img") is None:
            link.string = str(link["href"])
    for link in tree.find_all("a", href=_NOTE_LINK):
        words = " ".join(link.get_text().split())
        target = known.get(words.casefold())
        if target is None:
            lost[LossKind.LINK, f"link to the note {words[:100]}"] += 1
            link.unwrap()
            continue
        href = f"note/{quote(words, safe='')}"
        link["href"] = href
        found[href] = Link(href, target)
    return list(found.values())
