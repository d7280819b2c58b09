"""The search space: all dimensions, and those of one search."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

from pellucid.errors import ConfigurationError, UnknownNameError, did_you_mean
from pellucid.network import activations, costs, initializers, normalisations
from pellucid.training import optimizers, schedules
from pellucid.training.optimizer import Solver
from pellucid.tuning.candidate import check_names, check_options
from pellucid.tuning.dimension import Choices, Dimension, Range

if TYPE_CHECKING:
    from optuna.trial import BaseTrial

__all__ = ["DIMENSIONS", "Space"]


def _has_a_rate(optimizer: Solver) -> bool:
    return not optimizer.searches


def _takes_batches(optimizer: Solver) -> bool:
    return not optimizer.full_batch


# The optimizer comes first, because other dimensions depend on it.
DIMENSIONS = (
    Dimension("optimizer", Choices(("sgd", "momentum", "rmsprop", "adam", "adamw")), registry=optimizers),
    Dimension("learning_rate", Range(1 / 30, 30), log=True, relative=True, fits=_has_a_rate),
    Dimension(
        "schedule",
        Choices(("linear", "constant", "cosine", "one_cycle")),
        registry=schedules,
        fits=_has_a_rate,
    ),
    Dimension("batch_size", Choices((32, 64, 128, 256)), kind=int, log=True, fits=_takes_batches),
    Dimension("depth", Range(1, 3), kind=int, sets="layers", within=Range(0, math.inf)),
    Dimension("width", Range(16, 256), kind=int, log=True, sets="layers", within=Range(1, math.inf)),
    Dimension("narrowing", Choices((1.0, 0.5)), sets="layers", within=Range(0, 1)),
    Dimension("activation", Choices(("relu", "leaky_relu", "gelu", "swish", "tanh")), registry=activations),
    Dimension("dropout", Range(0.0, 0.5), fits=_has_a_rate),
    Dimension("l2", Range(1e-7, 1e-2), log=True),
    Dimension("weight_decay", Range(1e-6, 1e-1), log=True, fits=_has_a_rate),
    # These are searched only on request.
    Dimension("normalise", None, registry=normalisations, optional=True),
    Dimension("l1", None, log=True),
    Dimension("input_dropout", None, fits=_has_a_rate),
    Dimension("input_noise", None, fits=_has_a_rate),
    Dimension("label_smoothing", None),
    Dimension("max_norm", None, fits=_has_a_rate),
    Dimension("clip_norm", None, log=True, fits=_has_a_rate),
    Dimension("clip_value", None, log=True, fits=_has_a_rate),
    Dimension("average", None, fits=_has_a_rate),
    Dimension("initializer", None, registry=initializers),
    Dimension("output", None, registry=activations),
    Dimension("cost", None, registry=costs),
)
_BY_NAME = {dimension.name: dimension for dimension in DIMENSIONS}
_USUAL_OPTIMIZER = "sgd"
# Candidates are counted only if there are at most this many combinations.
_MANY = 2000


@dataclass(frozen=True)
class Space:
    """The dimensions of one search, and the training options that all its candidates have."""

    dimensions: tuple[Dimension, ...]
    fixed: dict[str, Any]

    @classmethod
    def of(cls, fixed: Mapping[str, Any], asked: Mapping[str, Any]) -> "Space":
        """Return the space of a search: the default dimensions that are not fixed, and those requested.

        Examples
        --------
        >>> space = Space.of({"layers": [32], "optimizer": "adam"}, {"dropout": "0..0.2"})
        >>> [dimension.name for dimension in space.dimensions]
        ['learning_rate', 'schedule', 'batch_size', 'activation', 'dropout', 'l2', 'weight_decay']
        """
        check_options(fixed)
        check_names(asked, "the space", 'a dict of dimensions such as {"dropout": "0..0.2"}')
        for name in asked:
            _check_asked(name, fixed)
        dimensions = [
            dimension.among(asked[dimension.name]) if dimension.name in asked else dimension
            for dimension in DIMENSIONS
            if dimension.name in asked or (dimension.values is not None and dimension.option not in fixed)
        ]
        if "optimizer" in fixed:
            optimizer = optimizers.get(fixed["optimizer"])
            for name in asked:
                _check_fits(_BY_NAME[name], optimizer)
            dimensions = [dimension for dimension in dimensions if dimension.fits(optimizer)]
        if not dimensions:
            raise ConfigurationError(
                "every option is fixed, so there is nothing to search",
                expected="at least one option that is not fixed, or --search",
            )
        space = cls(tuple(dimensions), dict(fixed))
        for options in space.edges():
            check_options(options)
        return space

    def suggest(self, trial: "BaseTrial") -> dict[str, Any]:
        """Return all options of a candidate chosen by a trial."""
        chosen: dict[str, Any] = {}
        for dimension in self.dimensions:
            if dimension.fits(self._optimizer(chosen)):
                chosen[dimension.name] = dimension.suggest(trial)
        return self.options(chosen)

    def options(self, chosen: Mapping[str, Any]) -> dict[str, Any]:
        """Return the training options for values of the dimensions, including fixed options."""
        optimizer = self._optimizer(chosen)
        options = dict(self.fixed)
        for dimension in self.dimensions:
            if dimension.name in chosen and dimension.option == dimension.name:
                options[dimension.name] = dimension.resolve(chosen[dimension.name], optimizer)
        if "depth" in chosen or "width" in chosen or "narrowing" in chosen:
            options["layers"] = _layers(chosen)
        return options

    def chosen(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options of a candidate that are not fixed."""
        return {name: value for name, value in options.items() if name not in self.fixed}

    @cached_property
    def n_candidates(self) -> float:
        """The number of different candidates; infinite if there are too many to count."""
        values = [dimension.known.all(dimension.kind) for dimension in self.dimensions]
        if math.prod(map(len, values)) > _MANY:
            return math.inf
        return len({repr(self.of_values(chosen)) for chosen in product(*values)})

    def of_values(self, values: Sequence[Any]) -> dict[str, Any]:
        """Return the options for a value of each dimension, without those that the optimizer does not use."""
        chosen = {dimension.name: value for dimension, value in zip(self.dimensions, values, strict=True)}
        optimizer = self._optimizer(chosen)
        return self.options(
            {part.name: chosen[part.name] for part in self.dimensions if part.fits(optimizer)}
        )

    def edges(self) -> list[dict[str, Any]]:
        """Return a candidate for each end of each dimension, with the first values of all others."""
        first = [dimension.known.ends[0] for dimension in self.dimensions]
        return [
            self.of_values([*first[:place], end, *first[place + 1 :]])
            for place, dimension in enumerate(self.dimensions)
            for end in dimension.known.ends
        ]

    def to_dict(self) -> dict[str, str]:
        """Return the dimensions and their values, ready for JSON; study files contain them."""
        return {
            dimension.name: f"{dimension.known}{' times the usual one' if dimension.relative else ''}"
            for dimension in self.dimensions
        }

    def _optimizer(self, chosen: Mapping[str, Any]) -> Solver:
        return optimizers.get(chosen.get("optimizer", self.fixed.get("optimizer", _USUAL_OPTIMIZER)))


