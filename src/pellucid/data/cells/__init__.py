"""Cells: what a value of a table or an array means, as a number, as text, or as yes or no."""
