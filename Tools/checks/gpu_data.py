"""Data that Tools/gpu-check makes itself: images in a folder a class, texts as token shards."""
import pathlib, random, struct, threading, zlib

MAKING = threading.Lock()


class Data(dict):
    """Paths by name, made when they are first asked for: `images`, and `words-1`, `words-2`, … of different words."""

    def __init__(self, running):
        super().__init__()
        self.running = running

    def __missing__(self, name):
        with MAKING:
            path = self.running.output / "data" / name
            if not (path / "made").exists():
                path.mkdir(parents=True, exist_ok=True)
                if name == "images": class_folders(path)
                else: token_shards(self.running, path, int(name.removeprefix("words-")))
                (path / "made").touch()
        # Shards are named relative to the folder in which programs run, since a comma in a path would end a name.
        return str(path) if name == "images" else f"./data/{name}/shards"


def png(rows):
    """An RGB image of rows of bytes."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", len(rows[0]) // 3, len(rows), 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + \
        chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))) + chunk(b"IEND", b"")


def class_folders(path):
    """Four classes of eleven images of different shapes, each with a colour of its own."""
    dice = random.Random(1)
    for label in range(4):
        folder = path / f"class-{label}"
        folder.mkdir(exist_ok=True)
        middle = [dice.randrange(40, 216) for _ in range(3)]
        for index in range(11):
            width, height = dice.randrange(48, 80), dice.randrange(48, 80)
            rows = [bytes(middle[place % 3] + dice.randrange(-40, 40) for place in range(3 * width))
                    for _ in range(height)]
            (folder / f"{index}.png").write_bytes(png(rows))


def token_shards(running, path, seed):
    """A text of 300 invented words, some 300 kB, whose tokens are bytes."""
    dice = random.Random(seed)
    words = ["".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randrange(2, 10))) for _ in range(300)]
    text = "\n".join(" ".join(dice.choices(words, k=12)) for _ in range(4000))
    (path / "words.txt").write_text(text + "\n")
    running.run(f"data-{path.name}", [running.nap, "data", "tokenize", path / "words.txt", "--tokenizer", "bytes",
                                      "-o", path / "shards"])
