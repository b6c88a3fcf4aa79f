"""The cases of Tools/gpu-check that measure rates, each alone: ours, and PyTorch's on the same card.

A rehearsal runs the same code with few steps and small networks on the stand-in; its figures are those of a CPU.
"""
import pathlib, re

from gpu_cases import lacks_atari
from gpu_data import Data
from gpu_recipes import BUILT_IN, options
from gpu_running import ROOT, WORKS, Fault, Skipped, rates_of

OURS, OPERATIONS = {}, {}  # milliseconds a step, and operations of its matrix products, by work, once measured
ALL = ",".join(WORKS)
# TFLOP/s by NVIDIA's data sheets, without sparsity: products of bfloat16, products of TF32, float32 without tensor
# cores. More special names come first; a type that a card lacks has none.
PEAKS = [
    ("B200", 2250, 1125, 75), ("H200 NVL", 836, 418, 60), ("H200", 989, 495, 67), ("H100 NVL", 835, 418, 60),
    ("H100 PCIe", 756, 378, 51), ("H100", 989, 495, 67), ("A100", 312, 156, 19.5), ("L40S", 362, 183, 91.6),
    ("L4", 121, 60, 30.3), ("RTX 4090", 165, 82.6, 82.6), ("V100", None, None, 15.7), ("T4", None, None, 8.1),
]
TYPES = ("bfloat16", "TF32", "float32")
# cuDNN's convolutions take TF32 unless told otherwise, here as in PyTorch; other products are float32.
CONVOLUTIONAL = {"cnn", "rainbow", "resnet18"}


def peak_of(name, kind):
    """TFLOP/s of a card by the name that its driver gives, such as NVIDIA H100 80GB HBM3; None where none is known."""
    own = name.split()
    known = next((row for row in PEAKS if all(any(word == one or one.startswith(word + "-") for one in own)
                                              for word in row[0].split())), None)
    return known and known[1 + TYPES.index(kind)]


def card_of(running): return running.card.split("\n")[0].split(",")[0]


def share(running, operations, kind):
    """What a rate of operations is of the card's peak, in words."""
    peak, rate = peak_of(card_of(running), kind), operations / 1e12
    return f"{rate:.3g} TFLOP/s" + (f", MFU {rate / peak:.1%} of {peak} ({kind})" if peak else "")


def unknown(running, *kinds):
    """Why there is no share of the peak, where there is none."""
    lacking = [kind for kind in kinds if peak_of(card_of(running), kind) is None]
    return f"; no MFU of {' and '.join(lacking)}, whose peak is not known of {card_of(running)}" if lacking else ""


def few(running, steps): return 1 if running.is_rehearsal else steps


def bench(running, name, works, *more):
    if not running.bench.exists(): raise Skipped(f"no {running.bench}")
    found = running.run(name, [running.bench, "--work", works, *more])
    return found, rates_of(found)


def pace(work, milliseconds):
    count, things = WORKS[work]
    return f"{work} {1000 / milliseconds:,.0f} steps/s, {1000 * count / milliseconds:,.0f} {things}/s"


def ours(running):
    output, rates = bench(running, "rates-nap", ALL, "--steps", few(running, 100), "--device", "cuda")
    for row in map(str.split, output.splitlines()):
        if len(row) >= 8 and row[0] in rates and row[7] == "GFLOP/s":
            OPERATIONS[row[0]] = float(row[6]) * 1e9 * rates[row[0]] / 1000
    OURS.update(rates)
    if len(OURS) < len(WORKS): raise Fault(f"figures only for {sorted(OURS)}")
    return "  ".join(pace(work, time) for work, time in OURS.items())


def utilization(running):
    """Operations of the matrix products over what the card could do, by the steps of the case before."""
    if not OURS: raise Skipped("the row nap has no figures")
    if not OPERATIONS: raise Fault("nap-bench tells no operations")
    return "  ".join(f"{work} " + kind_share(running, work, OURS[work]) for work in OPERATIONS) + \
        unknown(running, "TF32", "float32")


