#!/usr/bin/env python3
"""Tunes the arms of a recipe with equal budgets and shows them on other seeds, into one CSV that later calls go on with.

usage: Results/tune.py language short CSV      Results/tune.py cifar small|vit-small CSV
       Results/tune.py continual-language short CSV
       NAP=.build/release/nap NAP_DATA=... STORE=/tmp/tuning Results/tune.py ...

Each arm's rate is chosen on seed 1000 from three rates, and beyond them as long as the best lies at the edge; the
best two are tried on seed 1001, too, and the better mean is shown on seeds 0 to 4. What is compared is the mean of the last
fifth of the validations: the loss of language, the accuracy of cifar; of continual-language the online loss of the last
fifth of the visits. Rows: arm, rate, seed, metric, update, value. A run
that was killed leaves no row.
"""
import csv, os, pathlib, sqlite3, subprocess, sys, time

recipe, preset, path = sys.argv[1:4]
nap = os.environ.get("NAP", ".build/release/nap")
store = os.environ.get("STORE", path + ".store")
is_language = recipe != "cifar"
is_continual = recipe == "continual-language"
LADDER = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0, 10.0]
START = [1e-3, 3e-3, 1e-2] if is_language or preset != "small" else [3e-2, 1e-1, 3e-1]
ARMS = {
    "language": ["plain", "norm", "nap", "nap/hyperball"], "cifar": ["plain", "norm", "project", "nap", "nap/hyperball"],
    "continual-language": ["plain", "norm", "nap", "fresh", "fresh-norm"]}[recipe]
if preset == "vit-small":
    ARMS = ["plain", "norm", "nap", "nap/hyperball"]
MEASURE = "online_loss" if is_continual else "test_loss" if is_language else "test_accuracy"
METRICS = ("online_loss", "test_loss") if is_continual else ("test_loss", "test_accuracy", "training_loss")

runs = {}
if os.path.exists(path):
    for arm, rate, seed, metric, update, value in csv.reader(open(path)):
        runs.setdefault((arm, float(rate), int(seed)), {}).setdefault(metric, {})[int(update)] = float(value)


def settings(arm, rate):
    yield f"optimizer.learningRate={rate}"
    yield "recording.checkpointEveryUpdates=0"
    if is_continual:
        # Two blocks of 96 features read 64 bytes, 500 updates a visit: a run takes two minutes of a core.
        yield from ("batchSize=8", "updatesPerTask=500", "recording.evaluateEveryUpdates=0", "network.context=64")
        blocks = ("layers=2", "features=96", "heads=3", "keyHeads=3", "feedForward=384")
        yield from (f"network.blocks.{setting}" for setting in blocks)
    elif is_language:
        # A quarter of the preset's batch: a run takes three minutes of a core.
        yield from ("batchSize=8", f"schedule.finalRate={rate / 10:g}", f"schedule.warmUpRate={rate / 100:g}")
    if (recipe, preset) == ("cifar", "small"):
        # Half of the preset's channels: a run takes under three minutes of a core.
        yield "network.channels=8,16,32,64"
    elif (recipe, preset) == ("cifar", "vit-small"):
        # Half of the preset's blocks, batch and updates: a run takes under a minute of a core.
        yield from ("network.blocks.layers=2", "batchSize=64", "updatesPerTask=300", "recording.evaluateEveryUpdates=30")
    if "hyperball" in arm:
        if (recipe, preset) == ("cifar", "small"):
            # It is defined for Adam and Muon; the other arms have SGD with momentum.
            yield "optimizer.kind=adam"
        yield "optimizer.weightDecay=0"


def run(arm, rate, seed):
    key = (arm, rate, seed)
    if key in runs:
        return runs[key]
    started = time.time()
    command = [nap, "train", recipe, "--preset", preset, "--threads", "1", "--yes", "--runs", store]
    command += ["--arm", arm, "--seed", str(seed)]
    for setting in settings(arm, rate):
        command += ["--set", setting]
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode not in (0, 4):  # 4: the weights are no longer finite, which is a result
        sys.exit(f"{key}: exit code {ended.returncode}\n{ended.stderr[-500:]}")
    database = sqlite3.connect(pathlib.Path(store) / "store.sqlite")
    newest = database.execute("select id from run order by number desc limit 1").fetchone()[0]
    values = {}
    with open(path, "a") as file:
        writer = csv.writer(file, lineterminator="\n")
        for metric, scope, update, value in database.execute(
            "select s.metric, s.scope, p.updates, p.value from point p join series s on s.id = p.series"
            " where s.run = ? and p.value is not null order by s.metric, p.updates", (newest,)):
            if metric in METRICS and scope in ("", "test", "validation"):
                values.setdefault(metric, {})[update] = value
                writer.writerow([*key, metric, update, f"{value:.6f}"])
    runs[key] = values
    print(time.strftime("%H:%M"), *key, f"{cost(values):.4f}", f"{time.time() - started:.0f} s", flush=True)
    return values


def cost(values):
    """The mean of the last fifth, less being better; what did not end in numbers costs most."""
    found = values.get(MEASURE, {})
    last = [found[update] for update in sorted(found)][-max(1, len(found) // 5):]
    if not last:
        return 99.0
    mean = sum(last) / len(last)
    return 99.0 if mean != mean else mean if is_language else -mean


def choose(arm):
    costs = {rate: cost(run(arm, rate, 1000)) for rate in ([3e-3, 1e-2, 3e-2] if "hyperball" in arm else START)}
    while True:
        place = LADDER.index(min(costs, key=costs.get))
        beyond = [LADDER[i] for i in (place - 1, place + 1) if 0 <= i < len(LADDER) and LADDER[i] not in costs]
        if not beyond:
            break
        costs.update({rate: cost(run(arm, rate, 1000)) for rate in beyond})
    means = {}
    candidates = sorted(costs, key=costs.get)[:2]
    # The second seed may prefer a rate at the edge, which then gets its neighbour, too.
    while candidates:
        for rate in candidates:
            means[rate] = (cost(run(arm, rate, 1000)) + cost(run(arm, rate, 1001))) / 2
            costs[rate] = cost(run(arm, rate, 1000))
        place = LADDER.index(min(means, key=means.get))
        candidates = [LADDER[i] for i in (place - 1, place + 1) if 0 <= i < len(LADDER) and LADDER[i] not in costs]
    return min(means, key=means.get)


if __name__ == "__main__":
    chosen = {}
    for arm in ARMS:
        chosen[arm] = choose(arm)
        print("chosen", arm, chosen[arm], flush=True)
        for seed in range(3):
            run(arm, chosen[arm], seed)
    for seed in range(3, 5):
        for arm in ARMS:
            run(arm, chosen[arm], seed)
    print("arm,rate,seeds,mean of the last fifth")
    for arm in ARMS:
        values = [abs(cost(run(arm, chosen[arm], seed))) for seed in range(5)]
        print(f"{arm},{chosen[arm]:g},5,{sum(values) / 5:.4f}")
