#!/usr/bin/env python3
"""Writes what PyTorch computes for every operator of Tools/operators/operators.txt.

usage: Tools/goldens/torch_goldens.py [folder]     (default Tests/TorchTests/Goldens)

Needs torch, numpy and safetensors. Writes
  operators.safetensors   inputs as `in/<name>`, results as `<schema name>[#variant]/<number>`
  random.safetensors      what torch.Generator draws, by seed
The cases have their counterparts, by the same names, in Tests/TorchTests/Operators. Inputs come from
numpy's PCG64, whose streams do not change between versions. Results in float64 where possible, so
that the tolerances can be tight; what is ambiguous (signs of singular vectors) is left out.
"""
import json
import pathlib
import sys

import numpy
import safetensors.torch
import torch
import torch.nn.functional as F

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSIONS = {"torch": torch.__version__, "numpy": numpy.__version__, "script": "Tools/goldens/torch_goldens.py"}
rng = numpy.random.Generator(numpy.random.PCG64(20240701))


def normal(*shape):
    return torch.from_numpy(rng.standard_normal(shape))


def whole(low, high, *shape):
    return torch.from_numpy(rng.integers(low, high, shape))


inputs = {
    "x": normal(3, 4), "y": normal(3, 4), "positive": normal(3, 4).abs() + 0.2,
    "halves": torch.tensor([-2.5, -1.5, -0.5, 0.0, 0.5, 1.5, 2.5, 2.7], dtype=torch.float64),
    "special": torch.tensor([1.0, float("nan"), float("inf"), float("-inf"), 0.0], dtype=torch.float64),
    "i": whole(-4, 5, 3, 4), "j": whole(-4, 5, 3, 4), "b": whole(0, 2, 3, 4) > 0, "c": whole(0, 2, 3, 4) > 0,
    "cube": normal(2, 3, 4), "image": normal(2, 4, 6, 5), "kernel": normal(6, 2, 3, 3), "kernelBias": normal(6),
    "signal": normal(2, 4, 9), "kernel1": normal(4, 2, 3), "kernel1Bias": normal(4),
    "square": normal(4, 4), "tall": normal(5, 3), "right": normal(4, 2), "rightRows": normal(2, 4),
    "batchA": normal(2, 3, 4), "batchB": normal(2, 4, 5), "v": normal(6), "w": normal(6),
    "logits": normal(5, 4) * 2, "targets": torch.tensor([0, 3, 1, 2, 3]), "chances": torch.sigmoid(normal(5, 4)),
    "classWeights": normal(4).abs() + 0.1, "scale": normal(4), "offset": normal(4),
    "runningMean": normal(4), "runningVariance": normal(4).abs() + 0.5,
    "table": normal(7, 3), "rows": whole(0, 7, 2, 3), "order": torch.tensor([2, 0]), "source": normal(2, 4),
    "columns": torch.tensor([[0, 3], [1, 1], [2, 0]]), "distinct": torch.tensor([[0, 3], [1, 2], [2, 0]]),
    "written": normal(3, 2), "runs": torch.tensor([1, 1, 2, 2, 2, 3, 1, 1]), "counted": whole(0, 5, 8),
    "countWeights": normal(8), "q": normal(2, 4, 5, 6), "k": normal(2, 2, 5, 6), "value": normal(2, 2, 5, 6),
    "mask": (whole(0, 2, 5, 5) > 0) | torch.eye(5, dtype=torch.bool), "single": normal(3, 4).float(),
}
inputs["weight"] = normal(2, 4)
inputs["weightBias"] = normal(2)
inputs["symmetric"] = inputs["square"] + inputs["square"].T
results = {}


class Inputs:
    """The inputs by name, copied, so that an operator in place changes nothing for the others."""

    def __getattr__(self, name):
        return inputs[name].clone()


I = Inputs()


def case(name, *tensors):
    for number, tensor in enumerate(tensors):
        results[f"{name}/{number}"] = tensor


