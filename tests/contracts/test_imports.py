"""What every format must do once it is stored: nothing the second time, and be found."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.services import Services
from knowledge import readers
from knowledge.capture import Outcome, Status, Terms
from knowledge.exports import Export
from knowledge.store import attachments, documents
from knowledge.store.tables import documents as table
from knowledge.store.tables import revisions
from knowledge.types import OPERATOR, Attachment
from tests.builders import opened
from tests.contracts.test_readers import sample

every_reader = pytest.mark.parametrize("name", readers.names())


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[Services]:
    with opened(tmp_path_factory.mktemp("imports")) as made:
        yield made


def ingest(services: Services, path: Path, name: str) -> list[Outcome]:
    with Export.open(path) as export:

        def fetch(one: Attachment) -> bytes:
            entry = export.get(one.entry or "")
            assert entry is not None, f"{one.name} is said to be in {one.entry}"
            return entry.read()

        items = readers.read_export(path, name, source=name)
        return list(services.capture.ingest(items, Terms(fetch=fetch)))


@every_reader
def test_the_second_import_writes_nothing(services: Services, name: str, tmp_path: Path) -> None:
    # Out of the checkout, whose history is not the sample's.
    path = Path(shutil.copytree(sample(name), tmp_path / name))
    first = ingest(services, path, name)
    assert {o.status for o in first} == {Status.ADDED}
    with services.database.read() as connection:
        before = (
            connection.execute(table.select()).all(),
            connection.execute(revisions.select()).all(),
        )
    second = ingest(services, path, name)
    assert [(o.status, o.embedded) for o in second] == [(Status.UNCHANGED, 0)] * len(first)
    with services.database.read() as connection:
        assert before == (
            connection.execute(table.select()).all(),
            connection.execute(revisions.select()).all(),
        )
        held = {
            d.external_id: key
            for key, d in documents.load_all(connection, OPERATOR).items()
            if d.source == name
        }
        for key in held.values():
            kept = attachments.files(connection, key, OPERATOR)
            assert len({one.href for one in kept}) == len(kept)
            for one in kept:
                assert (
                    len(attachments.content(connection, key, one.number, OPERATOR)[1]) == one.size
                )
    assert services.index.verify() == []
