"""Writes Tests/PlasticityTests/Goldens/methods.safetensors: what PyTorch and NumPy make of baseline methods.

Run from the repository's root, with torch, numpy and safetensors: python3 -P Tools/goldens/methods_goldens.py
In float64. start.PARAMETER: a small network's first values; x, labels (UPDATES, B, ...): its batches; METHOD/PARAMETER: its
values after all updates with a method. Every method is written here from its definition: penalties by automatic
differentiation through a singular value decomposition, optimizers step by step, rescaling layer by layer.
silences/...: the reset rule of self-normalized resets with a whole histogram a unit, over random firing.
"""

import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

FILE = pathlib.Path("Tests/PlasticityTests/Goldens/methods.safetensors")
METADATA = {"torch": torch.__version__, "numpy": np.__version__, "script": "Tools/goldens/methods_goldens.py"}
UPDATES, RATE = 7, 0.05


def layers():
    return [("hidden0", nn.Linear(6, 5)), ("norm0", nn.LayerNorm(5)), ("activation0", nn.ReLU()),
            ("hidden1", nn.Linear(5, 4)), ("activation1", nn.ReLU()), ("output", nn.Linear(4, 3))]


class Run:
    """A network at the common start, and its gradients over the common batches."""

    def __init__(self, start, x, labels):
        self.model = nn.Sequential()
        for name, layer in layers():
            self.model.add_module(name, layer)
        self.model.load_state_dict(start)
        self.x, self.labels = x, labels
        self.named = dict(self.model.named_parameters())

    def gradients(self, update, penalty=None):
        loss = F.cross_entropy(self.model(self.x[update]), self.labels[update])
        if penalty is not None:
            loss = loss + penalty(self.named)
        return dict(zip(self.named, torch.autograd.grad(loss, self.named.values())))

    def descend(self, gradients):
        with torch.no_grad():
            for name, value in self.named.items():
                value -= RATE * gradients[name]


def is_weight(name):
    return name.endswith("weight") and not name.startswith("norm")


def spectral(named, coefficient=0.2, k=2):
    """(sigma^k - 1)^2 of every weight, ||b||^(2k) of biases and offsets; a scale is a diagonal matrix."""
    total = 0
    for name, value in named.items():
        if is_weight(name):
            total = total + (torch.linalg.svdvals(value)[0] ** k - 1) ** 2
        elif name == "norm0.weight":
            total = total + (torch.linalg.svdvals(torch.diag(value))[0] ** k - 1) ** 2
        else:
            total = total + value.norm() ** (2 * k)
    return coefficient * total


def parseval(start, coefficient=0.3):
    """||W W^T - s I||^2 of hidden weights, s the mean of the squared norms of the rows at the start."""
    def penalty(named):
        total = 0
        for name in ["hidden0.weight", "hidden1.weight"]:
            w, s = named[name], (start[name] ** 2).sum(1).mean()
            total = total + (w @ w.T - s * torch.eye(len(w))).square().sum()
        return coefficient * total
    return penalty


def upgd(run, adaptive, beta_utility=0.9, weight_decay=0.1):
    """README and core/run/rl/adaupgd.py of the authors, written down here without noise."""
    b1, b2, eps = 0.9, 0.999, 1e-5
    state = {n: [torch.zeros_like(p) for _ in range(3)] for n, p in run.named.items()}
    for update in range(UPDATES):
        gradients, t = run.gradients(update), update + 1
        with torch.no_grad():
            for name, p in run.named.items():
                u, m, v = state[name]
                u += (1 - beta_utility) * (-gradients[name] * p - u)
                m += (1 - b1) * (gradients[name] - m)
                v += (1 - b2) * (gradients[name] ** 2 - v)
            largest = max(u.max() for u, _, _ in state.values())
            for name, p in run.named.items():
                u, m, v = state[name]
                held = torch.sigmoid(u / (1 - beta_utility ** t) / largest)
                step = m / (1 - b1 ** t) / ((v / (1 - b2 ** t)).sqrt() + eps) if adaptive else gradients[name]
                p *= 1 - RATE * weight_decay
                p -= 2 * RATE * step * (1 - held)


