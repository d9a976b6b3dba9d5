"""``python -m api.cli``: the command line without its script."""

from __future__ import annotations

from api.cli import main

main()
