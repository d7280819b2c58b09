"""Evaluation of a network: metrics, learning curves, mistakes, the diagnosis."""

from typing import Any

from pellucid.evaluation.baselines import Baselines, measure_baselines
from pellucid.evaluation.diagnosis import VERDICTS, Diagnosis, diagnose
from pellucid.evaluation.evaluate import evaluate, measure, outputs_of, refuse_overflow, row_slices
from pellucid.evaluation.evidence import Evidence, gather_evidence, least_costs
from pellucid.evaluation.figures import FIGURES, MORE_IS_BETTER, Figure, figure_of
from pellucid.evaluation.history import History
from pellucid.evaluation.inside import LayerHealth, look_inside
from pellucid.evaluation.measures import Measures
from pellucid.evaluation.output_figures import ClassFigures, LabelFigures, ValueFigures
from pellucid.evaluation.output_head import OutputHead
from pellucid.evaluation.report import Mistake, Report
from pellucid.evaluation.scores import confusion_matrix
from pellucid.renamed import notice

__all__ = [
    "FIGURES",
    "MORE_IS_BETTER",
    "VERDICTS",
    "Baselines",
    "ClassFigures",
    "Diagnosis",
    "Evidence",
    "Figure",
    "History",
    "LabelFigures",
    "LayerHealth",
    "Measures",
    "Mistake",
    "OutputHead",
    "Report",
    "ValueFigures",
    "confusion_matrix",
    "diagnose",
    "evaluate",
    "figure_of",
    "gather_evidence",
    "least_costs",
    "look_inside",
    "measure",
    "measure_baselines",
    "outputs_of",
    "refuse_overflow",
    "row_slices",
]

_FORMER: dict[str, Any] = {
    "Judge": OutputHead,
    "Yardstick": Baselines,
    "measure_yardstick": measure_baselines,
}


def __getattr__(name: str) -> Any:
    if name in _FORMER:
        notice(name, _FORMER[name].__name__, stacklevel=2)
        return _FORMER[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
