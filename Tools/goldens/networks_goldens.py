"""Writes Tests/NetworksTests/Goldens/{layers,optimizers}.safetensors: what PyTorch computes.

Run from the repository's root, with torch and safetensors: python3 -P Tools/goldens/networks_goldens.py
(-P, because a script beside it has the name of a standard module)
Layers: NAME/DTYPE/{x,out,seed,grad} and NAME/DTYPE/{parameter,grad_parameter}.P, where the gradients are of
sum(seed * out). Optimizers: DTYPE/initial.I, DTYPE/gradient.STEP.I and NAME/DTYPE/after.STEP.I.
"""

import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

FOLDER = pathlib.Path("Tests/NetworksTests/Goldens")
DTYPES = {"float32": torch.float32, "float64": torch.float64}
METADATA = {"torch": torch.__version__, "script": "Tools/goldens/networks_goldens.py"}
STEPS = 20
KEPT = (1, 5, 20)


class Permuted(nn.Module):
    """A normalization of the channels at each position of an image."""

    def __init__(self, norm):
        super().__init__()
        self.norm = norm

    def forward(self, x):
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class CReLU(nn.Module):
    def forward(self, x):
        return torch.cat([x.relu(), (-x).relu()], 1)


def layers():
    """Name, module, shape of the input."""
    image = (2, 4, 5, 6)
    yield "linear", nn.Linear(6, 3), (4, 6)
    yield "linear_without_bias", nn.Linear(6, 3, bias=False), (2, 3, 6)
    yield "convolution", nn.Conv2d(4, 6, 3, stride=2, padding=1), image
    yield "convolution_rectangular", nn.Conv2d(4, 6, (3, 2), (1, 2), (2, 1), groups=2), image
    yield "layer_norm", nn.LayerNorm(6), (4, 6)
    yield "layer_norm_plain", nn.LayerNorm(6, elementwise_affine=False), (4, 6)
    yield "layer_norm_exact", nn.LayerNorm(6, eps=0, elementwise_affine=False), (4, 6)
    yield "layer_norm_image", nn.LayerNorm(image[1:]), image
    yield "layer_norm_image_per_channel", nn.GroupNorm(1, 4), image
    yield "layer_norm_channels", Permuted(nn.LayerNorm(4)), image
    yield "rms_norm", nn.RMSNorm(6, eps=1e-5), (4, 6)
    yield "rms_norm_image", nn.RMSNorm(image[1:], eps=1e-5), image
    yield "rms_norm_channels", Permuted(nn.RMSNorm(4, eps=1e-5)), image
    yield "group_norm", nn.GroupNorm(2, 4), image
    yield "relu", nn.ReLU(), (4, 6)
    yield "leaky_relu", nn.LeakyReLU(0.2), (4, 6)
    yield "gelu", nn.GELU(), (4, 6)
    yield "gelu_approximate", nn.GELU("tanh"), (4, 6)
    yield "silu", nn.SiLU(), (4, 6)
    yield "tanh", nn.Tanh(), (4, 6)
    yield "crelu", CReLU(), (4, 6)
    yield "maximum_pool", nn.MaxPool2d(3, 2, 1), image
    yield "average_pool", nn.AvgPool2d((2, 3)), image
    yield "global_average_pool", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), image


def add_gradients(tensors, prefix, module, x):
    x.requires_grad_(x.is_floating_point())
    out = module(x)
    seed = torch.randn_like(out)
    (seed * out).sum().backward()
    tensors[f"{prefix}/x"], tensors[f"{prefix}/out"], tensors[f"{prefix}/seed"] = x, out, seed
    if x.grad is not None:
        tensors[f"{prefix}/grad"] = x.grad
    for i, parameter in enumerate(module.parameters()):
        tensors[f"{prefix}/parameter.{i}"] = parameter.detach().clone()
        tensors[f"{prefix}/grad_parameter.{i}"] = parameter.grad.clone()


def write_layers():
    torch.manual_seed(1)
    tensors = {}
    for name, module, shape in layers():
        for parameter in module.parameters():
            nn.init.normal_(parameter)
        for dtype_name, dtype in DTYPES.items():
            add_gradients(tensors, f"{name}/{dtype_name}", module.to(dtype), torch.randn(shape, dtype=dtype) + 0.3)
            module.zero_grad()
    for dtype_name, dtype in DTYPES.items():
        add_gradients(tensors, f"embedding/{dtype_name}", nn.Embedding(5, 3).to(dtype), torch.tensor([[0, 4], [4, 2]]))
        write_losses(tensors, dtype_name, dtype)
    save(tensors, "layers")


