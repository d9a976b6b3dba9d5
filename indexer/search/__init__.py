"""The query path. ``pipeline`` shows it from top to bottom."""