def arithmetic():
    case("add.Tensor", torch.add(I.x, I.y, alpha=2))
    case("add.Scalar", torch.add(I.x, 1.5, alpha=2))
    case("sub.Tensor", torch.sub(I.x, I.y, alpha=2))
    case("sub.Scalar", torch.sub(I.x, 1.5, alpha=2))
    case("mul.Tensor", I.x * I.y)
    case("mul.Scalar", I.x * 1.5)
    case("div.Tensor", I.x / I.y)
    case("div.Scalar", I.x / 1.5)
    case("remainder.Scalar", torch.remainder(I.x, 0.7), torch.remainder(I.i, -3))
    case("remainder.Tensor", torch.remainder(I.x, I.y))
    for name, argument in {
        "neg": "x", "reciprocal": "x", "square": "x", "sqrt": "positive", "rsqrt": "positive", "abs": "x",
        "sign": "halves", "exp": "x", "expm1": "x", "log": "positive", "log1p": "positive", "sin": "x", "cos": "x",
        "tan": "x", "atan": "x", "floor": "halves", "ceil": "halves", "round": "halves", "trunc": "halves", "erf": "x",
    }.items():
        case(name, getattr(torch, name)(getattr(I, argument)))
    case("erfinv", I.x.erf().erfinv())
    case("pow.Tensor_Scalar", I.positive.pow(2.5), I.i.pow(3))
    case("pow.Tensor_Tensor", I.positive.pow(I.y))
    case("clamp", I.x.clamp(-0.5, 0.8), I.x.clamp(min=0.1), I.x.clamp(max=0.1))
    case("maximum", torch.maximum(I.x, I.y))
    case("minimum", torch.minimum(I.x, I.y))
    case("lerp.Scalar", torch.lerp(I.x, I.y, 0.3))
    case("addcmul", torch.addcmul(I.x, I.y, I.positive, value=0.5))
    case("addcdiv", torch.addcdiv(I.x, I.y, I.positive, value=0.5))
    case("bitwise_not", ~I.i, ~I.b)


def comparison():
    for name in ["eq", "ne", "lt", "le", "gt", "ge"]:
        case(f"{name}.Tensor", getattr(torch, name)(I.i, I.j))
        case(f"{name}.Scalar", getattr(torch, name)(I.i, 1))
    case("logical_and", torch.logical_and(I.b, I.c))
    case("logical_or", torch.logical_or(I.b, I.c))
    case("logical_not", torch.logical_not(I.b))
    case("isnan", torch.isnan(I.special))
    case("isfinite", torch.isfinite(I.special))
    case("where.self", torch.where(I.b, I.x, I.y))
    case("where.ScalarOther", torch.where(I.b, I.x, 7.5))


def in_place():
    case("add_.Tensor", I.x.add_(I.y, alpha=2))
    case("add_.Scalar", I.x.add_(1.5, alpha=2))
    case("sub_.Tensor", I.x.sub_(I.y, alpha=2))
    case("mul_.Tensor", I.x.mul_(I.y))
    case("mul_.Scalar", I.x.mul_(1.5))
    case("div_.Tensor", I.x.div_(I.y))
    case("div_.Scalar", I.x.div_(1.5))
    case("addcmul_", I.x.addcmul_(I.y, I.positive, value=0.5))
    case("addcdiv_", I.x.addcdiv_(I.y, I.positive, value=0.5))
    case("lerp_.Scalar", I.x.lerp_(I.y, 0.3))
    case("copy_", I.x.copy_(I.single))
    case("fill_.Scalar", I.x.fill_(2.5))
    case("zero_", I.x.zero_())
    case("clamp_", I.x.clamp_(-0.5, 0.8))


def reduction():
    case("sum", I.x.sum(), I.single.sum(dtype=torch.float64))
    case("sum.dim_IntList", I.cube.sum([0, 2]), I.cube.sum([1], keepdim=True))
    case("mean", I.x.mean())
    case("mean.dim", I.cube.mean([0, 2]), I.cube.mean([1], keepdim=True))
    case("prod", I.x.prod())
    case("std.correction", I.cube.std([0, 2], correction=0), I.cube.std(correction=1))
    case("var.correction", I.cube.var([0, 2], correction=0), I.cube.var([1], correction=1, keepdim=True))
    case("max", I.x.max())
    case("min", I.x.min())
    case("max.dim", *I.x.max(1))
    case("min.dim", *I.x.min(0, keepdim=True))
    case("amax", I.cube.amax([0, 2]))
    case("amin", I.cube.amin([1], keepdim=True))
    case("argmax", I.x.argmax(), I.x.argmax(1))
    case("argmin", I.x.argmin(), I.x.argmin(1, keepdim=True))
    case("any", I.b.any())
    case("any.dim", I.b.any(0))
    case("all", I.b.all())
    case("all.dim", I.b.all(1))
    case("cumsum", I.x.cumsum(1))
    case("logsumexp", I.cube.logsumexp([0, 2]))
    case("median", I.x.median())
    case("count_nonzero.dim_IntList", I.i.count_nonzero([0]))
    case("topk", *I.x.topk(2), *I.x.topk(2, 0, largest=False))
    case("sort", *I.x.sort(1), *I.x.sort(0, descending=True))
    case("argsort", I.x.argsort(1))


