"""The hashing embedder must give the same vectors on every machine and in every process."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from indexer import embedders
from knowledge.errors import InvalidSettings

SHOW = (
    "from indexer.embedders.hashing import create;"
    "print(create(16).embed(['Rotate the keys'])[0].tobytes().hex())"
)


def test_the_same_in_every_process(repository: object) -> None:
    here = embedders.load("hashing", dimension=16).embed(["Rotate the keys"])[0]
    for seed in ("1", "2"):
        shown = subprocess.run(
            [sys.executable, "-c", SHOW],
            cwd=str(repository),
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert shown.strip() == here.tobytes().hex()


def test_dimension_is_part_of_the_identity() -> None:
    small, large = embedders.load("hashing", dimension=64), embedders.load("hashing")
    assert (small.dimension, large.dimension) == (64, 384)
    assert small.identity != large.identity
    with pytest.raises(InvalidSettings):
        embedders.load("hashing", dimension=4)


def test_case_does_not_matter_and_spelling_a_little() -> None:
    a, b, c, d = embedders.load("hashing").embed(["Kubernetes", "kubernetes", "kubernete", "soup"])
    assert a @ b == pytest.approx(1.0, abs=1e-6)
    assert 0.1 < a @ c < 0.9
    assert np.abs(a @ d) < 0.1


def test_it_takes_no_model() -> None:
    with pytest.raises(InvalidSettings, match=r"'hashing' takes no model; unset WHOKNOWS_MODEL"):
        embedders.load("hashing", model="/models/any")
