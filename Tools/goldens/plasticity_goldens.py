"""Writes Tests/PlasticityTests/Goldens/diagnostics.safetensors: what PyTorch and NumPy make of each measure.

Run from the repository's root, with torch, numpy and safetensors: python3 -P Tools/goldens/plasticity_goldens.py
(-P, because a script beside it has the name of a standard module)
For each NETWORK (mlp, cnn), in float64: NETWORK/{x,labels}, NETWORK/{value,initial,earlier}.PARAMETER and
NETWORK/METRIC[/SCOPE]. Everything comes from its definition: a backward pass an example, whole Hessians and
Jacobians, no factored gradients.
"""

import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

FILE = pathlib.Path("Tests/PlasticityTests/Goldens/diagnostics.safetensors")
METADATA = {"torch": torch.__version__, "numpy": np.__version__, "script": "Tools/goldens/plasticity_goldens.py"}
RATE = 0.05


def networks():
    """Name, layers by name, shape of the inputs."""
    yield "mlp", nn.Sequential(), [
        ("hidden0", nn.Linear(6, 8)), ("norm0", nn.LayerNorm(8)), ("activation0", nn.ReLU()),
        ("hidden1", nn.Linear(8, 7)), ("activation1", nn.ReLU()), ("output", nn.Linear(7, 3))], (9, 6)
    yield "cnn", nn.Sequential(), [
        ("convolution0", nn.Conv2d(2, 5, 3, stride=2, padding=1)), ("norm0", nn.GroupNorm(1, 5)),
        ("activation0", nn.ReLU()), ("flatten", nn.Flatten()), ("hidden0", nn.Linear(45, 6)),
        ("activation1", nn.ReLU()), ("output", nn.Linear(6, 4))], (7, 2, 5, 5)


def flat(tensors):
    return torch.cat([t.reshape(-1) for t in tensors])


def forward(model, x):
    """Inputs and outputs of every layer by name."""
    seen = {}
    for name, layer in model.named_children():
        y = layer(x)
        seen[name] = (x, y)
        x = y
    return x, seen


def effective_rank(s):
    p = s / s.sum()
    p = p[p > 0]
    return np.exp(-(p * np.log(p)).sum())


