"""Whether a change that may change nothing found changes nothing that is found.

    python -m benchmarks.same COLLECTION... --data DATA --kept FILE

Asks the collections' questions in every way that takes another path: as the operator, as a
colleague in 20 of ``benchmarks.fill``'s groups, with a filter, with one that few documents pass,
inside a document, of one retriever alone. Writes everything that comes back to FILE, or where FILE
is there already, says what of it has become another and exits with 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.services import Services
from benchmarks.fill import ASKER, TAGS
from indexer import judged
from indexer.protocols import Filters
from indexer.search.results import Mode, Request
from knowledge.settings import load_settings
from knowledge.types import OPERATOR, Principal

QUERIES = 200
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_SHOWN = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("collections", nargs="+", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--kept", type=Path, required=True)
    options = parser.parse_args()
    settings = load_settings()
    storage = settings.storage.model_copy(update={"data": options.data})
    services = Services(replace(settings, storage=storage), now=lambda: _NOW)
    found = dict(answered(services, options.collections))
    services.close()
    if not options.kept.exists():
        options.kept.write_text(json.dumps(found), "utf-8")
        print(f"{len(found)} results kept")
        return
    kept = json.loads(options.kept.read_text("utf-8"))
    others = [key for key in kept if kept[key] != found.get(key)]
    print(f"{len(others)} of {len(kept)} results are others")
    for key in others[:_SHOWN]:
        now = found.get(key, {})
        print(key, *(name for name in kept[key] if kept[key][name] != now.get(name)), sep="\n    ")
    sys.exit(bool(others))


def answered(services: Services, collections: list[Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What was asked, and all that came back but how."""
    texts = [query.text for path in collections for query in judged.load(path).queries]
    for text in texts[:: max(1, len(texts) // QUERIES)][:QUERIES]:
        for name, request, asker in _ways(services, text):
            result = asdict(services.pipeline.search(request, asker))
            del result["stages"]
            yield f"{name}: {text}", json.loads(json.dumps(result, default=str))


def _ways(services: Services, text: str) -> Iterator[tuple[str, Request, Principal]]:
    yield "operator", Request(text, limit=30, people_limit=20), OPERATOR
    yield "colleague", Request(text), ASKER
    yield "second page", Request(text, offset=10), ASKER
    for tag in TAGS:
        yield tag, Request(text, Filters(tag=frozenset({tag}))), ASKER
    for mode in (Mode.SEMANTIC, Mode.LEXICAL):
        yield mode.value, Request(text, mode=mode), ASKER
    best = services.pipeline.search(Request(text, limit=1, people_limit=0), ASKER).answers
    if best:
        inside = Filters(document=frozenset({best[0].document.id}))
        yield "inside", Request(text, inside), ASKER


if __name__ == "__main__":
    main()
