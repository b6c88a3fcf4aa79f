#!/usr/bin/env python3
"""Trains single runs of a named table into its CSV, which later calls go on with.

usage: Results/jobs.py TABLE JOB ...      JOB: ARM[+KEY=VALUE...]:RATE:SEED[:TASKS], the rate as 1e-3
       NAP=.build/release/nap NAP_DATA=... STORE=/tmp/jobs WORKERS=2 Results/jobs.py random-labels/head \\
           nap/head-rate+methods.head-rate.factor=10:1e-3:0

Tables: random-labels/head, random-labels/regime, control/grid, control/implicit-schedule; each is Results/TABLE.csv.gz. Jobs that a
table has are passed over, so that a list of them can be given again. A run that was killed leaves no row. One thread a run; WORKERS of
them run side by side, one unless said. Rows: arm, settings, rate, seed, tasks, then the task and the value of the table's metric, or the
number of updates and the values of its metrics, where one is left empty that was not recorded there.
"""
import concurrent.futures, csv, dataclasses, fcntl, gzip, io, os, pathlib, re, shutil, sqlite3, subprocess, sys, tempfile, time


@dataclasses.dataclass
class Table:
    recipe: str
    preset: str
    metrics: list
    tasks: int
    settings: list
    rate: str = "optimizer.learningRate"
    fixes_tasks: bool = False
    counts: str = "task"

    def expected(self, tasks):
        """How many rows a whole run has; None where that is the length of its series."""
        return int(tasks) if self.counts == "task" else None


NOTHING_ELSE = ["recording.jacobianEveryTasks=0", "recording.checkpointEveryTasks=0"]
TABLES = {
    "random-labels/head": Table("random-labels", "short", ["online_accuracy"], 500, NOTHING_ELSE),
    "random-labels/regime": Table("random-labels", "short", ["online_accuracy"], 200, NOTHING_ELSE),
    "control/grid": Table("control", "gridworld", ["visit_score"], 16, ["recording.checkpointsVisits=false"],
                          rate="agent.optimizer.learningRate", fixes_tasks=True),
    "control/implicit-schedule": Table(
        "control", "minatar-short", ["episode_return", "realised_effective_learning_rate", "parameter_norm", "visit_score"], 1,
        ["environments.visits=1", "environments.framesPerVisit=100000", "recording.checkpointsVisits=false"],
        rate="agent.optimizer.learningRate", fixes_tasks=True, counts="updates"),
}


def number(value):
    """Six decimals as ever, and six figures of what is too small for them."""
    return f"{value:.6f}" if abs(value) >= 0.001 or value == 0 else f"{value:.6g}"


def rows(path):
    if not path.exists():
        return []
    with gzip.open(path, "rt") as file:
        return list(csv.reader(file))[1:]


def add(path, header, more):
    with open(pathlib.Path(tempfile.gettempdir()) / f"nap-{path.parent.name}-{path.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([header, *rows(path), *more])
        kept = path.with_suffix(".new")
        kept.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
        kept.rename(path)


def parse(job, table):
    # A setting may hold a colon of its own: nap.scaleAndOffset=decay:1.
    found = re.fullmatch(r"(.+?):([0-9.]+e-?[0-9]+):([0-9]+)(?::([0-9]+))?", job)
    if not found or (found[4] and table.fixes_tasks):
        sys.exit(f"{job}: expected ARM[+KEY=VALUE...]:RATE:SEED{'' if table.fixes_tasks else '[:TASKS]'}, the rate as 1e-3")
    arm, *settings = found[1].split("+")
    # The restarted, linear and cyclic schedules are part of an arm's name.
    while settings and "=" not in settings[0]:
        arm += "+" + settings.pop(0)
    return [arm, " ".join(settings), f"{float(found[2]):g}", found[3], found[4] or str(table.tasks)]


def run(nap, table, key, store):
    arm, settings, rate, seed, tasks = key
    command = [nap, "train", table.recipe, "--preset", table.preset, "--threads", "1", "--yes", "--runs", store, "--arm", arm, "--seed", seed]
    for setting in [f"{table.rate}={rate}", *([] if table.fixes_tasks else [f"tasks={tasks}"]), *table.settings, *settings.split()]:
        command += ["--set", setting]
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode:
        return None, f"exit code {ended.returncode}\n{ended.stderr[-500:]}"
    database = sqlite3.connect(pathlib.Path(store) / "store.sqlite")
    series = [dict(database.execute(
        "select p.updates, p.value from point p join series s on s.id = p.series where s.metric = ? and s.scope = ''", (metric,)))
        for metric in table.metrics]
    database.close()
    places = sorted(set().union(*series))
    if not places or (expected := table.expected(tasks)) not in (None, len(places)):
        return None, f"{len(places)} values for {expected} tasks"
    return [[number if table.counts == "task" else place, *(values.get(place) for values in series)]
            for number, place in enumerate(places)], None


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    if sys.argv[1] not in TABLES:
        sys.exit(f"{sys.argv[1]}: expected a table, one of {', '.join(TABLES)}")
    table, path = TABLES[sys.argv[1]], pathlib.Path(__file__).parent / (sys.argv[1] + ".csv.gz")
    nap, store = os.environ.get("NAP", ".build/release/nap"), os.environ.get("STORE", "/tmp/jobs")
    header = ["arm", "settings", "rate", "seed", "tasks", table.counts, *table.metrics]
    had = {tuple(row[:5]) for row in rows(path)}
    asked = dict.fromkeys(tuple(parse(job, table)) for job in sys.argv[2:])
    keys = [key for key in asked if key not in had]

    def work(place):
        key, began, folder = keys[place], time.time(), f"{store}-{os.getpid()}-{place}"
        values, fault = run(nap, table, key, folder)
        shutil.rmtree(folder, ignore_errors=True)
        if fault:
            return f"{key}: {fault}"
        add(path, header, [[*key, place, *("" if value is None else number(value) for value in row)] for place, *row in values])
        values = [row[1] for row in values if row[1] is not None]
        first, last = values[:len(values) // 5], values[-(len(values) // 5):]
        print(time.strftime("%H:%M"), *key, f"first fifth {sum(first) / len(first):.3f}, last {sum(last) / len(last):.3f},",
              f"second half {sum(values[len(values) // 2:]) / (len(values) - len(values) // 2):.3f}, {time.time() - began:.0f} s", flush=True)

    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("WORKERS", "1"))) as pool:
        faults = [fault for fault in pool.map(work, range(len(keys))) if fault]
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
