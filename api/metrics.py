"""What can be measured of a process while it serves, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from api.services import Services
from knowledge.errors import DataUnavailable
from knowledge.store.database import position

# A series more for each series, which says only when it began.
disable_created_metrics()  # type: ignore[no-untyped-call]

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One application's counters, in a registry of their own. Safe to share between threads."""

    def __init__(self, services: Services) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "whoknows_requests",
            "Requests answered.",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "whoknows_request_seconds",
            "Time from a request to the end of its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._in_flight = Gauge(
            "whoknows_requests_in_flight",
            "Requests being answered.",
            ("lane",),
            registry=self._registry,
        )
        self._rejected = Counter(
            "whoknows_requests_rejected",
            "Requests refused at once, by the limit that was reached.",
            ("limit",),
            registry=self._registry,
        )
        self._registry.register(_IndexCollector(services))
        self._registry.register(_NotesCollector(services))
        if services.settings.mail.on:
            self._registry.register(_MailCollector(services))
        ProcessCollector(registry=self._registry)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request. ``route`` is a template, never a path: paths are without end."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def in_flight(self, lane: str, running: int) -> None:
        """Say how many requests of a lane are being answered."""
        self._in_flight.labels(lane).set(running)

    def rejected(self, limit: str) -> None:
        """Count one request that a limit refused."""
        self._rejected.labels(limit).inc()

    def exposition(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self._registry)


class _IndexCollector(Collector):
    """How far this process's index is, read when it is asked for."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing, so that registering does not read the database."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The change numbers; those of the database are missing while it cannot be read."""
        index = self._services.index
        yield _gauge("index_sequence", "Last change that is in the index.", index.sequence)
        yield _gauge(
            "index_snapshot_sequence",
            "Last change in the newest snapshot of this process; -1 for none.",
            index.saved_sequence,
        )
        try:
            with self._services.database.read() as connection:
                newest = position(connection)[1]
        except DataUnavailable:
            return
        yield _gauge(
            "index_behind", "Changes that the next query has to catch up.", newest - index.sequence
        )


class _NotesCollector(Collector):
    """What was to be noted later and was not."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[CounterMetricFamily]:
        """How many notes were dropped."""
        meaning = "Notes of use and of refusals that were not kept."
        yield CounterMetricFamily(
            "whoknows_notes_dropped", meaning, value=self._services.later.dropped
        )


class _MailCollector(Collector):
    """How it goes with what is told by mail, of nobody in particular."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing, so that registering does not read the database."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """How many there are in each state, and of those that wait, how many were refused; none
        while the database cannot be read."""
        try:
            status = self._services.outbox.status()
        except DataUnavailable:
            return
        meaning = "Notices of the last 30 days to be told by mail, by their state."
        counted = GaugeMetricFamily("whoknows_mail_notices", meaning, labels=["state"])
        for state, count in status.counts.items():
            counted.add_metric([state.value], count)
        yield counted
        meaning = "Notices that wait because the mail server did not take them."
        yield _gauge("mail_refused", meaning, status.refused)


def _gauge(name: str, meaning: str, value: int) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"whoknows_{name}", meaning, value)
