"""One example all the way through a network, forward and back, every number with its rule."""

from pellucid.explanation.explanation import BackwardStep, Explanation, ForwardStep, explain
from pellucid.explanation.neuron import NeuronSum, Term

__all__ = ["BackwardStep", "Explanation", "ForwardStep", "NeuronSum", "Term", "explain"]
