"""How numbers lie in memory, and the records that tell a loop where."""
