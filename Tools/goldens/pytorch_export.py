"""Writes Tests/NormalizeAndProjectTests/Goldens/export.safetensors: networks as PyTorch builds and runs them.

Run from the repository's root, with torch and safetensors: python3 -P Tools/goldens/pytorch_export.py
With files that nap exported as arguments, each is loaded into the modules it names instead, and its tensors
`input` and `output`, if it has them, are compared.

CASE/{input,output} and CASE/state.NAME; the expression of the modules is the metadatum CASE. In the case
`folded`, gain and shift of the case `preceding` have gone into the linear layers that follow. The classes that PyTorch
lacks are those of the sources of nap, the very text that an export carries; CASE.classes names those that a case uses.
"""

import re
import sys
from collections import OrderedDict  # noqa: F401, used by the expressions

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

TARGET = "Tests/NormalizeAndProjectTests/Goldens/export.safetensors"
CLASSES = "Sources/NormalizeAndProject/Export/pytorch_modules.py"


def classes():
    """The classes of the sources by name."""
    texts = open(CLASSES).read().strip().split("\n\n\n")[1:]
    return {re.match(r"class (\w+)", text)[1]: text for text in texts}

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

def norm_convolution(index, inputs, outputs, kernel, stride):
    padding = (kernel - 1) // 2
    return (
        f'("convolution{index}", nn.Conv2d({inputs}, {outputs}, ({kernel}, {kernel}), stride=({stride}, {stride}), '
        f'padding=({padding}, {padding}), bias=False)), '
        f'("normalization{index}", nn.BatchNorm2d({outputs}, eps=1e-05, momentum=0.1))'
    )


def sequence(*entries):
    return f"nn.Sequential(OrderedDict([{', '.join(entries)}]))"


def body(inputs, outputs, stride):
    return sequence(
        norm_convolution(0, inputs, outputs, 3, stride),
        '("activation0", nn.ReLU())',
        norm_convolution(1, outputs, outputs, 3, 1),
    )


SOURCES |= {
    "residual": (
        sequence(
            norm_convolution(0, 2, 3, 3, 1),
            '("activation0", nn.ReLU())',
            f'("stage0-block0", Residual({body(3, 3, 1)}))',
            '("activation1", nn.ReLU())',
            f'("stage1-block0", Residual({body(3, 4, 2)}, {sequence(norm_convolution(0, 3, 4, 1, 2))}))',
            '("activation2", nn.ReLU())',
            '("pool", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))',
            '("output", nn.Linear(4, 3))',
        ),
        (3, 2, 8, 8),
    ),
    "tokens": (
        sequence(
            '("embedding", TokenEmbedding(5, 4, 6))',
            '("attention0", Residual('
            + sequence(
                '("normalization", nn.Identity())',
                '("attention", SelfAttention(6, 2, 3, True, nn.RMSNorm([3], eps=1e-06), nn.RMSNorm([3], eps=1e-06)))',
            )
            + "))",
            '("dense0", Residual('
            + sequence(
                '("normalization", nn.Identity())',
                '("hidden", nn.Linear(6, 7, bias=False))',
                '("activation", nn.ReLU())',
                '("output", nn.Linear(7, 6, bias=False))',
                '("normalization-after", nn.Identity())',
            )
            + "))",
            '("last", LastPosition())',
            '("output", nn.Linear(6, 3, bias=False))',
        ),
        (3, 4),
    ),
    "agent": (
        sequence(
            '("scaling", InputScaling(2.0))',
            '("one", AppendedOne())',
            '("hidden", NoisyLinear(6, 4))',
            '("activation", nn.ReLU())',
            '("quantiles", QuantileEmbedding('
            + sequence(
                '("cosines", CosineFeatures(3))', '("linear", nn.Linear(3, 4))', '("activation", nn.ReLU())'
            )
            + "))",
            '("heads", Dueling(2, '
            + sequence('("output", NoisyLinear(4, 2, bias=False))')
            + ", "
            + sequence('("output", nn.Linear(4, 1))')
            + "))",
        ),
        (3, 5),
    ),
    "critic": (
        sequence(
            '("normalization", ShiftedRMSNorm([5], eps=1e-05))',
            '("features", FourierFeatures())',
            '("head", InjectedHead('
            + ", ".join(sequence('("output", nn.Linear(10, 4))') for _ in range(3))
            + ", True))",
            '("heads", ActorCritic('
            + sequence('("output", nn.Linear(4, 6, bias=False))')
            + ", "
            + sequence('("output", nn.Linear(4, 1))')
            + "))",
            '("actions", PerAction(7))',
        ),
        (3, 5),
    ),
    "channels": (
        sequence(
            '("convolution", nn.Conv2d(2, 3, (3, 3), stride=(1, 1), padding=(1, 1)))',
            '("layer", ChannelNormalization(nn.LayerNorm([3], eps=1e-05)))',
            '("both", CReLU())',
            '("rms", ChannelNormalization(nn.RMSNorm([6], eps=1e-05, elementwise_affine=False)))',
            '("pool", nn.AvgPool2d((2, 2), (2, 2), (0, 0)))',
            '("flatten", nn.Flatten())',
            '("output", nn.Linear(24, 3))',
        ),
        (3, 2, 4, 4),
    ),
}

