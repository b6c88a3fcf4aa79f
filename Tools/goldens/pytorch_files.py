#!/usr/bin/env python3
"""Writes files of torch.save and what is in them: Tests/TorchTests/Goldens/pytorch and Tests/PlasticityTests/Goldens.

Run from the repository's root, with torch, numpy and safetensors: python3 -P Tools/goldens/pytorch_files.py
`contents.safetensors` has every tensor as CASE/NAME in row-major order. `checkpoint.pt` is a model after five updates with
AdamW, and `checkpoint.safetensors` the rates that its optimizer's state makes: realised/NAME and share/NAME.
The file `wide.pt` is `views.pt` with the 64-bit records that an archive of more than 4 GiB has.
"""
import argparse
import collections
import pathlib
import struct
import zipfile

import torch
from safetensors.torch import save_file
from torch import nn

TORCH = pathlib.Path("Tests/TorchTests/Goldens/pytorch")
PLASTICITY = pathlib.Path("Tests/PlasticityTests/Goldens")
contents = {}


def save(name, value, tensors, **options):
    torch.save(value, TORCH / f"{name}.pt", **options)
    for key, tensor in tensors.items():
        contents[f"{name}/{key}"] = tensor.detach().clone().contiguous()


def types():
    kinds = [torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16,
             torch.float32, torch.float64, torch.complex64]
    tensors = {str(kind).removeprefix("torch."): torch.tensor([[1, 0, 3], [7, 0, 2]]).to(kind) for kind in kinds}
    tensors |= {"scalar": torch.tensor(2.5), "empty": torch.zeros(3, 0)}
    save("types", tensors, tensors)
    # uint16 has no storage of its own: it is listed, and cannot be read.
    torch.save({"x": torch.tensor([1, 2], dtype=torch.uint16), "y": torch.ones(2)}, TORCH / "unsigned.pt")


def views():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    tensors = {"base": base, "transposed": base.T, "rows": base[1:3], "columns": base[:, 1::2], "expanded": base[0].expand(3, 6),
               "cube": base.reshape(2, 3, 4).permute(2, 0, 1), "same": base}
    save("views", tensors, tensors)


def nested():
    state = collections.OrderedDict(weight=nn.Parameter(torch.arange(6.).reshape(2, 3)), bias=torch.tensor([0.5, -0.5]))
    value = {"model": state, "epoch": 7, "best": -0.25, "large": 1 << 40, "negative": -3, "huge": 1 << 100, "note": "naïve",
             "args": argparse.Namespace(lr=0.1), "list": [torch.tensor([1, 2]), {"deep": torch.tensor(3.)}],
             "shape": torch.Size([2]), "device": torch.device("cpu"), "bytes": b"abc", "counts": collections.Counter("aab"),
             "groups": collections.defaultdict(list, a=[1]), 5: torch.tensor([5])}
    tensors = {"model.weight": state["weight"], "model.bias": state["bias"], "list.0": value["list"][0],
               "list.1.deep": value["list"][1]["deep"], "5": value[5]}
    save("nested", value, tensors)
    save("protocol4", value, tensors, pickle_protocol=4)
    save("alone", torch.tensor([[1., 2.]]), {"tensor": torch.tensor([[1., 2.]])})


def wide():
    """The archive once more, with every size and place in 64 bits."""
    source = zipfile.ZipFile(TORCH / "views.pt")
    data, central = b"", b""
    for name in source.namelist():
        content, encoded = source.read(name), name.encode()
        extra = struct.pack("<HHQQQ", 1, 24, len(content), len(content), len(data))
        header = struct.pack("<HHHHHIIIHH", 45, 0, 0, 0, 0, zipfile.crc32(content), 0xffffffff, 0xffffffff, len(encoded), 20)
        place = struct.pack("<HHQQ", 1, 16, len(content), len(content))
        central += struct.pack("<IH", 0x02014b50, 45) + header[:-2] + struct.pack(
            "<HHHHII", len(extra), 0, 0, 0, 0, 0xffffffff) + encoded + extra
        data += struct.pack("<I", 0x04034b50) + header + encoded + place + content
    count = len(source.namelist())
    end = struct.pack("<IQHHIIQQQQ", 0x06064b50, 44, 45, 45, 0, 0, count, count, len(central), len(data))
    locator = struct.pack("<IIQI", 0x07064b50, 0, len(data) + len(central), 1)
    last = struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, 0xffff, 0xffff, 0xffffffff, 0xffffffff, 0)
    (TORCH / "wide.pt").write_bytes(data + central + end + locator + last)
    for key, tensor in torch.load(TORCH / "wide.pt").items():
        contents[f"wide/{key}"] = tensor.clone().contiguous()


def refused():
    torch.save(nn.Linear(2, 1), TORCH / "module.pt")
    torch.save({"x": torch.ones(2)}, TORCH / "old.pt", _use_new_zipfile_serialization=False)
    torch.jit.script(nn.Linear(2, 1)).save(TORCH / "script.pt")
    with zipfile.ZipFile(TORCH / "compressed.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in zipfile.ZipFile(TORCH / "alone.pt").namelist():
            archive.writestr(name, zipfile.ZipFile(TORCH / "alone.pt").read(name))


def checkpoint():
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, eps=1e-4, betas=(0.8, 0.95), weight_decay=0)
    for _ in range(5):
        optimizer.zero_grad()
        model(torch.randn(16, 4)).square().mean().backward()
        optimizer.step()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": 5}, PLASTICITY / "checkpoint.pt")
    rates = {}
    for name, parameter in model.named_parameters():
        state = optimizer.state[parameter]
        first = state["exp_avg"].double() / (1 - 0.8 ** 5)
        root = (state["exp_avg_sq"].double() / (1 - 0.95 ** 5)).sqrt()
        step = 3e-3 * first / (root + 1e-4)
        rates[f"realised/{name}"] = step.norm() / (parameter.numel() ** 0.5 * parameter.detach().double().norm())
        rates[f"share/{name}"] = (root / (root + 1e-4))[root > 0].mean()
    momentum = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(3):
        momentum.zero_grad()
        model(torch.randn(16, 4)).square().mean().backward()
        momentum.step()
    torch.save({"state_dict": model.state_dict(), "optimizer": momentum.state_dict()}, PLASTICITY / "momentum.pt")
    for name, parameter in model.named_parameters():
        step = 0.1 * momentum.state[parameter]["momentum_buffer"].double()
        rates[f"momentum/{name}"] = step.norm() / (parameter.numel() ** 0.5 * parameter.detach().double().norm())
    save_file(rates, PLASTICITY / "checkpoint.safetensors",
              {"torch": torch.__version__, "script": "Tools/goldens/pytorch_files.py"})


TORCH.mkdir(exist_ok=True)
types()
views()
nested()
wide()
refused()
checkpoint()
save_file(contents, TORCH / "contents.safetensors", {"torch": torch.__version__, "script": "Tools/goldens/pytorch_files.py"})
