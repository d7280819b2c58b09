"""The prediction loop's instructions: records of numbers and addresses, filled in Python.

Threads share the rows. They pass one barrier: before it each packs its share of the weights and vectors
(`packed`, `panels`, `vectors`), after it all read them. All else that is written is a thread's own: its
memory, and the results and losses of its rows. Addresses are those of arrays that Python holds on to.
Lengths and distances count numbers unless bytes are said; "blocks" count 64 bytes.
"""

import numpy as np

__all__ = [
    "IN_PANELS",
    "OF_ADDRESS",
    "OF_OUTPUTS",
    "OF_SUMS",
    "ON_BLOCKS",
    "PREDICTION",
    "PREDICTION_LAYER",
]

# Where all weights are copied: onto whole blocks, or into panels as well.
ON_BLOCKS, IN_PANELS = 1, 2

# Where an operand of a layer's program lies: at its address, in the thread's sums, or where outputs go.
OF_ADDRESS, OF_SUMS, OF_OUTPUTS = 0, 1, 2

PREDICTION_LAYER = np.dtype(
    [
        # Sizes: set once.
        ("n_in", "i8"),
        ("n_out", "i8"),
        ("blocks", "i8"),  # of a row of sums, of outputs
        ("row", "i8"),  # the distance of one row of these from the next
        # What is learned, where the network keeps it.
        ("weights", "i8"),
        ("weights_row", "i8"),  # the distance of one row of weights from the next
        ("body", "i8"),  # how many rows may be read there in whole blocks: not past the array's end
        # The same where it can be read in whole blocks: written before the barrier, read after it.
        ("packed", "i8"),  # rows of weights: all, or those past the body
        ("panels", "i8"),  # all weights in panels
        ("vectors", "i8"),  # biases, then a normalisation's: pairs of where each lies and where it goes
        ("n_vectors", "i8"),
        ("biases", "i8"),  # where they go
        # The program, and of each of its operands the address and where it lies (`OF_ADDRESS` and so on).
        ("forward", "i8"),
        ("operands", "i8"),
        ("n_operands", "i8"),
    ],
    align=True,
)

PREDICTION = np.dtype(
    [
        # Set by each call: `Predictor` writes these fields at once, in this order.
        ("source", "i8"),  # how the inputs are stored: a place in `SOURCES`, or `CSR`
        ("inputs", "i8"),
        ("input_row", "i8"),  # in bytes
        ("scale", "f8"),  # what a stored input is multiplied by
        ("n_rows", "i8"),
        ("results", "i8"),
        ("threads", "i8"),
        ("packs", "i8"),  # `ON_BLOCKS` or `IN_PANELS`; 0 where weights are read in place
        ("loss_program", "i8"),  # 0 where losses are not asked for
        ("losses", "i8"),
        ("targets", "i8"),
        ("target_row", "i8"),  # in bytes
        ("columns", "i8"),  # of compressed rows: where each number stands, and where each row begins
        ("starts", "i8"),
        ("few", "i8"),  # a row with no more inputs than these that are not 0 is listed; -1 for never
        # Set once.
        ("n_layers", "i8"),
        ("chunk", "i8"),  # how many rows are carried through all layers together
        ("barrier", "i8"),
        ("stop", "i8"),  # set by Python while the loop runs
        # A piece of memory for each thread, which begins with a frame, and where its parts begin, in bytes.
        ("memory", "i8"),
        ("memory_bytes", "i8"),
        ("input_rows", "i8"),
        ("index", "i8"),
        ("values", "i8"),
        ("sums", "i8"),
        ("outputs", "i8"),
        ("target", "i8"),
    ],
    align=True,
)
