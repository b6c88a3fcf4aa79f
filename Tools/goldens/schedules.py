#!/usr/bin/env python3
"""Runs the schedule that nap diagnose writes in PyTorch and optax: Tests/ExperimentsTests/Goldens/schedule.json.

Run from the repository's root, with torch and optax: python3 -P Tools/goldens/schedules.py
`schedule.py` beside it is what the package writes, which a test holds. Each row has a step and the factor on the learning
rate that an optimizer really had there: of a LambdaLR, and of an optimizer of optax with the schedule.
"""
import importlib.util
import json
import pathlib

import jax
import jax.numpy
import optax
import torch

FOLDER = pathlib.Path("Tests/ExperimentsTests/Goldens")
STEPS = 40_000
EVERY = 1_000


def module():
    spec = importlib.util.spec_from_file_location("schedule", FOLDER / "schedule.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def with_torch(schedule):
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=0.25)
    scheduler = schedule.pytorch(optimizer)
    rates = []
    for step in range(STEPS + 1):
        if step % EVERY == 0:
            rates.append(optimizer.param_groups[0]["lr"] / 0.25)
        optimizer.step()
        scheduler.step()
    return rates


def with_optax(schedule):
    """The change of a weight whose gradient is 1 under gradient descent is the learning rate."""
    optimizer = optax.sgd(schedule.optax_schedule(0.25))
    weight = jax.numpy.zeros(1)

    def update(state, _):
        changes, state = optimizer.update(jax.numpy.ones(1), state, weight)
        return state, -changes[0] / 0.25

    _, factors = jax.lax.scan(update, optimizer.init(weight), None, length=STEPS + 1)
    return [float(value) for value in factors[::EVERY]]


schedule = module()
rows = [{"step": index * EVERY, "torch": a, "optax": b}
        for index, (a, b) in enumerate(zip(with_torch(schedule), with_optax(schedule), strict=True))]
assert all(abs(row["torch"] - schedule.factor(row["step"])) < 1e-12 for row in rows)
(FOLDER / "schedule.json").write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
