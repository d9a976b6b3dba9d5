"""Fennmoor Energy, an invented company: what `whoknows demo` shows (see README.md)."""
