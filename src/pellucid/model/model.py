"""A trained network with all that is needed to use it on raw data."""

import warnings
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import (
    Encoding,
    Examples,
    Inputs,
    RawData,
    ReadOptions,
    Target,
    read_again,
    read_own,
    split_again,
    with_test_set,
)
from pellucid.errors import ConfigurationError, DataError, PellucidWarning, UnknownNameError, did_you_mean
from pellucid.evaluation import Diagnosis, History, OutputHead, Report, evaluate, outputs_of
from pellucid.network import Cost, Floats, Network

__all__ = ["PARTS", "Model"]

PARTS = ("all", "train", "validation", "test")
_WORDS = {"train": "training", "validation": "validation", "test": "test"}


@dataclass
class Model:
    """A network with the encoding of its inputs and the meaning of its outputs.

    Parameters
    ----------
    network : Network
    cost : Cost
        The cost used in training.
    inputs : Inputs
        The encoding of raw rows as inputs, fitted on the training set.
    target : ClassTarget, LabelTarget or ValueTarget
        The meaning of the outputs.
    history : History
        The metrics of each epoch.
    diagnosis : Diagnosis or None
        Whether the network overfits or underfits, and why; None if it was not requested, or without metrics.
    settings, provenance : dict
        The settings and the data used in training, ready for JSON.
    stopped : str or None
        Why training ended before its last epoch, if it did: "interrupted", "diverged", "converged", "early",
        "time", "goal", "failed" for an error in a callback, or the reason given by a callback.
    kept_epoch : int or None
        The epoch whose weights the network has, by default the last one.

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> from pellucid.training import build_network, train
    >>> data = load_data("digits")
    >>> model = train(build_network(data, [16]), data, learning_rate=0.05, epochs=3)
    >>> model.predict("digits")[:10]  # one of the first ten is a mistake
    array([0, 1, 2, 3, 4, 9, 6, 7, 8, 9])
    >>> model.evaluate("digits", part="test").measures.accuracy > 0.9
    True
    """

    network: Network
    cost: Cost
    inputs: Inputs
    target: Target
    history: History
    diagnosis: Diagnosis | None
    settings: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    stopped: str | None = None
    kept_epoch: int | None = None

    @property
    def encoding(self) -> Encoding:
        """The encoding of raw rows as inputs, and of targets."""
        return Encoding(self.inputs, self.target)

    @property
    def figures(self) -> dict[str, Any]:
        """The metrics of the epoch whose weights the network has."""
        row: dict[str, Any] = self.history[-1 if self.kept_epoch is None else self.kept_epoch]
        return row

    @property
    def has_learned(self) -> bool:
        """Whether training changed the weights and an epoch was kept."""
        return self.kept_epoch != 0

    @property
    def notes(self) -> list[str]:
        """Notes that a user of the model should know."""
        if self.has_learned:
            return []
        why = {"diverged": ", because training diverged", "early": ", because no epoch was an improvement"}
        return [
            "training changed nothing: this model has its initial weights" + why.get(self.stopped or "", "")
        ]

    @cached_property
    def head(self) -> OutputHead:
        """The output head, which converts targets to what the cost takes, and outputs to predictions."""
        return OutputHead(self.target, self.network, self.cost)

    @property
    def judge(self) -> OutputHead:
        """The output head under its old name."""
        warnings.warn("Model.judge is deprecated; use Model.head", DeprecationWarning, stacklevel=2)
        return self.head

    def examples(self, source: Any, part: str = "all", *, targets: bool = True) -> Examples:
        """Encode raw data like the training data.

        Parameters
        ----------
        source : str, path, array, data frame, RawData or Examples
            Any source of `load_data`, with or without the target, or an array of rows.
        part : {"all", "train", "validation", "test"}
            The set to return; other sets than "all" require data with a split, or the training data of the
            model. "train" does not contain the validation set.
        targets : bool
            Whether to encode the targets if the data contain them. Predictions do not need them, so that
            missing or unknown labels are not errors.

        Raises
        ------
        DataError
            If the columns differ from those of the training data, a label is missing or unknown, or the data
            have no such set.
        UnknownNameError
            If the name of the set is unknown.
        """
        if part not in PARTS:
            raise UnknownNameError(
                f"there is no set {part!r}", received=repr(part), remedy=did_you_mean(str(part), PARTS)
            )
        if isinstance(source, Examples):
            if part != "all":
                raise ConfigurationError(
                    "examples cannot be split",
                    expected="part='all' with examples, or raw data",
                    received=f"part={part!r}",
                )
            return source
        raw = self.read(source)
        if part != "all":
            raw = raw.take(self.part_of(raw, part))
        return self.encoding.encode(raw, raw.notes, targets=targets)

    def read(
        self, source: Any = None, part: str | None = None, *, require_target: bool = False, **given: Any
    ) -> RawData:
        """Read raw data without encoding them.

        Parameters
        ----------
        source : optional
            As for `examples`; by default the training data of the model, which are found by name: built-in
            data, or a file of that name in the current folder.
        part : str, optional
            The set that is needed. Without a source, it may be found in a file of its own.
        require_target : bool
            Whether the target is required; rows without a target are dropped then.
        **given
            How the file is read (delimiter, header), by default like the training data.

        Raises
        ------
        ConfigurationError
            If another option is given.
        DataError
            If no source is given, and the training data do not exist or have changed.
        """
        if isinstance(source, RawData):
            return source
        how = given | {"require_target": require_target, "known": self.encoding.known}
        if source is None:
            of_its_own = part if part is not None and self._is_separate(part) else None
            return read_own(self.provenance, part=of_its_own, **how)[1]
        return read_again(source, self._read_options, **how)

    @cached_property
    def _read_options(self) -> ReadOptions:
        return ReadOptions.from_provenance(self.provenance)

    def part_of(self, raw: RawData, part: str) -> NDArray[np.intp]:
        """Return the row numbers of a set, of the data's own split or of the split used in training."""
        if self._is_separate(part) and raw.has_fingerprint(self.provenance[f"{part}_fingerprint"]):
            return raw.labelled()
        # The data's own split takes precedence, unless a validation set was drawn from its training set.
        if self._is_own(raw) and (raw.train is None or self.provenance.get("validation_size") is not None):
            parts = split_again(raw, self.provenance)
        else:
            parts = raw.own_parts()
            parts = parts if self._is_separate("test") else with_test_set(parts)
        if not len(parts.get(part, ())):
            file = self.provenance.get(part)
            raise DataError(
                f"the data have no {_WORDS[part]} set",
                expected="the training data of a model with a validation set"
                if part == "validation"
                else "the training data of the model, or data with a split",
                received=raw.name,
                remedy="use all rows"
                if file is None
                else f"the {part} set was a separate file, {file}: use all rows of it",
            )
        return parts[part]

    def has_parts(self, raw: RawData) -> bool:
        """Return whether the data have a split, or are the training data of the model with its test set."""
        return raw.train is not None or (self._is_own(raw) and not self._is_separate("test"))

    def _is_separate(self, part: str) -> bool:
        """Return whether a set was read from data of its own, which are known by their fingerprint."""
        return self.provenance.get(f"{part}_fingerprint") is not None

    def _is_own(self, raw: RawData) -> bool:
        return raw.has_fingerprint(self.provenance.get("fingerprint"))

    def outputs(self, source: Any) -> Floats:
        """Return the outputs of the network for each row, shape (n, n_out)."""
        return outputs_of(self.network, self.examples(source, targets=False))

    def predict(self, source: Any) -> NDArray[Any]:
        """Return the prediction for each row: classes as in the training data, or values in original units.

        The shape is (n,), or (n, k) for several values, or for labels, which are True or False; their names
        are `target.names`.

        Warns
        -----
        PellucidWarning
            If training changed nothing.
        """
        for note in self.notes:
            warnings.warn(note, PellucidWarning, stacklevel=2)
        prediction: NDArray[Any] = self.head.target.decode(self.head.answers(self.outputs(source)))
        return prediction

    def evaluate(self, source: Any, part: str = "all") -> Report:
        """Evaluate the model on data with targets.

        Raises
        ------
        DataError
            If the data have no targets.
        """
        if isinstance(source, np.ndarray | list):
            raise DataError(
                "rows without targets cannot be evaluated",
                expected="a pair (x, y), or a data frame or a file with the target",
                received=f"a {type(source).__name__} of rows",
                remedy="use evaluate((x, y))",
            )
        if not isinstance(source, Examples):
            source = self.read(source, require_target=True)
        return evaluate(self.network, self.head, self.examples(source, part))

    def _repr_html_(self) -> str:
        diagnosis = "" if self.diagnosis is None else self.diagnosis._repr_html_()
        return f"{self.network._repr_html_()}<p>{self.cost}</p>{diagnosis}"

    def __repr__(self) -> str:
        verdict = "" if self.diagnosis is None else f", {self.diagnosis.verdict}"
        return f"Model({self.network!r}, {self.cost}{verdict})"
