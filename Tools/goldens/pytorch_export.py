"""Writes Tests/NormalizeAndProjectTests/Goldens/export.safetensors: networks as PyTorch builds and runs them.

Run from the repository's root, with torch and safetensors: python3 -P Tools/goldens/pytorch_export.py
With files that nap exported as arguments, each is loaded into the modules it names instead, and its tensors
`input` and `output`, if it has them, are compared.

CASE/{input,output} and CASE/state.NAME; the expression of the modules is the metadatum CASE. In the case
`folded`, gain and shift of the case `preceding` have gone into the linear layers that follow.
"""

import sys
from collections import OrderedDict  # noqa: F401, used by the expressions

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

TARGET = "Tests/NormalizeAndProjectTests/Goldens/export.safetensors"

SOURCES = {
    "dense": (
        'nn.Sequential(OrderedDict([("flatten", nn.Flatten()), ("hidden0", nn.Linear(6, 8, bias=False)), '
        '("normalization0", nn.LayerNorm([8], eps=1e-05)), ("activation0", nn.ReLU()), '
        '("hidden1", nn.Linear(8, 7, bias=False)), ("normalization1", nn.LayerNorm([7], eps=1e-05)), '
        '("activation1", nn.ReLU()), ("output", nn.Linear(7, 3))]))',
        (4, 6),
    ),
    "images": (
        'nn.Sequential(OrderedDict([("convolution0", nn.Conv2d(2, 4, (3, 3), stride=(1, 1), padding=(1, 1), '
        'bias=False)), ("normalization0", nn.GroupNorm(1, 4, eps=1e-05)), ("activation0", nn.ReLU()), '
        '("pool0", nn.MaxPool2d((2, 2), (2, 2), (0, 0))), ("flatten", nn.Flatten()), '
        '("hidden0", nn.Linear(64, 9, bias=False)), ("normalization1", nn.LayerNorm([9], eps=1e-05)), '
        '("activation1", nn.ReLU()), ("output", nn.Linear(9, 3))]))',
        (3, 2, 8, 8),
    ),
    "unlearned": (
        'nn.Sequential(OrderedDict([("convolution0", nn.Conv2d(2, 4, (3, 3), stride=(1, 1), padding=(1, 1), '
        'bias=False)), ("normalization0", nn.RMSNorm([4, 8, 8], eps=1e-06, elementwise_affine=False)), '
        '("activation0", nn.ReLU()), ("pool0", nn.MaxPool2d((2, 2), (2, 2), (0, 0))), '
        '("flatten", nn.Flatten()), ("hidden0", nn.Linear(64, 9, bias=False)), '
        '("normalization1", nn.RMSNorm([9], eps=1e-06, elementwise_affine=False)), '
        '("activation1", nn.ReLU()), ("output", nn.Linear(9, 3))]))',
        (3, 2, 8, 8),
    ),
    "preceding": (
        'nn.Sequential(OrderedDict([("first", nn.LayerNorm([6], eps=1e-05)), '
        '("hidden", nn.Linear(6, 8, bias=False)), ("second", nn.RMSNorm([8], eps=1e-05)), '
        '("relu", nn.ReLU()), ("third", nn.LayerNorm([8], eps=1e-05)), ("output", nn.Linear(8, 3))]))',
        (4, 6),
    ),
}

FOLDED = (
    'nn.Sequential(OrderedDict([("first", nn.LayerNorm([6], eps=1e-05, elementwise_affine=False)), '
    '("hidden", nn.Linear(6, 8)), ("second", nn.RMSNorm([8], eps=1e-05)), '
    '("relu", nn.ReLU()), ("third", nn.LayerNorm([8], eps=1e-05, elementwise_affine=False)), '
    '("output", nn.Linear(8, 3))]))'
)


def fold(network):
    """The modules of FOLDED with the function of the case `preceding`."""
    folded = eval(FOLDED)
    folded.second.load_state_dict(network.second.state_dict())
    for norm, name in [(network.first, "hidden"), (network.third, "output")]:
        linear, target = getattr(network, name), getattr(folded, name)
        shift = linear.weight @ norm.bias
        target.weight.copy_(linear.weight * norm.weight)
        target.bias.copy_(shift if linear.bias is None else linear.bias + shift)
    return folded


@torch.no_grad()
def write():
    torch.manual_seed(0)
    tensors, sources = {}, {}
    for case, (source, shape) in SOURCES.items():
        network = eval(source)
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
        x = torch.randn(shape)
        variants = {case: (network, source)}
        if case == "preceding":
            variants["folded"] = (fold(network), FOLDED)
        for name, (module, text) in variants.items():
            sources[name] = text
            tensors[f"{name}/input"] = x
            tensors[f"{name}/output"] = module(x)
            for key, value in module.state_dict().items():
                tensors[f"{name}/state.{key}"] = value
    assert torch.allclose(tensors["folded/output"], tensors["preceding/output"], atol=1e-5)
    tensors = {name: tensor.contiguous().clone() for name, tensor in tensors.items()}
    save_file(tensors, TARGET, {"torch": torch.__version__, "script": "Tools/goldens/pytorch_export.py"} | sources)
    print(f"{TARGET}: {len(tensors)} tensors")


@torch.no_grad()
def check(path):
    file = safe_open(path, "pt")
    network = eval(file.metadata()["pytorch"])
    state = {name: file.get_tensor(name) for name in file.keys() if name not in ("input", "output")}
    network.load_state_dict(state, strict=True)
    print(f"{path}: {len(state)} tensors fit {network}")
    if "output" in file.keys():
        gap = (network(file.get_tensor("input")) - file.get_tensor("output")).abs().max().item()
        print(f"largest difference of outputs: {gap:.2e}")
        if gap > 1e-5:
            sys.exit(f"{path}: outputs differ by {gap:.2e}, allowed 1e-5")


if sys.argv[1:]:
    for argument in sys.argv[1:]:
        check(argument)
else:
    write()