def shape():
    case("view", I.cube.view(6, 4))
    case("reshape", I.cube.transpose(0, 1).reshape(4, -1))
    case("permute", I.cube.permute(2, 0, 1))
    case("transpose.int", I.cube.transpose(0, 2))
    case("t", I.x.t())
    case("squeeze.dim", I.x[:, None].squeeze(1))
    case("unsqueeze", I.x.unsqueeze(1))
    case("expand", I.x[:, None].expand(3, 2, 4))
    case("flatten.using_ints", I.image.flatten(1), I.image.flatten(0, 2))
    case("contiguous", I.x.t().contiguous())
    case("clone", I.x.clone())
    case("detach", I.x.detach())
    case("cat", torch.cat([I.x, I.y], 1))
    case("stack", torch.stack([I.x, I.y], 1))
    case("split.Tensor", *I.x.split(3, 1))
    case("chunk", *I.x.chunk(2, 1))
    case("repeat", I.x.repeat(2, 1, 3))
    case("roll", I.x.roll([1, -2], [0, 1]))
    case("flip", I.x.flip([1]))
    case("tril", I.square.tril(-1))
    case("triu", I.square.triu(1))
    case("diagonal", I.square.diagonal(), I.cube.diagonal(1, 1, 2))
    case("constant_pad_nd", F.pad(I.x, [1, 2, 0, 1], value=3.5))
    case("channel_shuffle", torch.channel_shuffle(I.image, 2))


def indexing():
    case("select.int", I.cube.select(1, -1))
    case("slice.Tensor", I.cube[:, 1:], I.cube[:, :, ::2])
    case("narrow", I.cube.narrow(2, 1, 2))
    case("index_select", I.x.index_select(0, I.order))
    case("gather", I.x.gather(1, I.columns))
    case("scatter.src", I.x.scatter(1, I.distinct, I.written))
    case("scatter_add", I.x.scatter_add(1, I.columns, I.written))
    case("index_add", I.x.index_add(0, I.order, I.source, alpha=2))
    case("index_copy_", I.x.index_copy_(0, I.order, I.source))
    case("masked_fill.Scalar", I.x.masked_fill(I.b, -1.5))
    case("masked_select", I.x.masked_select(I.b))
    case("nonzero", I.i.nonzero())
    case("one_hot", F.one_hot(I.targets, 5))
    case("embedding", F.embedding(I.rows, I.table))
    case("bincount", I.counted.bincount(), I.counted.bincount(I.countWeights, 7))
    case("unique_consecutive", *torch.unique_consecutive(I.runs, return_inverse=True, return_counts=True))


def linear_algebra():
    case("matmul", I.batchA @ I.square)
    case("mm", I.x.mm(I.square))
    case("bmm", I.batchA.bmm(I.batchB))
    case("linear", F.linear(I.batchA, I.weight, I.weightBias), F.linear(I.x, I.weight))
    case("dot", I.v.dot(I.w))
    case("outer", I.v.outer(I.w))
    case("einsum", torch.einsum("bij,bjk->ik", I.batchA, I.batchB))
    u, s, vh = torch.linalg.svd(I.tall, full_matrices=False)
    case("linalg_svd", s, u * s @ vh)
    case("linalg_svdvals", torch.linalg.svdvals(I.tall))
    case("linalg_eigvalsh", torch.linalg.eigvalsh(I.symmetric))
    values, vectors = torch.linalg.eigh(I.symmetric)
    case("linalg_eigh", values, vectors * values @ vectors.T)
    case("linalg_eigvals", torch.view_as_real(torch.linalg.eigvals(I.square)).pow(2).sum(1).sort().values)
    q, r = torch.linalg.qr(I.tall)
    case("linalg_qr", q @ r, r.abs())
    case("linalg_vector_norm", torch.linalg.vector_norm(I.cube), torch.linalg.vector_norm(I.cube, 1, [0, 2]))
    case("linalg_matrix_norm", torch.linalg.matrix_norm(I.tall, 2), torch.linalg.matrix_norm(I.cube, 1, keepdim=True))
    case("linalg_matrix_norm.str_ord", torch.linalg.matrix_norm(I.tall, "nuc"), torch.linalg.matrix_norm(I.cube, "fro"))
    case("linalg_solve", torch.linalg.solve(I.square, I.right), torch.linalg.solve(I.square, I.rightRows, left=False))
    case("linalg_inv", torch.linalg.inv(I.square))
    case("linalg_det", torch.linalg.det(I.square))
    case("trace", I.square.trace())


