"""Requests for what stands beside the page of a search: verdicts, and the widget of other sites."""

from __future__ import annotations

from collections.abc import Callable

from tests.invariants.asking import Ask, Asking, Ref


def verdict(method: str) -> Callable[[Asking], Ask]:
    """What is said of a passage or a person on a page, also of hidden ones."""

    def asked(a: Asking) -> Ask:
        told: dict[str, object] = {
            "query_id": Ref("query", str(a.chance.randrange(1, 50))),
            "next": "/?q=" + a.words(2),
            "reason": a.words(2),
        }
        name = a.chance.choice(["helpful", "not_helpful", "outdated", "wrong_person"])
        if a.chance.random() < 0.9:
            told[name] = a.person() if name == "wrong_person" else a.passage()
        if method == "GET":
            return Ask("GET", "/feedback", params=tuple(told.items()), who=a.who(), browser=True)
        return Ask("POST", "/feedback", form=told, who=a.who(), browser=True)

    return asked


def widget(method: str) -> Callable[[Asking], Ask]:
    """The script."""
    return lambda a: Ask(method, "/widget/v1/widget.js", who=a.who())


SEARCH = {
    ("GET", "/feedback"): (3, verdict("GET")),
    ("POST", "/feedback"): (3, verdict("POST")),
    ("GET", "/widget/v1/widget.js"): (1, widget("GET")),
    ("HEAD", "/widget/v1/widget.js"): (1, widget("HEAD")),
}
"""(method, path): how often, and what asks it."""
