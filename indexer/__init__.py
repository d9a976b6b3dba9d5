"""Everything derived from the database: passages, vectors, indexes, rankings, evaluation."""
