"""What browsers keep for us and must not change: signed with a key of the installation."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from knowledge.errors import DataUnavailable

FILE = "sign-in.key"
_BYTES = 32


class Seal:
    """Signs with the key in a file, which is made where there is none: so all workers, and those
    after a restart, take what one has signed."""

    def __init__(self, directory: Path) -> None:
        self._key = _key(directory / FILE)

    def sealed(self, told: dict[str, Any]) -> str:
        """A text that tells the same, and that nobody else can make."""
        body = base64.urlsafe_b64encode(json.dumps(told).encode()).decode()
        return f"{body}.{self.mark(body)}"

    def opened(self, text: str) -> dict[str, Any] | None:
        """What was sealed; None for what was not, by us."""
        body, _, mark = text.partition(".")
        if not text.isascii() or not hmac.compare_digest(mark, self.mark(body)):
            return None
        with suppress(ValueError, binascii.Error):
            told = json.loads(base64.urlsafe_b64decode(body))
            return told if isinstance(told, dict) else None
        return None

    def mark(self, text: str) -> str:
        """What only we can say of a text."""
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def _key(file: Path) -> bytes:
    try:
        if not file.exists():
            draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
            with os.fdopen(
                os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
            ) as out:
                out.write(secrets.token_bytes(_BYTES))
            # Of several that make it at once the first one's is everybody's.
            with suppress(FileExistsError):
                os.link(draft, file)
            draft.unlink()
        key = file.read_bytes()
    except OSError as error:
        raise DataUnavailable(f"the key {file} cannot be used: {error}") from error
    if len(key) != _BYTES:
        raise DataUnavailable(f"the key {file} is damaged; delete it, and a new one is made")
    return key
