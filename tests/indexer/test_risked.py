"""Topics at risk are counted by what whoever signs in may read, and nobody is named."""

from __future__ import annotations

from pathlib import Path

from indexer.risked import risked
from knowledge.measures.context import Risked
from knowledge.types import Audience, Contributor, Role
from tests.builders import document, opened

ABOUT = (
    "The kiln is fired at a thousand degrees, and the kiln shelf is washed.",
    "The gateway reads meters by radio, and the meters sleep.",
    "Our invoices are paid by bank transfer, and invoices are numbered.",
    "Bees winter in the hive, and the hive is fed with sugar.",
)


def by(name: str) -> Contributor:
    return Contributor(name, Role.AUTHOR, email=f"{name.split(maxsplit=1)[0].lower()}@example.org")


def test_who_holds_a_topic_alone_makes_it_one_at_risk(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        given = []
        for topic, text in enumerate(ABOUT):
            for number in range(8):
                # Of the first two topics one knows all; the others are known by eight each.
                name = f"Only{topic} Field" if topic < 2 else f"P{topic}{number} Marsh"
                key = f"{topic}-{number}"
                given.append(document(key, f"{text} {text}", title=text, contributors=(by(name),)))
        list(services.capture.ingest(given))
        assert risked(services.topics) is None  # topics were never looked for
        services.topics.refresh()
        found = risked(services.topics)
        assert found is not None
        assert (found.at_risk, found.people) == (2, 2)
        assert found.topics - found.at_risk == found.others >= 1
        closed = Audience.of("group:board")
        list(
            services.capture.ingest(
                document(
                    f"c{number}",
                    "The vault is closed.",
                    contributors=(by("Quirina Vault"),),
                    audience=closed,
                )
                for number in range(8)
            )
        )
        services.topics.refresh()
        assert isinstance(again := risked(services.topics), Risked)
        assert again == found
