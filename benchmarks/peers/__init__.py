"""whoknows beside other search libraries, each in an environment of its own."""
