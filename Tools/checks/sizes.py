"""Sizes: prints a table of the tree. Fails on a file written by hand with too many lines, and on Swift with long lines.

swift-format leaves long comments and strings alone, so columns are counted here.
"""
import pathlib
import statistics
import sys

LIMIT = 400
EXAMPLE_LIMIT = 150
COLUMNS = 120
KINDS = {".swift", ".cpp", ".c", ".h", ".py", ".sh", ""}
FOLDERS = ("Sources", "Tests", "Examples", "Benchmarks", "Tools")


def files_below(root: pathlib.Path):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.suffix in KINDS and "__pycache__" not in path.parts:
                yield path.relative_to(root)


def is_generated(path: pathlib.Path) -> bool:
    return "generated" in str(path).lower()


def main(root: pathlib.Path) -> int:
    counts: dict[str, list[int]] = {}
    generated: dict[str, int] = {}
    problems = []
    for path in files_below(root):
        try:
            text = (root / path).read_text().splitlines()
        except UnicodeDecodeError:
            continue
        lines = len(text)
        place = "/".join(path.parts[:2]) if path.parts[0] in ("Sources", "Tests") else path.parts[0]
        if is_generated(path):
            generated[place] = generated.get(place, 0) + lines
            continue
        counts.setdefault(place, []).append(lines)
        limit = EXAMPLE_LIMIT if path.parts[0] == "Examples" else LIMIT
        if lines > limit:
            problems.append(f"{path}: {lines} lines (limit {limit}): split it by idea")
        if path.suffix == ".swift":
            problems += [f"{path}:{number}: {len(line)} columns (limit {COLUMNS}): wrap it"
                         for number, line in enumerate(text, 1) if len(line) > COLUMNS]
    print(f"  {'':34} files  lines  median  largest  generated")
    for place in dict.fromkeys([*counts, *generated]):
        sizes = counts.get(place, [0])
        print(f"  {place:34} {len(counts.get(place, [])):5}  {sum(sizes):5}  {statistics.median(sizes):6.0f}  "
              f"{max(sizes):7}  {generated.get(place, 0) or '':>9}")
    everything = [size for sizes in counts.values() for size in sizes] or [0]
    print(f"  {'all':34} {len(everything):5}  {sum(everything):5}  {statistics.median(everything):6.0f}  "
          f"{max(everything):7}  {sum(generated.values()) or '':>9}")
    for problem in problems:
        print(f"  {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
