"""Beside the rest of scikit-learn: where its own estimators can stand, these do, with the same results."""

import pickle
from io import BytesIO

import joblib
import numpy as np
import pandas
import polars
import pytest
import scipy.sparse
import sklearn.neural_network
from sklearn import config_context
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import VotingClassifier
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_html_repr, get_tags

import pellucid
from pellucid import MLPClassifier, MLPRegressor

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # scikit-learn 1.6 with a later SciPy.
    pytest.mark.filterwarnings("ignore:scipy.optimize. The `disp` and `iprint` options:DeprecationWarning"),
]

X, Y = load_breast_cancer(return_X_y=True)
X, Y = StandardScaler().fit_transform(X)[:200, :8], Y[:200]
X_VALUE, VALUE = load_diabetes(return_X_y=True)
X_VALUE, VALUE = X_VALUE[:200] * 20, (VALUE[:200] - 150) / 75
COLUMNS = [f"column {k}" for k in range(8)]
# Before 1.7 scikit-learn did not know polars' names of columns, and kept words of pandas as objects.
FROM_1_7 = "loss" in sklearn.neural_network.MLPRegressor().get_params()
BOTH = [pellucid, sklearn.neural_network]


def classifier(home=pellucid, **parameters):
    return home.MLPClassifier(**{"hidden_layer_sizes": (6,), "max_iter": 12, "random_state": 0} | parameters)


def regressor(home=pellucid, **parameters):
    return home.MLPRegressor(**{"hidden_layer_sizes": (6,), "max_iter": 12, "random_state": 0} | parameters)


def both(make):
    """Check that something is the same with either library's estimators, and return it."""
    ours, theirs = (make(home) for home in BOTH)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
    return ours


class TestCompositions:
    def test_pipeline(self):
        both(lambda home: make_pipeline(StandardScaler(), classifier(home)).fit(X, Y).predict_proba(X))

    @pytest.mark.parametrize("backend", ["loky", "threading"])
    def test_grid_search(self, backend):
        grid = {"hidden_layer_sizes": [(3,), (6, 4)], "alpha": [1e-4, 1.0], "activation": ["tanh", "relu"]}

        def scores(home, n_jobs=None):
            return GridSearchCV(classifier(home), grid, cv=2, n_jobs=n_jobs).fit(X, Y).cv_results_

        alone = both(lambda home: scores(home)["mean_test_score"])
        with joblib.parallel_backend(backend, n_jobs=2):
            together = scores(pellucid, n_jobs=2)["mean_test_score"]
        np.testing.assert_array_equal(together, alone)

    def test_calibration(self):
        both(lambda home: CalibratedClassifierCV(classifier(home), cv=3).fit(X, Y).predict_proba(X))

    def test_voting(self):
        def voting(home):
            members = [("network", classifier(home)), ("line", LogisticRegression())]
            return VotingClassifier(members, voting="soft").fit(X, Y).predict_proba(X)

        both(voting)

    def test_cross_validation(self):
        both(lambda home: cross_val_score(regressor(home), X_VALUE, VALUE, cv=3))


class TestInspection:
    def test_permutation_importance(self):
        def importances(home):
            fitted = regressor(home).fit(X_VALUE, VALUE)
            return permutation_importance(fitted, X_VALUE, VALUE, n_repeats=2, random_state=0).importances

        both(importances)

    @pytest.mark.parametrize("kind", ["average", "individual"])
    def test_partial_dependence(self, kind):
        def dependence(home):
            fitted = classifier(home).fit(X, Y)
            return partial_dependence(fitted, X, [1], kind=kind, grid_resolution=5)[kind]

        both(dependence)


class TestParameters:
    @pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
    def test_all_of_theirs_have_the_same_default_and_order(self, name):
        ours, theirs = (getattr(home, name)() for home in BOTH)
        assert theirs.get_params().items() <= ours.get_params().items()
        if name == "MLPClassifier" or "loss" in theirs.get_params():
            positional = [((5,), "tanh"), ("poisson", (5,), "tanh")][name == "MLPRegressor"]
            given = [getattr(home, name)(*positional).get_params() for home in BOTH]
            assert given[1].items() <= given[0].items()

    @pytest.mark.parametrize(("kind", "x", "y"), [(classifier, X, Y), (regressor, X_VALUE, VALUE)])
    def test_all_of_their_attributes_are_there(self, kind, x, y):
        for settings in ({}, {"early_stopping": True}, {"solver": "lbfgs"}, {"solver": "sgd"}):
            ours, theirs = (kind(home, **settings).fit(x, y) for home in BOTH)
            names = {name for name in vars(theirs) if name.endswith("_") and not name.startswith("_")}
            assert names <= set(vars(ours))
            for name in names - {"coefs_", "intercepts_"}:
                ours_is, theirs_is = getattr(ours, name), getattr(theirs, name)
                assert type(ours_is) is type(theirs_is) or np.isscalar(theirs_is), name
                if theirs_is is not None and not isinstance(theirs_is, str):
                    np.testing.assert_allclose(ours_is, theirs_is, rtol=1e-9, err_msg=name)

    def test_clone(self):
        fitted = classifier(activation=("gelu",), class_weight={0: 2.0}, dropout=0.1).fit(X, Y)
        copy = clone(fitted)
        assert copy.get_params() == fitted.get_params()
        assert not hasattr(copy, "coefs_")
        np.testing.assert_array_equal(copy.fit(X, Y).predict_proba(X), fitted.predict_proba(X))

    def test_a_wrong_one_is_named(self):
        with pytest.raises(ValueError, match="'alpha' parameter of MLPClassifier"):
            classifier(alpha=-1).fit(X, Y)
        with pytest.raises(TypeError, match="unexpected keyword argument 'nonsense'"):
            classifier(nonsense=1)

    def test_tags(self):
        for name in ("MLPClassifier", "MLPRegressor"):
            assert get_tags(getattr(pellucid, name)()) == get_tags(getattr(sklearn.neural_network, name)())
        assert is_classifier(MLPClassifier())
        assert is_regressor(MLPRegressor())

    def test_html(self):
        page = estimator_html_repr(make_pipeline(StandardScaler(), classifier(dropout=0.25)))
        assert "MLPClassifier" in page
        assert "dropout" in page
        assert repr(MLPRegressor(dropout=0.25)) == "MLPRegressor(dropout=0.25)"


