"""What the page of a monthly review shows: changes, advice and decisions in words."""

from __future__ import annotations

from dataclasses import dataclass

from api.web import charts, measuring
from knowledge.advising import Advice, Change
from knowledge.measures.kinds import COMPANY, label
from knowledge.reviews import Decision


@dataclass(frozen=True, slots=True)
class ShownChange:
    """``how``: "good", "bad", or nothing where neither more nor less is better."""

    key: str
    partition: str
    name: str
    now: str
    text: str
    how: str


@dataclass(frozen=True, slots=True)
class ShownAdvice:
    """What one could try and why, as its figure says it."""

    text: str
    reason: str
    path: str
    page: str


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """A decision, and what its measure was and is; empty where it has none."""

    decision: Decision
    measure: str
    then: str
    now: str


def change(one: Change) -> ShownChange:
    """As the page shows it."""
    how = {True: "good", False: "bad", None: ""}[one.better]
    name = one.measure.name
    if one.partition != COMPANY:
        name = f"{name}, {label(one.partition)}"
    now = charts.text(one.measure.unit, one.now)
    return ShownChange(one.measure.key, one.partition, name, now, measuring.compared(one), how)


def advice(one: Advice, administrator: bool) -> ShownAdvice:
    """As the page shows it. A page of administrators is a link for them alone."""
    unit = one.measure.unit
    reason = f"{one.measure.name}: {charts.text(unit, one.now)}"
    if one.usual is not None:
        reason += f", usually {charts.text(unit, one.usual)}"
    reachable = administrator or not one.path.startswith("/admin/")
    return ShownAdvice(one.text, reason, one.path if reachable else "", one.page)


def decision(one: Decision) -> ShownDecision:
    """As the page shows it."""
    if one.measure is None:
        return ShownDecision(one, "", "", "")
    unit = one.measure.unit
    whom = "whole company" if one.partition == COMPANY else label(one.partition)
    name = f"{one.measure.name}, {whom}"
    return ShownDecision(one, name, charts.text(unit, one.then), charts.text(unit, one.now))
