"""Writes Tests/EnvironmentsTests/Goldens/arcade.safetensors: what agents see of Atari games, computed apart from our code.

Run from the repository's root, with ale-py, numpy, pillow and safetensors: python3 -P Tools/goldens/arcade.py
The emulator is the same one, by its Python wheel; the image is made as DQN Zoo makes it: the brightest of the last two of four
frames per colour, grey by a weighted sum cut to a whole number, Pillow's bilinear resize to 84 x 84. Seven no-ops begin each game.
For each game G: G/actions (T) indices into the minimal actions; G/rewards (T) raw; G/lives (T); G/first the observation after the
reset; G/some those after steps 30, 60 and 90; G/sums (T + 1) the sum of every one. For each of OTHER the same under NAME: other numbers of
frames a step, of pooled frames, other weights of colours, another size.
"""

import importlib.metadata
import pathlib

import ale_py
import numpy as np
from ale_py import roms
from PIL import Image
from safetensors.numpy import save_file

GAMES = ["breakout", "ms_pacman", "pong", "seaquest", "space_invaders", "video_pinball"]
NO_OPS, STEPS, EVERY = 7, 90, 30
DQN_ZOO = {"repeat": 4, "pooled": 2, "weights": [0.299, 0.587, 1 - (0.299 + 0.587)], "size": (84, 84)}
# Sizes are height and width. Where more than twice as many rows as columns go, Pillow 13 shrinks the height first, which we never do.
# Weights are exact in binary: a sum that is cut to a whole number must not hang on the order of adding.
OTHER = {
    "unpooled": ("breakout", {"repeat": 3, "pooled": 1, "weights": [0.25, 0.5, 0.25], "size": (64, 48)}),
    "pooled-three": ("seaquest", {"repeat": 5, "pooled": 3, "weights": [0.125, 0.25, 0.625], "size": (100, 30)}),
}


def observation(frames, rules):
    brightest = np.max(np.stack(frames[-rules["pooled"]:]), axis=0)
    image = Image.fromarray(np.tensordot(brightest, rules["weights"], (-1, 0)).astype(np.uint8))
    return np.array(image.resize(rules["size"][::-1], Image.BILINEAR), dtype=np.uint8)


def main():
    tensors = {}
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    for name, (game, rules) in ({game: (game, DQN_ZOO) for game in GAMES} | OTHER).items():
        emulator = ale_py.ALEInterface()
        emulator.setFloat("repeat_action_probability", 0)
        emulator.setInt("frame_skip", 1)
        emulator.loadROM(roms.get_rom_path(game))
        minimal = emulator.getMinimalActionSet()
        actions = np.random.RandomState(3).randint(len(minimal), size=STEPS)
        emulator.reset_game()
        for _ in range(NO_OPS):
            emulator.act(0)
        seen, rewards, lives = [observation([emulator.getScreenRGB()], rules)], [], []
        for action in actions:
            frames, reward = [], 0
            for _ in range(rules["repeat"]):
                reward += emulator.act(minimal[action])
                frames.append(emulator.getScreenRGB())
            assert not emulator.game_over(), game
            seen.append(observation(frames, rules))
            rewards.append(reward)
            lives.append(emulator.lives())
        tensors |= {
            f"{name}/actions": actions.astype(np.int64),
            f"{name}/rewards": np.array(rewards, dtype=np.float64),
            f"{name}/lives": np.array(lives, dtype=np.int64),
            f"{name}/first": seen[0],
            f"{name}/some": np.stack(seen[EVERY::EVERY]),
        }
        # The sum of each observation tells where a difference begins.
        tensors[f"{name}/sums"] = np.array([o.astype(np.int64).sum() for o in seen])
    versions = {name: importlib.metadata.version(name) for name in ["ale-py", "numpy", "pillow"]}
    save_file(tensors, pathlib.Path("Tests/EnvironmentsTests/Goldens/arcade.safetensors"), versions | {"script": "Tools/goldens/arcade.py"})


main()
