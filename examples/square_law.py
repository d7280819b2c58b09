"""Underfitting and overfitting on noisy points of a square law: what three networks say at x = 5.

Run it with ``python examples/square_law.py``.
"""

from pellucid.demonstrations import TRUTH, fit_square_law

for fit in fit_square_law():
    print(f"{fit.kind}: at x = 5 it says {fit.at_five:.1f}, the truth is {TRUTH:.0f}")
    print(fit.model.diagnosis, end="\n\n")
