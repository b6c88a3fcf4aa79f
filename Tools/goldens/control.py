"""Writes Tests/EnvironmentsTests/Goldens/cart_pole.safetensors: trajectories of Gymnasium's CartPole-v1.

Run from the repository's root, with gymnasium and safetensors: python3 -P Tools/goldens/control.py
NAME/states (T + 1, 4) are the float64 states, NAME/actions (T) what was done in each, NAME/observations (T + 1, 4) what
was shown, NAME/rewards (T), and NAME/ends (T): 0 going on, 1 terminated, 2 truncated. "random" pushes at random until the pole
falls, "left" to the left until it does, "drifting" keeps the pole up and lets the cart go off the track, "balanced" lasts
until the limit of time.
"""

import pathlib

import gymnasium
import numpy
from safetensors.numpy import save_file

FOLDER = pathlib.Path("Tests/EnvironmentsTests/Goldens")


def balanced(state, _):
    x, x_velocity, angle, angle_velocity = state
    return int(0.1 * x + 0.3 * x_velocity + 3 * angle + angle_velocity > 0)


def drifting(state, _):
    _, _, angle, angle_velocity = state
    return int(10 * (angle - 0.05) + angle_velocity > 0)


POLICIES = {
    "random": lambda _, generator: int(generator.integers(2)),
    "left": lambda *_: 0,
    "drifting": drifting,
    "balanced": balanced,
}


def trajectory(policy, seed):
    world = gymnasium.make("CartPole-v1")
    observation, _ = world.reset(seed=seed)
    generator = numpy.random.default_rng(seed)
    states, observations, actions, rewards, ends = [world.unwrapped.state], [observation], [], [], []
    while not ends or ends[-1] == 0:
        action = policy(states[-1], generator)
        observation, reward, terminated, truncated, _ = world.step(action)
        states.append(world.unwrapped.state)
        observations.append(observation)
        actions.append(action)
        rewards.append(reward)
        ends.append(1 if terminated else 2 if truncated else 0)
    return {
        "states": numpy.array(states, numpy.float64),
        "observations": numpy.array(observations, numpy.float32),
        "actions": numpy.array(actions, numpy.int64),
        "rewards": numpy.array(rewards, numpy.float64),
        "ends": numpy.array(ends, numpy.int64),
    }


tensors = {}
for index, (name, policy) in enumerate(POLICIES.items()):
    values = trajectory(policy, 20260101 + index)
    print(name, len(values["actions"]), "steps, end", values["ends"][-1], "at", values["states"][-1])
    tensors.update({f"{name}/{key}": value for key, value in values.items()})
save_file(
    tensors,
    FOLDER / "cart_pole.safetensors",
    metadata={"gymnasium": gymnasium.__version__, "script": "Tools/goldens/control.py"},
)
