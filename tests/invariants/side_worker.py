"""One process of an installation, told what to do line by line.

``python -m tests.invariants.side_worker DATA``: a JSON array a line in, ``[action, ...]``, and one
JSON value a line out.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from api.services import Services
from indexer.search.results import Request
from knowledge.errors import NotFound
from knowledge.types import Principal
from tests.builders import document, opened


def main(data: Path) -> None:
    """Until the input ends."""
    with opened(data) as services:
        services.index.catch_up()
        for line in sys.stdin:
            sys.stdout.write(json.dumps(perform(services, *json.loads(line))) + "\n")
            sys.stdout.flush()


def perform(services: Services, action: str, *given: Any) -> Any:
    """save KEY BODY -> id; delete ID -> whether it was there; find WORDS -> keys; verify;
    merge KEPT GONE -> id; unmerge ID; who WORDS -> person ids."""
    if action == "save":
        return services.capture.save(document(*given)).document_id
    if action == "delete":
        try:
            services.capture.delete(*given)
        except NotFound:
            return False
        return True
    if action == "find":
        found = services.pipeline.search(Request(given[0], limit=50), Principal(signed_in=True))
        return [hit.document.external_id for hit in found.answers]
    if action == "merge":
        return services.merging.merge(*given).id
    if action == "unmerge":
        return services.merging.unmerge(*given).gone
    if action == "who":
        people = services.pipeline.search(Request(given[0]), Principal(signed_in=True)).people
        return sorted(hit.person.id for hit in people)
    return services.index.verify()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
