"""The metrics of a network: each declared once, for all tables, logs and options."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["FIGURES", "MORE_IS_BETTER", "Figure", "figure_of", "percent", "ready_for_json", "write_figures"]


@dataclass(frozen=True)
class Figure:
    """A metric that `Measures` contains for a set of the data.

    Parameters
    ----------
    name : str
        The field of `Measures`; prefixed with the set, the column of a history: "test_accuracy".
    words : str
        Its name in text.
    form : str
        The format of its values.
    share : bool
        Whether it is a fraction, written in per cent.
    more_is_better : bool
        Whether higher values are better.
    in_history : bool
        Whether it is recorded in histories.
    undefined : str
        The reason why it may be undefined.

    Examples
    --------
    >>> figure = figure_of("test_r2")
    >>> figure.write(0.98765), figure.write(math.nan)
    ('R2 0.9877', 'R2 undefined (fewer than two examples)')
    """

    name: str
    words: str
    form: str = ".4f"
    share: bool = False
    more_is_better: bool = False
    in_history: bool = True
    undefined: str = "non-finite values"

    def number(self, value: float) -> str:
        """Return a value of it as text."""
        if math.isnan(value):
            return "undefined"
        return f"{100 * value:.2f} %" if self.share else f"{value:{self.form}}"

    def write(self, value: float, doubt: float | None = None) -> str:
        """Return its name and a value of it as text, with the reason if it is undefined."""
        why = f" ({self.undefined})" if math.isnan(value) else ""
        sure = "" if doubt is None else f" ± {100 * doubt:.2f}"
        return f"{self.words} {self.number(value)}{sure}{why}"


_NO_WEIGHT = "no row with a weight above 0"

FIGURES = (
    Figure("cost", "cost"),
    Figure("weighted_cost", "weighted cost", undefined=_NO_WEIGHT),
    Figure("accuracy", "accuracy", share=True, more_is_better=True),
    Figure("weighted_accuracy", "weighted accuracy", share=True, more_is_better=True, undefined=_NO_WEIGHT),
    Figure("balanced_accuracy", "balanced accuracy", share=True, more_is_better=True),
    Figure("exact", "all labels right", share=True, more_is_better=True),
    Figure("f1", "F1", more_is_better=True, undefined="the second class has no examples, true or predicted"),
    Figure("f1_micro", "micro F1", more_is_better=True),
    Figure("f1_macro", "macro F1", more_is_better=True),
    Figure("auc", "AUC", more_is_better=True, undefined="examples of one class only"),
    Figure("rmse", "RMSE", ",.6g"),
    Figure("mae", "MAE", ",.6g", in_history=False),
    Figure("r2", "R2", more_is_better=True, undefined="fewer than two examples"),
)

# The names of the metrics whose higher values are better, which are also the endings of their columns.
MORE_IS_BETTER = tuple(figure.name for figure in FIGURES if figure.more_is_better)

_BY_NAME = {figure.name: figure for figure in FIGURES}


def figure_of(column: str) -> Figure | None:
    """Return the metric of a history's column such as "test_accuracy", None if it has none.

    Examples
    --------
    >>> figure_of("validation_weighted_cost").words, figure_of("learning_rate")
    ('weighted cost', None)
    """
    return _BY_NAME.get(column.partition("_")[2])


def write_figures(values: Mapping[str, float], doubt: float | None = None) -> list[str]:
    """Return metrics as text, the costs last; the doubt is two standard errors of the accuracy.

    Examples
    --------
    >>> write_figures({"cost": 0.25, "accuracy": 0.9, "auc": math.nan}, 0.02)
    ['accuracy 90.00 % ± 2.00', 'AUC undefined (examples of one class only)', 'cost 0.2500']
    """
    there = [figure for figure in FIGURES if figure.name in values]
    there.sort(key=lambda figure: figure.name.endswith("cost"))
    return [
        figure.write(values[figure.name], doubt if figure.name == "accuracy" else None) for figure in there
    ]


def percent(share: float | None) -> str:
    """Return a fraction as text, "-" if there is none."""
    return "-" if share is None else f"{100 * share:.1f} %"


def ready_for_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return metrics by name, None if undefined: nan is not equal to itself and not valid JSON.

    Examples
    --------
    >>> ready_for_json({"rmse": 2.0, "r2": math.nan})
    {'rmse': 2.0, 'r2': None}
    """
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in values.items()
    }
