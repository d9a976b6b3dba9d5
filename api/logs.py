"""The log of a service: one JSON object a line, on standard error."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "color_message"}


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message and whatever it was given."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= {key: value for key, value in vars(record).items() if key not in _PLAIN}
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


def to_stderr(level: int = logging.INFO) -> None:
    """Let everything from ``level`` on be told there; done again, it replaces what was set."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # They tell of every request to a model hub, of which there are none.
    for chatty in ("httpx", "httpx2", "sentence_transformers", "transformers"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
