#!/usr/bin/env python3
"""Recomputes from the stored points what the pages below Results/ say of them, so that anybody can check.

usage: python3 Results/recompute.py            # Python's standard library alone; prints Results/recompute.txt
Differences are paired by seed (and goal); p of five seeds is that of Student's t with four degrees of freedom.
"""
import collections, csv, gzip, math, pathlib, re, runpy, statistics

here = pathlib.Path(__file__).parent
mean = statistics.mean


def rows(name):
    with gzip.open(here / name, "rt") as file:
        yield from csv.DictReader(file)


def panel(names, title):
    """{(arm, seed): {x: value}} of one panel of the reports' numbers; later files replace earlier ones."""
    found = collections.defaultdict(dict)
    for name in names:
        for row in rows(name):
            if row["panel"] == title and row["value"]:
                found[row["arm"], int(row["seed"])][int(row["x"])] = float(row["value"])
    return found


def middle(values):
    cut = len(values) // 4
    return mean(sorted(values)[cut : len(values) - cut])


def student(values):
    """Mean, lower and upper end of the 95 % interval, and two-sided p of paired differences: Student's t, for five or ten."""
    freedom = len(values) - 1
    critical = {4: 2.7764451052, 9: 2.2621571628}[freedom]
    error = statistics.stdev(values) / math.sqrt(len(values))
    angle = math.atan(abs(mean(values)) / error / math.sqrt(freedom))
    # Abramowitz and Stegun 26.7.3 and 26.7.4.
    term, total = (math.cos(angle), 0.0) if freedom % 2 else (1.0, 0.0)
    for k in range(2 + freedom % 2, freedom + 1, 2):
        total += term
        term *= (k - 1) / k * math.cos(angle) ** 2
    inside = math.sin(angle) * total
    p = 1 - ((angle + inside) * 2 / math.pi if freedom % 2 else inside)
    half = critical * error
    return mean(values), mean(values) - half, mean(values) + half, p


def interval(values):
    """The words of ``student``."""
    middle, low, high, p = student(values)
    return f"{middle:+.3f} ({low:+.3f} to {high:+.3f}), p {p:.4f}"


def grid(label, files, arms):
    print(f"\n{label}: score of a visit; 5 seeds of 8 goals, twice; a goal is found where the score is above 0")
    scores = panel(files, "Score of a visit")
    second = {(a, s): [scores[a, s][t] for t in range(8, 16)] for a in arms for s in range(5)}
    first = {(a, s): [scores[a, s][t] for t in range(0, 8)] for a in arms for s in range(5)}
    for arm in arms:
        values = [v for s in range(5) for v in second[arm, s]]
        print(
            f"  {arm:14} second visits: mean {mean(values):+.3f}, interquartile mean "
            f"{mean(middle(second[arm, s]) for s in range(5)):+.3f}, found {sum(v > 0 for v in values)} of {len(values)}; "
            f"first visits: mean {mean(v for s in range(5) for v in first[arm, s]):+.3f}, found "
            f"{sum(v > 0 for s in range(5) for v in first[arm, s])}; by seed "
            + ", ".join(f"{mean(second[arm, s]):+.3f}" for s in range(5))
        )
    for arm, other in [(a, "fresh") for a in arms if a != "fresh"] + [("nap", "norm"), ("nap", "plain"), ("norm", "plain")]:
        pairs = [[a - b for a, b in zip(second[arm, s], second[other, s])] for s in range(5)]
        print(f"  {arm} - {other}: mean {interval([mean(p) for p in pairs])}; interquartile mean {interval([middle(p) for p in pairs])}")


