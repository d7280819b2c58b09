"""One row and many, predicted from Python."""

from benchmarks.contest import Entry, compete
from benchmarks.figures import Figure, Unit
from benchmarks.forecast import Forecast
from benchmarks.scale import Scale

__all__ = ["measure"]

_PEERS = {
    "Pellucid": "own:Prediction",
    "Pellucid, raw rows to classes": "own:WholePrediction",
    "ONNX Runtime": "onnx_peer:Prediction",
    "PyTorch": "torch_peer:Prediction",
    "scikit-learn": "sklearn_peer:Prediction",
}


def measure(scale: Scale) -> list[Figure]:
    """Let all predict one row, then as many as MNIST's test set has."""
    figures = []
    for rows, unit in ((1, Unit("µs", 1e6)), (10_000, Unit("ms", 1e3))):
        forecast = Forecast(rows)
        entries = [Entry(name, f"benchmarks.peers.{module}", (forecast,)) for name, module in _PEERS.items()]
        figures += compete(
            "prediction", forecast.title, entries, runs=scale.runs, unit=unit, flops=forecast.flops
        )
    return figures
