"""Examples: does a run print what the example's own header says it does?

Usage: expectations.py EXAMPLE OUTPUT. Every line "// Expect   LABEL: LOW ... HIGH" of the header stands for a line "LABEL: NUMBER"
of the output with the number in that range, both ends included. An example without such a line proves nothing, so it fails.
"""
import pathlib
import re
import sys

EXPECT = re.compile(r"//\s+Expect\s+(.+?):\s*(\S+) \.\.\. (\S+)\s*$")


def main(example: pathlib.Path, output: pathlib.Path) -> int:
    header = []
    for line in example.read_text().splitlines():
        if not line.startswith("//"):
            break
        header.append(line)
    expected = [match.groups() for match in map(EXPECT.match, header) if match]
    problems = [] if expected else ["has no '// Expect   LABEL: LOW ... HIGH' in its header"]
    for word in ("Shows", "Run", "Prints"):
        if not any(re.match(rf"//\s+{word}\s", line) for line in header):
            problems.append(f"does not say in its header what it '{word}'")
    lines = output.read_text().splitlines()
    for label, low, high in expected:
        found = [line[len(label) + 1:].strip() for line in lines if line.startswith(label + ":")]
        try:
            value = float(found[-1])
        except (IndexError, ValueError):
            problems.append(f"prints no number as '{label}: NUMBER'" + (f", but '{found[-1]}'" if found else ""))
            continue
        if not float(low) <= value <= float(high):
            problems.append(f"prints '{label}: {value:g}', expected {low} to {high}")
    for problem in problems:
        print(f"  {example}: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
