"""A year of an invented company, through the real interface."""
