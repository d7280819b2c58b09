"""From data to a trained model."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pellucid.data import Dataset
from pellucid.errors import ConfigurationError, check_type
from pellucid.model import Model
from pellucid.network import (
    Activation,
    Cost,
    Initializer,
    Network,
    Normalisation,
    choose_output,
    costs,
)
from pellucid.network import activations as all_activations
from pellucid.renamed import renamed_arguments
from pellucid.training.callback import Callback
from pellucid.training.clipping import Clipping
from pellucid.training.config import TrainingConfig
from pellucid.training.optimizer import Solver
from pellucid.training.optimizers import optimizers
from pellucid.training.progress import Progress, stop_on_interruption
from pellucid.training.regularisation import Regularisation
from pellucid.training.schedule import Schedule
from pellucid.training.schedules import schedules
from pellucid.training.trainer import Trainer
from pellucid.training.weighting import ClassWeight

__all__ = ["build_network", "train"]


def build_network(
    data: Dataset,
    layers: Sequence[int] = (64,),
    activation: str | Activation | Sequence[str | Activation] = "relu",
    *,
    output: str | Activation | None = None,
    cost: str | Cost | None = None,
    normalise: str | Normalisation | None = None,
    initializer: str | Initializer | None = None,
    dtype: str = "float32",
    seed: int = 0,
) -> Network:
    """Make a network whose inputs and outputs fit the data.

    Parameters
    ----------
    data : Dataset
    layers : sequence of int
        The neurons of each hidden layer; none for a network without.
    activation : str or Activation, or a sequence of them
        One for all hidden layers, or one for each.
    output : str or Activation, optional
        The output layer's; the data and the cost choose unless said.
    cost : str or Cost, optional
        What the network will be trained towards, where that is decided.
    normalise, initializer, dtype, seed
        As for `Network`.

    Returns
    -------
    Network

    Raises
    ------
    ConfigurationError
        As for `Network`.

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> build_network(load_data("digits"), layers=[32])
    Network(64 -> 32 relu -> 10 softmax, 2,410 parameters, float32)
    """
    check_type(data, Dataset, "the data", "a Dataset, as returned by load_data")
    if isinstance(layers, str) or not isinstance(layers, Sequence | np.ndarray):
        raise ConfigurationError(
            "the hidden layers are given as a list",
            expected="the neurons of each hidden layer, such as [128, 64], or [] for none",
            received=repr(layers),
        )
    if output is None:
        output = choose_output(data.task, data.n_classes, None if cost is None else costs.get(cost))
    last = all_activations.get(output)
    fitting = data.target.fitting_outputs
    sizes = [data.n_inputs, *layers, max(fitting) if last.acts_on_layer else min(fitting)]
    return Network(
        sizes,
        activation,
        output=last,
        normalise=normalise,
        initializer=initializer,
        dtype=dtype,
        seed=seed,
    )


@renamed_arguments(weights="sample_weight")
def train(
    network: Network,
    data: Dataset | tuple[Any, Any],
    *,
    cost: str | Cost | None = None,
    learning_rate: float | None = None,
    schedule: str | Schedule = "linear",
    batch_size: int | None = None,
    epochs: int = 20,
    seed: int = 0,
    optimizer: str | Solver = "sgd",
    regularisation: Regularisation | None = None,
    clipping: Clipping | None = None,
    average: float | None = None,
    class_weight: ClassWeight | None = None,
    sample_weight: Any = None,
    callbacks: Sequence[Callback | Callable[[dict[str, Any]], object]] = (),
    progress: Progress | None = None,
    engine: str | None = None,
) -> Model:
    r"""Train a network on the data's training part, watching the test part.

    Random weights are there already; each epoch shuffles the training examples, and for each batch carries
    them forward, their errors back, and changes all weights and biases together. After each epoch all
    parts are measured, which changes nothing. Ctrl-C ends the run and keeps what was learned, and so do
    SIGTERM and SIGHUP where nothing else handles them; a run that diverges goes back to its last good epoch.

    Parameters
    ----------
    network : Network
        Trained in place; trained again, it goes on from there. The model keeps a copy.
    data : Dataset, or a pair of arrays (x, y)
        Arrays are used as they are; see `Trainer`.
    cost : str or Cost, optional
        The task and the output layer choose unless said.
    learning_rate : float, optional
        The size of a step, above 0; the optimizer's usual one unless said.
    schedule : str or Schedule
        How the learning rate changes: "linear" falls towards 0, "constant" stays.
    batch_size : int, optional
        How many examples an update learns from; 1 unless said, or all for an optimizer that needs all.
    epochs : int
        How often the training examples are gone through.
    seed : int
        The same seed gives the same order of examples.
    optimizer : str or Optimizer
        How a gradient becomes a change of the weights.
    regularisation : Regularisation, optional
        What holds weights back and makes examples harder.
    clipping : Clipping, optional
        How long a gradient may be.
    average : float, optional
        How much of the average of the weights is kept at each update, such as 0.999; the model then has
        the average instead of the last weights.
    class_weight : "balanced" or dict, optional
        How much each class counts: all alike together, or by label.
    sample_weight : array, shape (n_train,), optional
        How much each training example counts, times what the data say of it.
    callbacks : sequence of Callback or functions
        What looks on or steps in; a plain function is called with the figures of each epoch, a dict.
    progress : Progress, optional
        Where a progress bar or a stop button looks.
    engine : {"compiled", "reference"}, optional
        What does the work: machine code unless said, or the plain passes that say what it is to do. They
        come to the same but for rounding.

    Returns
    -------
    Model

    Raises
    ------
    ConfigurationError
        If a setting cannot be used, a layer cannot be trained through, or the cost cannot judge the outputs.
    DataError
        If the network does not fit the data.

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> data = load_data("digits")
    >>> model = train(build_network(data, layers=[16]), data, learning_rate=0.05, epochs=2)
    >>> model.history[-1]["test_accuracy"] > 0.9
    True
    """
    settings = TrainingConfig(
        learning_rate,
        schedules.get(schedule),
        batch_size,
        epochs,
        seed,
        optimizers.get(optimizer),
        regularisation or Regularisation(),
        clipping or Clipping(),
        average,
    )
    trainer = Trainer(
        network,
        data,
        settings,
        cost=cost,
        class_weight=class_weight,
        sample_weight=sample_weight,
        callbacks=callbacks,
        progress=progress,
        engine=engine,
    )
    with stop_on_interruption(trainer.progress):  # or what was learned would be lost between the two
        return trainer.fit().model()
