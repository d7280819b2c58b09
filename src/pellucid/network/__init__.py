"""Networks: activations, costs, initializers, normalisations, layers, and the network itself."""

from pellucid.network.activation import Activation, Floats, Interval
from pellucid.network.activations import activations
from pellucid.network.cost import Cost, JointForm
from pellucid.network.costs import costs
from pellucid.network.initializers import Initializer, initializers
from pellucid.network.layer import Layer
from pellucid.network.least import least_cost
from pellucid.network.network import Network
from pellucid.network.normalisation import Normalisation, Standardised, normalisations
from pellucid.network.normaliser import Normaliser
from pellucid.network.objective import Objective, choose_cost, choose_output

__all__ = [
    "Activation",
    "Cost",
    "Floats",
    "Initializer",
    "Interval",
    "JointForm",
    "Layer",
    "Network",
    "Normalisation",
    "Normaliser",
    "Objective",
    "Standardised",
    "activations",
    "choose_cost",
    "choose_output",
    "costs",
    "initializers",
    "least_cost",
    "normalisations",
]
