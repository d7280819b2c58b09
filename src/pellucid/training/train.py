"""From data to a trained model."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pellucid.data import Dataset
from pellucid.errors import ConfigurationError, check_type
from pellucid.model import Model
from pellucid.network import Activation, Cost, Initializer, Network, Normalisation, choose_output, costs
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
    """Return a network whose inputs and outputs fit the data.

    Parameters
    ----------
    data : Dataset
    layers : sequence of int
        The number of neurons in each hidden layer; empty for no hidden layers.
    activation : str or Activation, or a sequence of them
        One for all hidden layers, or one for each.
    output : str or Activation, optional
        The activation of the output layer, by default chosen by the data and the cost.
    cost : str or Cost, optional
        The cost that the network will be trained with, if it is known.
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
            "the hidden layers must be a list",
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
    r"""Train a network on the training set, measuring it on all sets.

    Each epoch shuffles the training examples; each batch is passed forward, its errors are passed back, and
    all weights and biases are updated together. After each epoch all sets are measured, which changes
    nothing. Ctrl-C ends training and keeps what was learned, and so do SIGTERM and SIGHUP if nothing else
    handles them; if training diverges, the last good epoch is restored. Without a learning rate of your own,
    it starts again at a lower one instead; see `Trainer`.

    Parameters
    ----------
    network : Network
        Trained in place; training it again continues from there. The model keeps a copy.
    data : Dataset, or a pair of arrays (x, y)
        Arrays are used as they are; see `Trainer`.
    cost : str or Cost, optional
        By default chosen by the task and the output layer.
    learning_rate : float, optional
        The learning rate, above 0; by default the optimizer's usual one, or a lower one if training diverges
        with it.
    schedule : str or Schedule
        How the learning rate changes: "linear" falls towards 0, "constant" stays.
    batch_size : int, optional
        The number of examples per update; by default 1, or all for an optimizer that needs all.
    epochs : int
        The number of passes over the training examples.
    seed : int
        The random seed of the order of the examples, dropout and noise.
    optimizer : str or Optimizer
        The rule that updates the weights.
    regularisation : Regularisation, optional
        The settings against overfitting.
    clipping : Clipping, optional
        The limits of gradients.
    average : float, optional
        The decay of the moving average of the weights, such as 0.999; the model then has the average instead
        of the last weights.
    class_weight : "balanced" or dict, optional
        The class weights: equal totals, or by label.
    sample_weight : array, shape (n_train,), optional
        The sample weights, multiplied by those in the data.
    callbacks : sequence of Callback or functions
        The callbacks; a plain function is called with the figures of each epoch, a dict.
    progress : Progress, optional
        The progress, to be read by a progress bar or used by a stop button.
    engine : {"compiled", "reference"}, optional
        By default machine code; "reference" is the plain NumPy passes that define it. They agree up to
        rounding.

    Returns
    -------
    Model

    Raises
    ------
    ConfigurationError
        If a setting cannot be used, a layer cannot be trained, or the cost does not fit the outputs.
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
    with stop_on_interruption(trainer.progress):  # or a signal between the two would lose what was learned
        return trainer.fit().model()
