#!/usr/bin/env python3
"""Draws map.png from map.csv: where the projection pays, by task length and learning rate.

usage: .deps/python/bin/python Results/random-labels/map.py
"""
import csv, pathlib
import vl_convert

here = pathlib.Path(__file__).parent
rows = list(csv.DictReader((here / "map.csv").open()))
score = {(r["arm"], int(r["updates_per_task"]), float(r["learning_rate"])): float(r["online_accuracy"]) for r in rows}
lengths = sorted({k[1] for k in score})
rates = sorted({k[2] for k in score})
cells = []
for length in lengths:
    for rate in rates:
        nap, norm, fresh = (score[arm, length, rate] for arm in ("nap", "norm", "fresh"))
        for panel, value in (("nap − norm, same rate", nap - norm), ("nap − fresh, same rate", nap - fresh)):
            cells.append(dict(panel=panel, length=str(length), rate=f"{rate:g}", value=value, text=f"{value:+.2f}"))
    best = {arm: max(score[arm, length, rate] for rate in rates) for arm in ("nap", "norm", "fresh")}
    for other in ("norm", "fresh"):
        value = best["nap"] - best[other]
        cells.append(dict(panel=f"nap − {other}, same rate", length=str(length), rate="best of each", value=value,
                          text=f"{value:+.2f}"))
order = [f"{r:g}" for r in rates] + ["best of each"]
x = dict(field="length", type="ordinal", sort=[str(l) for l in lengths], title="updates a task", axis=dict(labelAngle=0))
y = dict(field="rate", type="ordinal", sort=order, title="learning rate")
layer = [dict(mark="rect", encoding=dict(color=dict(field="value", type="quantitative", title="online accuracy",
              scale=dict(scheme="redblue", domain=[-0.5, 0.5], clamp=True)))),
         dict(mark=dict(type="text", fontSize=12), encoding=dict(text=dict(field="text", type="nominal")))]
spec = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "data": {"values": cells},
        "facet": {"column": {"field": "panel", "type": "nominal", "title": None, "sort": ["nap − norm, same rate"],
                             "header": {"labelFontSize": 14, "labelFontWeight": "bold"}}},
        "spec": {"width": 330, "height": 230, "encoding": {"x": x, "y": y}, "layer": layer},
        "config": {"font": "Helvetica, Arial, sans-serif", "view": {"stroke": None}}}
(here / "map.png").write_bytes(vl_convert.vegalite_to_png(spec, scale=2))
