"""The average of the weights along the way: steadier than the last of them."""

from pellucid.network import Network

__all__ = ["Average"]


class Average:
    r"""The exponential moving average of all numbers of a network.

    .. math::
        \bar w_t = \frac{1 - d}{1 - d^t} \sum_{k=1}^{t} d^{t-k} w_k

    the weights after each update, the late ones counting most; those before the first update do not count.

    Parameters
    ----------
    network : Network
        The network that learns.
    keep : float
        :math:`d`, above 0 and below 1: the nearer to 1, the longer the memory.

    References
    ----------
    Polyak and Juditsky 1992, https://doi.org/10.1137/0330046

    Examples
    --------
    >>> network = Network([1, 1], output="identity")
    >>> average = Average(network, keep=0.5)
    >>> for weight in (1.0, 4.0):
    ...     network.layers[0].weights[...] = weight
    ...     average.update()
    >>> average.network.layers[0].weights  # (0.5 x 1 + 4) / 1.5
    array([[3.]], dtype=float32)
    """

    def __init__(self, network: Network, keep: float) -> None:
        self.learns, self.keep = network, keep
        self.network = network.copy()
        self.left = 1.0  # keep to the power of the number of updates

    def state(self) -> tuple[float, Network]:
        """Give a copy of all that updates change."""
        return self.left, self.network.copy()

    def restore(self, state: tuple[float, Network]) -> None:
        """Go back to what was copied."""
        self.left, network = state
        self.network.restore(network)

    def update(self) -> None:
        """Take in the weights as they are now."""
        self.left *= self.keep
        share = (1 - self.keep) / (1 - self.left)  # of the first weights: all
        now = self.learns.arrays
        for name, average in self.network.arrays.items():
            average += average.dtype.type(share) * (now[name] - average)
