"""Formulas, traced from what declarations say in NumPy, and the programs that a network needs of them."""
