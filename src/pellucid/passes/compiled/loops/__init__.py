"""The loops that Numba compiles: online, in batches, and for predictions."""
