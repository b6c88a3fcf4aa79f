#!/usr/bin/env python3
"""Writes what Pillow and torchvision make of images: decoded, resized, changed in colour and shape.

usage: Tools/goldens/images.py [folder of imagenet-sample] [output]
       (default $NAP_DATA/imagenet-sample, Tests/DatasetsTests/Goldens/images.json)

Needs Pillow, whose wheels bring libjpeg-turbo, and torchvision with its torch. Of two images of imagenet-sample: size,
the CRC-32 of all pixels, a corner of them, boxes resized with the triangle filter, boxes decoded at a fraction by
`draft`, and the evaluation view. The images themselves are not written. Of odd images that are made here (four colours,
Adobe's mark, grey, broken EXIF, PNGs of every kind): their files, and the CRC-32 of `convert("RGB")`. Of a made image: what
each change of ColorJitter and RandAugment gives, called as torchvision calls them.
"""
import base64
import io
import json
import math
import os
import pathlib
import struct
import sys
import zlib

# The script beside this one that is called statistics is not Python's module of that name.
sys.path.pop(0)
import PIL
import torch
from PIL import Image, features

# torchvision's compiled operators are not needed here, and may not fit the torch at hand.
library = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    try: library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError: pass
import torchvision
from torchvision.transforms import functional as F
from torchvision.transforms import CenterCrop, RandAugment, Resize
from torchvision.transforms.autoaugment import _apply_op

ROOT = pathlib.Path(__file__).resolve().parents[2]


