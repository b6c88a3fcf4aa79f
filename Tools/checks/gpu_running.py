"""Runs of the program for Tools/gpu-check: time limits, logs, events, checkpoints."""
import dataclasses, json, math, os, pathlib, signal, socket, struct, subprocess, threading, time

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Fault(Exception): pass
class Skipped(Exception): pass
class Cut(Exception): """The time of the whole check ended in the middle of a case: no fault of the case."""


@dataclasses.dataclass
class Running:
    """Where programs and results lie, and how long a case may take."""
    nap: pathlib.Path
    bench: pathlib.Path
    peer: str
    output: pathlib.Path
    seconds: int
    case_seconds: int = 120
    environment: dict = dataclasses.field(default_factory=lambda: dict(os.environ, OMP_WAIT_POLICY="passive"))
    began: float = dataclasses.field(default_factory=time.monotonic)
    is_rehearsal: bool = False
    card: str = ""

    def rehearse(self, libtorch):
        """Builds the stand-in beside links to libtorch's own libraries, and lets the programs find it first."""
        folder, lib = self.output / "stand-in", libtorch / "lib"
        folder.mkdir(parents=True, exist_ok=True)
        for own in lib.glob("lib*.so*"):
            link = folder / own.name
            if "cuda" not in own.name and not link.exists(): link.symlink_to(own)
        include = libtorch / "include"
        torch = [f"-I{include}", f"-I{include}/torch/csrc/api/include", f"-L{lib}", "-ltorch_cpu", "-lc10"]
        for source, library, more in (("stand_in_cuda.cpp", "libtorch_cuda.so", torch), ("stand_in_nccl.cpp", "libnccl.so.2", [])):
            source, library = ROOT / "Tools/stand-in-cuda" / source, folder / library
            newest = max(path.stat().st_mtime for path in source.parent.iterdir())
            if library.exists() and library.stat().st_mtime > newest: continue
            subprocess.run(["clang++", "-std=c++20", "-O1", "-fPIC", "-shared", "-w", str(source), *more,
                            "-o", str(library)], check=True)
        self.is_rehearsal = True
        meeting = self.output / "nccl"
        meeting.mkdir(exist_ok=True)
        self.environment["NAP_STAND_IN_FOLDER"] = str(meeting)
        nvidia = [str(path) for path in libtorch.parent.glob("nvidia/*/lib")]
        self.environment["LD_LIBRARY_PATH"] = ":".join([str(folder), *nvidia, os.environ.get("LD_LIBRARY_PATH", "")])
        self.case_seconds *= 4  # the CPU's convolutions are the slow ones
        self.began = time.monotonic()

    def is_over(self): return time.monotonic() - self.began > self.seconds

    def limit(self, seconds):
        """The seconds that a program may take, and the error if it takes longer: a fault, or the check's end."""
        wanted = seconds or self.case_seconds
        seconds = max(5, min(wanted, self.seconds + 30 - (time.monotonic() - self.began)))
        if seconds < wanted: return seconds, Cut(f"cut off: the {self.seconds} s of the check were over")
        return seconds, Fault(f"took more than {seconds:.0f} s")

    def run(self, name, command, seconds=None, interrupt_at=None, codes=(0,), watch=None, environment=None):
        """Runs a program to its end, its output in NAME.log; gives its standard output, or a fault.

        interrupt_at: a number of updates after which it is sent an interrupt; it must then stop with exit code 130.
        codes: the exit codes with which it may end otherwise.
        watch: is given each line when it comes, and sends the interrupt by giving true.
        environment: variables that it has beside those of all programs.
        """
        seconds, late = self.limit(seconds)
        command, lines, sent = list(map(str, command)), [], False
        if interrupt_at is not None:
            watch = lambda line: '"updates":' in line and json.loads(line).get("updates", 0) >= interrupt_at
        environment = dict(self.environment, **(environment or {}))
        with open(self.output / f"{name}.log", "a") as log:
            log.write("$ " + " ".join(command) + "\n")
            log.flush()
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment,
                                       cwd=self.output, stdin=subprocess.DEVNULL, start_new_session=True)
            stopper = threading.Timer(seconds, lambda: os.killpg(process.pid, signal.SIGKILL))
            stopper.start()
            for line in process.stdout:
                lines.append(line)
                log.write(line)
                if watch and not sent and watch(line):
                    process.send_signal(signal.SIGINT)
                    sent = True
            code = process.wait()
            was_late = not stopper.is_alive()
            stopper.cancel()
            log.write(f"exit code {code}\n")
        if was_late: raise late
        if interrupt_at is not None and code == 0:
            raise Fault(f"it ended before it could be stopped at {interrupt_at} updates")
        if code not in ((130,) if interrupt_at is not None else codes):
            raise Fault(f"exit code {code}: {self.last_words(name)}")
        return "".join(lines)

    def together(self, name, words, kill_at=None, seconds=None):
        """Two processes that train one run, each on a GPU of its own; gives rank 0's events, its exit code and the run.

        The stand-in has one GPU, so that a rehearsal has two machines of one GPU. kill_at: a number of updates after
        which rank 1 is killed.
        """
        folder, log = self.output / "runs" / name, open(self.output / f"{name}.log", "a")
        with socket.socket() as free:
            free.bind(("localhost", 0))
            port = free.getsockname()[1]
        command = [str(self.nap), "train", *map(str, words), "--device", "cuda", "--threads", "1", "--yes", "--json",
                   "--timeout", "20", "--runs", str(folder)]
        log.write("$ " + " ".join(command) + "   (two processes)\n")
        log.flush()
        ranks = []
        for rank in (0, 1):
            place = {"RANK": rank, "WORLD_SIZE": 2, "MASTER_ADDR": "localhost", "MASTER_PORT": port,
                     "LOCAL_RANK": 0 if self.is_rehearsal else rank, "LOCAL_WORLD_SIZE": 1 if self.is_rehearsal else 2}
            environment = dict(self.environment, **{key: str(value) for key, value in place.items()})
            ranks.append(subprocess.Popen(command, stdout=subprocess.PIPE if rank == 0 else log, stderr=log, text=True,
                                          env=environment, cwd=self.output, stdin=subprocess.DEVNULL,
                                          start_new_session=True))
        seconds, late = self.limit(seconds)
        stopper = threading.Timer(seconds, lambda: [rank.kill() for rank in ranks])
        stopper.start()
        lines = []
        for line in ranks[0].stdout:
            lines.append(line)
            if kill_at is not None and '"updates":' in line and json.loads(line).get("updates", 0) >= kill_at:
                ranks[1].kill()
                kill_at = None
        code = ranks[0].wait()
        ranks[1].wait()
        was_late = not stopper.is_alive()
        stopper.cancel()
        log.write("".join(lines) + f"exit code {code}\n")
        log.close()
        if was_late: raise late
        found = [path.parent for path in folder.glob("*/checkpoint.safetensors")]
        return events("".join(lines)), code, found[0] if found else None

    def last_words(self, name):
        """The line of a log that says most: the last that is neither JSON nor empty."""
        lines = [line for line in (self.output / f"{name}.log").read_text(errors="replace").splitlines()
                 if line.strip() and line[0] not in "{$" and not line.startswith("exit code")]
        errors = [line for line in lines if "rror" in line or "xpected" in line]
        return (errors or lines or ["no word"])[-1][:300]

    def train(self, name, device, recipe, *options, **how):
        """One run in a folder of its own. Gives its events and the run's folder. Nothing is replayed unless asked for."""
        folder = self.output / "runs" / name
        if not how.pop("chooses_capture", device == "cpu") and "--capture" not in options:
            options = (*options, "--no-capture")
        output = self.run(name, [self.nap, "train", recipe, "--device", device, "--threads", "1", "--yes", "--json",
                                 "--runs", folder, *options], **how)
        found = [path.parent for path in folder.glob("*/checkpoint.safetensors")]
        if not found: raise Fault("no checkpoint was written")
        return events(output), found[0]

    def pace(self, name, *words, after=0, seconds=5):
        """Updates a second of a training on the GPU, without its start, and the updates that all of it would have.

        The training is to be a long one. Its lines of progress come twice a second; what counts lies between the second
        after `after` updates and the last. It is stopped `seconds` later.
        """
        points, least = [], 1 if self.is_rehearsal else seconds

        def watch(line):
            if '"progress"' not in line: return False
            point = json.loads(line)
            if point["updates"] > after: points.append((time.monotonic(), point["updates"], point["total"]))
            return len(points) > 2 and points[-1][0] - points[1][0] >= least

        self.run(name, [self.nap, "train", *words, "--device", "cuda", "--threads", "1", "--yes", "--json", "--runs",
                        self.output / "runs" / name], codes=(0, 130), watch=watch)
        told = [point for point in points if point[1] < point[2]]
        if len(told) < 3: raise Fault(f"{len(told)} lines of progress before its end: too few to time")
        (start, first, _), (end, last, total) = told[1], told[-1]
        return (last - first) / (end - start), total

    def resume(self, name, run, *options):
        """Goes on with a run to its end; gives the events."""
        return events(self.run(name, [self.nap, "train", "--resume", run.name, "--runs", run.parent, "--json", "--yes",
                                      *options]))


