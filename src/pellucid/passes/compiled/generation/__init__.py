"""Machine code for the operations of a formula: vectors, and functions that give the same bits everywhere."""
