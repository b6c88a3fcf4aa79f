#!/usr/bin/env python3
"""Figure 4 on MinAtar with the realised rate: the jobs to train, a table, and implicit-schedule.png.

usage: Results/control/implicit_schedule.py jobs STAGE GAME       STAGE: tuning, replay, seeds; GAME: Breakout, SpaceInvaders
       Results/control/implicit_schedule.py table
       .deps/python/bin/python Results/control/implicit_schedule.py figure

       for stage in tuning replay seeds; do
         Results/jobs.py control/implicit-schedule $(Results/control/implicit_schedule.py jobs $stage Breakout); done

Weights of the arm norm grow, so that its realised rate falls though its learning rate does not: an implicit schedule. NaP's does
not fall by itself. The arms: norm, norm with AdamW's decay, nap, nap with a linear schedule, and nap replaying, whose learning
rate moves so that its realised rate is norm's: eta(t) = eta_0 r_norm(t) / r_nap(t), with r of the tuning seed's runs of norm and
nap at their chosen rates, the mean over each tenth of a run, and straight lines between the middles.

Every arm has three rates, decay four strengths, on seed 1000; the choice has the highest mean return over the second half of the
100,000 steps. Five seeds are shown. Points lie in implicit-schedule.csv.gz.
"""
import collections, csv, gzip, pathlib, statistics, sys

HERE = pathlib.Path(__file__).parent
GAMES, RATES, DECAYS = ("Breakout", "SpaceInvaders"), ("1e-3", "2.5e-4", "4e-3"), ("1", "0.1", "0.01", "0.001")
TUNING, SHOWN, PARTS = 1000, range(5), 10
DECAY = "methods.weight-decay.coefficient"
ARMS = ("norm", "norm/weight-decay", "nap", "nap+linear", "nap replaying")


def environment(game):
    return f"environments.names=gymnasium:MinAtar/{game}-v0"


def read():
    """Per game, arm, further settings and rate: the rows of each seed, as (updates, return, realised rate, norm)."""
    runs = collections.defaultdict(lambda: collections.defaultdict(list))
    path = HERE / "implicit-schedule.csv.gz"
    if path.exists():
        with gzip.open(path, "rt") as file:
            for row in csv.DictReader(file):
                settings = row["settings"].split()
                game = next(game for game in GAMES if environment(game) in settings)
                rest = " ".join(setting for setting in settings if setting != environment(game))
                arm = "nap replaying" if "schedule.kind=points" in rest else row["arm"]
                values = [float(row[name]) if row[name] else None
                          for name in ("episode_return", "realised_effective_learning_rate", "parameter_norm")]
                runs[game, arm, rest, float(row["rate"])][int(row["seed"])].append((int(row["updates"]), *values))
    return runs


