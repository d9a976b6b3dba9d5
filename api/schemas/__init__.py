"""The wire forms: what HTTP takes and gives, and what ``--json`` prints. One file a noun."""
