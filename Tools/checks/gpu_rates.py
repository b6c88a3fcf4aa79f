"""The cases of Tools/gpu-check that measure rates, each alone: ours, and PyTorch's on the same card."""
import pathlib

from gpu_cases import lacks_atari
from gpu_running import ROOT, WORKS, Fault, Skipped, rates_of

OURS = {}  # milliseconds a step by work, once measured
ALL = ",".join(WORKS)
# Multiply-adds in float32 without tensor cores, in TFLOP/s, as NVIDIA's data sheets have them.
PEAKS = {"H200": 67, "H100 80GB HBM3": 67, "H100 PCIe": 51, "A100": 19.5, "L40S": 91.6, "RTX 4090": 82.6, "V100": 15.7,
         "Tesla T4": 8.1}


def bench(running, name, works, *more):
    if not running.bench.exists(): raise Skipped(f"no {running.bench}")
    found = running.run(name, [running.bench, "--work", works, *more])
    return found, rates_of(found)


def ours(running):
    OURS.update(bench(running, "rates-nap", ALL, "--steps", "100", "--device", "cuda")[1])
    if len(OURS) < len(WORKS): raise Fault(f"figures only for {sorted(OURS)}")
    return "  ".join(pace(work, time) for work, time in OURS.items())


def pace(work, time):
    count, things = WORKS[work]
    return f"{work} {1000 / time:.0f} steps/s, {1000 * count / time:.0f} {things}/s"


def utilization(running):
    """Operations of the matrix products over what the card could do, by the lines of the case before."""
    name = next((line for line in running.card.split("\n") if line), "")
    peak = next((peak for card, peak in PEAKS.items() if card in name), None)
    log = running.output / "rates-nap.log"
    rows = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
    found = {row[0]: float(row[6]) / 1000 for row in rows if len(row) >= 8 and row[0] in WORKS and row[7] == "GFLOP/s"}
    if not found: raise Fault("no figure")
    if peak is None: return "  ".join(f"{work} {rate:.2f} TFLOP/s" for work, rate in found.items()) + f"; no peak is known of {name}"
    return "  ".join(f"{work} {rate:.2f} TFLOP/s, {rate / peak:.1%}" for work, rate in found.items()) + \
        f" of {peak} TFLOP/s (float32)"


def beside(found, words):
    if not found: raise Fault("no figure")
    return "  ".join(f"{work} {1000 / time:.0f} steps/s ({words} {OURS[work] / time:.2f} of its time)"
                     for work, time in found.items() if work in OURS)


def without_projection(running):
    words = ["--mode", "norm", "--steps", "100", "--device", "cuda"]
    return beside(bench(running, "rates-without-projection", ALL, *words)[1], "with projection")


def processor(running):
    return beside(bench(running, "rates-cpu", "mlp,cnn", "--steps", "20")[1], "the GPU takes")


def agent(running):
    reason = lacks_atari(running)
    if reason: raise Skipped(reason)
    return " | ".join(bench(running, "rates-agent", "agent", "--steps", "40", "--device", "cuda")[0].split("\n"))[:200]


def peer_case(mode):
    def case(running):
        if not pathlib.Path(running.peer).exists(): raise Skipped(f"no PyTorch at {running.peer} (--peer PYTHON)")
        script = ROOT / "Benchmarks/peers/peer_steps.py"
        words = ["--mode", mode, "--work", ALL, "--steps", "100", "--device", "cuda"]
        return beside(rates_of(running.run(f"rates-pytorch-{mode}", [running.peer, script, *words], 180)), "ours takes")
    return f"pytorch-{mode}", case


RATES = [("nap", ours), ("utilization", utilization), ("without-projection", without_projection),
         ("processor", processor), ("agent", agent), *[peer_case(mode) for mode in ("eager", "fused", "compile")]]
