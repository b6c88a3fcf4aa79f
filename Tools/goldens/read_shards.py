#!/usr/bin/env python3
"""Reads shards that `nap data pack` wrote by the package webdataset, and compares them with the folder.

usage: Tools/goldens/read_shards.py FOLDER_OF_CLASSES FOLDER_OF_SHARDS

Needs webdataset and Pillow. Every image must come once, with its class, and decode; where it was not resized, it must be
the file byte for byte.
"""
import io
import json
import pathlib
import sys

import webdataset
from PIL import Image

classes, shards = map(pathlib.Path, sys.argv[1:3])
files = sorted(shards.glob("*.tar"))
names = (shards / "classes.txt").read_text().splitlines()
assert names == sorted(entry.name for entry in classes.iterdir() if entry.is_dir()), "classes.txt"
images = {}
for folder in classes.iterdir():
    for path in folder.iterdir():
        if path.suffix.lower() in (".jpeg", ".jpg", ".png"):
            images[f"{folder.name}/{path.stem}".replace(".", "_")] = path

seen, same = set(), 0
for sample in webdataset.WebDataset([str(path) for path in files], shardshuffle=False):
    key = sample["__key__"]
    assert key not in seen, key
    seen.add(key)
    assert names[int(sample["cls"])] == key.split("/")[0], key
    own = images[key].read_bytes()
    image = Image.open(io.BytesIO(sample["jpg"])).convert("RGB")
    original = Image.open(io.BytesIO(own))
    assert abs(image.width / image.height - original.width / original.height) < 0.05, key
    same += sample["jpg"] == own
assert seen == set(images), (len(seen), len(images))
listed = json.loads((shards / "index.json").read_text())
assert sum(shard["nsamples"] for shard in listed["shardlist"]) == len(seen), "index.json"
print(f"webdataset {webdataset.__version__}: {len(seen)} images in {len(files)} shards, {same} of them byte for byte")
