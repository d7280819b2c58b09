"""Explanations: the forward and backward pass of one example, every number with its formula."""

from pellucid.explanation.explanation import Explanation, explain
from pellucid.explanation.neuron import NeuronSum, Term
from pellucid.explanation.steps import BackwardStep, ForwardStep

__all__ = ["BackwardStep", "Explanation", "ForwardStep", "NeuronSum", "Term", "explain"]
