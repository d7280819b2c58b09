"""The training configuration, checked before training begins."""

from dataclasses import dataclass, field
from typing import Any

from pellucid.errors import ConfigurationError, check_type
from pellucid.network import Network
from pellucid.number import check_number, check_numbers, number
from pellucid.training.clipping import Clipping
from pellucid.training.optimizer import Solver
from pellucid.training.optimizers import SGD
from pellucid.training.regularisation import Regularisation
from pellucid.training.schedule import Schedule
from pellucid.training.schedules import Constant, Linear

__all__ = ["TrainingConfig"]

_RATE = "start with 0.01, and try ten times more and ten times less"


@dataclass(frozen=True)
class TrainingConfig:
    """The settings of training: the optimizer, the schedule, the epochs and all else.

    Parameters
    ----------
    learning_rate, batch_size, epochs, seed, regularisation, clipping, average
        As for `train`.
    schedule : Schedule
        How the learning rate changes during training: ``schedules.get("cosine")``, say.
    optimizer : Optimizer or LBFGS
        The rule that updates the weights: ``optimizers.get("adam")``, say.

    Raises
    ------
    ConfigurationError
        If one of them cannot be used.
    """

    learning_rate: float | None = None
    schedule: Schedule = field(default_factory=Linear)
    batch_size: int | None = number(None, at_least=1, whole=True)
    epochs: int = number(20, at_least=1, whole=True)
    seed: int = number(0, at_least=0, whole=True)
    optimizer: Solver = field(default_factory=SGD)
    regularisation: Regularisation = field(default_factory=Regularisation)
    clipping: Clipping = field(default_factory=Clipping)
    average: float | None = number(
        None, above=0, below=1, what="the decay of the average of the weights", remedy="start with 0.999"
    )

    def __post_init__(self) -> None:
        check_type(self.optimizer, Solver, "the optimizer", "an Optimizer: optimizers.get(name)")
        check_type(self.schedule, Schedule, "the schedule", "a Schedule: schedules.get(name)")
        check_type(self.regularisation, Regularisation, "the regularisation", "Regularisation(l2=1e-4), say")
        check_type(self.clipping, Clipping, "the clipping", "Clipping(norm=1.0), say")
        check_numbers(self)
        # The optimizer's usual rate is checked too: it may be a user's own.
        rate = check_number(self.rate, "the learning rate", above=0, remedy=_RATE)
        if self.learning_rate is not None:
            object.__setattr__(self, "learning_rate", rate)
        if self.optimizer.searches:
            self._check_search()

    def _check_search(self) -> None:
        """Check that no setting makes the cost random, or acts on the steps of an optimizer."""
        held = self.regularisation
        said = {
            "learning_rate": self.learning_rate is not None,
            # The defaults of a trainer and of a stream cannot be told from a choice.
            "schedule": self.schedule not in (Linear(), Constant()),
            "dropout": held.dropout or held.input_dropout,
            "input_noise": held.input_noise,
            "weight_decay": held.weight_decay,
            "max_norm": held.max_norm is not None,
            "clipping": self.clipping != Clipping(),
            "average": self.average is not None,
        }
        for name, used in said.items():
            if used:
                raise ConfigurationError(
                    f"{name} does not go with {self.optimizer.name}",
                    expected="l1, l2 or label smoothing, which change the cost only",
                    received=name,
                    remedy=f"leave {name} out, or choose another optimizer",
                )

    @property
    def rate(self) -> float:
        """The learning rate that was asked for, or the optimizer's usual one."""
        return self.optimizer.usual_rate if self.learning_rate is None else self.learning_rate

    def batch_of(self, n: int) -> int:
        """Return the batch size for n examples.

        Raises
        ------
        ConfigurationError
            If the optimizer needs all of them at once, and fewer were asked for.
        """
        if not self.optimizer.full_batch:
            return self.batch_size or 1
        if self.batch_size is not None and self.batch_size < n:
            raise ConfigurationError(
                f"{self.optimizer.name} needs the gradient of all examples at once",
                expected=f"a batch size of {n:,} or more, or none",
                received=f"{self.batch_size:,}",
            )
        return n

    def check(self, network: Network, n: int) -> None:
        """Check that the settings fit the network and the number of training examples.

        Raises
        ------
        ConfigurationError
        """
        batch_size = min(self.batch_of(n), n)
        rules = {layer.normaliser.rule for layer in network.layers if layer.normaliser}
        for rule in (rule for rule in rules if rule.over_examples):
            if batch_size < 2:
                raise ConfigurationError(
                    f"{rule.name} normalisation compares the examples of a batch, and there is one in each",
                    expected="a batch size of 2 or more",
                    received=f"{batch_size}",
                    remedy="use --batch-size 32 (batch_size=32) or layer normalisation",
                )
            if self.optimizer.searches:
                raise ConfigurationError(
                    f"{rule.name} normalisation does not go with {self.optimizer.name}",
                    expected="an optimizer that learns from batches, or layer normalisation",
                    received=f"{rule} and {self.optimizer}",
                )
        self.regularisation.check(len(network.layers))

    def to_dict(self) -> dict[str, Any]:
        """Return the settings that are used, ready for JSON."""
        steps = {"learning_rate": self.rate, "schedule": str(self.schedule)}
        said = {
            **({} if self.optimizer.searches else steps),
            "batch_size": self.batch_size or ("all" if self.optimizer.full_batch else 1),
            "epochs": self.epochs,
            "seed": self.seed,
            "optimizer": str(self.optimizer),
            **self.regularisation.to_dict(),
        }
        more = {"clip_norm": self.clipping.norm, "clip_value": self.clipping.value, "average": self.average}
        return said | {name: value for name, value in more.items() if value is not None}