def minatar():
    print("\nMinAtar, six arms: score of a visit, second visits, 5 seeds of 5 games")
    scores = panel(["control/minatar.csv.gz"], "Score of a visit")
    arms = ["plain", "norm", "nap", "nap+restart", "plain+restart", "fresh"]
    for arm in arms:
        values = [[scores[arm, s][t] for t in range(5, 10) if t in scores[arm, s]] for s in range(5)]
        print(
            f"  {arm:14} mean {mean(mean(v) for v in values):+.3f}, interquartile mean {mean(middle(v) for v in values):+.3f}, "
            f"above random play {sum(x > 0 for v in values for x in v)} of {sum(map(len, values))}"
        )
    for arm, other in [(a, "fresh") for a in arms[:-1]] + [("nap+restart", "plain"), ("nap", "norm")]:
        pairs = []
        for s in range(5):
            shared = [t for t in range(5, 10) if t in scores[arm, s] and t in scores[other, s]]
            pairs.append([scores[arm, s][t] - scores[other, s][t] for t in shared])
        print(f"  {arm} - {other}: mean {interval([mean(p) for p in pairs])}; interquartile mean {interval([middle(p) for p in pairs])}")


def short():
    print("\nRandom labels, `short`: 500 tasks, 5 seeds; rates chosen at 80 tasks")
    arms = ["plain", "norm", "project", "nap", "fresh"]
    names = ["Online accuracy", "Parameter norm", "Jacobian norm", "Dead units"]
    curves = {}
    for name in names:
        values = panel(["random-labels/short.csv.gz"], name)
        curves[name] = {a: [mean(values[a, s][t] for s in range(5)) for t in range(500)] for a in arms}
    ahead = [a - b for a, b in zip(curves["Online accuracy"]["nap"], curves["Online accuracy"]["norm"])]
    sums, total = [], 0.0
    for value in ahead:
        total += value
        sums.append(total)
    early = next(t for t in range(20, 500) if ahead[t] > 0)
    print(
        f"  online accuracy: norm is ahead of nap from task {next(t for t in range(500) if ahead[t] < 0) + 1} to task {early} without a break, "
        f"and in no task after {max(t for t in range(500) if ahead[t] < 0) + 1}; summed from the first task to task "
        f"{max(t for t in range(500) if sums[t] < 0) + 1} norm is ahead"
    )
    for arm in arms:
        norm, jacobian = curves["Parameter norm"][arm], curves["Jacobian norm"][arm]
        print(
            f"  {arm:8} parameter norm after task 1 {norm[0]:.1f}, after task 500 {norm[-1]:.0f}, a factor {norm[-1] / norm[0]:.1f}; "
            f"Jacobian norm {jacobian[0]:.0f}, mean over the last fifth {mean(jacobian[-100:]):.0f}, highest {max(jacobian):.0f}; "
            f"dead units after task 500 {curves['Dead units'][arm][-1]:.3f}"
        )


def freeway():
    print("\nFreeway: rates per hidden weight, mean; realised = |step|/(sqrt(n) |W|), recorded for seed 1; declared = lr/|W|")
    found = collections.defaultdict(dict)
    for row in rows("atari/freeway.csv.gz"):
        if row["scope"] == "" and row["metric"] != "protocol":
            found[row["arm"], int(row["seed"]), row["metric"]][int(row["updates"])] = float(row["value"])
    for arm in ["plain", "nap"]:
        realised = found[arm, 1, "realised_effective_learning_rate"]
        declared = found[arm, 1, "effective_learning_rate"]
        places = sorted(realised)
        first, last = places[0], places[-1]
        tenth = len(places) // 10
        early, late = (mean(realised[p] for p in part) for part in (places[:tenth], places[-tenth:]))
        print(
            f"  {arm:6} realised {realised[first]:.2e} after {first} steps, {realised[first] / declared[first]:.3f} of the declared "
            f"{declared[first]:.2e}; {realised[last]:.2e} after {last}, {realised[last] / declared[last]:.3f} of {declared[last]:.2e}; "
            f"first tenth of the points {early:.2e}, last tenth {late:.2e}, a factor {late / early:.2f}"
        )
        for seed in (0, 1):
            steps, norms = found[arm, seed, "update_norm"], found[arm, seed, "parameter_norm"]
            places = sorted(steps)
            tenth = len(places) // 10
            early, late = (mean(steps[p] / norms[p] for p in part) for part in (places[:tenth], places[-tenth:]))
            print(f"         seed {seed}: step over norm of all parameters, first tenth {early:.2e}, last tenth {late:.2e}, a factor {late / early:.2f}")
    for arm in ["plain", "nap"]:
        print(f"  {arm:6} score " + ", ".join(f"{list(found[arm, s, 'visit_score'].values())[-1]:.3f}" for s in (0, 1)))


