"""One network answers three questions about each digit: whether it has a loop, is even, is at least five.

Run it with ``python examples/labels.py``.
"""

import polars as pl

import pellucid

digits = pellucid.load_data("digits")
pixels, digit = digits.train.rows(slice(None), "float32"), digits.train.targets
questions = pl.DataFrame(
    {
        "loop": [k in (0, 6, 8, 9) for k in digit],
        "even": [k % 2 == 0 for k in digit],
        "at least five": [k >= 5 for k in digit],
    }
)

data = pellucid.load_data((pixels, questions))
print(data)
network = pellucid.build_network(data, layers=[64])
model = pellucid.train(network, data, learning_rate=0.02, epochs=10)
print(model.evaluate(data.test))
print(model.diagnosis)

print(pellucid.explain(model, data.test, row=3))
