"""Two demonstrations: handwritten digits, and under- and overfitting of a square law."""

from pellucid.demonstrations.digits import DigitsDemonstration, learn_digits
from pellucid.demonstrations.square_law import ASKED, TRUTH, Fit, fit_square_law, square_law

__all__ = ["ASKED", "TRUTH", "DigitsDemonstration", "Fit", "fit_square_law", "learn_digits", "square_law"]