def strengths():
    print("\nFigure 5 on the MLP: chosen strengths of methods in their grids (baselines/tuned.txt)")
    inner, edge = [], []
    for block in re.split(r"\n(?=strength-)", (here / "baselines/tuned.txt").read_text())[1:]:
        lines = block.split("\n")
        key, arms = lines[1].split(":")[0], lines[2].split()
        grid = [line.split() for line in lines[3:6]]
        for column, arm in enumerate(arms):
            place = next(i for i, cells in enumerate(grid) if cells[column + 1].endswith("*"))
            (inner if place == 1 else edge).append(f"{arm} {grid[place][0]}")
    print(f"  {len(edge)} of {len(edge) + len(inner)} lie at an edge: {', '.join(edge)}")
    print(f"  inside: {', '.join(inner)}")


def tuning():
    """Figure 1's choice of rates: online accuracy of tuning seeds over the first and the last fifth of a run's tasks."""
    runs = collections.defaultdict(dict)
    for row in rows("random-labels/figure-1-tuning.csv.gz"):
        key = int(row["tasks"]), row["arm"], row["settings"].replace("optimizer.learningRate=", "rate ")
        runs[key].setdefault(int(row["seed"]), []).append(float(row["online_accuracy"]))
    for tasks in sorted({key[0] for key in runs}):
        print(f"\nRandom labels, short, {tasks} tasks, tuning seeds from 1000: first fifth, last fifth")
        table = []
        for (count, arm, settings), seeds in runs.items():
            if count == tasks:
                ends = [(mean(v[: count // 5]), mean(v[-(count // 5) :])) for _, v in sorted(seeds.items())]
                table.append((arm, -mean(e[1] for e in ends), settings, ends))
        for arm, _, settings, ends in sorted(table):
            print(f"  {arm:16} {settings}: " + "; ".join(f"{first:.3f}, {last:.3f}" for first, last in ends))


def figure_1():
    """Figure 1 at its horizon: seeds that chose nothing, each arm at the rate of the tuning seeds."""
    print("\nRandom labels, short, 500 tasks, seeds from 0: first fifth, last fifth; differences of the last fifths")
    runs = collections.defaultdict(dict)
    for row in rows("random-labels/figure-1-seeds.csv.gz"):
        runs[row["arm"]].setdefault(int(row["seed"]), []).append(float(row["online_accuracy"]))
    last = {arm: {seed: mean(v[-100:]) for seed, v in seeds.items()} for arm, seeds in runs.items()}
    for arm in sorted(runs, key=lambda arm: -mean(last[arm].values())):
        first = mean(mean(v[:100]) for v in runs[arm].values())
        line = f"  {arm:18} {len(last[arm])} seeds: {first:.3f}, {mean(last[arm].values()):.3f}"
        for other in ["nap", "norm/l2"]:
            both = sorted(set(last[arm]) & set(last[other]))
            if other != arm and len(both) in (5, 10):
                line += f"; minus {other} {interval([last[arm][s] - last[other][s] for s in both])}"
        print(line)


def head():
    """Treatments of the head and of scale and offset under NaP: tuning seeds, then the differences from NaP as it is."""
    runs = collections.defaultdict(dict)
    for row in rows("random-labels/head.csv.gz"):
        key = row["arm"], row["settings"], float(row["rate"]), int(row["tasks"])
        runs[key].setdefault(int(row["seed"]), []).append(float(row["online_accuracy"]))
    print("\nRandom labels, short, NaP with other heads: first fifth, last fifth of each seed")
    others = collections.defaultdict(lambda: collections.defaultdict(list))
    for row in rows("random-labels/figure-1-seeds.csv.gz"):
        others[row["arm"]][int(row["seed"])].append(float(row["online_accuracy"]))
    for (arm, settings, rate, tasks), seeds in sorted(runs.items()):
        fifth = tasks // 5
        chosen = {s: v for s, v in seeds.items() if s >= 1000}
        shown = {s: v for s, v in seeds.items() if s < 1000}
        ends = "; ".join(f"{mean(v[:fifth]):.3f}, {mean(v[-fifth:]):.3f}" for _, v in sorted(chosen.items()))
        print(f"  {arm} {settings or '(defaults)'}, rate {rate:g}, {tasks} tasks: {ends}")
        if shown:
            lasts = {s: mean(v[-fifth:]) for s, v in sorted(shown.items())}
            line = f"    seeds that chose nothing: {mean(mean(v[:fifth]) for v in shown.values()):.3f}, {mean(lasts.values()):.3f}"
            if len(lasts) in (5, 10):
                for other in ["nap", "norm/l2"]:
                    line += f"; minus {other} {interval([v - mean(others[other][s][-fifth:]) for s, v in lasts.items()])}"
            print(line + f" ({len(lasts)} seeds)")


def regime():
    """Task lengths and numbers of tasks, as Results/random-labels/regime.py reads them."""
    print("\nRandom labels, short, by the length of a task and the number of tasks")
    runpy.run_path(str(here / "random-labels/regime.py"))["table"]()


def clean_grid():
    """The grid with the replay kept or emptied when the goal moves, each arm at the rate of the tuning seeds."""
    print("\nGrid, replay kept or emptied at each change: mean of the second visits' scores")
    runs = collections.defaultdict(dict)
    for row in rows("control/grid.csv.gz"):
        replay = "emptied" if "clearsReplay=true" in row["settings"] else "kept"
        arm = row["arm"] if row["arm"].startswith("fresh") else f"{row['arm']}, replay {replay}"
        runs[arm, float(row["rate"])].setdefault(int(row["seed"]), []).append(float(row["visit_score"]))
    second, first, found = {}, {}, {}
    for arm in sorted({arm for arm, _ in runs}):
        chosen = {rate: {s: mean(v[8:]) for s, v in seeds.items() if s >= 1000} for (a, rate), seeds in sorted(runs.items()) if a == arm}
        print(f"  {arm}: tuning seeds " + "; ".join(
            f"{rate:g} " + ", ".join(f"{v:.3f}" for _, v in sorted(seeds.items())) for rate, seeds in chosen.items()))
        shown = {rate: {s: v for s, v in runs[arm, rate].items() if s < 1000} for rate in chosen}
        rate = max(shown, key=lambda rate: len(shown[rate]))
        if shown[rate]:
            second[arm] = {s: mean(v[8:]) for s, v in sorted(shown[rate].items())}
            first[arm] = mean(mean(v[:8]) for v in shown[rate].values())
            found[arm] = sum(score > 0 for v in shown[rate].values() for score in v[8:])
            print(f"    seeds that chose nothing, rate {rate:g}: " + ", ".join(f"{v:.3f}" for v in second[arm].values())
                  + f"; mean {mean(second[arm].values()):.3f}, found {found[arm]} of {8 * len(second[arm])}; first visits {first[arm]:.3f}")
    pairs = [(f"{arm}, replay {replay}", fresh) for arm, fresh in (("nap", "fresh-norm"), ("norm", "fresh-norm"), ("plain", "fresh"))
             for replay in ("kept", "emptied")]
    pairs += [(f"{one}, replay {replay}", f"{other}, replay {replay}") for one, other in (("nap", "norm"), ("nap", "plain"), ("norm", "plain"))
              for replay in ("kept", "emptied")]
    pairs += [(f"{arm}, replay emptied", f"{arm}, replay kept") for arm in ("plain", "norm", "nap")]
    for one, other in pairs:
        both = sorted(set(second.get(one, ())) & set(second.get(other, ())))
        if len(both) in (5, 10):
            print(f"  {one} - {other}: {interval([second[one][s] - second[other][s] for s in both])}")


def main():
    tuned = ["control/gridworld.csv.gz", "control/gridworld-tuned.csv.gz", "control/gridworld-tuned-norm.csv.gz"]
    grid("Grid, each arm at its own rate", tuned, ["plain", "norm", "nap", "nap+restart", "fresh"])
    grid("Grid, all arms at 1e-3", tuned[:1], ["plain", "norm", "nap", "plain+restart", "nap+restart", "fresh"])
    clean_grid()
    minatar()
    short()
    tuning()
    figure_1()
    head()
    regime()
    freeway()
    strengths()


if __name__ == "__main__":
    main()
