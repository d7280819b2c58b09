"""Python's side of the loops: a network laid out in memory, threads, and calls."""
