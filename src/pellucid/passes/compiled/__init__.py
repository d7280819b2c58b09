"""The same passes as machine code.

A declaration's formula is written down as it is said (`expression`), and machine code made of it (`program`,
`vectors`, `functions`), kept on disk (`native`). Loops over examples (`online`, `batches`) are written for
Numba, out of pieces in vectors (`tiles`, `sweeps`), and call those programs. `training_loop` lays a network
out for them.
"""
