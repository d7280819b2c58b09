"""How good a network is: figures for each epoch and each class, mistakes, the diagnosis."""

from pellucid.evaluation.diagnosis import VERDICTS, Diagnosis, diagnose
from pellucid.evaluation.evidence import Evidence, gather_evidence, least_costs
from pellucid.evaluation.figures import FIGURES, MORE_IS_BETTER, Figure, figure_of
from pellucid.evaluation.history import History
from pellucid.evaluation.inside import LayerHealth, look_inside
from pellucid.evaluation.judge import Judge, refuse_overflow
from pellucid.evaluation.measures import Measures
from pellucid.evaluation.output_figures import LabelFigures, ValueFigures
from pellucid.evaluation.report import ClassFigures, Mistake, Report, confusion_matrix, evaluate
from pellucid.evaluation.yardstick import Yardstick, measure_yardstick

__all__ = [
    "FIGURES",
    "MORE_IS_BETTER",
    "VERDICTS",
    "ClassFigures",
    "Diagnosis",
    "Evidence",
    "Figure",
    "History",
    "Judge",
    "LabelFigures",
    "LayerHealth",
    "Measures",
    "Mistake",
    "Report",
    "ValueFigures",
    "Yardstick",
    "confusion_matrix",
    "diagnose",
    "evaluate",
    "figure_of",
    "gather_evidence",
    "least_costs",
    "look_inside",
    "measure_yardstick",
    "refuse_overflow",
]
