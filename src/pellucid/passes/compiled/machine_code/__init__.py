"""Machine code in memory and on disk: loops and programs, compiled once."""