def kind_share(running, work, milliseconds):
    return share(running, OPERATIONS[work] * 1000 / milliseconds, "TF32" if work in CONVOLUTIONAL else "float32")


def beside(running, found, works, words):
    missing = sorted(set(works.split(",")) - found.keys())
    if missing: raise Fault(f"no figures for {missing}")
    return "  ".join(pace(work, time) + (f" ({words} {OURS[work] / time:.2f} of its time)" if work in OURS else "")
                     for work, time in found.items())


def without_projection(running):
    words = ["--mode", "norm", "--steps", few(running, 100), "--device", "cuda"]
    return beside(running, bench(running, "rates-without-projection", ALL, *words)[1], ALL, "with projection")


def processor(running):
    found = bench(running, "rates-cpu", "mlp,cnn", "--steps", few(running, 20))[1]
    return beside(running, found, "mlp,cnn", "the GPU takes")


def agent(running):
    """Rainbow's frames a second, first in turn and then overlapped, and where the time goes."""
    reason = lacks_atari(running)
    if reason: raise Skipped(reason)
    output, _ = bench(running, "rates-agent", "agent", "--steps", few(running, 40), "--device", "cuda")
    frames = re.search(r"(\d+) frames/s, (\d+) overlapped", output)
    parts = dict(re.findall(r"^agent \S+ ([a-z]+) ([\d.]+) .* ms a round", output, re.MULTILINE))
    if not frames or len(parts) < 5: raise Fault("nap-bench tells no frames a second, or not all of the parts")
    return f"Rainbow {int(frames[1]):,} frames/s, overlapped {int(frames[2]):,}; ms a round of 16 frames: " + \
        ", ".join(f"{name} {time}" for name, time in parts.items())


# --- updates as they are beside replayed ones, without the program's start --------------------------------------------

QUIET = "recording.everyUpdates=0 recording.evaluateEveryUpdates=0"
LONG = "tasks=1 updatesPerTask=10000000"
GPT = "language --preset 10M --arm nap"
GPT_SMALL = "network.blocks.features=256 network.blocks.feedForward=1024 network.blocks.layers=4 " \
    "network.blocks.heads=4 network.blocks.keyHeads=4 batchSize=8"
TINY = "network.blocks.features=32 network.blocks.feedForward=64 network.blocks.layers=1 network.blocks.heads=2 " \
    "network.blocks.keyHeads=2 network.blocks.headDimension=16 network.context=16 batchSize=2"


def text(running, changes):
    return options(GPT, f"texts={{words-1}} updatesPerTask=1000000 schedule.decayUpdates=1000000 {QUIET} "
                   + (TINY if running.is_rehearsal else changes), Data(running))


def images(preset, changes, tiny):
    return lambda running: options(f"random-labels --preset {preset} --arm nap",
                                   f"{BUILT_IN} {LONG} {tiny if running.is_rehearsal else changes}")


REPLAYED = {
    "mlp": (images("short", "network.hidden=512,512,512", "network.hidden=16,16"), 128, "images"),
    "cnn": (images("cnn", "", "network.channels=4,4,4 batchSize=16"), 128, "images"),
    "gpt": (lambda running: text(running, GPT_SMALL), 2048, "tokens"),
}


def trained(running, name, words, choice, **how):
    rate = running.pace(name, *words, choice, **how)
    said = [line for line in (running.output / f"{name}.log").read_text().splitlines() if "not replayed" in line]
    if choice == "--capture" and said: raise Fault(said[0][:200])
    return rate


def replayed_case(work):
    make, count, things = REPLAYED[work]
    def case(running):
        words = make(running)
        eager, _ = trained(running, f"rates-{work}-eager", words, "--no-capture")
        again, _ = trained(running, f"rates-{work}-replayed", words, "--capture")
        told = "" if running.is_rehearsal else f" ({eager * count:,.0f} and {again * count:,.0f} {things}/s)"
        return f"eager {eager:,.0f} updates/s, replayed {again:,.0f}{told}: {again / eager:.2f} times as many"
    return f"replayed-{work}", case


