#!/usr/bin/env python3
"""Shows what Results/tune.py trained: a table with verdicts on standard output, and a figure beside the CSV.

usage: .deps/python/bin/python Results/tuned.py Results/cifar/small.csv test_accuracy 0.01 > Results/cifar/small.txt
       .deps/python/bin/python Results/tuned.py Results/language/short.csv test_loss 0.02 > Results/language/short.txt

The measure is the mean of the last fifth of a run's evaluations; its differences are paired by seed, with Student's
95 % interval from five seeds on. An arm is not inferior where the interval's worse end is within the margin, and worse where
its p is below 0.05 after Holm's correction over all differences.
"""
import collections, csv, pathlib, statistics, sys
import vl_convert
from recompute import student

path, measure, margin = pathlib.Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
metric, worse = measure, +1 if measure.endswith("loss") else -1
TUNING = {1000, 1001}
evaluations = collections.defaultdict(dict)
for arm, rate, seed, name, update, value in csv.reader(open(path)):
    if name == metric:
        evaluations[arm, float(rate), int(seed)][int(update)] = float(value)


def last(key):
    points = evaluations[key]
    return statistics.mean([points[u] for u in sorted(points)][-max(1, len(points) // 5):])


arms = list(dict.fromkeys(arm for arm, _, _ in evaluations))
shown = {}
for arm in arms:
    rates = collections.Counter(rate for a, rate, seed in evaluations if a == arm and seed not in TUNING)
    if rates:
        rate = rates.most_common(1)[0][0]
        shown[arm] = {s: (arm, rate, s) for s in range(5) if (arm, rate, s) in evaluations}
print(f"{metric}, mean of the last fifth of the evaluations; margin {margin:g}\n")
print("rates tried on seed 1000 (best first), and on 1001:")
for arm in arms:
    by_rate = {rate: last((a, rate, s)) for a, rate, s in evaluations if a == arm and s == 1000}
    again = {rate: last((a, rate, s)) for a, rate, s in evaluations if a == arm and s == 1001}
    order = sorted(by_rate, key=lambda rate: worse * by_rate[rate])
    print(f"  {arm}: " + ", ".join(f"{rate:g} {by_rate[rate]:.4f}" + (f" / {again[rate]:.4f}" if rate in again else "")
                                   for rate in order))
print("\narm, rate: mean (lowest to highest seed), seeds")
for arm, keys in shown.items():
    values = [last(key) for key in keys.values()]
    print(f"  {arm}, {next(iter(keys.values()))[1]:g}: {statistics.mean(values):.4f} "
          f"({min(values):.4f} to {max(values):.4f}), {len(values)}")
print("\ndifferences, paired by seed")
found = []
# Fresh arms are compared with the arms that differ from them in the new start alone, and with NaP.
OTHERS = {"fresh": [], "fresh-norm": ["fresh"]}
if "fresh" in shown:
    OTHERS |= {"plain": ["fresh"], "norm": ["plain", "fresh-norm"], "nap": ["plain", "norm", "fresh-norm"]}
for arm in shown:
    for other in [other for other in OTHERS.get(arm, ("plain", "norm")) if other in shown and other != arm]:
        if (arm, other) == ("plain", "norm"): continue
        seeds = sorted(set(shown[arm]) & set(shown[other]))
        values = [last(shown[arm][seed]) - last(shown[other][seed]) for seed in seeds]
        if len(values) < 5:
            print(f"  {arm} - {other}: {', '.join(f'{value:+.4f}' for value in values)} (points: {len(values)} seeds)")
            continue
        found.append((f"{arm} - {other}", *student(values)))
largest = 0.0
for place, (names, middle, low, high, p) in enumerate(sorted(found, key=lambda row: row[-1])):
    largest = min(1.0, max(largest, p * (len(found) - place)))  # Holm's correction
    end = high if worse > 0 else low
    verdict = "not inferior" if worse * end <= margin else (
        "worse" if worse * middle > 0 and largest < 0.05 else "open: neither worse nor within the margin")
    print(f"  {names}: {middle:+.4f} ({low:+.4f} to {high:+.4f}), p {p:.4f}, by Holm {largest:.4f}: {verdict}")

curves = collections.defaultdict(list)
for arm, keys in shown.items():
    for key in keys.values():
        for update, value in evaluations[key].items():
            curves[arm, update].append(value)
points = [dict(arm=arm, update=update, value=statistics.mean(values), low=min(values), high=max(values))
          for (arm, update), values in sorted(curves.items())]
rates = [dict(arm=arm, rate=rate, value=last((arm, rate, seed))) for arm, rate, seed in sorted(evaluations) if seed == 1000]
colour = {"field": "arm", "type": "nominal", "title": None, "scale": dict(domain=arms)}


def axis(values):
    """The range of one panel: what failed early or at once is cut off, so that the arms can be told apart."""
    ordered = sorted(values)
    edge = ordered[len(ordered) // 2]
    return [ordered[0], edge + (edge - ordered[0])] if worse > 0 else [edge - (ordered[-1] - edge), ordered[-1]]


spread = axis([p[end] for p in points for end in ("low", "high")])
curve_y = dict(field="value", type="quantitative", title=metric.replace("_", " "), scale=dict(domain=spread, clamp=True))
spec = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "hconcat": [
    {"width": 380, "height": 260, "title": "at the chosen rate: mean and range of the seeds", "data": {"values": points}, "layer": [
        {"mark": {"type": "area", "opacity": 0.15, "clip": True}, "encoding": {
            "x": dict(field="update", type="quantitative", title="update"),
            "y": dict(field="low", type="quantitative", title=curve_y["title"], scale=curve_y["scale"]),
            "y2": dict(field="high"), "color": colour}},
        {"mark": {"type": "line", "clip": True}, "encoding": {
            "x": dict(field="update", type="quantitative"), "y": curve_y, "color": colour}}]},
    {"width": 300, "height": 260, "title": "every rate tried, seed 1000: last fifth", "data": {"values": rates},
     "mark": {"type": "line", "point": True, "clip": True}, "encoding": {
         "x": dict(field="rate", type="quantitative", scale=dict(type="log"), title="learning rate"),
         "y": dict(field="value", type="quantitative", title=curve_y["title"], scale=dict(zero=False)), "color": colour}}],
    "config": {"font": "Helvetica, Arial, sans-serif", "background": "white"}}
path.with_suffix(".png").write_bytes(vl_convert.vegalite_to_png(spec, scale=1.5))
