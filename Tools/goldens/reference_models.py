"""Writes goldens of small random models of torchvision, timm and transformers: Tests/NetworksTests/Goldens/{resnet,vit,gpt}.safetensors.

Run from the repository's root, with torch 2.13.0, torchvision 0.28.0, timm 1.0.31, transformers 5.24.0 and safetensors:
    python3 -P Tools/goldens/reference_models.py
MODEL/weights/NAME by the library's own names; MODEL/x, MODEL/out and MODEL/seed; MODEL/gradient/NAME of sum(seed * out) for some
weights; for ResNets MODEL/trained, the output of a batch in training, and MODEL/after/NAME of running statistics after it. All in
float64, but for the Llama and Qwen models, whose normalizations and angles the library computes in float32.
"""

import pathlib

import torch
from safetensors.torch import save_file

# torchvision's CUDA build does without its operators beside a torch for CPUs, once they are declared.
library = torch.library.Library("torchvision", "FRAGMENT")
for operator in ("nms", "qnms"):
    library.define(operator + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import timm  # noqa: E402
import torchvision  # noqa: E402
import transformers  # noqa: E402
from timm.models.vision_transformer import VisionTransformer  # noqa: E402
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet  # noqa: E402

FOLDER = pathlib.Path("Tests/NetworksTests/Goldens")
METADATA = {
    "script": "Tools/goldens/reference_models.py",
    **{m.__name__: m.__version__ for m in (torch, torchvision, timm, transformers)},
}


def randomized(model, deviation=0.3):
    """Every weight drawn, gains around 1, variances positive."""
    for name, p in model.named_parameters():
        torch.nn.init.normal_(p, mean=1.0 if p.dim() == 1 and name.endswith("weight") else 0.0, std=deviation)
    for name, b in model.named_buffers():
        if name.endswith("running_mean"):
            b.normal_()
        if name.endswith("running_var"):
            b.uniform_(0.5, 2)
    return model


def record(tensors, name, model, x, forward, gradients=()):
    """Weights, input, output, and gradients of some weights."""
    model.eval()
    weights = {f"{name}/weights/{k}": v.detach().clone() for k, v in model.state_dict().items()}
    out = forward(x)
    seed = torch.randn_like(out)
    named = dict(model.named_parameters())
    found = torch.autograd.grad((seed * out).sum(), [named[k] for k in gradients])
    tensors |= weights | {f"{name}/x": x, f"{name}/out": out, f"{name}/seed": seed}
    tensors |= {f"{name}/gradient/{k}": g for k, g in zip(gradients, found)}


class Small(ResNet):
    """torchvision's network with fewer channels: its own widths are fixed at 64."""

    def __init__(self, block, layers, widths):
        super().__init__(block, [1, 1, 1, 1], num_classes=5)
        self.inplanes = widths[0]
        self.conv1 = torch.nn.Conv2d(3, widths[0], 7, 2, 3, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(widths[0])
        for i, (width, count) in enumerate(zip(widths, layers)):
            setattr(self, f"layer{i + 1}", self._make_layer(block, width, count, stride=1 if i == 0 else 2))
        for i in range(len(widths), 4):
            setattr(self, f"layer{i + 1}", torch.nn.Identity())
        self.fc = torch.nn.Linear(widths[-1] * block.expansion, 5)


def resnets():
    tensors = {}
    for name, block in (("basic", BasicBlock), ("bottleneck", Bottleneck)):
        model = randomized(Small(block, [2, 1], [4, 6])).double()
        x = torch.randn(3, 3, 33, 32, dtype=torch.float64)
        record(tensors, name, model, x, model, ["conv1.weight", "layer2.0.conv2.weight", "layer1.0.bn1.bias"])
        model.train()
        tensors[f"{name}/trained"] = model(x)
        tensors |= {f"{name}/after/{k}": v.clone() for k, v in model.named_buffers() if k.endswith(("mean", "var"))}
    return tensors


def vits():
    tensors = {}
    sizes = dict(img_size=(8, 12), patch_size=4, embed_dim=12, depth=2, num_heads=3, num_classes=5)
    for name, options in (("token", {}), ("average", dict(class_token=False, global_pool="avg", qk_norm=True))):
        model = randomized(VisionTransformer(**sizes, **options)).double()
        x = torch.randn(3, 3, 8, 12, dtype=torch.float64)
        record(tensors, name, model, x, model, ["patch_embed.proj.weight", "pos_embed", "blocks.0.attn.qkv.weight"])
    return tensors


def language_models():
    tensors = {}
    tokens = torch.randint(0, 20, (2, 7))
    config = transformers.GPT2Config(
        n_embd=12, n_head=3, n_layer=2, vocab_size=20, n_positions=9, bos_token_id=0, eos_token_id=0)
    model = randomized(transformers.GPT2LMHeadModel(config)).double()
    forward = lambda model: lambda x: model(x, use_cache=False).logits  # noqa: E731
    record(
        tensors, "gpt2", model, tokens, forward(model),
        ["transformer.wte.weight", "transformer.h.0.attn.c_attn.weight", "transformer.h.1.mlp.c_fc.bias"])
    sizes = dict(
        hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        vocab_size=20, max_position_embeddings=9, bos_token_id=0, eos_token_id=0, pad_token_id=None)
    models = {
        "llama": transformers.LlamaForCausalLM(transformers.LlamaConfig(**sizes, head_dim=4)),
        "llama_tied": transformers.LlamaForCausalLM(
            transformers.LlamaConfig(**sizes, head_dim=4, tie_word_embeddings=True, rms_norm_eps=1e-5)),
        "qwen3": transformers.Qwen3ForCausalLM(transformers.Qwen3Config(**sizes, head_dim=6)),
    }
    for name, model in models.items():
        print(name, model.config.rope_parameters, model.config.rms_norm_eps)
        randomized(model)
        last = "model.layers.0.self_attn.k_proj.weight"
        record(tensors, name, model, tokens, forward(model), ["model.embed_tokens.weight", last])
    return tensors


def main():
    torch.manual_seed(4)
    for name, tensors in (("resnet", resnets()), ("vit", vits()), ("gpt", language_models())):
        tensors = {key: tensor.detach().clone().contiguous() for key, tensor in tensors.items()}
        save_file(tensors, FOLDER / f"{name}.safetensors", METADATA)


main()
