"""The batch loop's instructions: records of numbers and addresses, filled in Python, read by machine code.

The threads share a batch. They wait for each other at these barriers, in this order; what a thread writes
before one, all may read after it:

- begin: an update begins, and all weights are what the update before left;
- columns: between two layers of which one is shared out by columns; around a normalisation over the batch;
  after the sums or the lists of a half of the inputs. On the way forward and back, as often as needed;
- carried: errors and inputs of all rows are known, and the gradients can be taken;
- added up (where `adds_up`): all gradients of these rows are known; for each part of the batch;
- gradients, squares (where gradients are clipped together): all gradients, then all their squares are known;
- norms (where norms are limited): all weights have been updated.

"Its rows" are a thread's rows of the examples (from `begin` to `carried`), "its weights" its rows of each
layer's weights (after `carried`). Addresses are those of arrays that Python holds on to. Lengths and
distances count numbers unless bytes are said; "blocks" count 64 bytes. A program's address is 0 where it is
not needed.
"""

import numpy as np

__all__ = ["BATCH", "BATCH_LAYER", "OVER_BATCH", "OVER_LAYER", "PARTS"]

# What a normalisation compares.
OVER_LAYER, OVER_BATCH = 1, 2

# What a layer learns, and the name that the network has for it.
PARTS = {"weight": "W", "bias": "b", "gain": "gain", "shift": "shift"}

LEARNED = np.dtype(
    [
        ("values", "i8"),  # 0 where there are none
        ("operands", "i8"),  # of the update, but for the gradient
        ("numbers", "i8"),  # a row for each thread, which begins with what each update sets (`set_numbers`)
        # Where gradients are clipped together: written before the barrier "gradients", and before "squares".
        ("gradient", "i8"),
        ("squares", "i8"),  # the sum of each row
        # Where gradients are added up: each thread its weights.
        ("whole", "i8"),
    ],
    align=True,
)

BATCH_LAYER = np.dtype(
    [
        # Sizes: set once.
        ("n_in", "i8"),
        ("n_out", "i8"),
        ("blocks", "i8"),  # of a row of weights, of sums, of outputs
        ("row", "i8"),  # the distance of one row of these from the next
        ("input_row", "i8"),  # the same of inputs
        ("half", "i8"),  # the block where the second half of the columns begins; 0 if they stay together
        # What is learned: weights in panels, the rest in one row each. Read by all from begin to carried;
        # written after it, each thread its weights, and one thread all other numbers of a layer.
        ("weights", "i8"),
        ("weight_row", "i8"),  # the distance of one row from the next in a panel
        ("panel", "i8"),  # of one panel from the next
        ("biases", "i8"),
        *((part, LEARNED) for part in PARTS),
        # The sum of the squares of each block of rows in each panel, float64. Written from begin to carried,
        # each thread its weights'; added up by the first thread at the end of the update.
        ("norm_parts", "i8"),
        # A row for each example. Written on the way forward (inputs to outputs) and back (the rest), each
        # thread its rows; after carried, all threads read inputs and errors of all rows.
        ("inputs", "i8"),  # of all layers but the first, the outputs before, unless dropout is between
        ("weighted_sums", "i8"),
        ("sums", "i8"),  # what enters the activation: the weighted sums, or what a normalisation made of them
        ("outputs", "i8"),
        ("output_slopes", "i8"),  # where an activation needs those of a whole row, or columns are shared out
        ("other_slopes", "i8"),  # what the second half of the next layer adds to them, if it is in halves
        ("errors", "i8"),  # the slopes in the sums; often in the same memory as these
        ("weighted_errors", "i8"),  # and in the weighted sums
        ("gain_slopes", "i8"),
        ("mask", "i8"),  # what the inputs are multiplied by; 0 for none
        # Dropout: set once.
        ("threshold", "i8"),  # a random word below it drops an input
        ("keep_scale", "f8"),  # what the other inputs are multiplied by
        # Programs.
        ("forward", "i8"),
        ("backward", "i8"),
        ("acts_on_layer", "i8"),  # whether the activation looks at a whole row
        # A normalisation.
        ("normalises", "i8"),  # `OVER_LAYER` or `OVER_BATCH`; 0 for none
        ("normalise", "i8"),
        ("normalise_alone", "i8"),  # the same for an example that has none to be compared with
        ("normalise_operands", "i8"),
        ("normalise_back", "i8"),
        ("normalise_back_alone", "i8"),
        ("normalise_back_operands", "i8"),
        ("running", "i8"),  # updates the running statistics after carried; one thread for each layer
        ("running_operands", "i8"),
        # The longest that the weights into a neuron may be, and the program that sees to it.
        ("limit_norms", "i8"),
        ("norm_operands", "i8"),
        ("max_norm", "f8"),
    ],
    align=True,
)

