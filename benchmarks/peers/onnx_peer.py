"""ONNX Runtime: the network as a graph of four nodes, on the number of threads that suits it best."""

from typing import Any

import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.forecast import Forecast, seconds_of
from benchmarks.peers.threads import fastest

__all__ = ["Prediction"]


class Prediction:
    """A session's run."""

    def __init__(self, forecast: Forecast) -> None:
        self.forecast, self.graph = forecast, _graph(forecast)
        self.threads = fastest(self.run, self._open)

    def disagreement(self) -> float:
        """Compare the outputs with the reference."""
        return self.forecast.disagreement(self._outputs())

    def run(self) -> float:
        """Give the seconds of predicting all rows."""
        return seconds_of(lambda: self._outputs().argmax(1))

    def details(self) -> dict[str, Any]:
        """Say which version it is and how many threads were best."""
        return {"version": onnxruntime.__version__, "threads": self.threads}

    def _open(self, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(self.graph, options, providers=["CPUExecutionProvider"])

    def _outputs(self) -> Any:
        return self.session.run(None, {"x": self.forecast.x})[0]


def _graph(forecast: Forecast) -> bytes:
    nodes = [
        helper.make_node("Gemm", ["x", "W1", "b1"], ["z1"]),
        helper.make_node("Relu", ["z1"], ["a1"]),
        helper.make_node("Gemm", ["a1", "W2", "b2"], ["z2"]),
        helper.make_node("Softmax", ["z2"], ["a2"]),
    ]
    weights = [
        numpy_helper.from_array(array, name) for name, array in forecast.model.network.parameters.items()
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", width])
        for name, width in (("x", 784), ("a2", 10))
    ]
    graph = helper.make_graph(nodes, "digits", ends[:1], ends[1:], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())
