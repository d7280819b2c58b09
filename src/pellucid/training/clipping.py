"""Gradient clipping."""

from dataclasses import dataclass

from pellucid.number import check_numbers, number

__all__ = ["Clipping"]


@dataclass(frozen=True)
class Clipping:
    r"""Gradient clipping; none by default.

    Parameters
    ----------
    value : float or None
        Every entry :math:`g_i` of a gradient is limited to this: :math:`\max(-c, \min(c, g_i))`.
    norm : float or None
        The gradients of an update, taken together as one vector, are scaled down to this norm if theirs is
        larger: :math:`g \min(1, c / \lVert g \rVert)` (Pascanu, Mikolov and Bengio 2013,
        https://arxiv.org/abs/1211.5063). With both, values are clipped first.

    Raises
    ------
    ConfigurationError
        If a limit is not a finite number above 0.

    Examples
    --------
    >>> Clipping(norm=1.0)
    Clipping(value=None, norm=1.0)
    """

    value: float | None = number(None, above=0, what="the clipping value")
    norm: float | None = number(None, above=0, what="the clipping norm")

    def __post_init__(self) -> None:
        check_numbers(self)
