"""The data sets known by name."""

from collections.abc import Callable, Mapping

from pellucid.data.raw import RawData
from pellucid.data.readers.builtin.digits import digits
from pellucid.data.readers.builtin.mnist import mnist

__all__ = ["NAMED_SOURCES"]

# Called with whether they may be downloaded.
NAMED_SOURCES: Mapping[str, Callable[[bool], RawData]] = {
    "digits": lambda download: digits(),
    "mnist": lambda download: mnist(download=download),
}
