"""One example all the way through a network, forward and back, every number with its rule."""

from pellucid.explanation.explanation import Explanation, explain
from pellucid.explanation.neuron import NeuronSum, Term
from pellucid.explanation.steps import BackwardStep, ForwardStep

__all__ = ["BackwardStep", "Explanation", "ForwardStep", "NeuronSum", "Term", "explain"]
