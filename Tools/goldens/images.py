#!/usr/bin/env python3
"""Writes what Pillow decodes and resizes of two images of imagenet-sample.

usage: Tools/goldens/images.py [folder of imagenet-sample] [output]
       (default $NAP_DATA/imagenet-sample, Tests/DatasetsTests/Goldens/images.json)

Needs Pillow, whose wheels bring libjpeg-turbo. Of each image: its size, the CRC-32 of all its pixels, a corner of
them, and the pixels of two boxes resized with the triangle filter. The images themselves are not written.
"""
import json
import os
import pathlib
import sys
import zlib

import PIL
from PIL import Image, features

ROOT = pathlib.Path(__file__).resolve().parents[2]


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
            "crc32": zlib.crc32(image.tobytes()), "corner": list(corner.tobytes()), "views": views}


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
    text = {"pillow": PIL.__version__, "libjpeg_turbo": features.version("libjpeg_turbo"), "images": images}
    output.write_text(json.dumps(text, separators=(",", ":")) + "\n")
    print(f"{output}: {', '.join(image['name'] for image in images)}")


main()
