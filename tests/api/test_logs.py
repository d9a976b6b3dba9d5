"""A line of the log is one JSON object, whatever a message holds."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

from api.logs import JsonLines


def line(message: str, **given: Any) -> dict[str, Any]:
    record = logging.makeLogRecord({"name": "whoknows.x", "levelname": "INFO", "msg": message})
    record.__dict__.update(given)
    text = JsonLines().format(record)
    assert "\n" not in text
    told: dict[str, Any] = json.loads(text)
    return told


def test_what_a_record_was_given_stands_beside_its_message() -> None:
    told = line('a "quoted"\nmessage', route="/livez", ms=1.5, odd=object)
    assert told["message"] == 'a "quoted"\nmessage'
    assert (told["level"], told["logger"], told["route"], told["ms"]) == (
        "info",
        "whoknows.x",
        "/livez",
        1.5,
    )
    assert told["at"].endswith("+00:00")
    assert "args" not in told


def test_an_exception_stands_in_its_line() -> None:
    try:
        raise RuntimeError("boom")
    except RuntimeError:
        told = line("failed", exc_info=sys.exc_info())
    assert told["exception"].endswith("RuntimeError: boom")
