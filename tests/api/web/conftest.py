"""A company's pages for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.routes.support import served
from tests.api.web.support import Site, company


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Ada (of the group vault), Ben and Cleo, and what they wrote."""
    with served(tmp_path) as made:
        shown = Site(made)
        shown.add(*company())
        yield shown