def _layers(chosen: Mapping[str, Any]) -> list[int]:
    """Return the sizes of the hidden layers for a depth, a width and a narrowing."""
    width, narrowing = chosen.get("width", 64), chosen.get("narrowing", 1.0)
    return [max(1, round(width * narrowing**layer)) for layer in range(chosen.get("depth", 1))]


def _check_asked(name: str, fixed: Mapping[str, Any]) -> None:
    if name == "layers":
        raise ConfigurationError(
            "layers cannot be searched directly",
            expected="depth (number of layers), width (of the first), narrowing (factor from layer to layer)",
            received="layers",
            remedy="use for instance depth=1..4 and width=32..512",
        )
    if name not in _BY_NAME:
        raise UnknownNameError(
            f"there is no dimension {name!r} to search",
            received=repr(name),
            remedy=did_you_mean(name, _BY_NAME),
        )
    option = _BY_NAME[name].option
    if option in fixed:
        raise ConfigurationError(
            f"{option} cannot be both fixed and searched",
            expected="one of the two",
            received=f"a fixed {option}, and a search of {name}",
        )


def _check_fits(dimension: Dimension, optimizer: Solver) -> None:
    if not dimension.fits(optimizer):
        raise ConfigurationError(
            f"{dimension.name} has no effect with {optimizer.name}, so it cannot be searched",
            received=f"{dimension.name} to search, {optimizer.name} fixed",
            remedy="do not search it, or use another optimizer",
        )
