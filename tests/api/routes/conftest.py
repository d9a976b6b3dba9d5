"""A served installation for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.routes.support import Served, served


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Served]:
    """Ada, Ben and Cleo, and nothing written yet."""
    with served(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The same for the tests of a file that change nothing, made once."""
    with served(tmp_path_factory.mktemp("idle")) as made:
        yield made
