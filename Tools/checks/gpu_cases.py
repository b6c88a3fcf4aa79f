"""The cases of Tools/gpu-check. Each is a name and a function of a `Running`, which gives a remark or raises."""
import json, math, os, pathlib, subprocess, time

from gpu_recipes import BUILT_IN, RECIPES, options
from gpu_running import ROOT, Fault, Skipped, differing, measurements, outcome, relative

AGENT = "agent.learningStarts=100 agent.replay.capacity=2000 recording.everyRounds=20"


# --- float64: the CPU's numbers, which PyTorch's goldens pin, to nine digits ------------------------------------------

def exact_case(name, arguments, changes, tolerance=1e-9):
    """Every loss of a short run on the GPU beside the CPU's, network and optimizer in float64."""
    def case(running):
        words = options(arguments, f"{BUILT_IN} network.dtype=float64 {changes}")
        there, here = (measurements(running.train(f"{name}-{device}", device, *words)[0]) for device in ("cuda", "cpu"))
        pairs = [(one[key], other.get(key, math.inf)) for one, other in zip(here, there) for key in one if "loss" in key]
        if not pairs or len(here) != len(there): raise Fault(f"{len(there)} events on the GPU, {len(here)} on the CPU")
        worst = max(relative(*pair) for pair in pairs)
        remark = f"{len(pairs)} losses differ by at most {worst:.1e}; allowed {tolerance:.0e}"
        if not worst <= tolerance: raise Fault(remark)
        return remark
    return name, case


SHORT = "tasks=1 updatesPerTask=30 recording.everyUpdates=5"
EXACTLY = [
    *[exact_case(f"exact-{kind}", "random-labels --preset short --arm nap", f"optimizer.kind={kind} {SHORT} {changes}")
      for kind, changes in (("sgd", "optimizer.momentum=0.9 optimizer.gradientClip=0.5"), ("rmsprop", ""), ("adam", ""),
                            ("adamw", "optimizer.weightDecay=0.1 nap.scaleAndOffset=free"), ("muon", ""), ("adamh", ""), ("muonh", ""))],
    exact_case("exact-cnn", "random-labels --preset cnn --arm nap", "tasks=1 updatesPerTask=10"),
    exact_case("exact-resnet", "cifar --preset smoke --arm project", "updatesPerTask=10"),
    exact_case("exact-vit", "cifar --preset vit-small --arm nap", "data.imageCount=64 data.testCount=16 batchSize=16 "
               "network.blocks.layers=1 updatesPerTask=10 schedule.warmUpUpdates=3"),
]


# --- methods, optimizers, diagnostics, agents: a short run on the GPU ------------------------------------------------

METHODS = """leaky-relu crelu fourier-features spectral-norm weight-norm head-projection soft-weight-rescaling
hare-tortoise plasticity-injection head-scale reset-all reset-layers reset-head redo continual-backprop
self-normalized-resets shrink-perturb noisy-updates l2 l2-initial parseval spectral-regularization clip-norm clip-value
weight-decay head-decay scale-decay rewarm trac rate-rescaling head-rate hyperball upgd""".split()
# What lets a method act within 60 updates.
SOON = {"hare-tortoise": "everyUpdates=10", "plasticity-injection": "atUpdate=10", "redo": "everyUpdates=10",
        "reset-all": "everyUpdates=15", "reset-layers": "everyUpdates=15", "reset-head": "everyUpdates=15",
        "continual-backprop": "maturityThreshold=5", "self-normalized-resets": "firstThreshold=8"}


def train_case(name, arguments, changes="", needs=None):
    def case(running):
        reason = needs and needs(running)
        if reason: raise Skipped(reason)
        found, _ = running.train(name, "cuda", *options(arguments, changes))
        return outcome(found)
    return name, case


def method_case(method):
    changes = f"{BUILT_IN} tasks=2 updatesPerTask=30"
    if method in SOON: changes += f" methods.{method}.{SOON[method]}"
    arm = "plain"
    if method == "scale-decay": arm, changes = "norm", changes + " nap.scaleAndOffset=free"
    return train_case(f"method-{method}", f"random-labels --preset short --arm {arm} --method {method}", changes)


def short_case(name, arguments, changes):
    return train_case(name, "random-labels " + arguments, f"{BUILT_IN} tasks=1 updatesPerTask=30 {changes}")


def lacks_python(*modules):
    def reason(running):
        python = os.environ.get("NAP_PYTHON", str(ROOT / ".deps/python/bin/python"))
        try:
            code = subprocess.run([python, "-c", "import " + ", ".join(modules)], capture_output=True).returncode
        except OSError:
            code = 1
        return f"no Python here that has {' and '.join(modules)}" if code else None
    return reason


