"""Links of wikis (``[[Page]]``) as links of Markdown, which everything after a reader knows.

A page is meant by its file's name wherever it lies, or by an alias in its front matter. Tools
differ in what stands first when a link has two parts: Obsidian writes ``[[Page|words]]``, GitHub
and GitLab write ``[[words|Page]]``.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from knowledge.exports import Entry, Export, Refused, decode
from knowledge.readers import _frontmatter
from knowledge.types import Loss, LossKind

PAGES = (".md", ".markdown", ".mdown", ".mkd")
_HEAD = 64_000
_IMAGES = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|bmp|avif|ico|tiff?)$", re.IGNORECASE)
# What has an address behind it is a link of Markdown, whose words stand in brackets.
_LINK = re.compile(r"(!?)\[\[([^\[\]\n]{1,500})\]\](?!\([^()\s]{1,500}\))")
_FENCE = re.compile(r"[ >\t]{0,40}(`{3,}|~{3,})")
_INLINE = re.compile(r"(?<=\]\()([^\s()<>:#]{1,500})(#[^\s()<>]*)?(?=\))")
_TICKS = re.compile(r"`+")
_ALIASES = re.compile(r"^aliases?\s*:", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Names:
    """Every file of an export by how a wiki calls it."""

    paths: dict[str, str]
    stems: dict[str, list[str]]
    aliases: dict[str, str]

    def find(self, target: str, beside: str) -> str | None:
        """The path that a link in the file ``beside`` means. Of several of a name it is the one in
        the same folder, else the one with the shortest path, as the tools have it."""
        wanted = _key(target.strip().lstrip("/").replace("\\", "/"))
        if not wanted:
            return None
        folder = posixpath.dirname(beside)
        for whole in (posixpath.normpath(posixpath.join(folder, wanted)), wanted):
            for name in (whole, *(f"{whole}{suffix}" for suffix in PAGES)):
                if found := self.paths.get(_key(name)):
                    return found
        found_stems = [
            path
            for path in self.stems.get(posixpath.basename(wanted), ())
            if "/" not in wanted or _key(path).rpartition(".")[0].endswith(f"/{wanted}")
        ]
        own = [path for path in found_stems if posixpath.dirname(path) == folder]
        return next(iter(own or found_stems), None) or self.aliases.get(wanted)


def names(export: Export) -> Names:
    """The names of an export's files; of pages also their aliases."""
    found = Names({}, {}, {})
    entries = [entry for entry in export.entries() if isinstance(entry, Entry)]
    for entry in sorted(entries, key=lambda e: (e.name.count("/"), len(e.name), e.name)):
        found.paths.setdefault(_key(entry.name), entry.name)
        last = _key(posixpath.basename(entry.name))
        found.stems.setdefault(last, []).append(entry.name)
        if entry.suffix in PAGES:
            found.stems.setdefault(last.rpartition(".")[0], []).append(entry.name)
            for alias in _aliases(entry):
                found.aliases.setdefault(_key(alias), entry.name)
    return found


def converted(entry: Entry, body: str, *, words_first: bool) -> tuple[str, list[Loss]]:
    """A body with its wiki links as those of Markdown, and what could not be kept."""
    known = entry.shared(names)
    lost: Counter[str] = Counter()

    def link(found: re.Match[str]) -> str:
        embeds, inside = bool(found[1]), found[2]
        first, bar, last = inside.replace("\\|", "|").partition("|")
        target, words = (last, first) if bar and words_first else (first, last)
        if bar and known.find(_bare(target), entry.name) is None:
            # Whichever of the two is a page here.
            swapped = known.find(_bare(words), entry.name) is not None
            target, words = (words, target) if swapped else (target, words)
        path, href = _href(known, entry.name, target.strip())
        if embeds and _IMAGES.search(path or target):
            alt = "" if re.fullmatch(r"\d+(?:x\d+)?", words.strip()) else words.strip()
            return f"![{_escaped(alt or posixpath.basename(_bare(target)))}]({href})"
        if embeds:
            lost[_bare(target) or target] += 1
        named = posixpath.basename(_bare(target)) + target.strip()[len(_bare(target)) :]
        shown = words.strip() or named.lstrip("#").replace("#", " > ")
        return f"[{_escaped(shown)}]({href})"

    text = outside_code(body, lambda part: _LINK.sub(link, part))
    return text, [Loss(LossKind.EMBED, f"{what} shown within", n) for what, n in lost.items()]


