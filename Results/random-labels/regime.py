#!/usr/bin/env python3
"""Where NaP pays, by the length of a task and the number of tasks: the jobs to train, a table, and regime.png.

usage: Results/random-labels/regime.py jobs LENGTH ...     what is missing of these lengths, as jobs for Results/jobs.py
       Results/random-labels/regime.py table               every length and horizon, each arm at its best rate
       .deps/python/bin/python Results/random-labels/regime.py figure

       Results/jobs.py random-labels/regime $(Results/random-labels/regime.py jobs 20 40)    # twice: see below

All rates are tried on one seed, the best three on two more; so `jobs` is asked again once the first are trained. The score at a
horizon of N tasks is the mean online accuracy of the last fifth of the first N tasks. An arm's rate is chosen for each length and
horizon on the seeds that are shown, which flatters every arm alike. Tasks of fresh arms do not depend on one another: 30 stand for
any number of them. Points lie in regime.csv.gz.
"""
import collections, csv, gzip, pathlib, statistics, sys

HERE = pathlib.Path(__file__).parent
LENGTHS, HORIZONS = (20, 40, 80, 150, 300, 600), (40, 100, 200)
RATES = ("1e-4", "3e-4", "1e-3", "3e-3", "1e-2", "3e-2")
WIDER = {("norm", 20): ("1e-1",)}                         # the choice lay at the edge
FRESH_TASKS, FIRST, FURTHER, KEPT = 30, 1000, (1001, 1002), 3
# Each arm with its settings, said in full so that another default changes nothing here.
ARMS = {"norm": "nap.scaleAndOffset=none", "nap": "nap.scaleAndOffset=decay:0.1", "fresh-norm": "nap.scaleAndOffset=none"}


def read():
    """Online accuracies of the tasks by (arm, length), rate and seed."""
    points = collections.defaultdict(lambda: collections.defaultdict(lambda: collections.defaultdict(list)))
    path = HERE / "regime.csv.gz"
    if path.exists():
        with gzip.open(path, "rt") as file:
            for row in csv.DictReader(file):
                settings = dict(setting.split("=", 1) for setting in row["settings"].split())
                key = row["arm"], int(settings["updatesPerTask"])
                points[key][float(row["rate"])][int(row["seed"])].append(float(row["online_accuracy"]))
    return points


def score(values, horizon):
    values = values[:horizon]
    return statistics.fmean(values[-max(1, len(values) // 5):])


def kept(rates):
    """The three rates that go on to further seeds: the best at each horizon, then those with the best mean over the horizons."""
    first = {rate: [score(seeds[FIRST], horizon) for horizon in HORIZONS] for rate, seeds in rates.items() if FIRST in seeds}
    best = dict.fromkeys(max(first, key=lambda rate: first[rate][i]) for i in range(len(HORIZONS)))
    best.update(dict.fromkeys(sorted(first, key=lambda rate: -statistics.fmean(first[rate]))))
    return list(best)[:KEPT]


def jobs(lengths):
    points, result = read(), []
    for length in lengths:
        for arm in ARMS:
            tasks = f":{FRESH_TASKS}" if arm.startswith("fresh") else ""
            had, tried = points[arm, length], RATES + WIDER.get((arm, length), ())
            texts = {float(text): text for text in tried}
            name = f"{arm}+{ARMS[arm]}+updatesPerTask={length}"
            missing = [f"{name}:{rate}:{FIRST}{tasks}" for rate in tried if FIRST not in had.get(float(rate), ())]
            if not missing:
                missing = [f"{name}:{texts[rate]}:{seed}{tasks}" for rate in kept(had) for seed in FURTHER if seed not in had[rate]]
            result += missing
    return result


def chosen():
    """For each length, horizon and arm: the best rate among those with most seeds, and its scores by seed."""
    points = read()
    for length in LENGTHS:
        for horizon in HORIZONS:
            for arm in ARMS:
                rates = points.get((arm, length))
                if not rates:
                    continue
                most = max(len(seeds) for seeds in rates.values())
                scores = {rate: [score(values, horizon) for _, values in sorted(seeds.items())]
                          for rate, seeds in rates.items() if len(seeds) == most}
                rate = max(scores, key=lambda rate: statistics.fmean(scores[rate]))
                tried = sorted(rates)
                yield length, horizon, arm, rate, scores[rate], rate in (tried[0], tried[-1])


def table():
    print("updates a task, tasks, arm, best rate, scores by seed (* at the edge of the rates)")
    rows = list(chosen())
    for length, horizon, arm, rate, scores, is_edge in rows:
        print(f"{length:4} {horizon:4} {arm:11} {rate:g}{'*' if is_edge else ''}: {statistics.fmean(scores):.3f} "
              f"({', '.join(f'{s:.3f}' for s in scores)})")
    means = {(length, horizon, arm): statistics.fmean(scores) for length, horizon, arm, _, scores, _ in rows}
    print("\nNaP - norm, by updates a task (rows) and tasks (columns " + ", ".join(map(str, HORIZONS)) + ")")
    for length in LENGTHS:
        cells = [means[length, h, "nap"] - means[length, h, "norm"] for h in HORIZONS
                 if (length, h, "nap") in means and (length, h, "norm") in means]
        if cells:
            print(f"{length:4}  " + "  ".join(f"{cell:+.3f}" for cell in cells))


def figure():
    import vl_convert
    rows = [dict(length=length, panel=f"after {horizon} tasks", arm=arm, value=value, mean=statistics.fmean(scores))
            for length, horizon, arm, _, scores, _ in chosen() for value in scores]
    x = dict(field="length", type="quantitative", title="updates a task", scale=dict(type="log", domain=[16, 750]),
             axis=dict(values=list(LENGTHS), labelAngle=0))
    color = dict(field="arm", type="nominal", title=None, sort=list(ARMS), scale=dict(range=["#d6604d", "#2166ac", "#777777"]))
    y = dict(type="quantitative", title="online accuracy", scale=dict(domain=[0, 1]))
    layer = [dict(mark=dict(type="line", strokeWidth=2), encoding=dict(x=x, y=dict(y, field="mean", aggregate="mean"), color=color)),
             dict(mark=dict(type="point", filled=True, size=30), encoding=dict(x=x, y=dict(y, field="value"), color=color))]
    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "data": {"values": rows},
            "facet": {"column": {"field": "panel", "type": "nominal", "title": None,
                                 "sort": [f"after {horizon} tasks" for horizon in HORIZONS],
                                 "header": {"labelFontSize": 14, "labelFontWeight": "bold"}}},
            "spec": {"width": 300, "height": 260, "layer": layer},
            "config": {"font": "Helvetica, Arial, sans-serif", "view": {"stroke": None}}}
    (HERE / "regime.png").write_bytes(vl_convert.vegalite_to_png(spec, scale=2))


def main():
    match sys.argv[1:]:
        case ["jobs", *lengths] if lengths and all(text.isdigit() and int(text) in LENGTHS for text in lengths):
            print("\n".join(jobs(map(int, lengths))))
        case ["table"]:
            table()
        case ["figure"]:
            figure()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