def write_losses(tensors, dtype_name, dtype):
    labels = torch.tensor([0, 2, 1, 2])
    for name, loss in {
        "cross_entropy": F.cross_entropy,
        "squared_error": lambda x, y: F.mse_loss(x, F.one_hot(y, 3).to(x.dtype)),
    }.items():
        x = torch.randn(4, 3, dtype=dtype, requires_grad=True)
        value = loss(x, labels)
        value.backward()
        prefix = f"{name}/{dtype_name}"
        tensors |= {f"{prefix}/x": x, f"{prefix}/labels": labels, f"{prefix}/out": value, f"{prefix}/grad": x.grad}


def optimizers():
    """Name, constructor, options, global norm clip, whether norms are restored."""
    rate = 0.05
    yield "sgd", torch.optim.SGD, dict(lr=rate), None, False
    yield "sgd_momentum", torch.optim.SGD, dict(lr=rate, momentum=0.9), None, False
    yield "sgd_nesterov", torch.optim.SGD, dict(lr=rate, momentum=0.9, nesterov=True), None, False
    yield "sgd_decay", torch.optim.SGD, dict(lr=rate, momentum=0.5, weight_decay=0.1), None, False
    yield "sgd_radius", torch.optim.SGD, dict(lr=rate, momentum=0.9), None, True
    yield "rmsprop", torch.optim.RMSprop, dict(lr=rate), None, False
    yield "rmsprop_momentum", torch.optim.RMSprop, dict(lr=rate, alpha=0.9, momentum=0.5, eps=1e-3), None, False
    yield "rmsprop_decay", torch.optim.RMSprop, dict(lr=rate, weight_decay=0.1), None, False
    yield "rmsprop_radius", torch.optim.RMSprop, dict(lr=rate), None, True
    yield "adam", torch.optim.Adam, dict(lr=rate), None, False
    yield "adam_options", torch.optim.Adam, dict(lr=rate, betas=(0.8, 0.95), eps=1e-2), None, False
    yield "adam_decay", torch.optim.Adam, dict(lr=rate, weight_decay=0.1), None, False
    yield "adam_clipped", torch.optim.Adam, dict(lr=rate, eps=0.1), 2.0, False
    yield "adam_radius", torch.optim.Adam, dict(lr=rate), None, True
    yield "adamw", torch.optim.AdamW, dict(lr=rate, weight_decay=0.1), None, False
    yield "adamw_radius", torch.optim.AdamW, dict(lr=rate, weight_decay=0.1), None, True


def clipped(gradients, limit):
    norm = sum(g.double().square().sum() for g in gradients).sqrt().item()
    return [g * min(1.0, limit / norm) for g in gradients]


def write_optimizers():
    torch.manual_seed(2)
    shapes = [(5, 4), (7,), (2, 3, 3, 3)]
    tensors = {}
    for dtype_name, dtype in DTYPES.items():
        initial = [torch.randn(s, dtype=dtype) for s in shapes]
        gradients = [[torch.randn(s, dtype=dtype) * 0.5 ** (step % 4) for s in shapes] for step in range(STEPS)]
        for i, value in enumerate(initial):
            tensors[f"{dtype_name}/initial.{i}"] = value
            for step in range(STEPS):
                tensors[f"{dtype_name}/gradient.{step}.{i}"] = gradients[step][i]
        for name, constructor, options, limit, is_projected in optimizers():
            parameters = [nn.Parameter(value.clone()) for value in initial]
            optimizer = constructor(parameters, **options)
            for step in range(STEPS):
                scaled = clipped(gradients[step], limit) if limit else gradients[step]
                for parameter, gradient in zip(parameters, scaled):
                    parameter.grad = gradient.clone()
                optimizer.step()
                if is_projected:
                    with torch.no_grad():
                        for parameter, start in zip(parameters, initial):
                            parameter *= (start.double().norm() / parameter.double().norm()).item()
                if step + 1 in KEPT:
                    for i, parameter in enumerate(parameters):
                        tensors[f"{name}/{dtype_name}/after.{step + 1}.{i}"] = parameter.detach().clone()
    save(tensors, "optimizers")


def save(tensors, name):
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = {key: value.detach().contiguous().clone() for key, value in tensors.items()}
    save_file(kept, FOLDER / f"{name}.safetensors", metadata=METADATA)


write_layers()
write_optimizers()