def measure(name, model, x, labels, initial, earlier, out):
    parameters = dict(model.named_parameters())

    def put(metric, value, scope=None):
        key = f"{name}/{metric}" + (f"/{scope}" if scope else "")
        out[key] = torch.as_tensor(value, dtype=torch.float64).clone()

    logits, seen = forward(model, x)
    relus = [n for n, layer in model.named_children() if isinstance(layer, nn.ReLU)]
    counts = {"dead_units": [], "dormant_units": [], "zombie_units": [], "active_fraction": []}
    for relu in relus:
        before, after = (t.detach().numpy() for t in seen[relu])
        units = after.shape[1]
        columns = np.moveaxis(after, 1, -1).reshape(-1, units)
        pre = np.moveaxis(before, 1, -1).reshape(-1, units)
        score = np.abs(columns).mean(0)
        score = score / score.mean()
        found = {
            "dead_units": ((columns == 0).all(0).sum(), units), "dormant_units": ((score <= 0.025).sum(), units),
            "zombie_units": ((pre > 0).all(0).sum(), units), "active_fraction": ((columns > 0).sum(), columns.size)}
        for metric, (part, whole) in found.items():
            put(metric, part / whole, relu)
            counts[metric].append((part, whole))
        put("feature_norm", np.linalg.norm(after.reshape(len(after), -1), axis=1).mean(), relu)
    for metric, parts in counts.items():
        put(metric, sum(p for p, _ in parts) / sum(w for _, w in parts))

    features = seen["output"][0].detach().numpy()
    put("feature_norm", np.linalg.norm(features, axis=1).mean())
    s = np.linalg.svd(features, compute_uv=False)
    put("effective_rank", effective_rank(s))
    put("stable_rank", (np.linalg.norm(features) / np.linalg.norm(features, 2)) ** 2)
    put("srank", 1 + int(np.argmax(np.cumsum(s) / s.sum() >= 0.99)))
    put("numerical_rank", (np.linalg.svd(features / np.sqrt(len(features)), compute_uv=False) > 0.01).sum())

    for key, value in parameters.items():
        put("parameter_norm", value.norm(), key)
        put("weight_drift", (value - initial[key]).norm(), key)
    put("parameter_norm", flat(parameters.values()).norm())
    put("weight_drift", flat([v - initial[k] for k, v in parameters.items()]).norm())
    put("scale_offset_norm", flat([parameters["norm0.weight"], parameters["norm0.bias"]]).norm())

    weights = [k for k, v in parameters.items() if k.endswith("weight") and not k.startswith("norm")]
    gradients = dict(zip(parameters, torch.autograd.grad(F.cross_entropy(model(x), labels), parameters.values())))
    for key in weights:
        put("gradient_weight_cosine", F.cosine_similarity(flat([gradients[key]]), flat([parameters[key]]), 0), key)
    g, w = flat([gradients[k] for k in weights]), flat([parameters[k] for k in weights])
    put("gradient_weight_cosine", F.cosine_similarity(g, w, 0))
    put("gradient_norm", flat(gradients.values()).norm())
    for key, value in gradients.items():
        put("gradient_norm", value.norm(), key)
    # One step of gradient descent, as an optimizer would take it.
    rates = []
    for key in weights:
        w, u = parameters[key].detach(), -RATE * gradients[key]
        put("update_ratio", u.norm() / w.norm(), key)
        put("rotation", torch.atan2((u - w * (u * w).sum() / w.square().sum()).norm(),
                                    ((w + u) * w).sum() / w.norm()), key)
        put("weight_change_ratio", u.norm() / w.norm(), key)
        rate = u.square().mean().sqrt() / w.norm()
        put("realised_effective_learning_rate", rate, key)
        if not key.startswith("output"):  # the network's is the mean over hidden weights
            rates.append(rate)
    put("realised_effective_learning_rate", torch.stack(rates).mean())
    ratio = RATE * flat([gradients[k] for k in weights]).norm() / flat([parameters[k] for k in weights]).norm()
    put("update_ratio", ratio)
    put("weight_change_ratio", ratio)

    rows = torch.stack([
        flat(torch.autograd.grad(F.cross_entropy(model(x[i:i + 1]), labels[i:i + 1]), parameters.values()))
        for i in range(len(x))])
    unit = rows / rows.norm(dim=1, keepdim=True)
    cosines = unit @ unit.T
    pairs = cosines[np.tril_indices(len(x), -1)]
    put("gradient_cosines", cosines)
    put("gradient_cosine", pairs.mean())
    put("gradient_conflict", (pairs < 0).double().mean())

    def logits_of(values, inputs):
        return torch.func.functional_call(model, values, (inputs,))

    detached = {k: v.detach() for k, v in parameters.items()}
    jacobians = torch.func.jacrev(logits_of)(detached, x)
    whole = torch.cat([j.reshape(*logits.shape, -1) for j in jacobians.values()], 2)
    put("jacobian_norm", whole.square().sum((1, 2)).mean().sqrt())
    inputs = torch.stack([
        torch.func.jacrev(lambda v: logits_of(detached, v[None])[0])(x[i]).square().sum() for i in range(len(x))])
    put("input_jacobian_norm", inputs.mean().sqrt())
    kernel = torch.einsum("ikp,jkp->ij", whole, whole) / logits.shape[1]
    eigenvalues = np.linalg.eigvalsh(kernel.numpy())[::-1].copy()
    put("tangent_kernel", kernel)
    put("tangent_kernel_spectrum", eigenvalues)
    put("tangent_kernel_eigenvalue", eigenvalues[0])
    put("tangent_kernel_rank", effective_rank(np.maximum(eigenvalues, 0)))

    sizes = [v.numel() for v in detached.values()]

    def loss(vector):
        parts = [p.view_as(v) for p, v in zip(vector.split(sizes), detached.values())]
        return F.cross_entropy(logits_of(dict(zip(detached, parts)), x), labels)

    hessian = torch.autograd.functional.hessian(loss, flat(detached.values()))
    spectrum = np.linalg.eigvalsh(hessian.numpy())
    put("sharpness", spectrum[-1])
    put("hessian_smallest", spectrum[0])

    now = {k: v.detach().clone() for k, v in parameters.items()}
    model.load_state_dict(earlier)
    _, old = forward(model, x)
    changed = 0
    for relu in relus:
        part = ((old[relu][0] > 0) != (seen[relu][0] > 0)).sum().item()
        changed += part
        put("activation_pattern_change", np.sqrt(part), relu)
    put("activation_pattern_change", np.sqrt(changed))

    def shares(f):
        f = f.detach().numpy().T
        return f.T @ f / np.linalg.norm(f) ** 2

    put("feature_change", np.linalg.norm(shares(old["output"][0]) - shares(seen["output"][0])))
    model.load_state_dict(now)


def main():
    torch.manual_seed(4)
    torch.set_default_dtype(torch.float64)
    out = {}
    for name, model, layers, shape in networks():
        for layer_name, layer in layers:
            model.add_module(layer_name, layer)
        initial = {k: v.detach().clone() for k, v in model.named_parameters()}
        with torch.no_grad():
            for value in model.parameters():
                value += 0.3 * torch.randn_like(value)
            # A unit that is dead, one that is nearly silent and one that is linear.
            model.norm0.bias[0] = -6.0
            model.norm0.bias[1] = 6.0
            model.get_submodule("hidden0" if name == "cnn" else "hidden1").bias[2] = -12.0
        earlier = {k: v.detach() + 0.2 * torch.randn_like(v) for k, v in model.named_parameters()}
        x, labels = torch.randn(shape), torch.randint(0, layers[-1][1].out_features, shape[:1])
        out[f"{name}/x"], out[f"{name}/labels"] = x, labels
        for key, value in model.named_parameters():
            out[f"{name}/value.{key}"] = value.detach().clone()
            out[f"{name}/initial.{key}"], out[f"{name}/earlier.{key}"] = initial[key], earlier[key].clone()
        measure(name, model, x, labels, initial, earlier, out)
    FILE.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in out.items()}, str(FILE), METADATA)
    print(f"{FILE}: {len(out)} tensors")


main()
