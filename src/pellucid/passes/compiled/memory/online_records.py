"""The online loop's instructions: records of numbers and addresses, filled in Python, read by machine code.

One thread works, so nothing here is shared; the flags alone are read and written by Python meanwhile.
Addresses are those of arrays that Python holds on to. Lengths and distances count numbers unless bytes are
said; "blocks" count 64 bytes.
"""

import numpy as np

__all__ = ["ONLINE", "ONLINE_LAYER"]

ONLINE_LAYER = np.dtype(
    [
        # Sizes: set once.
        ("n_in", "i8"),
        ("n_out", "i8"),
        ("blocks", "i8"),  # of a row of weights, of sums, of outputs
        ("row", "i8"),  # the distance of one row of weights from the next
        # What is learned: changed by each example's step, one example late.
        ("weights", "i8"),
        ("biases", "i8"),
        # One row each, written for each example: forward, then back.
        ("sums", "i8"),  # what enters the activation
        ("outputs", "i8"),  # the next layer's inputs themselves, where that does not list them
        ("slopes", "i8"),  # of the activation
        ("errors", "i8"),
        ("products", "i8"),  # of the next layer's weights with its errors
        ("step", "i8"),  # minus the learning rate times the errors: waits for the next example
        # The inputs, all of them or a list of those that are not 0; and those of the example before, with
        # which the step that waits is taken. The loop exchanges the two for each example.
        ("sparse", "i8"),  # whether they are listed
        ("index", "i8"),
        ("values", "i8"),
        ("count", "i8"),
        ("index_before", "i8"),
        ("values_before", "i8"),
        ("count_before", "i8"),
        # The neurons that an error passes: all of them, or a list of those whose slope is not 0.
        ("sparse_slopes", "i8"),  # whether they are listed
        ("live", "i8"),
        ("live_slopes", "i8"),
        # Programs, called with one row; their operands are laid out by Python, and the loop changes the
        # address of the outputs alone.
        ("forward", "i8"),
        ("backward", "i8"),
        ("whole_backward", "i8"),  # whether it takes the slopes in the outputs too, or returns its own only
        ("operands", "i8"),  # of the way back, which begin with those of the way forward
    ],
    align=True,
)

ONLINE = np.dtype(
    [
        ("n_layers", "i8"),
        # The examples: set by `OnlineLoop.examples`.
        ("source", "i8"),  # how the inputs are stored: a place in `SOURCES`, or `CSR`
        ("inputs", "i8"),
        ("input_row", "i8"),  # the distance of one row from the next, in bytes
        ("input_bytes", "i8"),  # of the inputs of a row
        ("columns", "i8"),  # of compressed rows: where each number stands, and where each row begins
        ("starts", "i8"),
        ("scale", "f8"),  # what a stored input is multiplied by
        ("targets", "i8"),
        ("target_row", "i8"),  # in bytes; 0 for class numbers
        ("sample_weights", "i8"),  # in the network's dtype
        ("sample_weight_bytes", "i8"),  # from one to the next; 0 where all examples count alike
        # The order and the rates: set by `begin`. The updates to make: set by `learn`.
        ("order", "i8"),
        ("rates", "i8"),
        ("first", "i8"),
        ("last", "i8"),
        # The output layer. Of the operands, the loop changes the address of the sample weight, or the loss.
        ("target", "i8"),  # one example's, on whole blocks
        ("error_program", "i8"),
        ("error_operands", "i8"),
        ("loss_program", "i8"),  # 0 where losses are not asked for
        ("loss_operands", "i8"),
        ("losses", "i8"),  # where they go, in the order of the examples
        ("strides", "i8"),  # zeros: every program sees one row
        # Python sets the one and reads the other while the loop runs: see `Flags`.
        ("stop", "i8"),
        ("done", "i8"),
    ],
    align=True,
)
