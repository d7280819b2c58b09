"""FANN, in C: its own loop over the examples, called through ctypes."""

import ctypes
import ctypes.util
import time
from typing import Any

import numpy as np

from benchmarks.agreement import distance, follow
from benchmarks.contestant import MissingPeerError
from benchmarks.work import Floats, Work
from pellucid.network import Layer, Network, Objective, activations, costs

__all__ = ["Training"]

_SIGMOID, _LINEAR_ERROR, _INCREMENTAL = 3, 0, 0  # from fann_data.h of version 2.2
_SPREAD = 0.02  # of the first weights: small, for FANN cuts the slope of a sigmoid that is nearly 0 or 1


class _TrainData(ctypes.Structure):
    _fields_ = (
        ("errno_f", ctypes.c_int),
        ("error_log", ctypes.c_void_p),
        ("errstr", ctypes.c_char_p),
        ("num_data", ctypes.c_uint),
        ("num_input", ctypes.c_uint),
        ("num_output", ctypes.c_uint),
        ("input", ctypes.POINTER(ctypes.POINTER(ctypes.c_float))),
        ("output", ctypes.POINTER(ctypes.POINTER(ctypes.c_float))),
    )


_CONNECTION = np.dtype([("from", np.uint32), ("to", np.uint32), ("weight", np.float32)])


class Training:
    """An epoch of a work, with what FANN has for it: sigmoids and squared errors."""

    def __init__(self, work: Work) -> None:
        self.work, self.fann = work, _load()
        self.network = self._make(work)
        self.examples = self._fill(work)
        self.run()

    def disagreement(self) -> float:
        """Compare a few updates of its own network with the reference's of the same network."""
        few = self.work.few()
        made, examples = self._make(few), self._fill(few)
        start = self._weights(made)
        self.fann.fann_train_epoch_incremental(made, examples)
        layers = [
            Layer(W.astype(np.float64), b.astype(np.float64), activations.get("sigmoid"))
            for W, b in zip(start[::2], start[1::2], strict=True)
        ]
        squares = Objective(activations.get("sigmoid"), costs.get("mean_squared_error"))
        order = np.arange(few.examples)
        expected = follow(Network.from_layers(layers), squares, few.x, _one_hot(few), order, rate=few.rate)
        return distance(self._weights(made), expected, start)

    def run(self) -> float:
        """Give the seconds an example of one epoch, the shuffling included."""
        began = time.perf_counter()
        self.fann.fann_shuffle_train_data(self.examples)
        self.fann.fann_train_epoch_incremental(self.network, self.examples)
        return (time.perf_counter() - began) / self.work.examples

    def details(self) -> dict[str, Any]:
        """Say in what its procedure is another."""
        return {"procedure": "sigmoid in both layers, squared error: it has no ReLU and no softmax"}

    def _make(self, work: Work) -> Any:
        sizes = (ctypes.c_uint * len(work.sizes))(*work.sizes)
        network = ctypes.c_void_p(self.fann.fann_create_standard_array(len(work.sizes), sizes))
        for layer in ("hidden", "output"):
            getattr(self.fann, f"fann_set_activation_function_{layer}")(network, _SIGMOID)
        self.fann.fann_set_training_algorithm(network, _INCREMENTAL)
        self.fann.fann_set_train_error_function(network, _LINEAR_ERROR)
        self.fann.fann_set_learning_rate(network, ctypes.c_float(work.rate))
        self.fann.fann_set_learning_momentum(network, ctypes.c_float(0))
        self.fann.fann_randomize_weights(network, ctypes.c_float(-_SPREAD), ctypes.c_float(_SPREAD))
        return network

    def _fill(self, work: Work) -> Any:
        data = self.fann.fann_create_train(work.examples, work.sizes[0], work.sizes[-1])
        # Its rows lie one behind the other, in one piece.
        for pointer, rows in ((data.contents.input, work.x), (data.contents.output, _one_hot(work))):
            rows = np.ascontiguousarray(rows, np.float32)
            ctypes.memmove(pointer[0], rows.ctypes.data, rows.nbytes)
        return data

    def _weights(self, network: Any) -> list[Floats]:
        """Read W1, b1, W2, ..., weights inputs-first; the last neuron of a layer gives the biases."""
        connections = np.empty(self.fann.fann_get_total_connections(network), _CONNECTION)
        self.fann.fann_get_connection_array(network, ctypes.c_void_p(connections.ctypes.data))
        arrays, first = [], 0
        for n_in, n_out in zip(self.work.sizes[:-1], self.work.sizes[1:], strict=True):
            count = (n_in + 1) * n_out
            block = connections["weight"][first : first + count].reshape(n_out, n_in + 1)
            arrays += [np.ascontiguousarray(block[:, :-1].T), block[:, -1].copy()]
            first += count
        return arrays


def _one_hot(work: Work) -> Floats:
    return np.eye(work.sizes[-1], dtype=np.float32)[work.labels]


def _load() -> Any:
    found = ctypes.util.find_library("floatfann")
    if found is None:
        raise MissingPeerError("libfloatfann is not installed (Debian: libfann-dev)")
    fann = ctypes.CDLL(found)
    fann.fann_create_standard_array.restype = ctypes.c_void_p
    fann.fann_create_train.restype = ctypes.POINTER(_TrainData)
    fann.fann_get_total_connections.restype = ctypes.c_uint
    return fann