def convolution_and_pooling():
    case("conv2d", F.conv2d(I.image, I.kernel, I.kernelBias, [2, 1], [1, 2], [1, 2], 2))
    case("conv2d.padding", F.conv2d(I.image, I.kernel, None, padding="same", groups=2))
    case("conv1d", F.conv1d(I.signal, I.kernel1, I.kernel1Bias, 2, 1, 1, 2))
    case("max_pool2d", F.max_pool2d(I.image, [3, 2], [2, 1], [1, 0], 1, True), F.max_pool2d(I.image, 2))
    case("avg_pool2d", F.avg_pool2d(I.image, [3, 2], [2, 1], [1, 0], True, False),
         F.avg_pool2d(I.image, [3, 2], [2, 1], [1, 0], divisor_override=4))
    case("im2col", F.unfold(I.image, [3, 2], [1, 2], [2, 1], [2, 1]))
    case("adaptive_avg_pool2d", F.adaptive_avg_pool2d(I.image, [4, 2]))
    case("upsample_bilinear2d", F.interpolate(I.image, [9, 3], mode="bilinear", align_corners=False),
         F.interpolate(I.image, [9, 3], mode="bilinear", align_corners=True))


def normalization():
    case("layer_norm", F.layer_norm(I.x, [4], I.scale, I.offset, 0.1), F.layer_norm(I.cube, [3, 4]))
    case("rms_norm", F.rms_norm(I.x, [4], I.scale, 0.1), F.rms_norm(I.cube, [3, 4]))
    case("group_norm", F.group_norm(I.image, 2, I.scale, I.offset, 0.1))
    mean, variance = I.runningMean, I.runningVariance
    out = F.batch_norm(I.image, mean, variance, I.scale, I.offset, True, 0.3, 0.1)
    case("batch_norm", out, mean, variance,
         F.batch_norm(I.image, I.runningMean, I.runningVariance, I.scale, I.offset, False, 0.3, 0.1))


def activation():
    case("relu", I.x.relu())
    case("leaky_relu", F.leaky_relu(I.x, 0.2), F.leaky_relu(I.x))
    case("gelu", F.gelu(I.x), F.gelu(I.x, approximate="tanh"))
    case("silu", F.silu(I.x))
    case("sigmoid", I.x.sigmoid())
    case("tanh", I.x.tanh())
    case("elu", F.elu(I.x, 0.7))
    case("softplus", F.softplus(I.x), F.softplus(I.x * 5, 2, 6))
    case("softmax.int", I.x.softmax(0))
    case("log_softmax.int", I.x.log_softmax(1), I.single.log_softmax(1, dtype=torch.float64))
    attention = F.scaled_dot_product_attention
    case("scaled_dot_product_attention", attention(I.q, I.k, I.value, is_causal=True, scale=0.3, enable_gqa=True),
         attention(I.q[:, :2], I.k, I.value, I.mask))


def losses():
    case("cross_entropy_loss", F.cross_entropy(I.logits, I.targets),
         F.cross_entropy(I.logits, I.targets, I.classWeights, ignore_index=3, reduction="sum", label_smoothing=0.1))
    case("nll_loss", F.nll_loss(I.logits.log_softmax(1), I.targets, I.classWeights, ignore_index=3, reduction="none"))
    case("mse_loss", F.mse_loss(I.x, I.y), F.mse_loss(I.x, I.y, reduction="sum"))
    case("huber_loss", F.huber_loss(I.x, I.y, reduction="none", delta=0.5))
    case("binary_cross_entropy_with_logits",
         F.binary_cross_entropy_with_logits(I.logits, I.chances, I.logits.abs(), reduction="none",
                                            pos_weight=I.classWeights))


def conversion_and_creation():
    case("to.dtype", I.x.to(torch.float32), I.x.to(torch.bfloat16), I.x.to(torch.float16), I.x.to(torch.int32),
         I.i.to(torch.uint8), I.i.to(torch.bool), I.i.to(torch.int8))
    case("to.device", I.x.to("cpu", torch.float32))
    case("view.dtype", I.single.view(torch.int32))
    case("view_as_real", torch.view_as_real(torch.linalg.eigvals(torch.tensor([[1.0, -2.0], [2.0, 1.0]]))).abs())
    case("zeros", torch.zeros(2, 3), torch.zeros(2, dtype=torch.bool))
    case("ones", torch.ones(2, 3, dtype=torch.int32))
    case("full", torch.full([2, 3], 2.5, dtype=torch.float64), torch.full([2], 7))
    case("arange.start_step", torch.arange(1, 8, 3), torch.arange(0.5, 2.0, 0.25))
    case("linspace", torch.linspace(-1, 2, 7, dtype=torch.float64))
    case("eye", torch.eye(3))
    case("zeros_like", torch.zeros_like(I.x))
    case("ones_like", torch.ones_like(I.x, dtype=torch.int64))


