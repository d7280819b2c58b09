"""Splits: which rows are in the training, validation and test set, drawn at random or given by the data."""
