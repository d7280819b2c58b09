"""Encoding: from raw data to the inputs and targets of a network, and back from an input to its column."""