class TestKindsOfData:
    @pytest.mark.parametrize(
        "kind",
        [
            lambda x: pandas.DataFrame(x, columns=COLUMNS),
            lambda x: polars.DataFrame(x, schema=COLUMNS),
            np.asfortranarray,
            np.ndarray.tolist,
            scipy.sparse.csr_matrix,
            scipy.sparse.csc_array,
        ],
        ids=["pandas", "polars", "fortran", "list", "csr_matrix", "csc_array"],
    )
    def test_inputs(self, kind):
        x = X.round()
        fitted, plain = classifier().fit(kind(x), Y), classifier().fit(x, Y)
        np.testing.assert_array_equal(fitted.predict_proba(kind(x)), plain.predict_proba(x))

    @pytest.mark.parametrize("frame", [pandas.DataFrame, *([polars.DataFrame] if FROM_1_7 else [])])
    def test_the_names_of_columns_are_kept(self, frame):
        data = {name: X[:, k] for k, name in enumerate(COLUMNS)}
        fitted = classifier().fit(frame(data), Y)
        assert list(fitted.feature_names_in_) == COLUMNS
        assert fitted.n_features_in_ == 8
        with pytest.raises(ValueError, match="feature names should match"):
            fitted.predict(frame({name: data[name] for name in reversed(COLUMNS)}))

    @pytest.mark.parametrize("series", [pandas.Series, polars.Series, list])
    def test_labels(self, series):
        words = series(np.array(["no", "yes"])[Y].tolist())
        ours, theirs = (classifier(home, learning_rate_init=0.02).fit(X, words) for home in BOTH)
        answers = ours.predict(X), theirs.predict(X)
        np.testing.assert_array_equal(*answers)
        assert answers[0].dtype == answers[1].dtype or not FROM_1_7
        assert set(answers[0]) == {"no", "yes"}

    def test_set_output(self):
        made = make_pipeline(StandardScaler().set_output(transform="pandas"), classifier())
        made.fit(pandas.DataFrame(X, columns=COLUMNS), Y)
        assert list(made[-1].feature_names_in_) == COLUMNS


class TestMetadataRouting:
    WEIGHTS = np.random.default_rng(0).uniform(size=200)

    def test_weights_reach_the_fit(self):
        with config_context(enable_metadata_routing=True):
            weighed = classifier().set_fit_request(sample_weight=True).set_score_request(sample_weight=False)
            scaler = StandardScaler().set_fit_request(sample_weight=False)
            made = make_pipeline(scaler, weighed).fit(X, Y, sample_weight=self.WEIGHTS)
        scaled = StandardScaler().fit_transform(X)
        direct = classifier().fit(scaled, Y, sample_weight=self.WEIGHTS)
        np.testing.assert_array_equal(made.predict_proba(X), direct.predict_proba(scaled))

    def test_weights_reach_each_fit_of_a_search(self):
        with config_context(enable_metadata_routing=True):
            weighed = classifier().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
            found = GridSearchCV(weighed, {"alpha": [0.1]}, cv=2).fit(X, Y, sample_weight=self.WEIGHTS)
        direct = classifier(alpha=0.1).fit(X, Y, sample_weight=self.WEIGHTS)
        np.testing.assert_array_equal(found.predict_proba(X), direct.predict_proba(X))

    def test_a_validation_set_reaches_the_fit(self):
        own = X[150:], Y[150:]
        with config_context(enable_metadata_routing=True):
            asking = classifier().set_fit_request(validation_data=True, sample_weight=False)
            made = make_pipeline(asking).fit(X[:150], Y[:150], validation_data=own)
        assert len(made[-1].validation_scores_) == 12
        assert made[-1].validation_scores_[-1] == made.score(*own)


class TestStoring:
    def stored(self, estimator, how):
        if how == "pickle":
            return pickle.loads(pickle.dumps(estimator))
        file = BytesIO()
        joblib.dump(estimator, file)
        return joblib.load(BytesIO(file.getvalue()))

    @pytest.mark.parametrize("how", ["pickle", "joblib"])
    @pytest.mark.parametrize(
        "settings", [{}, {"solver": "sgd", "learning_rate": "invscaling"}, {"dtype": "float32"}]
    )
    def test_partial_fit_goes_on_with_the_same_bits(self, settings, how):
        made = regressor(**settings)
        for _ in range(2):
            made.partial_fit(X_VALUE, VALUE)
        copy = self.stored(made, how)
        for _ in range(2):
            made.partial_fit(X_VALUE, VALUE)
            copy.partial_fit(X_VALUE, VALUE)
        for own, other in zip(made.coefs_ + made.intercepts_, copy.coefs_ + copy.intercepts_, strict=True):
            np.testing.assert_array_equal(own, other)
        np.testing.assert_array_equal(made.loss_curve_, copy.loss_curve_)

    def test_a_warm_start_goes_on_too(self):
        made = regressor(warm_start=True).fit(X_VALUE, VALUE)
        copy = pickle.loads(pickle.dumps(made))
        np.testing.assert_array_equal(
            made.fit(X_VALUE, VALUE).predict(X_VALUE), copy.fit(X_VALUE, VALUE).predict(X_VALUE)
        )
