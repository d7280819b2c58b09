"""What a compiled loop is told: records of numbers and addresses, filled in Python, read by machine code.

All addresses are those of arrays that Python holds on to; lengths count numbers, "blocks" count 64 bytes.
"""

import numpy as np

__all__ = [
    "BATCH",
    "BATCH_LAYER",
    "LAYER",
    "OF_ADDRESS",
    "OF_OUTPUTS",
    "OF_SUMS",
    "ONLINE",
    "PARTS",
    "PREDICTION",
    "PREDICTION_LAYER",
    "SOURCES",
    "SPARSE",
    "TILE_ROWS",
]

# A piece of a product has so many rows; batches have room for whole pieces.
TILE_ROWS = 8

# How inputs lie in memory, by the number that the loops know it by.
SOURCES = ("uint8", "float32", "float64")
# Beside these: sparse rows, of the network's numbers.
SPARSE = len(SOURCES)

# Where an operand of a prediction lies: at its address, in the thread's sums, or where its outputs go.
OF_ADDRESS, OF_SUMS, OF_OUTPUTS = 0, 1, 2

# What a layer learns.
PARTS = ("weight", "bias", "gain", "shift")

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
        (
            "whole_backward",
            "i8",
        ),  # whether backward takes in the slopes of the outputs, or only gives its own
        ("operands", "i8"),  # of the way back, and first those of the way forward
    ],
    align=True,
)

ONLINE = np.dtype(
    [
        ("n_layers", "i8"),
        ("source", "i8"),
        ("inputs", "i8"),
        ("input_row", "i8"),  # in bytes
        ("input_bytes", "i8"),  # how many of them are inputs
        ("columns", "i8"),  # of sparse rows: where each number stands, and where each row begins
        ("starts", "i8"),
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
        ("judge_operands", "i8"),  # `ERRORS`
        ("losses", "i8"),  # the program that gives the loss; 0 for none
        ("loss_operands", "i8"),  # `LOSSES`
        ("losses_to", "i8"),
        ("strides", "i8"),  # zeros: every program sees one row
        ("stop", "i8"),
        ("done", "i8"),
    ],
    align=True,
)

PREDICTION_LAYER = np.dtype(
    [
        # Sizes.
        ("n_in", "i8"),
        ("n_out", "i8"),
        ("blocks", "i8"),  # of a row of sums, of outputs
        ("row", "i8"),  # the distance of one row of these from the next
        # What is learned, where the network keeps it.
        ("weights", "i8"),
        ("weights_row", "i8"),  # the distance of one row of weights from the next
        ("body", "i8"),  # how many rows may be read there in whole blocks: not past the array's end
        ("packed", "i8"),  # where rows go on whole blocks: all, or those past the body
        ("panels", "i8"),  # where all weights go in panels
        ("vectors", "i8"),  # biases, then a normalisation's: where each lies, where it goes on whole blocks
        ("n_vectors", "i8"),
        ("biases", "i8"),  # on whole blocks
        ("operands", "i8"),  # of the program: of each its address, and whether it is that of the rows' sums
        ("n_operands", "i8"),
        ("forward", "i8"),  # the program
    ],
    align=True,
)

