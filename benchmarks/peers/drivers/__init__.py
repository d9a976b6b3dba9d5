"""One file a system, and beside it the exact versions that it is installed with."""
