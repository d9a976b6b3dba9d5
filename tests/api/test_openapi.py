"""Generated requests against everything the OpenAPI description promises (Schemathesis)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from hypothesis import HealthCheck, Phase, given, seed, settings

from api.app import create_app
from api.auth import Asker
from knowledge.people import Profile
from knowledge.roles import EVERYTHING
from knowledge.types import Principal, Scope
from tests.builders import document, opened

CASES, SHARDS = 10_000, 5
BRIEF = 150


class EverythingAllowed:
    """A door that knows one person, who holds every scope."""

    def __init__(self, person_id: int) -> None:
        self._asker = Asker(
            Principal(person_id=person_id, signed_in=True),
            frozenset(Scope),
            f"person:{person_id}",
            standing=EVERYTHING,
        )

    def identify(self, _request: Request) -> Asker:
        return self._asker


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    with opened(tmp_path_factory.mktemp("data")) as services:
        person = services.directory.put(Profile("Ada Field", "ada@example.org", team="Kilns"))
        made = [document(str(n), f"Kiln {n} cools slowly. Ask Ada.") for n in range(12)]
        assert len(list(services.capture.ingest(made))) == len(made)
        yield create_app(services, EverythingAllowed(person))


def run(app: FastAPI, cases: int, shard: int = 0) -> int:
    """Send about so many generated requests, evenly over the operations that vary; how many.
    ``shard``: other ones than those of other shards."""
    import schemathesis  # not above: it would take its time in every process that collects tests

    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations()]
    sent = 0
    while operations and sent < cases:
        share = -(-(cases - sent) // len(operations))
        made = [(send(operation, share, shard), operation) for operation in operations]
        sent += sum(count for count, _ in made)
        # One without parameters has one request, however often it is asked for another.
        operations = [operation for count, operation in made if count >= share]
    return sent


def send(operation: Any, most: int, shard: int) -> int:
    """Generate, send and check at most so many requests of one operation."""
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    promised = [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
    ]
    sent = 0

    @seed(shard if "CI" in os.environ else int.from_bytes(os.urandom(4)))
    @settings(
        max_examples=most,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def conforms(case: Any) -> None:
        nonlocal sent
        sent += 1
        case.call_and_validate(checks=promised)

    conforms()
    return sent


def test_nothing_generated_breaks_the_promises(app: FastAPI) -> None:
    assert run(app, BRIEF) >= BRIEF


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("shard", range(1, SHARDS + 1))
def test_nothing_among_ten_thousand_breaks_the_promises(app: FastAPI, shard: int) -> None:
    assert run(app, CASES // SHARDS, shard) >= CASES // SHARDS


def test_a_broken_promise_is_noticed(app: FastAPI, tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        broken = create_app(services, EverythingAllowed(1))

        @broken.get("/broken")
        def fails(number: int) -> dict[str, int]:
            return {"sum": 1 // (number % 2)}

        with pytest.raises(
            BaseException, match=r"(?i)server error|distinct failure|ZeroDivision|modulo"
        ):
            run(broken, BRIEF)
