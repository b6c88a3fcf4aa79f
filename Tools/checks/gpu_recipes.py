"""The cases of Tools/gpu-check that train each recipe on the GPU and on the CPU."""
import math

from gpu_data import Data
from gpu_running import Fault, measurements, outcome, relative

BUILT_IN = "data.source=procedural"
IMAGES = "data.training={images} data.test={images}"
FOLLOWING = "texts={words-1},{words-2} cycles=1 updatesPerTask=8"


# A ResNet's first losses in TF32, which cuDNN takes unless told otherwise, differ by some hundredths.
EXACT = {"NVIDIA_TF32_OVERRIDE": "0"}


def settings(text, data=None):
    """--set for each; {NAME} stands for a path of `Data`."""
    return [word for setting in text.split()
            for word in ("--set", setting if data is None else setting.format_map(data))]


def options(arguments, changes, data=None): return [*arguments.split(), *settings(changes, data)]


def pictures(arguments, changes, tolerance=0.02): return arguments, f"{BUILT_IN} {changes}", tolerance


# --- name, arguments, settings, what the first losses may differ by from the CPU's (relative) -------------------------

ROWS = {
    "random-labels-mlp": pictures("random-labels --preset short --arm nap", "tasks=2 updatesPerTask=40"),
    "random-labels-plain": pictures("random-labels --preset short --arm plain", "tasks=2 updatesPerTask=40"),
    "random-labels-long": pictures("random-labels --preset long --arm norm", "tasks=1 updatesPerTask=40"),
    "random-labels-cnn": pictures("random-labels --preset cnn --arm nap", "tasks=2 updatesPerTask=20"),
    "resnet18": pictures("random-labels --preset resnet18 --arm nap", "tasks=1 updatesPerTask=4 batchSize=32"),
    "resnet18-plain": pictures("random-labels --preset resnet18 --arm plain", "tasks=1 updatesPerTask=4 batchSize=32"),
    "dead-units-adam": pictures("dead-units --preset quick --arm adam+nap", "tasks=1 updatesPerTask=60"),
    "dead-units-momentum": pictures("dead-units --preset quick --arm momentum+rms", "tasks=1 updatesPerTask=60"),
    "dead-units-sgd": pictures("dead-units --preset quick --arm sgd", "tasks=1 updatesPerTask=60"),
    "rescaling-exact": pictures("rescaling --preset exact --arm projection", "updatesPerTask=20", 1e-8),
    "rescaling-layerwise": pictures("rescaling --preset exact --arm layerwise", "updatesPerTask=20", 1e-8),
    "rescaling-global": pictures("rescaling --preset exact --arm global", "updatesPerTask=20", 1e-8),
    "rescaling-adam": pictures("rescaling --preset adam --arm none", "updatesPerTask=20"),
    "permuted-pixels": pictures("permuted-pixels --preset small --arm nap", "tasks=1 stream.epochsPerTask=1"),
    "class-incremental": pictures("class-incremental --preset small --arm nap", "tasks=2 stream.epochsPerTask=1"),
    "vgg": pictures("class-incremental --preset cifar-100 --arm nap",
                    "tasks=1 stream.epochsPerTask=1 data.imageCount=1000 stream.testCount=100", 0.05),
    "warm-start": pictures("warm-start --preset small-10 --arm nap", "stream.epochsPerTask=1"),
    "grokking": ("grokking --preset quick --arm nap", "updatesPerTask=100", 0.02),
    # Of what follows another seed is told apart. Low rates: what is rounded is else blown up from update to update.
    "cifar": pictures("cifar --preset smoke --arm nap", "updatesPerTask=10 optimizer.learningRate=0.01", 0.01),
    "cifar-bfloat16": pictures("cifar --preset smoke --arm nap", "updatesPerTask=10 optimizer.learningRate=0.01 "
                               "computation.precision=bfloat16", 0.01),
    "cifar-vit": pictures("cifar --preset vit-small --arm nap", "data.imageCount=256 data.testCount=64 batchSize=16 "
                          "network.blocks.layers=1 updatesPerTask=20 schedule.warmUpUpdates=3 "
                          "recording.evaluateEveryUpdates=0", 0.001),
    "imagenet": ("imagenet --preset smoke --arm nap", IMAGES, 0.01),
    "imagenet-bottleneck": ("imagenet --preset smoke-bottleneck --arm project", IMAGES +
                            " updatesPerTask=3 optimizer.learningRate=0.00001", 0.01),
    "imagenet-vit": ("imagenet --preset smoke-vit --arm nap", IMAGES, 0.001),
    "language": ("language --preset smoke --arm nap", "texts={words-1}", 0.0005),
    "language-bfloat16": ("language --preset smoke --arm nap", "texts={words-1} computation.precision=bfloat16", 0.002),
    "continual-language": ("continual-language --preset smoke --arm nap", FOLLOWING, 0.0005),
    "continual-language-fresh": ("continual-language --preset smoke --arm fresh", FOLLOWING, 0.0005),
}


def recipe_case(name, arguments, changes, tolerance):
    def case(running):
        words = options(arguments, changes, Data(running) if "{" in changes else None)
        there, _ = running.train(name, "cuda", *words, environment=EXACT)
        outcome(there)
        here, _ = running.train(name + "-cpu", "cpu", *words)
        here, there = measurements(here), measurements(there)
        if len(here) != len(there): raise Fault(f"{len(there)} events on the GPU, {len(here)} on the CPU")
        worst, key = max((relative(value, there[0].get(key, math.inf)), key) for key, value in here[0].items()
                         if "loss" in key)
        remark = f"first losses differ by {worst:.1e} at most ({key}); allowed {tolerance:.0e}"
        if not worst <= tolerance: raise Fault(remark)
        return remark
    return name, case


RECIPES = [recipe_case(name, *row) for name, row in ROWS.items()]
