"""An activation of one's own, declared once, works in every layer and is found by its name.

Its slope is compared with its value when it is registered: one with the wrong sign would be refused.

Run it with ``python examples/own_activation.py``.
"""

import numpy as np

import pellucid


@pellucid.activations.register
class Snake(pellucid.Activation):
    """The sum and the square of its sine: for what repeats (Ziyin, Hartwig and Ueda 2020)."""

    name = "snake"
    formula = r"z + \sin^2 z"
    slope_formula = r"1 + \sin 2z"
    range = pellucid.Interval()
    initializer = "lecun_normal"
    source = "https://arxiv.org/abs/2006.08195"

    def value(self, z):
        """Give the outputs."""
        return z + np.sin(z) ** 2

    def slope(self, z, a):
        """Give the slopes."""
        return 1 + np.sin(2 * z)


random = np.random.default_rng(0)
x = random.uniform(-3, 3, (1000, 1))
y = np.sin(3 * x[:, 0]) + 0.1 * random.standard_normal(1000)
data = pellucid.load_data((x, y), task="regression")

for activation in ("snake", "relu"):
    network = pellucid.build_network(data, layers=[16], activation=activation)
    model = pellucid.train(network, data, learning_rate=0.01, epochs=30)
    print(f"{activation}: test R2 {model.history[-1]['test_r2']:.3f}, {model.diagnosis.verdict}")
