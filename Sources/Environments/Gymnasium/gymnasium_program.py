# What the Python process runs, passed to it as `python -c`, so that one binary carries it.
#
# File descriptors: 3 a socket for commands and answers, 4 the shared memory, 5 a pipe that is never written and ends
# when our process does. Commands are one byte and what it says; steps and their results lie in the shared memory.
import os, sys
if sys.path[:1] == [""]:  # Python 3.11's -P, for older ones as well: no module comes from the current folder
    del sys.path[0]
os.closerange(6, 65536)
os.dup2(2, 1)  # what an environment prints must not look like an answer
import difflib, fcntl, json, logging, mmap, pickle, random, select, signal, socket, struct, threading, time, warnings

CONTROL, MEMORY, LIFE = 3, 4, 5
for descriptor in (CONTROL, MEMORY, LIFE):
    os.set_inheritable(descriptor, False)
signal.pthread_sigmask(signal.SIG_SETMASK, [])
# Whoever started us decides when to end; a cluster sends its warnings to every process of a job.
for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU):
    signal.signal(ignored, signal.SIG_IGN)

def end_with_parent():
    def watch():
        os.read(LIFE, 1)
        os._exit(0)
    threading.Thread(target=watch, daemon=True).start()
    try:  # the kernel kills us even while C code holds the interpreter
        fcntl.fcntl(LIFE, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(LIFE, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(LIFE, fcntl.F_SETFL, os.O_ASYNC)
    except (AttributeError, OSError):
        pass

end_with_parent()
told = json.loads(sys.argv[1])
control = socket.socket(fileno=CONTROL)
control.setblocking(True)

def receive(count):
    parts = []
    while count:
        part = control.recv(min(count, 1 << 20))
        if not part:
            leave()
        parts.append(part)
        count -= len(part)
    return b"".join(parts)

def answer(kind, content):
    control.sendall(kind + struct.pack("<Q", len(content)) + content)

def refuse(kind, **facts):
    answer(b"x", json.dumps({"kind": kind, **facts}).encode())

def fail(kind, **facts):
    refuse(kind, **facts)
    os._exit(1)

def leave():
    for world in worlds:
        try:
            world.close()
        except Exception:
            pass
    os._exit(0)

worlds = []
try:
    import numpy
    import gymnasium
except ImportError as error:
    fail("gymnasium", text=str(error), python=sys.executable)

try:
    arguments = json.loads(told["arguments"])
except ValueError:
    arguments = None
if not isinstance(arguments, dict):
    fail("arguments", text=told["arguments"][:200])

def is_plain(space):  # numbers or bits with at most three axes
    return isinstance(space, gymnasium.spaces.Box) and space.dtype.kind in "biuf" and len(space.shape) <= 3

class Flat(gymnasium.ObservationWrapper):  # Gymnasium's own cannot be pickled
    def __init__(self, world):
        super().__init__(world)
        self.observation_space = gymnasium.spaces.flatten_space(world.observation_space)

    def observation(self, seen):
        return gymnasium.spaces.flatten(self.env.observation_space, seen)

def flat(world):
    """An environment whose observations are numbers, where Gymnasium can make them: a choice is one-hot, a tuple is
    flattened."""
    if is_plain(world.observation_space):
        return world
    try:
        flattened = Flat(world)
        return flattened if is_plain(flattened.observation_space) else world
    except Exception:
        return world

def make():
    name = told["id"]
    namespace = name.split("/")[0] if "/" in name and ":" not in name else ""
    package = {"MinAtar": "minatar", "ALE": "ale-py"}.get(namespace)
    try:
        if namespace == "MinAtar":
            logging.disable(logging.WARNING)  # it warns that it cannot draw
            import minatar.gym
            logging.disable(logging.NOTSET)
            if not any(known.startswith("MinAtar/") for known in gymnasium.registry):
                minatar.gym.register_envs()
        elif namespace == "ALE":
            import ale_py
            gymnasium.register_envs(ale_py)
        return flat(gymnasium.make(name, disable_env_checker=True, **arguments))
    except (ImportError, gymnasium.error.DependencyNotInstalled) as error:
        fail("package", text=str(error), package=package, python=sys.executable)
    except gymnasium.error.Error as error:
        if name in gymnasium.registry:
            raise
        lower = {known.lower(): known for known in gymnasium.registry}
        near = difflib.get_close_matches(name.lower(), list(lower), 3, 0.5)
        fail("id", text=str(error), near=[lower[known] for known in near])

worlds = [make() for _ in told["seeds"]]
pending = list(told["seeds"])
running = [False] * len(worlds)
actions, space = worlds[0].action_space, worlds[0].observation_space
is_box = isinstance(actions, gymnasium.spaces.Box) and actions.dtype.kind == "f"
if not is_box and not isinstance(actions, gymnasium.spaces.Discrete):
    fail("actions", text=repr(actions)[:300])
if not is_plain(space):
    fail("observations", text=repr(space)[:300])
dtype = space.dtype
shape = tuple(space.shape)
if is_box:  # JSON knows no infinities
    most = numpy.finfo(numpy.float32).max
    ends = (numpy.clip(bounds, -most, most).ravel() for bounds in (actions.low, actions.high))
    low, high = ([float(bound) for bound in bounds] for bounds in ends)
else:
    first_action, action_count = int(actions.start), int(actions.n)
image = len(shape) == 3
last = image and told["layout"] == "channelsLast"
out = (shape[2],) + shape[:2] if last else shape if image else (1,) + shape if len(shape) == 2 else shape or (1,)
if told.get("channels") is not None:
    if not image or told["channels"] < out[0]:
        fail("channels", text=str(out), channels=out[0] if image else 0)
    padded = (told["channels"],) + out[1:]
else:
    padded = out
number = numpy.uint8 if str(dtype) in ("uint8", "bool") else numpy.float32
def versions():
    found = {"gymnasium": gymnasium.__version__}
    try:  # of the package that registered the environment
        from importlib import metadata
        point = worlds[0].spec.entry_point
        package = (point if isinstance(point, str) else point.__module__).split(":")[0].split(".")[0]
        if package != "gymnasium":
            # A distribution may have another name than its package.
            names = sorted(set(metadata.packages_distributions().get(package, [package])))
            found[package] = ", ".join(metadata.version(name) for name in names)
    except Exception:
        pass
    return found

taken = {"low": low, "high": high} if is_box else action_count
hello = {"shape": padded, "element": numpy.dtype(number).name, "actions": taken, "versions": versions()}
answer(b"h", json.dumps(hello).encode())
layout = json.loads(receive(struct.unpack("<Q", receive(8))[0]))
memory = mmap.mmap(MEMORY, layout["size"])
count = len(worlds)
whole = memoryview(memory)
commands = whole[:4 * count].cast("i")
rewards = whole[layout["rewards"]:layout["rewards"] + 8 * count].cast("d")
ends = whole[layout["ends"]:layout["ends"] + count]
if is_box:
    chosen = numpy.frombuffer(memory, numpy.float32, count * len(low), layout["actions"])
    chosen = chosen.reshape((count,) + actions.shape)
elements = int(numpy.prod(padded))
shown = numpy.frombuffer(memory, number, count * elements, layout["observations"]).reshape((count,) + padded)
targets = []
for index in range(count):
    target = shown[index][:out[0]] if image else shown[index]
    targets.append(target.transpose(1, 2, 0) if last else target.reshape(shape))
scale = numpy.uint8(255) if str(dtype) == "bool" else None

def show(index, observation):
    if numpy.shape(observation) != shape:
        raise ValueError(f"{told['id']} showed {numpy.shape(observation)} where its space says {shape}")
    if scale is None:
        targets[index][...] = observation
    else:
        numpy.multiply(observation, scale, out=targets[index], casting="unsafe")

def action_of(index, number):  # an environment may keep the array
    return chosen[index].astype(actions.dtype) if is_box else first_action + number

def drawn(draws):
    if not is_box:
        return first_action + draws.randrange(action_count)
    bounds = zip(low, high)
    values = [draws.uniform(a, b) if max(-a, b) < 1e30 else min(max(draws.uniform(-1, 1), a), b) for a, b in bounds]
    return numpy.clip(numpy.array(values, actions.dtype).reshape(actions.shape), actions.low, actions.high)

def reset(world, seed):
    return world.reset(seed=seed)[0] if seed is not None else world.reset()[0]

def play(world, seed, is_running):
    draws, events = random.Random(1), []
    for step in range(96):
        if not is_running or step == 64:
            events.append(numpy.array(reset(world, seed)).tobytes())
            seed, is_running = None, True
        observation, reward, terminated, truncated, _ = world.step(drawn(draws))
        events.append((numpy.array(observation).tobytes(), float(reward), bool(terminated), bool(truncated)))
        is_running = not (terminated or truncated)
    return events

def parsed(blob):
    name, given, seed, is_running, world = pickle.loads(blob)
    if (name, given) != (told["id"], arguments):
        raise ValueError(f"it is of {name} with the arguments {given}, not of {told['id']} with {arguments}")
    return seed, is_running, world

def objection(index, blob):
    """Plays on from the state in a copy of this process, and from the restored state: they must be the same."""
    ours, theirs = os.pipe()
    warnings.simplefilter("ignore")
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(max(1, int(told["patience"])))
            seed, is_running, copy = parsed(blob)
            right = play(worlds[index], pending[index], running[index])
            same = right == play(copy, seed, is_running)
            os.write(theirs, b"same" if same else b"a restored copy goes another way than the environment itself")
        except BaseException as error:
            os.write(theirs, f"playing on from it fails ({type(error).__name__}: {error})".encode()[:400])
        finally:
            os._exit(0)
    os.close(theirs)
    text = b""
    while part := os.read(ours, 4096):
        text += part
    os.close(ours)
    os.waitpid(child, 0)
    return None if text == b"same" else text.decode() or "playing on from it did not come to an end"

def save(index):
    try:
        state = (told["id"], arguments, pending[index], running[index], worlds[index])
        blob = pickle.dumps(state, protocol=4)
    except Exception as error:
        return refuse("state", text=f"pickle refuses it ({type(error).__name__}: {error})")
    reason = objection(index, blob)
    answer(b"b", blob) if reason is None else refuse("state", text=reason)

def restore(index, blob):
    try:
        seed, is_running, world = parsed(blob)
        if world.observation_space != space or world.action_space != actions:
            raise ValueError("its spaces are others")
    except Exception as error:
        return refuse("restore", text=f"{type(error).__name__}: {error}")
    try:
        worlds[index].close()
    except Exception:
        pass
    worlds[index], pending[index], running[index] = world, seed, is_running
    steps[index] = world.step
    answer(b"k", b"")

poller = select.poll()
poller.register(CONTROL, select.POLLIN)
poll, clock, spin = poller.poll, time.perf_counter_ns, int(told["spin"] * 1000)
steps = [world.step for world in worlds]
while True:
    deadline = clock() + spin
    while not poll(0) and clock() < deadline:
        pass
    kind = os.read(CONTROL, 1)
    if kind == b"s":
        for index in range(count):
            action = commands[index]
            if action >= 0:
                observation, reward, terminated, truncated, _ = steps[index](action_of(index, action))
                rewards[index] = reward
                ends[index] = 1 if terminated else 2 if truncated else 0
                running[index] = not (terminated or truncated)
            elif action == -1:
                observation = reset(worlds[index], pending[index])
                pending[index], running[index] = None, True
            else:
                continue
            show(index, observation)
        os.write(CONTROL, b"k")
    elif kind == b"g":
        save(struct.unpack("<Q", receive(8))[0])
    elif kind == b"p":
        index, length = struct.unpack("<QQ", receive(16))
        restore(index, receive(length))
    else:
        leave()