def component(running, name):
    report = json.loads((running.output / "doctor.json").read_text())["report"]
    return next(component for component in report["components"] if component["name"] == name)


def lacks_atari(running):
    if component(running, "Arcade Learning Environment").get("version") is None:
        return "the program was built without the Arcade Learning Environment"
    folder = os.environ.get("NAP_ROMS", str(ROOT / ".deps/ale/roms"))
    return None if (pathlib.Path(folder) / "pong.bin").exists() else f"no games in {folder}"


def control(name, arguments, changes="", needs=None):
    return train_case(name, f"control {arguments}", changes, needs)


AGENTS = [
    control("cartpole-nap", "--preset cartpole --arm nap", f"environments.framesPerVisit=1000 {AGENT}"),
    control("cartpole-plain", "--preset cartpole --arm plain", f"environments.framesPerVisit=1000 {AGENT}"),
    control("gridworld-fresh", "--preset gridworld --arm fresh", f"environments.framesPerVisit=300 {AGENT}"),
    *[control(f"cartpole-{kind}", "--preset cartpole --arm nap", f"agent={kind} environments.framesPerVisit=1000 {AGENT}")
      for kind in ("dqn", "dueling", "noisy", "c51", "qr-dqn", "iqn")],
    # Two processes play, one learns.
    control("cartpole-actors", "--preset cartpole --arm nap",
            f"actors.count=2 environments.framesPerVisit=2000 {AGENT}"),
    control("cartpole-ppo", "--preset cartpole --arm nap", "agent=ppo environments.framesPerVisit=4096"),
    control("pendulum", "--preset pendulum --arm nap", "environments.framesPerVisit=4096", lacks_python("gymnasium")),
    control("minatar", "--env gymnasium:MinAtar/Breakout-v0 --preset minatar-short --arm nap",
            f"environments.framesPerVisit=600 {AGENT}", lacks_python("gymnasium", "minatar")),
    train_case("atari", "atari --preset smoke --arm nap", "environments.framesPerVisit=4000", lacks_atari),
    train_case("sequential-atari", "sequential-atari --preset smoke --arm nap", "environments.framesPerVisit=1500",
               lacks_atari),
]


# --- resuming, and crossing between devices ---------------------------------------------------------------------------

def resume_case(name, arguments, changes, stop_at, deterministic=True):
    def case(running):
        words = options(arguments, changes) + (["--deterministic"] if deterministic else [])
        _, whole = running.train(name + "-whole", "cuda", *words)
        _, again = running.train(name + "-again", "cuda", *words)
        unlike = differing(whole, again)
        remark = f"two runs alike end with other bytes: {len(unlike)} tensors, such as {' '.join(unlike[:1])}"
        if unlike and not deterministic: return remark
        if unlike: raise Fault(remark)
        _, part = running.train(name, "cuda", *words, interrupt_at=stop_at)
        running.resume(name, part)
        unlike = differing(whole, part)
        if unlike: raise Fault(f"other bytes after resuming: {len(unlike)} tensors, such as {unlike[0]}")
        return "the same bytes" if deterministic else "the same bytes even without --deterministic"
    return name, case


LABELS = "random-labels --preset short --arm nap"
RESUMING = [
    resume_case("resume-mlp", LABELS, f"{BUILT_IN} tasks=4 updatesPerTask=600", 500),
    resume_case("resume-noise", LABELS + " --method noisy-updates,redo",
                f"{BUILT_IN} tasks=4 updatesPerTask=600 methods.redo.everyUpdates=20", 500),
    resume_case("resume-cnn", "random-labels --preset cnn --arm nap", f"{BUILT_IN} tasks=4 updatesPerTask=120", 150),
    resume_case("resume-grokking", "grokking --preset quick --arm nap", "updatesPerTask=2000", 500),
    resume_case("resume-rainbow", "control --preset cartpole --arm nap", f"environments.framesPerVisit=5000 {AGENT}", 700),
    # The updates of its events are rounds of 1,024 frames.
    resume_case("resume-ppo", "control --preset cartpole --arm nap", "agent=ppo environments.framesPerVisit=10240", 4),
    resume_case("quick-kernels-cnn", "random-labels --preset cnn --arm nap", f"{BUILT_IN} tasks=4 updatesPerTask=120",
                150, deterministic=False),
]


# --- updates recorded and replayed ------------------------------------------------------------------------------------

