"""Writes at random until it is killed, telling each operation before and after it.

``python -m tests.invariants.kill_worker DATA SEED``: one JSON object a line on standard output.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from knowledge.store import access, documents
from knowledge.types import EVERYONE, OPERATOR, Audience
from tests.builders import document, opened

AUDIENCES = (Audience.of(EVERYONE), Audience.of("group:ops"), Audience.of(EVERYONE, "group:hr"))


def main(data: Path, seed: int) -> None:
    """Never returns by itself."""
    chance = random.Random(seed)
    with opened(data) as services:
        with services.database.read() as connection:
            held = {
                d.external_id: (d.id, access.audience_of(connection, d.audience_id))
                for d in documents.load_all(connection, OPERATOR).values()
            }
        number = 0
        while True:
            number += 1
            action = chance.choice(("add", "add", "edit", "delete", "audience", "snapshot"))
            if action == "snapshot":
                services.index.catch_up()
                services.index.save()
                continue
            if action == "add" or not held:
                key, (known, audience) = f"{seed}-{number}", (0, AUDIENCES[0])
                action = "add"
            else:
                key = chance.choice(sorted(held))
                known, audience = held[key]
            body = " ".join(chance.choice("alpha beta gamma delta".split()) for _ in range(300))
            told = {"do": action, "key": key, "body": body, "audience": AUDIENCES.index(audience)}
            if action == "audience":
                told["audience"] = chance.randrange(len(AUDIENCES))
            tell("begin", told)
            if action in ("add", "edit"):
                saved = services.capture.save(document(key, body, audience=audience))
                held[key] = (saved.document_id or known, audience)
            elif action == "delete":
                services.capture.delete(held.pop(key)[0])
            else:
                services.capture.set_audience(known, AUDIENCES[told["audience"]])
                held[key] = (known, AUDIENCES[told["audience"]])
            tell("done", told)


def tell(phase: str, told: dict[str, object]) -> None:
    """One line, out of this process before anything else happens."""
    sys.stdout.write(json.dumps({"phase": phase} | told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