def events(text): return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def measurements(found):
    """The measurements of each event, by name."""
    return [event["measurements"] for event in found if event.get("measurements")]


def outcome(found):
    """What a run came to, in words; a fault if it measured nothing, or something that is not finite."""
    rows = measurements(found)
    if not rows: raise Fault("nothing was measured")
    for row in rows:
        for key, value in row.items():
            if not (isinstance(value, (int, float)) and math.isfinite(value)): raise Fault(f"{key} is {value}")
    losses = [value for row in rows for key, value in row.items() if "loss" in key]
    return f"last loss {losses[-1]:.3f}" if losses else f"{len(rows[-1])} measurements"


def relative(one, other):
    if not (math.isfinite(one) and math.isfinite(other)): return math.inf
    scale = max(abs(one), abs(other))
    return 0 if scale == 0 else abs(one - other) / scale


def tensors(path):
    """The bytes of each tensor of a safetensors file."""
    data = pathlib.Path(path).read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    places = {name: [8 + size + offset for offset in at["data_offsets"]] for name, at in header.items()}
    return {name: data[first:last] for name, (first, last) in places.items()}


def differing(one, other):
    """The names of tensors that two runs' checkpoints have otherwise, or that one of them lacks."""
    one, other = (tensors(run / "checkpoint.safetensors") for run in (one, other))
    return [name for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name)]


# What a step of each workload takes in.
WORKS = {"mlp": (128, "images"), "cnn": (128, "images"), "rainbow": (32, "transitions"), "gpt": (2048, "tokens"),
         "resnet18": (32, "images")}


def rates_of(output):
    """Median milliseconds by work, from lines NAME MODE median least most steps."""
    rows = [line.split() for line in output.splitlines()]
    return {row[0]: float(row[2]) for row in rows if len(row) >= 6 and row[0] in WORKS}