PREDICTION = np.dtype(
    [
        # What each call says.
        ("source", "i8"),
        ("inputs", "i8"),
        ("input_row", "i8"),  # in bytes
        ("scale", "f8"),
        ("n_rows", "i8"),
        ("results", "i8"),
        ("threads", "i8"),
        ("packs", "i8"),  # whether all weights are brought onto whole blocks (1) or into panels too (2)
        ("losses", "i8"),  # the program that gives them; 0 for none
        ("losses_to", "i8"),
        ("targets", "i8"),
        ("target_row", "i8"),  # in bytes
        ("columns", "i8"),  # of sparse rows: where each number stands, and where each row begins
        ("starts", "i8"),
        ("few", "i8"),  # inputs that are not 0 are listed where there are no more than this; -1 for never
        # What stays.
        ("n_layers", "i8"),
        ("chunk", "i8"),  # how many rows are carried through all layers together
        ("meeting", "i8"),
        ("stop", "i8"),
        # A piece of memory for each thread, and where what is in it begins.
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

BATCH_LAYER = np.dtype(
    [
        # Sizes.
        ("n_in", "i8"),
        ("n_out", "i8"),
        ("blocks", "i8"),  # of a row of weights, of sums, of outputs
        ("row", "i8"),  # the distance of one row of these from the next
        ("input_row", "i8"),  # the same of inputs
        ("half", "i8"),  # the block where the second half of the columns begins; 0 if they stay together
        # What is learned: weights in panels, the rest in one row each.
        ("weights", "i8"),
        ("weight_row", "i8"),  # the distance of one row from the next in a panel
        ("panel", "i8"),  # of one panel from the next
        ("norm_parts", "i8"),  # the sum of the squares of each block of rows in each panel, float64
        ("biases", "i8"),
        ("gain", "i8"),
        ("shift", "i8"),
        # Numbers on their way, a row for each example.
        ("inputs", "i8"),
        ("weighted_sums", "i8"),
        ("sums", "i8"),  # what enters the activation: the weighted sums, or what a normalisation made of them
        ("outputs", "i8"),
        ("output_slopes", "i8"),
        ("other_slopes", "i8"),  # what the second half of the next layer adds to them, if it is in halves
        ("errors", "i8"),  # the slopes in the sums
        ("weighted_errors", "i8"),  # and in the weighted sums
        ("mask", "i8"),  # what the inputs are multiplied by; 0 for none
        ("threshold", "i8"),  # the word below which one is left out
        ("makes_up", "f8"),  # what the others are multiplied by
        # Programs.
        ("forward", "i8"),
        ("backward", "i8"),
        ("acts_on_layer", "i8"),
        # A normalisation: 0 for none, 1 for one over a layer, 2 for one over a batch.
        ("normalises", "i8"),
        ("normalise", "i8"),
        ("normalise_alone", "i8"),  # the same for an example that has none to be compared with
        ("normalise_operands", "i8"),
        ("normalise_back", "i8"),
        ("normalise_back_alone", "i8"),
        ("normalise_back_operands", "i8"),
        ("running", "i8"),
        ("running_operands", "i8"),
        ("gain_slopes", "i8"),  # a row for each example
        # What is learned, each with what an update reads and writes beside its gradient, and where that is
        # added up if it is not followed at once: the weights, the biases, the gain and the shift.
        *(
            (f"{part}_{what}", "i8")
            for part in PARTS
            for what in ("operands", "numbers", "gradient", "squares", "whole")
        ),
        # The longest that the weights into a neuron may be; 0 for any length.
        ("shorten", "i8"),
        ("shorten_operands", "i8"),
        ("max_norm", "f8"),
    ],
    align=True,
)

BATCH = np.dtype(
    [
        ("n_layers", "i8"),
        ("threads", "i8"),
        ("meeting", "i8"),  # where the threads meet: how many are there, and how often they have met
        ("source", "i8"),
        ("inputs", "i8"),
        ("input_row", "i8"),  # in bytes
        ("input_bytes", "i8"),  # how many of them are inputs
        ("columns", "i8"),  # of sparse rows: where each number stands, and where each row begins
        ("starts", "i8"),
        ("scale", "f8"),
        ("targets", "i8"),
        ("target_row", "i8"),  # in bytes; 0 for class numbers
        ("weights", "i8"),  # how much each example counts, float64; 0 where all count alike
        ("order", "i8"),
        ("rates", "i8"),
        ("divisors", "i8"),  # what each update's sums over its batch are divided by; 0 for its size
        ("squared_norms", "i8"),  # a row for each update, of each layer's weights before it; 0 for none
        ("n_examples", "i8"),
        ("batch", "i8"),
        ("part", "i8"),  # how many of its examples are carried forward and back together
        ("first", "i8"),  # the first of its updates, from 0
        ("last", "i8"),
        ("before", "i8"),  # how many updates there were before the first of the order
        # The batch.
        ("target", "i8"),
        ("counting", "i8"),
        ("judge", "i8"),
        ("losses", "i8"),  # the program that gives them; 0 for none
        ("losses_to", "i8"),
        ("mask_keys", "i8"),  # for each update and layer
        ("noise", "i8"),  # what is added to the inputs; 0 for none
        ("second_noise", "i8"),  # what it is made of, beside itself
        ("noise_size", "f8"),
        ("noise_keys", "i8"),  # two for each update
        ("noise_program", "i8"),  # the program that makes it
        ("listed", "i8"),
        ("input_width", "i8"),  # of one input, in bytes
        ("half_in", "i8"),  # how many inputs the first half has, where they are listed in two; else 0
        ("other_sums", "i8"),  # what the second half adds to the first layer's weighted sums
        (
            "rows",
            "i8",
        ),  # how many there is room for; the lists of the second half stand behind so many others
        ("index", "i8"),
        ("values", "i8"),
        ("list_room", "i8"),  # for one row
        ("lists", "i8"),  # where each row's list begins
        ("until", "i8"),  # how many of a row's are listed before each block of inputs
        ("until_room", "i8"),
        ("column_lists", "i8"),  # each entry a row, and what is there in it
        ("column_counts", "i8"),
        ("column_room", "i8"),
        # The update.
        ("direct", "i8"),  # whether a gradient goes straight into the weights
        ("adds_up", "i8"),  # whether all gradients of a batch are added up before any is followed
        ("update", "i8"),
        ("n_operands", "i8"),  # how many arrays an update has, the gradient first
        (
            "gradient",
            "i8",
        ),  # the program that finishes a gradient that is kept until all are known; 0 for none
        ("squares", "i8"),
        ("longest", "f8"),  # the longest that all gradients may be together
        ("one", "i8"),
        ("nothing", "i8"),
        ("scratch", "i8"),  # a piece of memory for each thread
        ("scratch_bytes", "i8"),
        ("packed", "i8"),  # the same, for what is packed of a batch's inputs and errors
        ("packed_bytes", "i8"),
        ("stop", "i8"),
        ("done", "i8"),
        ("sound", "i8"),  # whether the threads go on, and the update is sound so far: see `stopping`
    ],
    align=True,
)
