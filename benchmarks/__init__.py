"""Commands that print tables of speed and memory."""
