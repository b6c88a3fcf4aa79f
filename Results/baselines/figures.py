#!/usr/bin/env python3
"""Draws a curve for each method's page from the points of a comparison: docs/methods/curves/METHOD.svg.

usage: .deps/python/bin/python Results/baselines/figures.py Results/baselines/mlp.csv.gz
Online accuracy by task, mean over seeds: the arms alone and with the method.
"""
import collections, csv, gzip, pathlib, sys
import vl_convert

rows = [r for r in csv.DictReader(gzip.open(sys.argv[1], "rt")) if r["panel"] == "Online accuracy" and r["value"]]
values = collections.defaultdict(list)
for row in rows:
    values[row["arm"], int(row["x"])].append(float(row["value"]))
# scale-decay acts on learned scales, which this network has not: its page shows the runs of grokking.
methods = sorted({arm.split("/")[1] for arm, _ in values if "/" in arm} - {"scale-decay"})
folder = pathlib.Path("docs/methods/curves")
folder.mkdir(exist_ok=True)
colours = {"plain": "#d1495b", "nap": "#2a7fc4"}
for method in methods:
    arms = [arm for base in colours for arm in (base, f"{base}/{method}") if any(key[0] == arm for key in values)]
    points = [dict(arm=arm, task=task, value=sum(found) / len(found))
              for (arm, task), found in sorted(values.items()) if arm in arms]
    scale = dict(domain=arms, range=[colours[arm.split("/")[0]] for arm in arms])
    dash = dict(domain=arms, range=[[1, 0] if "/" in arm else [4, 3] for arm in arms])
    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "width": 420, "height": 190,
            "padding": {"left": 5, "top": 5, "right": 60, "bottom": 5},  # fonts differ: names are not cut off
            "data": {"values": points}, "mark": {"type": "line", "strokeWidth": 1.6},
            "encoding": {
                "x": dict(field="task", type="quantitative", title="label resets", axis=dict(grid=False)),
                "y": dict(field="value", type="quantitative", title="online accuracy", scale=dict(zero=True)),
                "color": dict(field="arm", type="nominal", scale=scale, title=None),
                "strokeDash": dict(field="arm", type="nominal", scale=dash, title=None)},
            "config": {"font": "Helvetica, Arial, sans-serif", "view": {"stroke": None}}}
    (folder / f"{method}.svg").write_text(vl_convert.vegalite_to_svg(spec) + "\n")
print(f"{len(methods)} curves in {folder}")
