"""Real digits, from reading them to explaining a mistake.

Run it with ``python examples/digits.py``.
"""

import pellucid

data = pellucid.load_data("digits")
network = pellucid.build_network(data, layers=[64])
model = pellucid.train(network, data, learning_rate=0.01, epochs=20)

print(network.summary())
print(model.diagnosis)

worst = model.evaluate(data.test).mistakes[0]
print(f"\nThe mistake it is surest of: row {worst.row} is a {worst.truth}, and it says {worst.said}.")

position = data.test.origin.tolist().index(worst.row)
explanation = pellucid.explain(model, data.test, position)
for step in explanation.backward_steps():
    print(step.rule, step.delta.round(3)[:10])
