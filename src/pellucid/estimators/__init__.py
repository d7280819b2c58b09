"""Estimators with scikit-learn's interface: the same numbers as its multilayer perceptrons, and more."""

from pellucid.estimators.classifier import MLPClassifier
from pellucid.estimators.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
