"""Writes Tests/StatisticsTests/Goldens/statistics.json: what scipy and mpmath say of the same numbers.

Run from the repository's root, with numpy, scipy and mpmath: python3 Tools/goldens/statistics.py
Probabilities are mpmath's at 60 digits: scipy's have some 10 right digits only for t near 0.
"""

import json
import pathlib

import mpmath
import numpy
import scipy
from scipy import stats

mpmath.mp.dps = 60
generator = numpy.random.default_rng(20260101)


def samples():
    for size in (2, 3, 5, 8, 12, 30):
        x = generator.normal(0.7, 0.1, size)
        interval = stats.t.interval(0.95, size - 1, loc=x.mean(), scale=stats.sem(x))
        yield {
            "values": x.tolist(),
            "mean": x.mean(),
            "standard_deviation": x.std(ddof=1),
            "lower": interval[0],
            "upper": interval[1],
            "interquartile_mean": stats.trim_mean(x, 0.25),
            "median": float(numpy.median(x)),
        }


def pairs():
    for size, shift in ((5, 0.0), (5, 0.1), (6, 1.0), (10, -0.05), (20, 0.02)):
        a = generator.normal(0.5, 0.1, size)
        b = a - shift + generator.normal(0, 0.05, size)
        test = stats.ttest_rel(a, b)
        interval = test.confidence_interval(0.95)
        yield {
            "a": a.tolist(),
            "b": b.tolist(),
            "mean": float((a - b).mean()),
            "p": test.pvalue,
            "lower": interval.low,
            "upper": interval.high,
        }


def holm(p):
    """Holm's adjusted p-values, straight from his definition: scipy has none."""
    order = numpy.argsort(p)
    steps = [(len(p) - i) * p[order[i]] for i in range(len(p))]
    result = numpy.empty(len(p))
    for i in range(len(p)):
        result[order[i]] = min(1.0, max(steps[: i + 1]))
    return result.tolist()


def fits():
    for size in (2, 5, 40):
        x = numpy.sort(generator.choice(500, size, replace=False)).astype(float)
        y = 0.9 - 0.001 * x + generator.normal(0, 0.05, size)
        fit = stats.linregress(x, y)
        yield {"x": x.tolist(), "y": y.tolist(), "slope": fit.slope, "intercept": fit.intercept}


def upper_tail(t, degrees):
    """P(T >= t) for t >= 0."""
    x = mpmath.mpf(degrees) / (mpmath.mpf(degrees) + mpmath.mpf(t) ** 2)
    return mpmath.betainc(mpmath.mpf(degrees) / 2, 0.5, 0, x, regularized=True) / 2


def cumulative(t, degrees):
    tail = upper_tail(abs(t), degrees)
    return float(tail if t < 0 else 1 - tail)


degrees = [1, 2, 3, 4, 5, 9, 19, 29.5, 100, 2500]
probabilities = [1e-9, 0.001, 0.025, 0.1, 0.4, 0.5, 0.75, 0.95, 0.975, 0.995, 0.9999]
ts = [-30.0, -4.3, -1.0, -0.01, 0.0, 1e-6, 0.3, 1.0, 2.0, 2.776, 12.0, 400.0]
p_lists = [[0.01], [0.04, 0.01, 0.03], [0.2, 0.5, 0.001, 0.001, 0.9], [0.3, 0.3, 0.3, 0.8]]

golden = {
    "made_with": {"scipy": scipy.__version__, "mpmath": mpmath.__version__},
    "t_quantile": [
        {"degrees": d, "probability": p, "value": stats.t.ppf(p, d)}
        for d in degrees
        for p in probabilities
    ],
    "t_cumulative": [
        {
            "degrees": d,
            "t": t,
            "value": cumulative(t, d),
            "two_sided": float(2 * upper_tail(abs(t), d)),
        }
        for d in degrees
        for t in ts
    ],
    "incomplete_beta": [
        {
            "x": x,
            "a": a,
            "b": b,
            "value": float(mpmath.betainc(a, b, 0, x, regularized=True)),
        }
        for a, b in ((0.5, 0.5), (2, 3), (0.5, 50), (50, 0.5), (12.5, 7.25), (300, 200))
        for x in (1e-8, 0.01, 0.2, 0.5, 0.8, 0.99, 1 - 1e-8)
    ],
    "samples": list(samples()),
    "pairs": list(pairs()),
    "holm": [{"p": p, "adjusted": holm(numpy.array(p))} for p in p_lists],
    "fits": list(fits()),
}

path = pathlib.Path("Tests/StatisticsTests/Goldens/statistics.json")
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(golden, indent=1) + "\n")
print(f"wrote {path}")