BATCH = np.dtype(
    [
        ("n_layers", "i8"),
        ("threads", "i8"),
        ("barrier", "i8"),  # how many threads are there, and how often all have been: see `barrier`
        # The examples: set by `BatchLoop.examples`.
        ("source", "i8"),  # how the inputs are stored: a place in `SOURCES`, or `CSR`
        ("inputs", "i8"),
        ("input_row", "i8"),  # the distance of one row from the next, in bytes
        ("input_bytes", "i8"),  # of the inputs of a row
        ("input_width", "i8"),  # of one input, in bytes
        ("columns", "i8"),  # of compressed rows: where each number stands, and where each row begins
        ("starts", "i8"),
        ("scale", "f8"),  # what a stored input is multiplied by
        ("targets", "i8"),
        ("target_row", "i8"),  # in bytes; 0 for class numbers
        ("sample_weights", "i8"),  # float64; 0 where all count alike
        # The order, the rates and the results: set by `begin`. The updates to make: set by `use` and `learn`.
        ("order", "i8"),
        ("rates", "i8"),
        ("divisors", "i8"),  # what each update's sums over its batch are divided by; 0 for its size
        ("squared_norms", "i8"),  # a row for each update, of each layer's weights before it; 0 for none
        ("n_examples", "i8"),
        ("before", "i8"),  # how many updates there were before the first of the order
        ("batch", "i8"),
        ("part", "i8"),  # how many of its examples are carried forward and back together
        ("first", "i8"),  # the first of its updates, from 0
        ("last", "i8"),
        # A row or a number for each example: written by the reading thread, read by the same on the way back.
        ("target", "i8"),
        ("sample_weight", "i8"),
        ("error_program", "i8"),
        ("loss_program", "i8"),
        ("losses", "i8"),  # where they go, in the order of the examples
        # Dropout and noise: the keys are set by `disturb`, the noise is written by the reading thread.
        ("mask_keys", "i8"),  # for each update and layer
        ("noise_keys", "i8"),  # two for each update
        ("noise_size", "f8"),  # its standard deviation
        ("noise", "i8"),  # what is added to the inputs; 0 for none
        ("second_noise", "i8"),  # the second of the two numbers that it is made of
        ("noise_program", "i8"),
        # Sparse inputs: each example's list, written by the thread that reads it, and of the next array how
        # much of it comes before each block of inputs. Read on the way forward, and by all after carried.
        ("sparse", "i8"),  # whether there are lists
        ("half_in", "i8"),  # how many inputs the first half has, where examples are listed in two; else 0
        ("rows", "i8"),  # how many lists of first halves there is room for: those of second halves follow
        ("index", "i8"),
        ("values", "i8"),
        ("list_room", "i8"),  # for one row
        ("lists", "i8"),  # where each row's list begins
        ("until", "i8"),
        ("until_room", "i8"),
        ("other_sums", "i8"),  # what the second half adds to the first layer's weighted sums
        # The same by inputs: for each a list of rows, written after carried, each thread its weights'.
        ("column_lists", "i8"),  # each entry a row, and the value there in it
        ("column_counts", "i8"),
        ("column_room", "i8"),
        # The update.
        ("direct", "i8"),  # whether a gradient goes straight into the weights: errors are steps then
        ("adds_up", "i8"),  # whether all gradients of a batch are added up before any is applied
        ("update", "i8"),
        ("n_operands", "i8"),  # how many arrays it has, the gradient included
        ("gradient", "i8"),  # finishes a gradient that is kept until all are known
        ("squares", "i8"),
        ("longest", "f8"),  # the longest that all gradients may be together
        # Constants: a block that begins with 1, and zeros.
        ("one", "i8"),
        ("zeros", "i8"),
        # A thread's own memory: a frame, pieces of a gradient, transposed weights; and what is packed of a
        # batch's inputs and errors.
        ("scratch", "i8"),
        ("scratch_bytes", "i8"),
        ("packed", "i8"),
        ("packed_bytes", "i8"),
        # Python sets the one and reads the other while the loop runs: see `Flags`.
        ("stop", "i8"),
        ("done", "i8"),
        ("status", "i8"),  # whether the threads go on, and the update is sound so far: see `stopping`
    ],
    align=True,
)