def many_tensors():
    def pair():
        return [I.x, I.v]

    def changed(function):
        tensors = pair()
        function(tensors)
        return tensors

    case("_foreach_mul_.Tensor", *changed(lambda t: torch._foreach_mul_(t, torch.tensor(1.5, dtype=torch.float64))))
    case("_foreach_mul_.List", *changed(lambda t: torch._foreach_mul_(t, [I.y, I.w])))
    case("_foreach_mul_.Scalar", *changed(lambda t: torch._foreach_mul_(t, 1.5)))
    case("_foreach_add_.List", *changed(lambda t: torch._foreach_add_(t, [I.y, I.w], alpha=0.5)))
    case("_foreach_norm.Scalar", *torch._foreach_norm(pair()), *torch._foreach_norm(pair(), 1))
    for name, function in {"_fused_adam_": torch._fused_adam_, "_fused_adamw_": torch._fused_adamw_}.items():
        state = [pair(), [torch.zeros_like(t) for t in pair()], [torch.zeros_like(t) for t in pair()]]
        for step in range(1, 4):
            function(state[0], [I.y * step, I.w * step], state[1], state[2], [],
                     [torch.tensor(float(step)) for _ in range(2)], lr=0.1, beta1=0.8, beta2=0.95, weight_decay=0.02,
                     eps=1e-6, amsgrad=False, maximize=False)
        case(name, *state[0], *state[1], *state[2])
    tensors, momenta = pair(), [torch.zeros_like(t) for t in pair()]
    for step in range(1, 4):
        torch._fused_sgd_(tensors, [I.y * step, I.w * step], momenta, weight_decay=0.02, momentum=0.9, lr=0.1,
                          dampening=0.1, nesterov=False, maximize=False, is_first_step=step == 1)
    case("_fused_sgd_", *tensors, *momenta)


def random_draws():
    draws = {}

    def draw(name, function, seed=7):
        draws[name] = function(torch.Generator().manual_seed(seed))

    draw("normal_", lambda g: torch.empty(3, 4, dtype=torch.float64).normal_(1, 2, generator=g))
    draw("uniform_", lambda g: torch.empty(3, 4).uniform_(-1, 3, generator=g))
    draw("random_.from", lambda g: torch.empty(20, dtype=torch.int64).random_(-5, 90, generator=g))
    draw("bernoulli_.float", lambda g: torch.empty(40).bernoulli_(0.3, generator=g))
    draw("randn.generator", lambda g: torch.randn(40, generator=g))
    draw("rand.generator", lambda g: torch.rand(3, 5, generator=g))
    draw("randint.low_generator", lambda g: torch.randint(-3, 8, [20], generator=g))
    draw("randperm.generator", lambda g: torch.randperm(17, generator=g))
    draw("multinomial", lambda g: I.positive.multinomial(9, True, generator=g))
    draw("large seed", lambda g: torch.randn(5, generator=g), 0xFEDCBA9876543210 - (1 << 64))
    draw("state", lambda g: (torch.randn(5, generator=g), g.get_state())[1])
    return draws


def write(folder, name, tensors):
    path = folder / f"{name}.safetensors"
    tensors = {key: tensor.detach().clone().contiguous() for key, tensor in tensors.items()}
    content = safetensors.torch.save(tensors, metadata=VERSIONS)
    # The library writes metadata in no fixed order: sort it, so that the same versions give the same bytes.
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8:8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode().ljust(length)
    assert len(text) == length
    path.write_bytes(content[:8] + text + content[8 + length:])
    print(f"{path}: {len(tensors)} tensors, {path.stat().st_size} bytes")


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "Tests/TorchTests/Goldens"
    torch.set_num_threads(1)
    for section in [arithmetic, comparison, in_place, reduction, shape, indexing, linear_algebra,
                    convolution_and_pooling, normalization, activation, losses, conversion_and_creation, many_tensors]:
        section()
    write(folder, "operators", {f"in/{key}": tensor for key, tensor in inputs.items()} | results)
    write(folder, "random", random_draws())
