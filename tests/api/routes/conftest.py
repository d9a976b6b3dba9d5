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