def score(rows):
    """The mean return over the second half of a run."""
    found = [row[1] for row in rows[len(rows) // 2:] if row[1] is not None]
    return statistics.fmean(found)


def choice(runs, game, arm):
    """The settings and the rate with the best score on the tuning seed, its score, and all of them."""
    tried = {(rest, rate): score(seeds[TUNING]) for (g, a, rest, rate), seeds in runs.items()
             if (g, a) == (game, arm) and TUNING in seeds}
    if not tried:
        return None
    best = max(tried, key=tried.get)
    return *best, tried[best], tried


def parts(rows, column):
    """The mean of a column over each tenth of a run, and the updates in the middle of it."""
    last, found = rows[-1][0], []
    for part in range(PARTS):
        low, high = last * part / PARTS, last * (part + 1) / PARTS
        values = [row[column] for row in rows if low < row[0] <= high and row[column] is not None]
        found.append((round((low + high) / 2), statistics.fmean(values)))
    return found


def replayed(runs, game):
    """The settings of the schedule with which nap replays norm's realised rate."""
    norm, nap = choice(runs, game, "norm"), choice(runs, game, "nap")
    if not norm or not nap:
        sys.exit(f"{game}: norm and nap have to be tuned first")
    ours = parts(runs[game, "nap", nap[0], nap[1]][TUNING], 2)
    theirs = parts(runs[game, "norm", norm[0], norm[1]][TUNING], 2)
    rates = ",".join(f"{nap[1] * there / here:.4g}" for (_, here), (_, there) in zip(ours, theirs))
    return ["schedule.kind=points", "schedule.atUpdates=" + ",".join(str(at) for at, _ in ours), f"schedule.rates={rates}"], nap[1]


def jobs(stage, game):
    runs = read()
    place, result = environment(game), []
    if stage == "tuning":
        for rate in RATES:
            result += [f"{arm}+{place}:{rate}:{TUNING}" for arm in ("norm", "nap", "nap+linear")]
        for rate in RATES:
            result += [f"norm/weight-decay+{DECAY}={decay}+{place}:{rate}:{TUNING}" for decay in DECAYS]
        return result
    if stage == "replay":
        settings, rate = replayed(runs, game)
        return [f"nap+{'+'.join([place, *settings])}:{rate:e}:{TUNING}"]
    for seed in SHOWN:
        for arm in ARMS:
            best = choice(runs, game, arm)
            if not best:
                sys.exit(f"{game}: {arm} has to be tuned first")
            settings = [place, *best[0].split()] if arm == "nap replaying" else [*best[0].split(), place]
            result.append(f"{'nap' if arm == 'nap replaying' else arm}+{'+'.join(settings)}:{best[1]:e}:{seed}")
    return result


def shown(runs, game, arm):
    best = choice(runs, game, arm)
    if not best:
        return None
    rest, rate, _, tried = best
    seeds = {seed: rows for seed, rows in sorted(runs[game, arm, rest, rate].items()) if seed in SHOWN}
    return rest, rate, tried, seeds


def interval(values):
    t = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}[len(values)]
    middle, half = statistics.fmean(values), t * statistics.stdev(values) / len(values) ** 0.5
    return f"{middle:+.3f} ({middle - half:+.3f} to {middle + half:+.3f})"


def table():
    runs = read()
    for game in GAMES:
        scores = {}
        for arm in ARMS:
            found = shown(runs, game, arm)
            if not found:
                continue
            rest, rate, tried, seeds = found
            print(f"{game}, {arm}: tuning seed " + "; ".join(
                f"{other:g}{' ' + settings if settings and arm != 'nap replaying' else ''} {value:.3f}"
                for (settings, other), value in sorted(tried.items(), key=lambda item: (item[0][0], item[0][1]))))
            if seeds:
                scores[arm] = {seed: score(rows) for seed, rows in seeds.items()}
                realised = [parts(rows, 2) for rows in seeds.values()]
                print(f"  at {rate:g} {'' if arm == 'nap replaying' else rest}: "
                      + ", ".join(f"{value:.3f}" for value in scores[arm].values())
                      + f"; mean {statistics.fmean(scores[arm].values()):.3f}; realised rate by tenths "
                      + ", ".join(f"{statistics.fmean(one[part][1] for one in realised):.3g}" for part in range(PARTS)))
        for arm in scores:
            for other in ("norm", "nap"):
                both = sorted(set(scores[arm]) & set(scores.get(other, ())))
                if arm != other and len(both) == len(SHOWN):
                    print(f"  {game}: {arm} - {other} {interval([scores[arm][s] - scores[other][s] for s in both])}")


def figure():
    import vl_convert
    runs, data = read(), []
    for game in GAMES:
        for arm in ARMS:
            found = shown(runs, game, arm)
            for seed, rows in (found[3] if found else {}).items():
                for title, column in (("return", 1), ("realised rate", 2), ("norm of the weights", 3)):
                    data += [dict(game=game, arm=arm, seed=seed, panel=title, updates=at, value=value) for at, value in parts(rows, column)]
    charts = []
    for title in ("return", "realised rate", "norm of the weights"):
        row = []
        for game in GAMES:
            if not any(point["game"] == game for point in data):
                continue
            x = dict(field="updates", type="quantitative", title="updates")
            y = dict(field="value", aggregate="mean", type="quantitative", title=title,
                     scale=dict(type="linear" if title == "return" else "log", zero=False), axis=dict(format="~g"))
            color = dict(field="arm", type="nominal", title=None, sort=list(ARMS),
                         scale=dict(domain=list(ARMS), range=["#d6604d", "#f4a582", "#2166ac", "#4dac26", "#7b3294"]))
            row.append(dict(title=game, width=320, height=200,
                            transform=[dict(filter=f"datum.game == '{game}' && datum.panel == '{title}'")],
                            mark=dict(type="line", strokeWidth=2), encoding=dict(x=x, y=y, color=color)))
        charts.append(dict(hconcat=row))
    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "data": {"values": data}, "vconcat": charts,
            "config": {"font": "Helvetica, Arial, sans-serif", "view": {"stroke": None}}}
    (HERE / "implicit-schedule.png").write_bytes(vl_convert.vegalite_to_png(spec, scale=2))


def main():
    match sys.argv[1:]:
        case ["jobs", ("tuning" | "replay" | "seeds") as stage, game] if game in GAMES:
            print("\n".join(jobs(stage, game)))
        case ["table"]:
            table()
        case ["figure"]:
            figure()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
