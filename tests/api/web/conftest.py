"""A company's pages, for the tests of a file together and for each that changes something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.api.routes.support import served
from tests.api.web.support import Site, company


@contextmanager
def shown(data: Path) -> Iterator[Site]:
    """Ada (of the group vault), Ben and Cleo, and what they wrote."""
    with served(data) as made:
        site = Site(made)
        site.add(*company())
        yield site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """For the tests of a file that change nothing."""
    with shown(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Site]:
    """For a test that adds to it."""
    with shown(tmp_path) as made:
        yield made
