"""The choice of an embedder: measured, kept, the same for every process, bound to the data."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import text

from api.services import Services
from indexer import choice, embedders
from indexer.choice import FAST, REFERENCE, Choice
from indexer.protocols import Vectors
from knowledge.errors import InvalidSettings
from knowledge.settings import EmbeddingSettings, Settings
from tests.builders import document, opened, settings


class Measured:
    """What measuring the machine says, instead of measuring it."""

    def __init__(self) -> None:
        self.says = Choice(FAST, "measured")
        self.times = 0

    def __call__(self, model: Path | None, cache: Path) -> Choice:
        self.times += 1
        return self.says


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Measured:
    measured = Measured()
    monkeypatch.setattr(choice, "of_machine", measured)
    return measured


def automatic(data: Path, model: Path | None = None) -> Settings:
    embedding = EmbeddingSettings(embedder="auto", model=model, cache=data / "cache")
    return replace(settings(data), embedding=embedding)


def chosen(data: Path, model: Path | None = None) -> Choice:
    """As another process of the installation finds it."""
    services = Services(automatic(data, model))
    try:
        return services.choice
    finally:
        services.close()


def filled(data: Path, *identities: str) -> Path:
    """An installation with a text whose vectors are said to be of these models, and one more of
    the first of them."""
    with opened(data) as services:
        list(services.capture.ingest([document("1", "Rotate the keys.")]))
        with services.database.write() as connection:
            connection.execute(text("UPDATE vectors SET model = :to"), {"to": identities[0]})
            rows = [{"hash": f"more {n}", "to": to} for n, to in enumerate(identities)]
            for row in rows:
                connection.execute(
                    text(
                        "INSERT INTO vectors (text_hash, model, vector) "
                        "SELECT :hash, :to, vector FROM vectors LIMIT 1"
                    ),
                    row,
                )
    return data


def test_what_was_measured_is_kept(machine: Measured, tmp_path: Path) -> None:
    assert chosen(tmp_path) == Choice(FAST, "measured")
    machine.says = Choice(REFERENCE, "slower today")
    assert chosen(tmp_path) == Choice(FAST, "measured")
    assert machine.times == 1


def test_processes_that_start_together_agree(machine: Measured, tmp_path: Path) -> None:
    with opened(tmp_path):  # makes the database
        pass
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(chosen, [tmp_path] * 4))
    assert made == {Choice(FAST, "measured")}
    assert machine.times == 1


def test_stored_vectors_decide_before_any_measuring(machine: Measured, tmp_path: Path) -> None:
    old = "sentence-transformers weights=53aa fp32"
    assert chosen(filled(tmp_path / "a", old)).embedder == REFERENCE
    new = "onnxruntime weights=53aa int8/1"
    assert chosen(filled(tmp_path / "b", new)).embedder == FAST
    assert chosen(filled(tmp_path / "c", old, new)).embedder == REFERENCE
    assert chosen(filled(tmp_path / "d", new, old)).embedder == FAST
    assert machine.times == 0
    assert chosen(filled(tmp_path / "e", "hashing/1 d=384")) == Choice(FAST, "measured")


def test_it_is_chosen_anew_for_other_data_or_another_model(
    machine: Measured, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    assert chosen(data).embedder == FAST
    filled(data, "sentence-transformers weights=53aa fp32")
    assert chosen(data).embedder == FAST  # the choice stands
    with opened(data) as services, services.database.write() as connection:
        connection.execute(text("UPDATE state SET epoch = 'restored'"))
    assert chosen(data).embedder == REFERENCE  # as the vectors that were restored
    (data / "embedder.json").write_text("no JSON")
    assert chosen(data).embedder == REFERENCE
    chosen(data, tmp_path / "another")
    told = json.loads((data / "embedder.json").read_text("utf-8"))
    assert told["model"] == str(tmp_path / "another")


def test_measuring_again_changes_it(machine: Measured, tmp_path: Path) -> None:
    machine.says = Choice(REFERENCE, "slow")
    assert chosen(tmp_path).embedder == REFERENCE
    machine.says = Choice(FAST, "a new machine")
    services = Services(automatic(tmp_path))
    assert services.choose_again() == services.choice == machine.says
    services.close()
    assert chosen(tmp_path) == machine.says


def test_one_that_is_set_is_not_chosen(machine: Measured, tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        assert services.choice.embedder == "hashing"
        assert services.machine_choice().embedder == "hashing"
        with pytest.raises(InvalidSettings, match="WHOKNOWS_EMBEDDER"):
            services.choose_again()
    assert machine.times == 0
    assert not (tmp_path / "embedder.json").exists()


class Turned:
    """The hashing embedder, off by an angle."""

    identity = "turned"

    def __init__(self, cosine: float) -> None:
        self._inner = embedders.load("hashing")
        self.dimension = self._inner.dimension
        self._cosine = cosine

    def embed(self, texts: Sequence[str]) -> Vectors:
        made = self._inner.embed(texts)
        aside = np.roll(made, 1, axis=1)
        aside -= (aside * made).sum(axis=1, keepdims=True) * made
        aside /= np.linalg.norm(aside, axis=1, keepdims=True)
        turned: Vectors = self._cosine * made + np.float32((1 - self._cosine**2) ** 0.5) * aside
        return turned

    def token_starts(self, text: str) -> NDArray[np.int64]:
        return self._inner.token_starts(text)

    def knows(self, word: str) -> bool:
        return False


def test_the_reference_stays_where_int8_does_not_agree_or_is_slower(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reference, seconds = Turned(1.0), {}
    monkeypatch.setattr(choice, "_seconds", lambda embedder, texts: seconds[embedder])

    def compared(fast: Turned, took: float) -> Choice:
        seconds.update({reference: 1.0, fast: took})
        return choice.compare(fast, reference)

    assert compared(Turned(0.995), 0.4).embedder == FAST
    off = compared(Turned(0.98), 0.4)
    assert (off.embedder, "0.98" in off.reason) == (REFERENCE, True)
    assert compared(Turned(float("nan")), 0.4).embedder == REFERENCE
    slow = compared(Turned(1.0), 2.0)
    assert (slow.embedder, "0.50 times" in slow.reason) == (REFERENCE, True)


def test_what_fails_while_measuring_leaves_the_reference(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = choice.of_machine(tmp_path / "no model", tmp_path)
    assert made.embedder == REFERENCE
    assert "modules.json" in made.reason or "no usable model" in made.reason
    assert not (tmp_path / "embedder.json").exists()  # not for the next installation

    def late(*_: object, **how: float) -> None:
        raise subprocess.TimeoutExpired("measure", how["timeout"])

    monkeypatch.setattr(subprocess, "run", late)
    assert choice.of_machine(None, tmp_path).embedder == REFERENCE


@pytest.mark.model
@pytest.mark.slow
def test_this_machine_is_measured_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = choice.of_machine(None, tmp_path)
    assert made.embedder == FAST, made.reason
    monkeypatch.setattr(sys, "executable", "no-such-program")  # it cannot measure again
    assert choice.of_machine(None, tmp_path) == made


def test_a_model_of_another_kind_leaves_the_reference(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def load(name: str, **options: object) -> object:
        if name == FAST:
            raise InvalidSettings("not BERT")
        return real("hashing")

    real = embedders.load
    monkeypatch.setattr(embedders, "load", load)
    assert choice.measure(None, tmp_path) == Choice(REFERENCE, "int8 cannot be used: not BERT")