def rainbow(running):
    """A whole agent: Pong where it is here, else CartPole; in turn, replayed, and with two processes that play."""
    frames, game = 100_000_000, "CartPole" if lacks_atari(running) or running.is_rehearsal else "Pong"
    words = ("atari --preset smoke --arm nap", "agent.learningStarts=400 recording.evaluateEveryRounds=0") \
        if game == "Pong" else ("control --preset cartpole --arm nap", "agent.learningStarts=100")
    words = options(words[0], f"{words[1]} environments.framesPerVisit={frames} recording.everyRounds=1000000")
    found = []
    for name, choice, changes in (("eager", "--no-capture", ""), ("replayed", "--capture", ""),
                                  ("actors", "--capture", "actors.count=2")):
        rate, rounds = trained(running, f"rates-rainbow-{name}", words + options("", changes), choice, after=150)
        found.append(rate * frames / rounds)
    return f"Rainbow in {game}: eager {found[0]:,.0f} frames/s, replayed {found[1]:,.0f}, {found[1] / found[0]:.2f} " \
        f"times as many; with two actors {found[2]:,.0f}"


def of_bfloat16(running):
    """The language model of 10.7 million weights in float32 and in bfloat16, replayed."""
    layers, features, context, batch = (1, 32, 16, 2) if running.is_rehearsal else (6, 384, 256, 64)
    wide = 64 if running.is_rehearsal else 1536
    # Products of an update: matrices, attention at every pair of places, the output's 256 bytes; twice more backward.
    block = 4 * features ** 2 + 2 * features * wide + 2 * features * context
    operations = 3 * batch * 2 * context * (layers * block + 256 * features)
    found, rates = [], []
    for precision, kind in (("full", "float32"), ("bfloat16", "bfloat16")):
        words = text(running, "") + ["--set", f"computation.precision={precision}"]
        rate, _ = trained(running, f"rates-gpt-{precision}", words, "--capture")
        rates.append(rate)
        found.append(f"{kind} {rate * batch * context:,.0f} tokens/s, {share(running, operations * rate, kind)}")
    return f"bfloat16 {rates[1] / rates[0]:.2f} times as fast: " + "; ".join(found) + \
        unknown(running, "float32", "bfloat16")


# --- PyTorch ----------------------------------------------------------------------------------------------------------

def peer_case(mode, works=ALL):
    name = f"pytorch-{mode}" + ("" if works == ALL else f"-{works}")
    def case(running):
        if not pathlib.Path(running.peer).exists(): raise Skipped(f"no PyTorch at {running.peer} (--peer PYTHON)")
        if running.is_rehearsal and mode == "compile" and works != "mlp":
            raise Skipped("a CPU takes minutes to compile it: mlp alone is rehearsed")
        script = ROOT / "Benchmarks/peers/peer_steps.py"
        words = ["--mode", mode, "--work", works, "--steps", few(running, 100), "--device",
                 "cpu" if running.is_rehearsal else "cuda"]
        found = rates_of(running.run(f"rates-{name}", [running.peer, script, *words], 180))
        told = beside(running, found, works, "ours takes")
        return f"{told}, {kind_share(running, works, found[works])}" if works in OPERATIONS else told
    return name, case


RATES = [("nap", ours), ("utilization", utilization), ("agent", agent),
         *[replayed_case(work) for work in ("gpt", "cnn", "mlp")], ("replayed-rainbow", rainbow),
         ("gpt-bfloat16", of_bfloat16),
         *[peer_case("compile", work) for work in ("gpt", "cnn", "resnet18", "rainbow", "mlp")],
         *[peer_case(mode) for mode in ("eager", "fused")], ("without-projection", without_projection),
         ("processor", processor)]
