"""Adding and removing synonyms, and that every process searches by them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.search.results import Request
from knowledge.asked import Synonym
from knowledge.errors import Conflict, InvalidInput, NotFound
from knowledge.requests import RequestKey
from knowledge.synonyms import MAX_CHARS, MOST
from knowledge.types import OPERATOR
from tests.builders import document, opened


def test_they_are_kept_until_removed(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        first = services.jargon.add(" k8s ", "kubernetes", both=True)
        second = services.jargon.add("PTO", "paid  time off")
        assert services.jargon.all_of_them() == (
            Synonym(first.id, "k8s", "kubernetes", True),
            Synonym(second.id, "PTO", "paid time off", False),
        )
        services.jargon.remove(first.id)
        with pytest.raises(NotFound):
            services.jargon.remove(first.id)
        assert services.jargon.all_of_them() == (second,)


def test_what_is_none_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        for term, meaning in (("", "x"), ("x", "?!"), ("x", " X "), ("x" * (MAX_CHARS + 1), "y")):
            with pytest.raises(InvalidInput):
                services.jargon.add(term, meaning)
        services.jargon.add("k8s", "kubernetes")
        for term, meaning in (("K8S", "Kubernetes"), ("kubernetes", "k8s")):
            with pytest.raises(Conflict, match="paired already"):
                services.jargon.add(term, meaning, both=True)
        for number in range(MOST - 1):
            services.jargon.add(f"term{number}", "meaning")
        with pytest.raises(Conflict, match="no more"):
            services.jargon.add("one", "more")


def test_a_repeated_request_adds_one(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        key = RequestKey("person:1", "a", "f" * 64)
        made = services.jargon.add("k8s", "kubernetes", key=key)
        assert services.jargon.add("k8s", "kubernetes", key=key) == made
        services.jargon.remove(made.id)
        assert services.jargon.add("k8s", "kubernetes", key=key) == made
        assert services.jargon.all_of_them() == ()


def test_every_process_searches_by_them_at_once(tmp_path: Path) -> None:
    with opened(tmp_path) as serving, opened(tmp_path) as operator:
        pages = [document(str(n), f"The heron of pond {n} sleeps.") for n in range(8)]
        pages.append(document("wanted", "Grant the kubernetes role first.", title="Roles"))
        assert len(list(serving.capture.ingest(pages))) == 9

        def asked(**more: bool) -> tuple[list[str], str]:
            result = serving.pipeline.search(Request("kubes8 heron", **more), OPERATOR)
            return [hit.document.external_id for hit in result.answers], result.stages[0]

        assert asked()[0][0] != "wanted"
        made = operator.jargon.add("kubes8", "kubernetes role")
        found, told = asked()
        assert found[0] == "wanted"
        assert "'kubes8' is 'kubernetes role'" in told
        assert asked(literal=True)[0][0] != "wanted"
        operator.jargon.remove(made.id)
        assert asked()[0][0] != "wanted"


def test_jargon_is_no_mistake(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        pages = [document(str(n), f"The heron of pond {n} sleeps.") for n in range(8)]
        assert len(list(services.capture.ingest(pages))) == 8
        assert services.pipeline.search(Request("the heorn"), OPERATOR).corrected == "the heron"
        services.jargon.add("heorn", "pond")
        assert services.pipeline.search(Request("the heorn"), OPERATOR).corrected is None
