"""Writes Tests/NormalizeAndProjectTests/Goldens/python_loops.safetensors: twenty updates of NaP as Examples/pytorch/nap.py makes them.

Run from the repository's root, with torch and safetensors:  python3 -P Tools/goldens/python_loops.py
With jax, optax and safetensors:                             python3 -P Tools/goldens/python_loops.py --check-jax
The second writes nothing: it trains with Examples/jax/nap.py from the same start and compares every loss, weight and angle.

float64, Adam at 0.05, one batch of 32 examples, two hidden layers. initial.NAME and final.NAME are parameters, losses the
loss before each update, norms and angles those of the hidden weights after the last one.
"""
import importlib.util
import sys

import numpy as np
from safetensors.numpy import load_file, save_file

TARGET = "Tests/NormalizeAndProjectTests/Goldens/python_loops.safetensors"
LAYERS = {"hidden0": "0", "hidden1": "2", "output": "4"}
UPDATES, RATE = 20, 0.05


def example(framework):
    spec = importlib.util.spec_from_file_location("nap", f"Examples/{framework}/nap.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write():
    import torch
    from torch import nn

    nap = example("pytorch")
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 20), nn.ReLU(), nn.Linear(20, 3)).double()
    x, labels = torch.randn(32, 6, dtype=torch.float64), torch.randint(0, 3, (32,))
    nap.normalize(model)
    projection = nap.Projection(model, output="4")
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    state = {key: value.detach().clone() for key, value in model.state_dict().items()}
    losses, angles = [], {}
    for _ in range(UPDATES):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
        projection.apply()
        angles = projection.angles()
        losses.append(loss.item())
    norms = projection.norms()
    assert max(abs(norm - 1) for norm in norms.values()) < 1e-14, norms
    tensors = {"input": x, "labels": labels, "losses": torch.tensor(losses, dtype=torch.float64)}
    for name, place in LAYERS.items():
        for part in ("weight", "bias"):
            if f"{place}.{part}" in state:
                tensors[f"initial.{name}.{part}"] = state[f"{place}.{part}"]
                tensors[f"final.{name}.{part}"] = model.state_dict()[f"{place}.{part}"]
        if name != "output":
            tensors[f"angle.{name}.weight"] = torch.tensor([angles[f"{place}.weight"]], dtype=torch.float64)
    save_file({name: tensor.numpy() for name, tensor in tensors.items()}, TARGET, {"torch": torch.__version__})


def check_jax():
    import jax
    import jax.numpy as jnp
    import optax

    jax.config.update("jax_enable_x64", True)
    nap, golden = example("jax"), load_file(TARGET)
    params = {name: {"weight": jnp.array(golden[f"initial.{name}.weight"]).T} for name in LAYERS}
    params["output"]["bias"] = jnp.array(golden["initial.output.bias"])

    def loss(params):
        hidden = jnp.array(golden["input"])
        for name in ("hidden0", "hidden1"):
            hidden = jax.nn.relu(nap.normalize(hidden @ params[name]["weight"]))
        logits = hidden @ params["output"]["weight"] + params["output"]["bias"]
        return optax.softmax_cross_entropy_with_integer_labels(logits, golden["labels"]).mean()

    optimizer = optax.adam(RATE)
    state, initial = optimizer.init(params), nap.norms(params)

    @jax.jit
    def update(params, state):
        value, gradients = jax.value_and_grad(loss)(params)
        updates, state = optimizer.update(gradients, state)
        return nap.project(optax.apply_updates(params, updates), initial), state, value

    losses, before = [], params
    for _ in range(UPDATES):
        before = params
        params, state, value = update(params, state)
        losses.append(float(value))
    turned = nap.angles(before, params, initial)
    gaps = {"losses": np.abs(np.array(losses) - golden["losses"]).max()}
    for name in LAYERS:
        gaps[f"{name}.weight"] = np.abs(np.array(params[name]["weight"]).T - golden[f"final.{name}.weight"]).max()
        if name != "output":
            gaps[f"angle of {name}"] = abs(float(turned[name]["weight"]) - golden[f"angle.{name}.weight"][0])
    gaps["output.bias"] = np.abs(np.array(params["output"]["bias"]) - golden["final.output.bias"]).max()
    for name, gap in gaps.items():
        print(f"{name}: {gap:.1e}")
    return 1 if max(gaps.values()) > 1e-10 else 0


if __name__ == "__main__":
    sys.exit(check_jax() if "--check-jax" in sys.argv else write())
