"""The same passes as machine code.

Each folder uses only those before it:

- ``memory``: how numbers lie in memory, and the records that tell a loop where;
- ``tracing``: a declaration's formula, traced from NumPy, and the programs that a network needs;
- ``generation``: machine code for such a program: vectors, and functions such as the exponential;
- ``primitives``: the innermost loops: products, rows, sums over sparse rows, steps, random words;
- ``loops``: the loops around them: ``online``, ``batches`` and ``prediction``, compiled by Numba;
- ``machine_code``: loops and programs in memory and on disk, shipped or compiled once;
- ``running``: Python's side: a network laid out for a loop, threads, and calls.

``docs/compiled-passes.md`` is the map.
"""
