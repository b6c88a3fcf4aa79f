"""Writes Tests/NetworksTests/Goldens/residual.safetensors: a small residual network as PyTorch computes it.

Run from the repository's root, with torch and safetensors: python3 -P Tools/goldens/residual_goldens.py
Three batches in training: x.B, out.B, seed.B; gradients of sum(seed * out) of the last batch: grad_parameter.P and grad; then
running statistics: buffer.I; then the same network in evaluation over x.0: evaluated. Parameters in our order: parameter.P.
"""

import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

METADATA = {"torch": torch.__version__, "script": "Tools/goldens/residual_goldens.py"}


def pair(inputs, outputs, kernel, stride):
    return [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
    ]


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(*pair(inputs, outputs, 3, stride), nn.ReLU(), *pair(outputs, outputs, 3, 1))
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(*pair(inputs, outputs, 1, stride))

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def main():
    torch.manual_seed(4)
    network = nn.Sequential(
        *pair(3, 4, 3, 1), nn.ReLU(), Block(4, 4, 1), Block(4, 6, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 5)
    ).double()
    for parameter in network.parameters():
        nn.init.normal_(parameter)
    tensors = {f"parameter.{i}": p.detach().clone() for i, p in enumerate(network.parameters())}
    for batch in range(3):
        network.zero_grad()
        x = torch.randn(4, 3, 7, 7, dtype=torch.float64, requires_grad=True)
        out = network(x)
        seed = torch.randn_like(out)
        (seed * out).sum().backward()
        tensors |= {f"x.{batch}": x.detach(), f"out.{batch}": out.detach(), f"seed.{batch}": seed}
    tensors |= {f"grad_parameter.{i}": p.grad for i, p in enumerate(network.parameters())}
    tensors["grad"] = x.grad
    buffers = [b for name, b in network.named_buffers() if not name.endswith("tracked")]
    tensors |= {f"buffer.{i}": b.clone() for i, b in enumerate(buffers)}
    network.eval()
    tensors["evaluated"] = network(tensors["x.0"]).detach()
    save_file({k: v.contiguous() for k, v in tensors.items()}, pathlib.Path("Tests/NetworksTests/Goldens/residual.safetensors"), METADATA)


main()
