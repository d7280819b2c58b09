"""Numbers that come out alike on any machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
from threadpoolctl import ThreadpoolController

__all__ = ["numbers_alike"]


@contextmanager
def numbers_alike() -> Iterator[None]:
    """Keep to one thread, whatever the machine: BLAS adds up in another order when it shares a sum.

    Nor does NumPy say anything of numbers beyond measure: whoever learns looks for them.
    """
    with _blas().limit(limits=1), np.errstate(all="ignore"):
        yield


@cache
def _blas() -> ThreadpoolController:
    # NumPy's library is there as soon as NumPy is. Looking for it takes longer than many an update.
    return ThreadpoolController().select(user_api="blas")
