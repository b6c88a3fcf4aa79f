#!/usr/bin/env python3
"""Times what prepares ImageNet's training images in Python, the way a PyTorch user would write it.

usage: peer_images.py --way torchvision|webdataset --images FOLDER|SHARDS [--workers N] [--batches N]

torchvision: ImageFolder, Pillow, RandomResizedCrop(224), a flip, ToTensor and Normalize, in a DataLoader of N processes.
webdataset:  the same transforms over shards that `nap data pack --short-side 0` wrote, in its WebLoader.

One line: `jpeg WAY images/s images/processor-second megabytes`, of batches of 64 after two that are not timed; processor
time and peak memory are those of all processes. Needs torch, torchvision, Pillow and webdataset.
"""
import argparse, itertools, os, pathlib, resource, time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--way", choices=["torchvision", "webdataset"], required=True)
parser.add_argument("--images", required=True)
parser.add_argument("--workers", type=int, default=2)
parser.add_argument("--batches", type=int, default=12)
A = parser.parse_args()

import torch
# torchvision's compiled operators are not needed here, and may not fit the torch at hand.
library = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    try: library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError: pass
from torchvision import transforms
from torchvision.datasets import ImageFolder

torch.set_num_threads(1)
BATCH = 64
view = transforms.Compose([
    transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])

if A.way == "torchvision":
    data = ImageFolder(A.images, view)
    count = (A.batches + 2 + 2 * A.workers) * BATCH
    data = torch.utils.data.ConcatDataset([data] * (count // len(data) + 1))
    loader = torch.utils.data.DataLoader(data, BATCH, shuffle=True, num_workers=A.workers, drop_last=True)
else:
    import webdataset
    shards = sorted(str(path) for path in pathlib.Path(A.images).glob("*.tar"))
    data = (webdataset.WebDataset(shards * A.workers, shardshuffle=False, nodesplitter=None, resampled=True)
            .shuffle(100).decode("pil").to_tuple("jpg", "cls").map_tuple(view, int).batched(BATCH))
    loader = webdataset.WebLoader(data, batch_size=None, num_workers=A.workers)


def pids():
    """This process and those that live below it."""
    return [os.getpid()] + [int(p) for p in pathlib.Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()]


def processor():
    ticks, total = os.sysconf("SC_CLK_TCK"), 0.0
    for pid in pids():
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / ticks
    return total


def memory():
    """Megabytes at most of each, summed."""
    lines = [line for pid in pids() for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1e3


batches = iter(loader)
for _ in range(2): next(batches)
start, before = time.monotonic(), processor()
for images, labels in itertools.islice(batches, A.batches): assert images.shape == (BATCH, 3, 224, 224)
count = A.batches * BATCH
print(f"jpeg {A.way} {count / (time.monotonic() - start):.1f} {count / (processor() - before):.1f} {memory():.0f}", flush=True)
os._exit(0)
