"""One example all the way through a network, forward and back, every number with its rule."""

from pellucid.explanation.explanation import Explanation, explain
from pellucid.explanation.neuron import NeuronSum, Term

__all__ = ["Explanation", "NeuronSum", "Term", "explain"]