def capture_case(name, arguments, changes, stop_at):
    """As it is, replayed, and replayed with a stop between: the same bytes at the end of all three."""
    def case(running):
        words = options(arguments, changes) + ["--deterministic"]
        began = time.monotonic()
        _, plain = running.train(name + "-plain", "cuda", *words)
        between = time.monotonic()
        _, captured = running.train(name + "-captured", "cuda", *words, "--capture")
        ended = time.monotonic()
        if "not replayed" in (running.output / f"{name}-captured.log").read_text():
            raise Fault(running.last_words(name + "-captured"))
        unlike = differing(plain, captured)
        if unlike: raise Fault(f"other bytes when replayed: {len(unlike)} tensors, such as {unlike[0]}")
        _, part = running.train(name, "cuda", *words, "--capture", interrupt_at=stop_at)
        running.resume(name, part)
        unlike = differing(plain, part)
        if unlike: raise Fault(f"other bytes when replayed and resumed: {len(unlike)} tensors, such as {unlike[0]}")
        return f"the same bytes, also resumed; whole runs took {between - began:.1f} s, replayed {ended - between:.1f} s"
    return name, case


def default_case(running):
    """Without a choice the trial in a process of its own passes, and updates are replayed."""
    words = options(LABELS, f"{BUILT_IN} tasks=2 updatesPerTask=60") + ["--deterministic"]
    _, plain = running.train("capture-default-plain", "cuda", *words)
    _, chosen = running.train("capture-default", "cuda", *words, chooses_capture=True)
    recorded = running.run("capture-default-record", [running.nap, "runs", "show", chosen.name, "--runs", chosen.parent])
    if "captured" not in recorded: raise Fault(f"updates are not replayed: {running.last_words('capture-default')}")
    unlike = differing(plain, chosen)
    if unlike: raise Fault(f"other bytes when replayed: {len(unlike)} tensors, such as {unlike[0]}")
    return "the trial passes, updates are replayed, the same bytes"


def refused_case(running):
    """What cannot be recorded is said, and the run goes on."""
    _, plain = running.train("capture-refused-plain", "cuda", *MIXED, "--deterministic")
    _, other = running.train("capture-refused", "cuda", *MIXED, "--deterministic", "--capture")
    said = [line for line in (running.output / "capture-refused.log").read_text().splitlines() if "not replayed" in line]
    if not said: raise Fault("it does not say that updates are not replayed")
    if differing(plain, other): raise Fault("other bytes where nothing is replayed")
    return said[0][6:200]


MIXED = options("cifar --preset smoke --arm nap", f"{BUILT_IN} mixing.mixup=0.2")
CAPTURED = [
    ("capture-default", default_case),
    capture_case("capture-mlp", LABELS, f"{BUILT_IN} tasks=4 updatesPerTask=600", 500),
    # What each optimizer's step needs on the device: clipping, a rate that moves, a projection that is due at times.
    *[capture_case(f"capture-{kind}", LABELS, f"{BUILT_IN} tasks=4 updatesPerTask=200 optimizer.kind={kind} "
                   f"schedule.kind=cosine schedule.decayUpdates=800 {changes}", 300)
      for kind, changes in (("sgd", "optimizer.momentum=0.9 optimizer.gradientClip=0.5"), ("rmsprop", "nap.projection.every=3"),
                            ("adamw", "optimizer.weightDecay=0.01"), ("muon", ""), ("adamh", ""))],
    capture_case("capture-cnn", "random-labels --preset cnn --arm nap", f"{BUILT_IN} tasks=4 updatesPerTask=120", 150),
    # Running statistics that follow projected weights.
    capture_case("capture-cifar", "cifar --preset smoke --arm project", f"{BUILT_IN} updatesPerTask=60", 30),
    capture_case("capture-vit", "cifar --preset vit-small --arm nap", f"{BUILT_IN} data.imageCount=256 data.testCount=64 "
                 "batchSize=16 network.blocks.layers=1 updatesPerTask=200 recording.evaluateEveryUpdates=0", 60),
    capture_case("capture-rainbow", "control --preset cartpole --arm nap", f"environments.framesPerVisit=5000 {AGENT}", 700),
    capture_case("capture-iqn", "control --preset cartpole --arm nap",
                 f"agent=iqn environments.framesPerVisit=5000 {AGENT}", 300),
    capture_case("capture-ppo", "control --preset cartpole --arm nap", "agent=ppo environments.framesPerVisit=30720", 4),
    ("capture-refused", refused_case),
]


# --- two processes, each with a GPU -----------------------------------------------------------------------------------

SHARED = options("cifar --preset smoke --arm plain", f"{BUILT_IN} network.dtype=float64")


def requires_two(running):
    if running.is_rehearsal: return
    if "cuda:1" not in json.loads((running.output / "doctor.json").read_text())["report"]["machine"]["devices"]:
        raise Skipped("one GPU alone")


