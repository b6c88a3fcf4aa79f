"""Markdown: links lead somewhere, commands exist, and Swift in it compiles.

Usage: markdown.py ROOT [--snippets FOLDER]. With --snippets, every ```swift block is written to FOLDER/NAME-LINE.swift for
the caller to type-check; a block that is not a program of its own belongs under ```text. In an article of a DocC catalog
the blocks follow one another as one program, and are written as one.
"""
import pathlib
import re
import subprocess
import sys

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^\s*```(\w*)")


def documents(root: pathlib.Path):
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=root, capture_output=True, text=True)
    if listing.returncode == 0:
        return [root / line for line in sorted(set(listing.stdout.splitlines())) if (root / line).exists()]
    return sorted(path for path in root.rglob("*.md") if not {".build", ".deps"} & set(path.parts))


def blocks(text: str):
    """Yields (language, line number of the first line, text) of each fenced block."""
    language, start, kept = None, 0, []
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if fence and language is None:
            language, start, kept = fence.group(1), number + 1, []
        elif fence:
            yield language, start, "\n".join(kept) + "\n"
            language = None
        elif language is not None:
            kept.append(line)


def programs(name: pathlib.Path, text: str):
    """Yields (line, program): each swift block of a document, or all blocks of an article together."""
    found = [(start, block) for language, start, block in blocks(text) if language == "swift"]
    if found and any(part.endswith(".docc") for part in name.parts):
        joined = "".join(f'#sourceLocation(file: "{name}", line: {start})\n{block}' for start, block in found)
        found = [(found[0][0], joined)]
    yield from found


def prose(text: str) -> str:
    inside, kept = False, []
    for line in text.splitlines():
        if FENCE.match(line):
            inside = not inside
            line = ""
        kept.append("" if inside else re.sub(r"`[^`]*`", "", line))
    return "\n".join(kept)


def broken_links(document: pathlib.Path, text: str):
    for number, line in enumerate(prose(text).splitlines(), 1):
        for target in LINK.findall(line):
            if re.match(r"[a-z]+:|#", target):
                continue
            if not (document.parent / target.split("#")[0]).exists():
                yield number, f"the link to {target} leads nowhere"


def unknown_commands(root: pathlib.Path, text: str):
    makefile = (root / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    nap = root / ".build/debug/nap"
    for language, start, block in blocks(text):
        if language not in ("sh", "bash", "console"):
            continue
        for offset, line in enumerate(block.splitlines()):
            command = re.sub(r"^\$\s*", "", line.split("#")[0].strip())
            command = re.sub(r"^(?:\w+=\S+\s+)*", "", command)
            words = command.split()
            if len(words) > 1 and words[0] == "make":
                for word in words[1:]:
                    if re.fullmatch(r"[a-z-]+", word) and word not in targets:
                        yield start + offset, f"the Makefile has no target '{word}'"
            elif len(words) > 1 and words[0] in ("nap", ".build/release/nap") and words[1].isalpha() and nap.exists():
                answer = subprocess.run([nap, words[1], "--help"], capture_output=True, stdin=subprocess.DEVNULL)
                if answer.returncode != 0:
                    yield start + offset, f"nap has no verb '{words[1]}'"
            elif words and "/" in words[0] and not words[0].startswith((".build", "/", "~")):
                if not (root / words[0]).exists():
                    yield start + offset, f"there is no {words[0]}"


def main(arguments: list[str]) -> int:
    root = pathlib.Path(arguments[0]).resolve()
    snippets = pathlib.Path(arguments[2]) if arguments[1:2] == ["--snippets"] else None
    problems = []
    found = documents(root)
    for document in found:
        text, name = document.read_text(), document.relative_to(root)
        for number, problem in [*broken_links(document, text), *unknown_commands(root, text)]:
            problems.append(f"{name}:{number}: {problem}")
        if snippets:
            for start, program in programs(name, text):
                (snippets / f"{str(name).replace('/', '-')}-{start}.swift").write_text(program)
    print(f"  {len(found)} documents")
    for problem in problems:
        print(f"  {problem}")
    return 1 if problems or not found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