def anywhere(entry: Entry, body: str, *, suffixes: tuple[str, ...] | None = None) -> str:
    """A body whose ordinary links lead to what they mean, wherever that lies. ``suffixes`` are
    those of the targets that may be looked for; None is all."""
    known = entry.shared(names)

    def link(found: re.Match[str]) -> str:
        if entry.beside(found[1]) is not None:
            return found[0]
        path = known.find(unquote(found[1]), entry.name)
        if path is None or (suffixes is not None and not path.lower().endswith(suffixes)):
            return found[0]
        return quote(posixpath.relpath(path, posixpath.dirname(entry.name) or ".")) + (
            found[2] or ""
        )

    return outside_code(body, lambda part: _INLINE.sub(link, part))


def outside_code(body: str, change: Callable[[str], str]) -> str:
    """The text with what is not code changed, line by line."""
    made: list[str] = []
    fence = ""
    for line in body.splitlines(keepends=True):
        opened = _FENCE.match(line)
        if opened and (not fence or (opened[1].startswith(fence) and not line.strip(" >\t\r\n`~"))):
            fence = "" if fence else opened[1]
            made.append(line)
        elif fence:
            made.append(line)
        else:
            made.append(_outside_spans(line, change))
    return "".join(made)


def has_links(body: str) -> bool:
    """Whether there is any wiki link outside of code."""
    found: list[bool] = []

    def look(part: str) -> str:
        if not found and _LINK.search(part):
            found.append(True)
        return part

    if "[[" in body:
        outside_code(body, look)
    return bool(found)


def _outside_spans(line: str, change: Callable[[str], str]) -> str:
    ticks = list(_TICKS.finditer(line))
    closes: dict[int, re.Match[str]] = {}
    last: dict[int, re.Match[str]] = {}
    for run in reversed(ticks):
        if len(run[0]) in last:
            closes[run.start()] = last[len(run[0])]
        last[len(run[0])] = run
    parts: list[str] = []
    at = 0
    for run in ticks:
        if run.start() >= at and (close := closes.get(run.start())):
            parts += (change(line[at : run.start()]), line[run.start() : close.end()])
            at = close.end()
    return "".join((*parts, change(line[at:])))


def _href(known: Names, beside: str, target: str) -> tuple[str | None, str]:
    bare, hash_, section = target.partition("#")
    path = known.find(bare, beside) if bare.strip() else None
    # A block's name (^1a2b3c) is no place that survives.
    section = section.rpartition("#")[2] if not section.startswith("^") else ""
    fragment = f"#{quote(section.strip())}" if hash_ and section.strip() else ""
    if not bare.strip():
        return None, fragment or "#"
    if path is None:
        name = bare.strip().replace("\\", "/").lstrip("/")
        return None, quote(name if _suffixed(name) else f"{name}.md") + fragment
    relative = posixpath.relpath(path, posixpath.dirname(beside) or ".")
    return path, quote(relative) + fragment


def _suffixed(name: str) -> bool:
    return bool(re.search(r"\.[A-Za-z0-9]{1,5}$", name))


def _bare(target: str) -> str:
    return target.partition("#")[0].strip()


def _aliases(entry: Entry) -> list[str]:
    try:
        with entry.open() as stream:
            head = stream.read(_HEAD)
        if not head.startswith((b"---", b"\xef\xbb\xbf---")):
            return []
        text = decode(head[: head.rfind(b"\n") + 1])
        return _frontmatter.aliases(text) if _ALIASES.search(text) else []
    except Refused:
        return []


def _key(name: str) -> str:
    # Wikis write blanks as dashes in files' names, and either in links.
    return re.sub(r"[\s_-]+", "-", name.strip()).casefold()


def _escaped(words: str) -> str:
    return re.sub(r"([\\\[\]])", r"\\\1", words)