def same_case(running):
    """Batch normalization over both processes, gradients in buckets, a shared optimizer: as one process."""
    requires_two(running)
    alone, _ = running.train("processes-alone", "cuda", *SHARED)
    both, code, run = running.together("processes", SHARED + ["--synchronize-statistics", "--shard-optimizer"])
    if code or not run: raise Fault(f"exit code {code}: {running.last_words('processes')}")
    pairs = [(one[key], other[key]) for one, other in zip(measurements(alone), measurements(both)) for key in one
             if "loss" in key]
    if not pairs: raise Fault("no losses were measured")
    most = max(relative(*pair) for pair in pairs)
    if most > 1e-9: raise Fault(f"losses differ by {most:.1e} from those of one process")
    return f"{len(pairs)} losses differ by at most {most:.1e} from those of one process"


def lost_case(running):
    """A process is killed: the other ends in time, names it, and one process goes on."""
    requires_two(running)
    began = time.monotonic()
    words = options(LABELS, f"{BUILT_IN} tasks=40 updatesPerTask=100 recording.checkpointEveryTasks=1")
    _, code, run = running.together("processes-lost", words, kill_at=300)
    if code == 0 or not run: raise Fault(f"exit code {code}, though the other was killed")
    log = (running.output / "processes-lost.log").read_text().splitlines()
    said = [line for line in log if line.startswith("nap: ") and "rank 1" in line]
    if not said: raise Fault(f"it does not name rank 1: {running.last_words('processes-lost')}")
    running.resume("processes-lost", run)
    return f"after {time.monotonic() - began:.0f} s: {said[0][5:150]}; one process went on"


PROCESSES = [("processes", same_case), ("processes-lost", lost_case)]


def crossing_case(start, end):
    name = f"from-{start}-to-{end}"
    def case(running):
        words = options(LABELS + " --method noisy-updates", f"{BUILT_IN} tasks=4 updatesPerTask=600")
        _, part = running.train(name, start, *words, interrupt_at=500)
        return f"resumed to its end, {outcome(running.resume(name, part, '--device', end))}"
    return name, case


def reading_case(name, arguments, changes, verb, *more):
    def case(running):
        _, run = running.train(name, "cuda", *options(arguments, changes))
        checkpoint = run / "checkpoint.safetensors"
        running.run(name, [running.nap, "inspect", checkpoint])
        for device in ("cuda", "cpu"):
            running.run(name, [running.nap, verb, checkpoint, "--device", device, "--runs", run.parent, *more])
        return f"inspected, and {verb} on both devices"
    return name, case


def plan_case(running):
    folder = running.output / "runs/plan"
    words = options("--preset short --arms norm,nap --seeds 1", f"{BUILT_IN} tasks=1 updatesPerTask=30")
    running.run("plan", [running.nap, "compare", "random-labels", "--device", "cuda", "--deterministic", "--yes",
                         "--runs", folder, *words])
    for run in folder.glob("*/checkpoint.safetensors"):
        shown = running.run("plan", [running.nap, "runs", "show", run.parent.name, "--runs", folder])
        if "cuda:0 deterministic" not in shown: raise Fault("a run does not say that its kernels were deterministic")
    return "two runs of a plan, both deterministic"


CROSSING = [
    ("plan", plan_case),
    crossing_case("cuda", "cpu"), crossing_case("cpu", "cuda"),
    reading_case("measure", LABELS, f"{BUILT_IN} tasks=1 updatesPerTask=50", "measure", "--json", "--steps", "20",
                 "--draws", "1"),
    reading_case("play", "control --preset cartpole --arm nap", f"environments.framesPerVisit=1000 {AGENT}", "play",
                 "--no-film", "--frames", "500"),
]


# In the order of their weight, which is that in which they run.
CASES = {
    "exact": EXACTLY,
    "capture": CAPTURED,
    "recipes": RECIPES,
    "resume": RESUMING,
    "agents": AGENTS,
    "devices": CROSSING,
    "methods": [
        *[method_case(method) for method in METHODS],
        *[short_case(f"optimizer-{kind}", "--preset short --arm nap", f"optimizer.kind={kind}")
          for kind in ("sgd", "rmsprop", "adamw", "muon", "adamh", "muonh")],
        short_case("cnn-redo-l2", "--preset cnn --arm nap --method redo,l2", "methods.redo.everyUpdates=5"),
        short_case("diagnostics", "--preset short --arm nap", "recording.diagnostics=all recording.everyUpdates=5 "
                   "recording.diagnosticsEveryUpdates=10 recording.evaluateEveryUpdates=10"),
        short_case("cnn-diagnostics", "--preset cnn --arm nap", "recording.diagnostics=all "
                   "recording.diagnosticsEveryUpdates=10"),
        train_case("fresh", "random-labels --preset short --arm fresh-norm", f"{BUILT_IN} tasks=2 updatesPerTask=30"),
    ],
    "processes": PROCESSES,
}