def soft_rescaling(run, start, share=0.3, output_share=0.6):
    """Factors to the initial norms; products of factors from the last normalization on."""
    stages = [("hidden0", share), ("norm0", share), ("hidden1", share), ("output", output_share)]
    for update in range(UPDATES):
        run.descend(run.gradients(update))
        product = 1.0
        with torch.no_grad():
            for index, (name, own) in enumerate(stages):
                w, b = run.named[name + ".weight"], run.named[name + ".bias"]
                c = (own * start[name + ".weight"].norm() + (1 - own) * w.norm()) / w.norm()
                # Place 1 is the normalization: what comes before it is undone by it.
                product = c * product if index > 1 else c
                w *= c
                b *= product


def hare_and_tortoise(run, memory=0.7, every=3):
    slow = {n: p.detach().clone() for n, p in run.named.items()}
    for update in range(UPDATES):
        run.descend(run.gradients(update))
        with torch.no_grad():
            for name, p in run.named.items():
                slow[name] = memory * slow[name] + (1 - memory) * p
                if (update + 1) % every == 0:
                    p.copy_(slow[name])
    return slow


def silences(out, updates=400, every=60, first=8, largest=25, share=0.9, expansion=1.5):
    """Ages, thresholds and resets, with a histogram over all lengths as in the authors' code; one update is the unit."""
    random = np.random.default_rng(7)
    rates = np.array([1.0, 0.9, 0.5, 0.2, 0.05, 0.0])
    fired = random.random((updates, len(rates))) < rates
    fired[200:, 1] = False  # A lively unit that falls silent for good.
    ages = np.zeros(len(rates), int)
    thresholds = np.full(len(rates), float(first))
    histogram = np.zeros((len(rates), largest + 1), int)
    resets, kept, past = [], [], []
    for update in range(updates):
        for unit in np.flatnonzero(fired[update]):
            histogram[unit, ages[unit]] += 1
        ages = np.where(fired[update], 0, ages + 1)
        due = ages >= thresholds
        for unit in np.flatnonzero(due):
            histogram[unit, ages[unit]] += 1
        ages = np.where(due, 0, ages)
        resets.append(due)
        if (update + 1) % every == 0:
            counts = histogram[:, 1:]
            with np.errstate(invalid="ignore"):
                shares = counts.cumsum(1) / counts.sum(1, keepdims=True)
            index = (shares >= share).argmax(1) + 1
            # Lengths are whole numbers: an expanded threshold is cut down to one.
            wanted = np.where(index < thresholds, index, np.floor(expansion * thresholds))
            thresholds = np.maximum(1, np.minimum(wanted, largest))
            histogram[:] = 0
        kept.append(thresholds.copy())
        past.append(ages.copy())
    for name, value in [("fired", fired), ("resets", resets), ("thresholds", kept), ("ages", past)]:
        out[f"silences/{name}"] = torch.tensor(np.array(value, dtype=float))


def main():
    torch.manual_seed(9)
    torch.set_default_dtype(torch.float64)
    model = nn.Sequential()
    for name, layer in layers():
        model.add_module(name, layer)
    with torch.no_grad():
        for value in model.parameters():
            value += 0.2 * torch.randn_like(value)
    start = {k: v.detach().clone() for k, v in model.named_parameters()}
    x, labels = torch.randn(UPDATES, 8, 6), torch.randint(0, 3, (UPDATES, 8))
    out = {f"start.{k}": v for k, v in start.items()} | {"x": x, "labels": labels}

    def record(method, act):
        run = Run(start, x, labels)
        extra = act(run) or {}
        for key, value in list(run.named.items()):
            out[f"{method}/{key}"] = value.detach().clone()
        for key, value in extra.items():
            out[f"{method}/slow.{key}"] = value.detach().clone()

    def penalized(penalty):
        def act(run):
            for update in range(UPDATES):
                run.descend(run.gradients(update, penalty))
        return act

    record("spectral-regularization", penalized(spectral))
    record("parseval", penalized(parseval(start)))
    record("upgd-sgd", lambda run: upgd(run, adaptive=False))
    record("upgd-adam", lambda run: upgd(run, adaptive=True))
    record("soft-weight-rescaling", lambda run: soft_rescaling(run, start))
    record("hare-tortoise", hare_and_tortoise)
    silences(out)
    FILE.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous().clone() for k, v in out.items()}, str(FILE), METADATA)
    print(f"{FILE}: {len(out)} tensors")


main()
