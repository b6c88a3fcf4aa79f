"""Writes Tests/NetworksTests/Goldens/transformer.safetensors: attention and a small transformer as PyTorch computes them.

Run from the repository's root, with torch and safetensors: python3 -P Tools/goldens/transformer_goldens.py
(-P, because a script beside it has the name of a standard module)
NAME/DTYPE/{x,out,seed,grad} and NAME/DTYPE/{value,gradient}.PARAMETER, gradients of sum(seed * out). PARAMETER is the name
in our networks. "attention" and "attention_causal" are torch.nn.MultiheadAttention; the others are written out here.
"""

import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

FILE = pathlib.Path("Tests/NetworksTests/Goldens/transformer.safetensors")
DTYPES = {"float32": torch.float32, "float64": torch.float64}
EPSILON = 1e-6


def multihead(x, p, heads, causal):
    """PyTorch's own layer; its width is the heads' together."""
    layer = nn.MultiheadAttention(x.shape[-1], heads, bias=False, batch_first=True).to(x.dtype)
    mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1], dtype=x.dtype) if causal else None
    weights = {
        "in_proj_weight": torch.cat([p["query"], p["key"], p["value"]]),
        "out_proj.weight": p["output"],
    }
    return torch.func.functional_call(
        layer, weights, (x, x, x), {"attn_mask": mask, "need_weights": False, "is_causal": causal})[0]


def attention(x, p, prefix, heads, dimension):
    """Written out, with queries and keys normalized where there are gains for them."""
    batch, length, _ = x.shape

    def split(name):
        return (x @ p[prefix + name].T).view(batch, length, heads, dimension).transpose(1, 2)

    def normalized(y, name):
        gain = p.get(f"{prefix}{name}_normalization.scale")
        return y if gain is None else F.rms_norm(y, (dimension,), gain, EPSILON)

    q, k = normalized(split("query"), "query"), normalized(split("key"), "key")
    mixed = torch.softmax(q @ k.transpose(-1, -2) / dimension**0.5, -1) @ split("value")
    return mixed.transpose(1, 2).reshape(batch, length, heads * dimension) @ p[prefix + "output"].T


def transformer(x, p, layers, heads, dimension):
    """Normalizations where there are gains for them."""

    def norm(y, name):
        gain = p.get(name + ".scale")
        return y if gain is None else F.rms_norm(y, (y.shape[-1],), gain, EPSILON)

    h = p["embedding.tokens"][x] + p["embedding.positions"]
    for i in range(layers):
        a, d = f"attention{i}.body.", f"dense{i}.body."
        h = h + attention(norm(h, a + "normalization"), p, a + "attention.", heads, dimension)
        hidden = (norm(h, d + "normalization") @ p[d + "hidden.weight"].T).relu()
        h = h + norm(hidden @ p[d + "output.weight"].T, d + "normalization-after")
    return h[:, -1] @ p["output.weight"].T


def transformer_shapes(vocabulary, length, features, heads, dimension, dense, classes, normalized):
    shapes = {"embedding.tokens": (vocabulary, features), "embedding.positions": (length, features)}
    for i in range(2):
        a, d = f"attention{i}.body.", f"dense{i}.body."
        width = heads * dimension
        shapes |= {f"{a}attention.{name}": (width, features) for name in ("query", "key", "value")}
        shapes |= {
            f"{a}attention.output": (features, width),
            f"{d}hidden.weight": (dense, features), f"{d}output.weight": (features, dense),
        }
        if normalized:
            places = (f"{a}normalization", f"{d}normalization", f"{d}normalization-after")
            shapes |= {f"{place}.scale": (features,) for place in places}
            shapes |= {f"{a}attention.{name}_normalization.scale": (dimension,) for name in ("query", "key")}
    return shapes | {"output.weight": (classes, features)}


def cases():
    """Name, shapes of the parameters, the input, the function."""
    square = {name: (6, 6) for name in ("query", "key", "value", "output")}
    images = lambda: torch.randn(3, 4, 6, dtype=torch.float64)
    yield "attention", square, images(), lambda x, p: multihead(x, p, 2, False)
    yield "attention_causal", square, images(), lambda x, p: multihead(x, p, 2, True)
    wide = {name: (10, 6) for name in ("query", "key", "value")} | {"output": (6, 10)}
    wide |= {f"{name}_normalization.scale": (5,) for name in ("query", "key")}
    yield "attention_normalized", wide, images(), lambda x, p: attention(x, p, "", 2, 5)
    tokens = torch.randint(0, 10, (4, 5))
    for name, normalized in (("transformer", False), ("transformer_normalized", True)):
        shapes = transformer_shapes(10, 5, 8, 2, 3, 12, 7, normalized)
        yield name, shapes, tokens, lambda x, p: transformer(x, p, 2, 2, 3)


def main():
    torch.manual_seed(4)
    tensors = {}
    for name, shapes, x, function in cases():
        values = {key: torch.randn(shape, dtype=torch.float64) * 0.6 for key, shape in shapes.items()}
        for dtype_name, dtype in DTYPES.items():
            own = {key: value.to(dtype).requires_grad_() for key, value in values.items()}
            inputs = x.to(dtype).requires_grad_() if x.is_floating_point() else x
            out = function(inputs, own)
            seed = torch.randn(out.shape, dtype=torch.float64).to(dtype)
            (seed * out).sum().backward()
            prefix = f"{name}/{dtype_name}"
            tensors |= {f"{prefix}/x": inputs, f"{prefix}/out": out, f"{prefix}/seed": seed}
            if inputs.is_floating_point():
                tensors[f"{prefix}/grad"] = inputs.grad
            tensors |= {f"{prefix}/value.{key}": value for key, value in own.items()}
            tensors |= {f"{prefix}/gradient.{key}": value.grad for key, value in own.items()}
    tensors = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    save_file(tensors, FILE, {"torch": torch.__version__, "script": "Tools/goldens/transformer_goldens.py"})


if __name__ == "__main__":
    main()
