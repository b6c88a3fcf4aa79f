#!/usr/bin/env python3
"""Trains NaP with other treatments of its output layer, or of scales and offsets, into head.csv.gz, which later calls go on with.

usage: Results/random-labels/head.py JOB ...      JOB: ARM[+KEY=VALUE...]:RATE:SEED[:TASKS], 500 tasks unless said
       NAP=.build/release/nap NAP_DATA=... STORE=/tmp/head Results/random-labels/head.py nap/head-rate+methods.head-rate.factor=10:1e-3:0

Jobs that the file has are passed over, so that a list of them can be given again. A run that was killed leaves no row.
Rows: arm, settings, rate, seed, tasks, task, online accuracy. Calls may run side by side.
"""
import csv, fcntl, gzip, io, os, pathlib, sqlite3, subprocess, sys, tempfile, time

nap = os.environ.get("NAP", ".build/release/nap")
store = os.environ.get("STORE", "/tmp/head")
path = pathlib.Path(__file__).with_name("head.csv.gz")
HEADER = ["arm", "settings", "rate", "seed", "tasks", "task", "online_accuracy"]


def rows():
    with gzip.open(path, "rt") as file:
        return list(csv.reader(file))[1:]


def add(more):
    with open(pathlib.Path(tempfile.gettempdir()) / "nap-head.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([HEADER, *rows(), *more])
        kept = path.with_suffix(".new")
        kept.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
        kept.rename(path)


def main():
    for job in sys.argv[1:]:
        words, rate, seed, *tasks = job.split(":")
        arm, *settings = words.split("+")
        rate, seed, tasks = float(rate), int(seed), int(tasks[0]) if tasks else 500
        key = [arm, " ".join(settings), f"{rate:g}", str(seed), str(tasks)]
        if any(row[:5] == key for row in rows()):
            continue
        began, folder = time.time(), f"{store}-{os.getpid()}"
        command = [nap, "train", "random-labels", "--preset", "short", "--threads", "1", "--yes", "--runs", folder, "--arm", arm,
                   "--seed", str(seed)]
        for setting in [f"optimizer.learningRate={rate:g}", f"tasks={tasks}", "recording.jacobianEveryTasks=0",
                        "recording.checkpointEveryTasks=0", *settings]:
            command += ["--set", setting]
        ended = subprocess.run(command, capture_output=True, text=True)
        if ended.returncode:
            sys.exit(f"{job}: exit code {ended.returncode}\n{ended.stderr[-500:]}")
        database = sqlite3.connect(pathlib.Path(folder) / "store.sqlite")
        newest = database.execute("select id from run order by number desc limit 1").fetchone()[0]
        values = [value for value, in database.execute(
            "select p.value from point p join series s on s.id = p.series where s.run = ? and s.metric = 'online_accuracy'"
            " order by p.updates", (newest,))]
        if len(values) != tasks:
            sys.exit(f"{job}: {len(values)} values for {tasks} tasks")
        add([[*key, task, f"{value:.6f}"] for task, value in enumerate(values)])
        fifth = tasks // 5
        print(time.strftime("%H:%M"), *key, f"{sum(values[:fifth]) / fifth:.3f} {sum(values[-fifth:]) / fifth:.3f}",
              f"{time.time() - began:.0f} s", flush=True)


main()
