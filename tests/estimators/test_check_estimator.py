"""scikit-learn's checks of estimators: all pass, by default and with other settings."""

from unittest import SkipTest

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from pellucid import MLPClassifier, MLPRegressor

# Their data are few and not scaled, and 200 epochs are not always enough for them.
pytestmark = pytest.mark.filterwarnings("ignore")

DEFAULT = (MLPClassifier(), MLPRegressor())
OTHERS = (
    MLPClassifier(solver="lbfgs", alpha=0.1),
    MLPRegressor(solver="lbfgs"),
    MLPClassifier(solver="sgd", learning_rate="adaptive"),
    MLPRegressor(solver="sgd"),
    MLPClassifier(activation="tanh", hidden_layer_sizes=(8, 4)),
    MLPRegressor(activation="logistic", alpha=0.01),
    MLPClassifier(activation=("gelu", "swish"), hidden_layer_sizes=(20, 10)),
    MLPRegressor(loss="huber"),
    MLPRegressor(loss="quantile:q=0.9"),
    MLPClassifier(solver="nadam"),
)
# What the checks themselves leave out, and why.
LEFT_OUT = {
    "check_array_api_input": "for estimators of other libraries' arrays, which these do not claim to be",
    "check_classifiers_multilabel_output_format_decision_function": "there is no decision_function",
}


def _checks():
    """Return each estimator with each check of it, those with other settings marked long."""
    for estimator in DEFAULT + OTHERS:
        marks = [] if estimator in DEFAULT else [pytest.mark.long]
        for number, (made, check) in enumerate(estimator_checks_generator(estimator)):
            name = getattr(check, "func", check).__name__
            yield pytest.param(made, check, id=f"{estimator}-{number}-{name}".replace("\n", ""), marks=marks)


@pytest.mark.parametrize(("estimator", "check"), list(_checks()))
def test_check(estimator, check):
    try:
        check(estimator)
    except SkipTest:
        assert getattr(check, "func", check).__name__ in LEFT_OUT
