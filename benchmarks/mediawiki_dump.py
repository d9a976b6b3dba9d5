"""A MediaWiki dump of any size, of invented text, and what reading it takes.

    python -m benchmarks.mediawiki_dump PATH --gigabytes 2     writes it (.gz and .bz2: compressed)
    python -m benchmarks.mediawiki_dump PATH --read            reads it: pages, seconds, memory

Every fifth page has a history of up to eight revisions, every tenth is a redirect, and a thousandth
is long. ``--gigabytes`` counts what is not compressed.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import itertools
import random
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast

from knowledge.exports import Export
from knowledge.readers import mediawiki
from knowledge.types import ReadFailure

SEED = 1
_START = datetime(2015, 1, 1, tzinfo=UTC)
_SYLLABLES = (
    "ba den fil gor hal im ket lun mor nep or pas quin rel sto tur und vel wen yar zol".split()
)
_PEOPLE = [f"Keeper {number}" for number in range(400)]
_HEAD = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11">
  <siteinfo>
    <sitename>Invented</sitename>
    <base>https://invented.example/wiki/Main_Page</base>
    <case>first-letter</case>
    <namespaces>
      <namespace key="0" case="first-letter" />
      <namespace key="1" case="first-letter">Talk</namespace>
      <namespace key="6" case="first-letter">File</namespace>
      <namespace key="10" case="first-letter">Template</namespace>
      <namespace key="14" case="first-letter">Category</namespace>
    </namespaces>
  </siteinfo>
"""


def main() -> None:
    """Write, or read."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--read", action="store_true")
    options = parser.parse_args()
    if options.read:
        print(read(options.path))
    else:
        print(f"{write(options.path, int(options.gigabytes * 1e9)):,} pages")


def write(path: Path, size: int) -> int:
    """A dump of at least ``size`` bytes; says how many pages it has."""
    written = pages = 0
    with _opened(path) as file:
        for part in _parts(random.Random(SEED)):
            written += file.write(part)
            pages += 1
            if written >= size:
                break
        file.write(b"</mediawiki>\n")
    return pages - 1


def read(path: Path) -> str:
    """What reading it takes: pages, links, seconds, and the most memory that the process had."""
    before = _peak()
    start = time.perf_counter()
    documents = links = refused = 0
    with Export.open(path) as export:
        for item in mediawiki.read_export(export, "benchmark"):
            if isinstance(item, ReadFailure):
                refused += 1
                print(f"{item.name}: {item.reason}")
            else:
                documents += 1
                links += len(item.links)
    took = time.perf_counter() - start
    return (
        f"{documents:,} documents, {links:,} links, {refused} refused, {took:.0f} s, "
        f"peak {_peak():.0f} MB (before: {before:.0f} MB)"
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _opened(path: Path) -> BinaryIO:
    if path.suffix == ".gz":
        return cast(BinaryIO, gzip.open(path, "wb", compresslevel=1))
    if path.suffix == ".bz2":
        return cast(BinaryIO, bz2.open(path, "wb", compresslevel=1))
    return path.open("wb")


def _parts(chance: random.Random) -> Iterator[bytes]:
    yield _HEAD.encode()
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(20_000)]
    titles = [" ".join(chance.sample(words, 2)).capitalize() for _ in range(50_000)]
    paragraphs = [_paragraph(chance, words, titles) for _ in range(4_000)]
    for number in itertools.count(1):
        yield _page(chance, number, titles, paragraphs).encode()


def _page(chance: random.Random, number: int, titles: list[str], paragraphs: list[str]) -> str:
    title = titles[number] if number < len(titles) else f"{chance.choice(titles)} {number}"
    if number % 10 == 0:
        to = chance.choice(titles)
        revisions = _revision(number, 0, "Keeper 1", f"#REDIRECT [[{to}]]")
        redirect = f'    <redirect title="{to}" />\n'
    else:
        count = chance.randint(2, 8) if number % 5 == 0 else 1
        text = [chance.choice(paragraphs) for _ in range(chance.randint(2, 12))]
        if number % 1000 == 1:
            text *= 100
        revisions, redirect = "", ""
        for revision in range(count):
            text[chance.randrange(len(text))] = chance.choice(paragraphs)
            whole = "\n\n".join((*text, f"[[Category:{title.split()[0]}]]"))
            revisions += _revision(number, revision, chance.choice(_PEOPLE), whole)
    return (
        f"  <page>\n    <title>{title}</title>\n    <ns>0</ns>\n    <id>{number}</id>\n"
        f"{redirect}{revisions}  </page>\n"
    )


def _revision(number: int, revision: int, who: str, text: str) -> str:
    at = _START + timedelta(minutes=number, days=revision)
    return (
        f"    <revision>\n      <id>{number * 10 + revision}</id>\n"
        f"      <parentid>{number * 10 + revision - 1 if revision else 0}</parentid>\n"
        f"      <timestamp>{at:%Y-%m-%dT%H:%M:%SZ}</timestamp>\n"
        f"      <contributor><username>{who}</username><id>{who[7:]}</id></contributor>\n"
        f'      <text xml:space="preserve">{text}</text>\n    </revision>\n'
    )


def _paragraph(chance: random.Random, words: list[str], titles: list[str]) -> str:
    def sentence() -> str:
        said = chance.choices(words, k=chance.randint(6, 16))
        if chance.random() < 0.3:
            said[-1] = f"[[{chance.choice(titles)}|{chance.choice(words)}]]"
        return " ".join(said).capitalize() + "."

    kind = chance.randrange(8)
    if kind == 0:
        return "\n".join(f"* {sentence()}" for _ in range(chance.randint(2, 6)))
    if kind == 1:
        rows = "\n|-\n".join(f"| {sentence()} || '''{sentence()}'''" for _ in range(3))
        return f"{{| class=&quot;wikitable&quot;\n! One !! Two\n|-\n{rows}\n|}}"
    if kind == 2:
        return f"{{{{Infobox thing\n| kind = {chance.choice(words)}\n| of = {sentence()}\n}}}}"
    if kind == 3:
        note = f"&lt;ref&gt;{sentence()}&lt;/ref&gt;"
        return f"== {chance.choice(words).capitalize()} ==\n{sentence()}{note}"
    return " ".join(sentence() for _ in range(chance.randint(3, 9)))


if __name__ == "__main__":
    main()
