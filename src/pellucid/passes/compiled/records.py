"""What a compiled loop is told: records of numbers and addresses, filled in Python, read by machine code.

All addresses are those of arrays that Python holds on to; lengths count numbers, "blocks" count 64 bytes.
"""

import numpy as np

__all__ = ["LAYER", "ONLINE", "SOURCES"]

# How inputs lie in memory, by the number that the loops know it by.
SOURCES = ("uint8", "float32", "float64")

LAYER = np.dtype(
    [
        # Sizes.
        ("n_in", "i8"),
        ("n_out", "i8"),
        ("blocks", "i8"),  # of a row of weights, of sums, of outputs
        ("row", "i8"),  # the distance of one row of weights from the next
        # What is learned.
        ("weights", "i8"),
        ("biases", "i8"),
        # Numbers on their way.
        ("sums", "i8"),  # what enters the activation
        ("outputs", "i8"),
        ("slopes", "i8"),
        ("errors", "i8"),
        ("products", "i8"),  # of the next layer's weights with its errors
        ("step", "i8"),  # the errors times the learning rate, down the slope
        # The inputs: all of them, or a list of those that are not 0; and those of the example before.
        ("listed", "i8"),
        ("index", "i8"),
        ("values", "i8"),
        ("count", "i8"),
        ("index_before", "i8"),
        ("values_before", "i8"),
        ("count_before", "i8"),
        # The neurons that an error passes: all of them, or a list of those whose slope is not 0.
        ("dies", "i8"),
        ("live", "i8"),
        ("live_slopes", "i8"),
        # Programs.
        ("forward", "i8"),
        ("backward", "i8"),
        ("whole_backward", "i8"),  # whether backward takes in the slopes of the outputs, or only gives its own
        ("places", "i8"),  # the addresses of sums, outputs, products and errors, for the programs
    ],
    align=True,
)

ONLINE = np.dtype(
    [
        ("n_layers", "i8"),
        ("source", "i8"),
        ("inputs", "i8"),
        ("input_row", "i8"),  # in bytes
        ("scale", "f8"),
        ("targets", "i8"),
        ("target_row", "i8"),  # in bytes; 0 for class numbers
        ("weights", "i8"),  # how much each example counts, in the network's dtype
        ("weight_bytes", "i8"),  # from one to the next; 0 where all count alike
        ("order", "i8"),
        ("rates", "i8"),
        ("first", "i8"),
        ("last", "i8"),
        ("target", "i8"),  # one example's, on whole blocks
        ("judge", "i8"),  # the program that gives the output layer's errors
        ("judge_places", "i8"),  # the addresses of sums, outputs, target, weight, errors
        ("strides", "i8"),  # zeros: every program sees one row
        ("stop", "i8"),
        ("done", "i8"),
    ],
    align=True,
)