SOURCES |= {
    "vit": (
        'nn.Sequential(OrderedDict([("patches", nn.Conv2d(2, 6, (4, 4), stride=(4, 4), padding=(0, 0))), '
        '("row", PositionsInARow()), ("positions", PositionEmbedding(3, 6, True)), ("block0-attention", '
        'Residual(nn.Sequential(OrderedDict([("normalization", nn.LayerNorm([6], eps=1e-05)), ("attention", '
        'GroupedAttention(6, 2, 2, 3, False, ["value", "output"], None, nn.RMSNorm([3], eps=1e-06), '
        'nn.RMSNorm([3], eps=1e-06)))])))), ("block0-dense", '
        'Residual(nn.Sequential(OrderedDict([("normalization", nn.LayerNorm([6], eps=1e-05)), ("hidden", '
        'nn.Linear(6, 7, bias=False)), ("normalization0", nn.RMSNorm([7], eps=1e-06)), ("activation", '
        'SquaredReLU()), ("output", nn.Linear(7, 6))])))), ("normalization", nn.LayerNorm([6], eps=1e-05)), '
        '("readout", FirstPosition()), ("output", nn.Linear(6, 3))]))',
        (3, 2, 4, 8),
    ),
    "average": (
        'nn.Sequential(OrderedDict([("patches", nn.Conv2d(2, 6, (4, 4), stride=(4, 4), padding=(0, 0))), '
        '("row", PositionsInARow()), ("positions", PositionEmbedding(2, 6, False)), ("block0-attention", '
        'Residual(nn.Sequential(OrderedDict([("normalization", nn.LayerNorm([6], eps=1e-05)), ("attention", '
        'GroupedAttention(6, 2, 2, 3, False, ["query", "key", "value", "output"], None))])))), '
        '("block0-dense", Residual(nn.Sequential(OrderedDict([("normalization", nn.LayerNorm([6], '
        'eps=1e-05)), ("hidden", nn.Linear(6, 7)), ("activation", nn.GELU()), ("output", nn.Linear(7, '
        '6))])))), ("readout", PositionMean()), ("normalization", nn.LayerNorm([6], eps=1e-05)), ("output", '
        'nn.Linear(6, 3))]))',
        (3, 2, 4, 8),
    ),
    "gpt": (
        'nn.Sequential(OrderedDict([("embedding", nn.Embedding(5, 6)), ("block0-attention", '
        'Residual(nn.Sequential(OrderedDict([("normalization", nn.RMSNorm([6], eps=1e-05)), ("attention", '
        'GroupedAttention(6, 4, 2, 2, True, [], 10000.0))])))), ("block0-dense", '
        'Residual(nn.Sequential(OrderedDict([("normalization", nn.RMSNorm([6], eps=1e-05)), ("gated", '
        'GatedLinearUnit(nn.Sequential(OrderedDict([("hidden", nn.Linear(6, 7, bias=False)), ("activation", '
        'nn.SiLU())])), nn.Sequential(OrderedDict([("hidden", nn.Linear(6, 7, bias=False))])))), ("output", '
        'nn.Linear(7, 6, bias=False))])))), ("normalization", nn.RMSNorm([6], eps=1e-05)), ("output", '
        'nn.Linear(6, 5, bias=False))]))',
        (3, 4),
    ),
}

FOLDED = (
    'nn.Sequential(OrderedDict([("first", nn.LayerNorm([6], eps=1e-05, elementwise_affine=False)), '
    '("hidden", nn.Linear(6, 8)), ("second", nn.RMSNorm([8], eps=1e-05)), '
    '("relu", nn.ReLU()), ("third", nn.LayerNorm([8], eps=1e-05, elementwise_affine=False)), '
    '("output", nn.Linear(8, 3))]))'
)


# Cases whose numbers were drawn before there were classes.
EARLIER = ("dense", "images", "unlearned", "preceding")


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
    known = classes()
    exec("\n\n".join(known.values()), globals())
    for case, (source, shape) in SOURCES.items():
        network = eval(source).eval()
        for parameter in network.parameters():
            if case in EARLIER:
                parameter.add_(torch.randn_like(parameter) * 0.3)
            else:  # a class's own parameters hold nothing yet
                parameter.copy_(torch.randn_like(parameter) * 0.5)
        for name, buffer in network.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(torch.randn_like(buffer))
            elif name.endswith("running_var"):
                buffer.copy_(torch.rand_like(buffer) + 0.5)
        x = torch.randint(5, shape[:2]) if case in ("tokens", "gpt") else torch.randn(shape)
        variants = {case: (network, source)}
        if case == "preceding":
            variants["folded"] = (fold(network), FOLDED)
        for name, (module, text) in variants.items():
            sources[name] = text
            # In the order of their first use.
            used = [word for word in re.findall(r"\b(\w+)\(", text) if word in known]
            sources[f"{name}.classes"] = "\n\n\n".join(known[word] for word in dict.fromkeys(used))
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
    exec(file.metadata().get("pytorch_classes", ""), globals())
    network = eval(file.metadata()["pytorch"]).eval()
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
