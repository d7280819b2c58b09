"""HistGradientBoosting, on the same rows as pandas reads them."""

from typing import Any

import numpy as np
import pandas as pd

import pellucid
from benchmarks.readings.comparison import name_of_target

__all__ = ["score_of_trees", "score_on_inputs"]

# What HistGradientBoosting can take.
_MOST_CATEGORIES = 255


def score_of_trees(data: pellucid.Dataset, table: pd.DataFrame) -> float | None:
    """Return accuracy or R2 of boosted trees with their usual settings, words as categories of pandas.

    Parameters
    ----------
    data : Dataset
        Its rows for training and testing are taken, and its targets, which are compared with those of pandas
        elsewhere.
    table : DataFrame
        The same table, as pandas reads it.

    Returns
    -------
    float, or None if no column is left that the trees can use
    """
    assert data.test is not None
    inputs = table.drop(columns=name_of_target(data))
    words = [name for name in inputs if not pd.api.types.is_numeric_dtype(inputs[name])]
    inputs = inputs.astype(dict.fromkeys(words, "category"))
    inputs = inputs.drop(
        columns=[name for name in words if len(inputs[name].cat.categories) > _MOST_CATEGORIES]
    )
    inputs = inputs.replace([np.inf, -np.inf], np.nan)
    inputs = inputs.loc[:, inputs.iloc[data.train.origin].nunique() > 1]
    if not inputs.shape[1]:
        return None
    return _fitted_score(data, *(inputs.iloc[part.origin] for part in (data.train, data.test)))


def score_on_inputs(data: pellucid.Dataset) -> float:
    """Return accuracy or R2 of the same trees on the inputs of the network.

    If they do as well as on the table, a network that does worse does not do so because of the reading.
    """
    assert data.test is not None
    return _fitted_score(data, np.asarray(data.train.inputs), np.asarray(data.test.inputs))


def _fitted_score(data: pellucid.Dataset, train: Any, test: Any) -> float:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    assert data.test is not None
    kind = HistGradientBoostingClassifier if data.task == "classification" else HistGradientBoostingRegressor
    trees: Any = kind(categorical_features="from_dtype", early_stopping=False, random_state=0)
    known, truth = (np.ravel(np.asarray(part.targets)) for part in (data.train, data.test))
    trees.fit(train, known)
    return float(trees.score(test, truth))