def made(mode, width=37, height=29):
    """A smooth image with edges, the same whenever it is made."""
    planes = []
    for plane in range(len(mode)):
        row = bytes((x * (5 + plane) + y * (3 + 2 * plane) + (90 if (x // 9 + y // 7 + plane) % 2 else 0)) % 256
                    for y in range(height) for x in range(width))
        planes.append(Image.frombytes("L", (width, height), row))
    return planes[0] if len(planes) == 1 else Image.merge(mode, planes)


def written(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def with_segment(jpeg, marker, content):
    """A segment after the start of the image."""
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content + jpeg[2:]


def odd_images():
    rgb = made("RGB")
    files = {
        "cmyk": written(made("CMYK"), "JPEG", quality=92),
        "cmyk-without-adobe": written(made("CMYK"), "JPEG", quality=92),
        "grey": written(made("L"), "JPEG", quality=92),
        "progressive": written(rgb, "JPEG", quality=85, progressive=True),
        "no-subsampling": written(rgb, "JPEG", quality=85, subsampling=0),
        "restarts": written(rgb, "JPEG", quality=85, restart_marker_blocks=2),
        "adobe-rgb": written(rgb, "JPEG", quality=85, keep_rgb=True),
        "broken-exif": with_segment(written(rgb, "JPEG"), 0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff\x01"),
        "turned-by-exif": with_segment(
            written(rgb, "JPEG"), 0xE1,
            b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"),
        "png": written(rgb, "PNG"),
        "png-grey": written(made("L"), "PNG"),
        "png-alpha": written(made("RGBA"), "PNG"),
        "png-grey-alpha": written(made("LA"), "PNG"),
        "png-palette": written(rgb.quantize(19), "PNG"),
        "png-palette-transparent": written(rgb.quantize(7), "PNG", transparency=2),
        "png-one-bit": written(made("L").convert("1"), "PNG"),
        "png-two-bits": written(rgb.quantize(4), "PNG", bits=2),
    }
    data = files["cmyk-without-adobe"]
    at = data.index(b"\xff\xee")
    length = struct.unpack(">H", data[at + 2:at + 4])[0]
    files["cmyk-without-adobe"] = data[:at] + data[at + 2 + length:]
    # Adobe's YCCK: the mark's last byte says the transform.
    at = files["cmyk"].index(b"Adobe")
    files["ycck"] = files["cmyk"][:at + 11] + b"\x02" + files["cmyk"][at + 12:]
    rows = []
    for name, data in files.items():
        pixels = Image.open(io.BytesIO(data)).convert("RGB")
        rows.append({"name": name, "file": base64.b64encode(data).decode(), "width": pixels.width,
                     "height": pixels.height, "crc32": zlib.crc32(pixels.tobytes())})
    return rows


def scaled(path, left, top, width, height, side):
    """A box of the image as a square, decoded at a fraction of its size."""
    image = Image.open(path)
    ratio = min(width, height) // side
    denominator = 8 if ratio >= 8 else 4 if ratio >= 4 else 2 if ratio >= 2 else 1
    whole = image.size
    image.draft("RGB", (whole[0] // denominator, whole[1] // denominator))
    assert image.size == tuple(-(-length // denominator) for length in whole), (image.size, whole, denominator)
    x, y = left // denominator, top // denominator
    cover = image.convert("RGB").crop((x, y, -(-(left + width) // denominator), -(-(top + height) // denominator)))
    view = cover.resize((side, side), Image.Resampling.BILINEAR,
                        box=(left / denominator - x, top / denominator - y,
                             (left + width) / denominator - x, (top + height) / denominator - y))
    return {"left": left, "top": top, "width": width, "height": height, "side": side, "denominator": denominator,
            "crc32": zlib.crc32(view.tobytes())}


def changes():
    """What torchvision's changes make of one image."""
    image = made("RGB", 41, 33)
    rows = []
    def add(name, value, result):
        rows.append({"name": name, "value": value, "crc32": zlib.crc32(result.tobytes())})
    for factor in [0.0, 0.37, 1.0, 1.63]:
        add("brightness", factor, F.adjust_brightness(image, factor))
        add("contrast", factor, F.adjust_contrast(image, factor))
        add("saturation", factor, F.adjust_saturation(image, factor))
    for factor in [-0.5, -0.13, 0.0, 0.08, 0.5]: add("hue", factor, F.adjust_hue(image, factor))
    kinds = RandAugment()._augmentation_space(31, (33, 41))
    for kind, (magnitudes, signed) in kinds.items():
        for level in [0, 9, 17, 30]:
            magnitude = float(magnitudes[level].item()) if magnitudes.ndim > 0 else 0.0
            for sign in [1, -1] if signed else [1]:
                result = _apply_op(image, kind, sign * magnitude, F.InterpolationMode.NEAREST, fill=None)
                add(kind, sign * level if level else (-0.5 if sign < 0 else 0), result)
    return {"width": image.width, "height": image.height, "pixels": base64.b64encode(image.tobytes()).decode(),
            "results": rows}


def golden(path):
    image = Image.open(path).convert("RGB")
    width, height = image.size
    corner = image.crop((width // 2, height // 2, width // 2 + 6, height // 2 + 4))
    views = []
    for left, top, right, bottom, new_width, new_height in [
        (0, 0, width, height, 9, 7),
        (width // 3, height // 4, width // 3 + 31, height // 4 + 40, 12, 12),
        (5, 7, 15, 18, 24, 13),
    ]:
        view = image.crop((left, top, right, bottom)).resize((new_width, new_height), Image.Resampling.BILINEAR)
        views.append({"left": left, "top": top, "width": right - left, "height": bottom - top,
                      "newWidth": new_width, "newHeight": new_height, "pixels": list(view.tobytes())})
    return {"name": f"{path.parent.name}/{path.name}", "width": width, "height": height,
            "crc32": zlib.crc32(image.tobytes()), "corner": list(corner.tobytes()), "views": views,
            "middle": zlib.crc32(CenterCrop(24)(Resize(29)(image)).tobytes()),
            "scaled": [scaled(path, 0, 0, width, height, 16), scaled(path, 11, 7, 161, 139, 32),
                       scaled(path, width - 133, height - 130, 133, 130, 60), scaled(path, 3, 50, 97, 83, 60)]}


def main():
    data = os.environ.get("NAP_DATA", str(ROOT.parent / "shared" / "data"))
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else f"{data}/imagenet-sample")
    output = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "Tests/DatasetsTests/Goldens/images.json")
    layers = {}
    for path in sorted(folder.glob("*/*.JPEG")):
        image = Image.open(path)
        # The first component's sampling factors tell 4:4:4 from 4:2:0; a grey image has one component.
        kind = (image.mode,) + tuple(component[1:3] for component in image.layer[:1])
        layers.setdefault(kind, path)
    images = [golden(path) for _, path in sorted(layers.items())]
    output.parent.mkdir(parents=True, exist_ok=True)
    text = {"pillow": PIL.__version__, "libjpeg_turbo": features.version("libjpeg_turbo"), "images": images,
            "torchvision": torchvision.__version__, "odd": odd_images(), "changes": changes()}
    output.write_text(json.dumps(text, separators=(",", ":")) + "\n")
    print(f"{output}: {', '.join(image['name'] for image in images + text['odd'])}")


main()
