"""Documentation: fails on a public symbol of the libraries that has no doc comment.

Usage: documented.py ROOT FOLDER-OF-SYMBOL-GRAPHS. Read from the compiler's symbol graphs, so that requirements of protocols
count too, and a member that implements a documented requirement is served by the requirement's comment. No comment of
its own needs: what a protocol of the standard library names and defines, and a case without a payload in an enumeration
that has a comment.
"""
import json
import pathlib
import sys

# Written by the compiler, or named and defined by a protocol of the standard library.
INHERITED_NAMES = {
    "hash(into:)", "encode(to:)", "init(from:)", "==(_:_:)", "!=(_:_:)", "<(_:_:)", "init(rawValue:)", "init(stringLiteral:)",
    "init(integerLiteral:)", "init(floatLiteral:)", "init(booleanLiteral:)", "init(arrayLiteral:)", "init(dictionaryLiteral:)",
    "makeIterator()", "next()", "makeAsyncIterator()", "description", "debugDescription", "errorDescription", "rawValue",
    "hashValue", "id", "allCases", "startIndex", "endIndex", "index(after:)", "RawValue", "AllCases", "Element", "Iterator",
    "Index", "IntegerLiteralType", "FloatLiteralType", "ArrayLiteralElement", "StringLiteralType",
}


def serves_itself(symbol: dict, commented: set[str]) -> bool:
    path = symbol["pathComponents"]
    if path[-1] in INHERITED_NAMES or symbol["kind"]["identifier"] == "swift.deinit":
        return True
    is_plain_case = symbol["kind"]["identifier"] == "swift.enum.case" and "(" not in path[-1]
    return is_plain_case and ".".join(path[:-1]) in commented


def main(root: pathlib.Path, folder: pathlib.Path) -> int:
    problems, documented = [], 0
    libraries = [path.name for path in sorted((root / "Sources").iterdir())]
    graphs = [folder / f"{name}.symbols.json" for name in libraries if (folder / f"{name}.symbols.json").exists()]
    for path in graphs:
        symbols = json.loads(path.read_text())["symbols"]
        commented = {".".join(symbol["pathComponents"]) for symbol in symbols if "docComment" in symbol}
        documented += sum("docComment" in symbol for symbol in symbols)
        for symbol in symbols:
            # Without a place in the sources, the compiler wrote it.
            if "docComment" in symbol or "location" not in symbol or serves_itself(symbol, commented):
                continue
            place = symbol["location"]
            source = place["uri"].removeprefix("file://").removeprefix(f"{root}/")
            line = place["position"]["line"] + 1
            problems.append(f"{source}:{line}: {'.'.join(symbol['pathComponents'])} has no doc comment")
    print(f"  {documented} public symbols documented in {len(graphs)} modules, {len(problems)} not")
    for problem in sorted(problems):
        print(f"  {problem}")
    return 1 if problems or documented == 0 else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])))
