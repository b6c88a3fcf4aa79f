"""Writes Tests/NetworksTests/Goldens/matrix_optimizers.safetensors: Muon, AdamH and MuonH, from their equations.

Run from the repository's root, with torch and safetensors: python3 -P Tools/goldens/matrix_optimizers.py
DTYPE/initial.I, DTYPE/gradient.STEP.I and NAME/DTYPE/after.STEP.I. Parameters: a hidden matrix (5, 4), a wide one
(3, 7), a hidden bias (7), a kernel (2, 3, 3, 3) and an output matrix (3, 4). Adam is torch.optim's; the rest is
written here from Jordan et al. 2024 and Wen et al. 2026 (arXiv 2606.16899).
"""

import pathlib

import torch
from safetensors.torch import save_file

FOLDER = pathlib.Path("Tests/NetworksTests/Goldens")
DTYPES = {"float32": torch.float32, "float64": torch.float64}
METADATA = {"torch": torch.__version__, "script": "Tools/goldens/matrix_optimizers.py"}
SHAPES = [(5, 4), (3, 7), (7,), (2, 3, 3, 3), (3, 4)]
HIDDEN = [True, True, False, True, False]
STEPS, KEPT = 20, (1, 5, 20)
RATE, OTHER = 0.02, 0.005


def orthogonalized(matrix, iterations):
    """Newton and Schulz's iteration of KellerJordan/Muon, in the matrix's own precision."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.mT if matrix.shape[0] > matrix.shape[1] else matrix
    x = x / x.norm().clamp(min=1e-7)
    for _ in range(iterations):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if matrix.shape[0] > matrix.shape[1] else x


class Muon:
    def __init__(self, value, options):
        self.buffer, self.options = torch.zeros_like(value), options

    def direction(self, gradient):
        """What is subtracted, before the learning rate."""
        mu = self.options.get("momentum", 0.95)
        self.buffer = mu * self.buffer + (1 - mu) * gradient
        update = mu * self.buffer + (1 - mu) * gradient if self.options.get("nesterov", True) else self.buffer
        matrix = update.reshape(update.shape[0], -1)
        rows, columns = matrix.shape
        factor = {
            "original": max(1.0, rows / columns) ** 0.5, "matchAdamW": 0.2 * max(rows, columns) ** 0.5, "none": 1.0,
        }[self.options.get("scale", "original")]
        return factor * orthogonalized(matrix, self.options.get("iterations", 5)).reshape(update.shape)


class Adam:
    def __init__(self, value, options):
        self.value = torch.nn.Parameter(torch.zeros_like(value))
        self.optimizer = torch.optim.Adam([self.value], lr=1, **options.get("adam", {}))

    def direction(self, gradient):
        before = self.value.detach().clone()
        self.value.grad = gradient.clone()
        self.optimizer.step()
        return before - self.value.detach()


def optimizers():
    """Name, direction of hidden matrices, whether norms are held, options, global norm clip."""
    yield "muon", Muon, False, {}, None
    yield "muon_options", Muon, False, dict(
        momentum=0.8, nesterov=False, iterations=3, scale="matchAdamW", decay=0.1), None
    yield "muon_clipped", Muon, False, dict(scale="none"), 2.0
    yield "adamh", Adam, True, {}, None
    yield "adamh_options", Adam, True, dict(adam=dict(betas=(0.8, 0.95), eps=1e-2)), 2.0
    yield "muonh", Muon, True, {}, None


def clipped(gradients, limit):
    norm = sum(g.double().square().sum() for g in gradients).sqrt().item()
    return [g * min(1.0, limit / norm) for g in gradients]


def write():
    torch.manual_seed(3)
    tensors = {}
    for dtype_name, dtype in DTYPES.items():
        initial = [torch.randn(s, dtype=dtype) for s in SHAPES]
        gradients = [[torch.randn(s, dtype=dtype) * 0.5 ** (step % 4) for s in SHAPES] for step in range(STEPS)]
        for i, value in enumerate(initial):
            tensors[f"{dtype_name}/initial.{i}"] = value
            for step in range(STEPS):
                tensors[f"{dtype_name}/gradient.{step}.{i}"] = gradients[step][i]
        for name, rule, holds, options, limit in optimizers():
            values = [value.clone() for value in initial]
            norms = [value.double().norm() for value in initial]
            rules = [rule(value, options) if hidden else None for value, hidden in zip(initial, HIDDEN)]
            others = [torch.nn.Parameter(value.clone()) for value, hidden in zip(initial, HIDDEN) if not hidden]
            decay = options.get("decay", 0)
            adam = torch.optim.AdamW(others, lr=OTHER, weight_decay=decay, **options.get("adam", {}))
            for step in range(STEPS):
                scaled = clipped(gradients[step], limit) if limit else gradients[step]
                rest = [g for g, hidden in zip(scaled, HIDDEN) if not hidden]
                for parameter, gradient in zip(others, rest):
                    parameter.grad = gradient.clone()
                adam.step()
                for i, own in enumerate(rules):
                    if own is None:
                        continue
                    update = own.direction(scaled[i])
                    if holds:
                        turned = values[i].double() - RATE * norms[i] * (update.double() / update.double().norm())
                        values[i] = (norms[i] * turned / turned.norm()).to(dtype)
                    else:
                        values[i] = (1 - RATE * decay) * values[i] - RATE * update
                if step + 1 in KEPT:
                    rest = iter(others)
                    for i, hidden in enumerate(HIDDEN):
                        value = values[i] if hidden else next(rest).detach()
                        tensors[f"{name}/{dtype_name}/after.{step + 1}.{i}"] = value.clone()
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = {key: value.contiguous().clone() for key, value in tensors.items()}
    save_file(kept, FOLDER / "matrix_optimizers.safetensors", metadata=METADATA)


write()
