#!/usr/bin/env python3
"""Writes both sides of the seam to libtorch from operators.txt.

usage: Tools/operators/generate.py [native_functions.yaml]

Reads the operator schemas of the libtorch that Tools/setup unpacked (default
.deps/native_functions.yaml) and writes
  Sources/CTorch/include/nap_operators.h     C declarations
  Sources/CTorch/operators_generated.cpp     their definitions, every exception caught
  Sources/Torch/Generated/*.swift            public methods of Tensor, one file a section
The outputs are committed, so that building needs no Python. `--check` writes nothing and fails
when they differ from what would be written.
"""
import pathlib, re, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HIDDEN = {"layout", "pin_memory", "cudnn_enable", "cudnn_enabled", "memory_format", "implicit", "sparse_grad",
          "scale_grad_by_freq", "sparse"}
KEEP = {"keepdim": "keepAxes", "dtype": "dtype", "device": "device", "start_dim": "from"}
SWIFT_WORDS = {"where", "as", "in", "is", "for", "default", "repeat", "self", "through", "descending"}


class Argument:
    def __init__(self, text):
        m = re.match(r"(.+?) (\w+)(?:=(.+))?$", text.strip())
        self.type = re.sub(r"\([a-z]!?( -> \*)?\)", "", m[1])
        self.type = re.sub(r"\[\d+\]", "[]", self.type).replace("SymInt", "int")
        self.sym = "SymInt" in m[1]
        self.fixed = re.search(r"\[(\d+)\]", m[1])
        self.mutable = "!" in m[1]
        self.name, self.default = m[2], m[3]


def split(text):
    parts, depth, current = [], 0, ""
    for ch in text:
        depth += ch in "([" ; depth -= ch in ")]"
        if ch == "," and depth == 0: parts.append(current); current = ""
        else: current += ch
    return [p.strip() for p in parts + [current] if p.strip()]


def camel(name):
    head, *rest = name.strip("_").split("_")
    return head + "".join(w.capitalize() for w in rest)


class Operator:
    def __init__(self, line, section, schemas):
        schema, swift, renames, self.doc = [c.strip() for c in line.split("|", 3)]
        if schema not in schemas: sys.exit(f"operators.txt: {schema} is not in the schema file")
        text = schemas[schema]
        self.section, self.schema, self.swift = section, schema, swift
        args, result = re.match(r"[^(]+\((.*)\) -> (.+)$", text).groups()
        self.arguments = [Argument(a) for a in split(args) if a != "*"]
        self.renames = dict(r.split("=") for r in renames.split())
        self.cname = schema.replace(".", "_")
        self.results = [] if result == "()" else split(result[1:-1]) if result.startswith("(") else [result]
        self.list_result = self.results and self.results[0].endswith("[]")
        unknown = set(self.renames) - {a.name for a in self.arguments}
        if unknown: sys.exit(f"operators.txt: {schema} has no argument {unknown}")
        self.receiver = next((a for a in self.arguments if a.type == "Tensor" and
                              self.renames.get(a.name, "_receiver" if a.name == "self" else "") == "_receiver"), None)


C_TYPES = {"Tensor": "nap_tensor {n}", "Tensor?": "nap_tensor {n}", "Tensor[]": "const nap_tensor *{n}, nap_int {n}_count",
           "Scalar": "nap_scalar {n}", "Scalar?": "nap_scalar {n}", "int": "nap_int {n}", "int?": "nap_optional_int {n}",
           "int[]": "const nap_int *{n}, nap_int {n}_count", "int[]?": "const nap_int *{n}, nap_int {n}_count",
           "bool": "bool {n}", "float": "double {n}", "float?": "nap_optional_double {n}", "str": "const char *{n}",
           "str?": "const char *{n}", "ScalarType": "int {n}", "ScalarType?": "int {n}", "Device": "nap_device {n}",
           "Device?": "nap_device {n}", "Generator?": "nap_generator {n}"}


def c_declaration(op):
    args = [C_TYPES[a.type].format(n=a.name) for a in op.arguments if a.name not in HIDDEN]
    if op.list_result: args.append("nap_tensor **out, nap_int *out_count")
    else: args += [f"nap_tensor *out{i}" for i in range(len(op.results))]
    return f"int nap_op_{op.cname}({', '.join(args)})"


def cpp_argument(a):
    n = a.name
    if n in ("layout", "pin_memory", "memory_format"):
        return "at::MemoryFormat::Contiguous" if a.type == "MemoryFormat" else "std::nullopt"
    if n.startswith("cudnn_enable"): return "true"
    if n in HIDDEN: return "false"
    ints = f"nap::ints({n}, {n}_count)"
    return {"Tensor": f"nap::required({n})", "Tensor?": f"nap::optional_tensor({n})", "Tensor[]": f"nap::tensors({n}, {n}_count)",
            "Scalar": f"nap::scalar({n})", "Scalar?": f"nap::optional_scalar({n})", "int": n, "int?": f"nap::optional_int({n})",
            "int[]": f"c10::fromIntArrayRefSlow({ints})" if a.sym else ints,
            "int[]?": f"nap::optional_ints({n}, {n}_count)", "bool": n, "float": n, "float?": f"nap::optional_double({n})",
            "str": n, "str?": f"nap::optional_string({n})", "ScalarType": f"nap::dtype({n})",
            "ScalarType?": f"nap::optional_dtype({n})", "Device": f"nap::device({n})", "Device?": f"nap::optional_device({n})",
            "Generator?": f"nap::generator({n})"}[a.type]


def cpp_definition(op):
    lines, args = [], []
    for a in op.arguments:
        if a.type == "Tensor" and a.mutable:      # in-place operators take a non-const reference
            lines.append(f"    auto {a.name}_tensor = nap::required({a.name});"); args.append(f"{a.name}_tensor")
        else: args.append(cpp_argument(a))
    call = f"at::_ops::{op.cname}::call({', '.join(args)})"
    if not op.results: lines.append(f"    {call};")
    elif op.list_result: lines.append(f"    nap::give_list({call}, out, out_count);")
    elif len(op.results) == 1: lines.append(f"    *out0 = nap::give({call});")
    else:
        lines.append(f"    auto results = {call};")
        lines += [f"    *out{i} = nap::give(std::get<{i}>(results));" for i in range(len(op.results))]
    return "\n".join([c_declaration(op) + " {", "  return nap::guarded([&] {", *lines, "  });", "}"])


SWIFT_TYPES = {"Tensor": "Tensor", "Tensor?": "Tensor?", "Tensor[]": "[Tensor]", "Scalar": "Scalar", "Scalar?": "Scalar?",
               "int": "Int", "int?": "Int?", "int[]": "[Int]", "int[]?": "[Int]?", "bool": "Bool", "float": "Double",
               "float?": "Double?", "str": "String", "str?": "String?", "ScalarType": "DType", "ScalarType?": "DType?",
               "Device": "Device", "Device?": "Device", "Generator?": "Generator"}


def swift_default(a, op):
    if op.cname == "conv2d_padding" and a.name == "padding": return ""
    if a.name == "generator": return ""          # randomness is always named by the caller
    if a.name == "reduction": return " = .mean"
    if a.type == "Device?": return " = nil" if "_like" in op.cname else " = .cpu"
    if a.default is None:
        return ""
    d = a.default
    if a.type.startswith("ScalarType"): return {"None": " = nil", "long": " = .int64"}[d]
    if d == "None": return " = nil"
    if a.type == "bool": return f" = {d.lower()}"
    if a.type.startswith("str"): return ' = "' + d.strip("'\"") + '"'
    if a.type == "int[]":
        if d.startswith("["): return f" = {d.replace(',', ', ')}"
        return f" = [{', '.join([d] * int(a.fixed[1]))}]" if a.fixed else f" = [{d}]"
    return f" = {d}"


def swift_function(op):
    parameters, locals_, passed, tensors = [], [], [], []
    used = set()
    for a in op.arguments:
        if a.name in HIDDEN: continue
        label = op.renames.get(a.name)
        receiver = a is op.receiver
        if label is None or label == "_receiver":
            label = KEEP.get(a.name) or ({"int": "axis"}.get(a.type, "axes") if a.name == "dim" else camel(a.name))
        name = "self" if receiver else camel(a.name)
        if name in SWIFT_WORDS and not receiver: name = "other" if name == "self" else name + "Value"
        if name == "dim": name = label
        if a.type == "Tensor[]" and a.name == "self": name = "tensors"
        swift_type = "Device?" if a.type == "Device?" and "_like" in op.cname else "Reduction" if a.name == "reduction" else SWIFT_TYPES[a.type]
        if not receiver:
            bare = label.startswith("_")
            spelled = f"_ {name}" if bare else label if label == name else f"{label} {name}"
            parameters.append(f"{spelled}: {swift_type}{swift_default(a, op)}")
        if a.type == "Tensor": passed.append(f"{name}.pointer"); tensors.append(name)
        elif a.type == "Tensor?": passed.append(f"{name}?.pointer"); tensors.append(name + "?")
        elif a.type == "Tensor[]":
            passed += [f"{name}.map(\\.pointer)", f"{name}.count"]; tensors.append(name + "[]")
        elif a.type in ("int[]", ): passed += [name, f"{name}.count"]
        elif a.type == "int[]?": passed += [name, f"{name}?.count ?? -1"]
        elif a.type == "Scalar": passed.append(f"{name}.c")
        elif a.type == "Scalar?": passed.append(f"Scalar.c({name})")
        elif a.type == "int?": passed.append(f"Seam.optional({name})")
        elif a.type == "float?": passed.append(f"Seam.optional({name})")
        elif a.type == "ScalarType": passed.append(f"{name}.code")
        elif a.type == "ScalarType?": passed.append(f"{name}?.code ?? -1")
        elif a.type == "Device?" and "_like" in op.cname: passed.append(f"Device.c({name})")
        elif a.type.startswith("Device"): passed.append(f"{name}.c")
        elif a.type == "Generator?": passed.append(f"{name}.pointer")
        elif a.name == "reduction": passed.append(f"{name}.rawValue")
        else: passed.append(name)
    static = op.receiver is None
    operands = " + ".join(([f"[{', '.join(t for t in tensors if t[-1] not in '?]')}]"] if any(t[-1] not in "?]" for t in tensors) else [])
                          + [f"Seam.list({t[:-1]})" for t in tensors if t.endswith("?")]
                          + [t[:-2] for t in tensors if t.endswith("[]")]) or "[]"
    keep = [t.rstrip("?").removesuffix("[]") for t in tensors] + [camel(a.name) for a in op.arguments if a.type == "Generator?"]
    inplace = op.schema.split(".")[0].endswith("_")
    if not op.results: result, returns = "Void", ""
    elif op.list_result: result = returns = "[Tensor]"
    elif len(op.results) == 1: result = returns = "Tensor"
    else:
        names = [camel(r.split()[1]) if " " in r else f"result{i}" for i, r in enumerate(op.results)]
        names = [n[0].lower() + n[1:] for n in names]
        result = "(" + ", ".join(f"{n}: Tensor" for n in names) + ")"
        returns = result
    call = lambda outs: f"nap_op_{op.cname}({', '.join(passed + outs)})"
    # Of plain tensors alone the seam keeps hold itself, and hands out their pointers as $0, $1, …
    plain = len(op.results) == 1 and not op.list_result and 0 < len(keep) == len(tensors) <= 3 and all(t[-1] not in "?]" for t in tensors)
    if plain:
        places = {f"{t}.pointer": f"${i}" for i, t in enumerate(tensors)}
        passed, keep = [places.get(p, p) for p in passed], []
        body = f'Seam.one("{op.swift}", {", ".join(tensors)}) {{ {call([f"${len(tensors)}"])} }}'
    elif not op.results: body = f'Seam.none("{op.swift}", {operands}) {{ {call([])} }}'
    elif op.list_result: body = f'Seam.many("{op.swift}", {operands}) {{ {call(["$0", "$1"])} }}'
    elif len(op.results) == 1: body = f'Seam.one("{op.swift}", {operands}) {{ {call(["$0"])} }}'
    else:
        body = (f'Seam.several("{op.swift}", {operands}, {len(op.results)}) {{\n        '
                + call([f"$0 + {i}" for i in range(len(op.results))]) + "\n      }")
    if len(op.results) > 1 and not op.list_result:
        inner = [f"    let results = withExtendedLifetime(({', '.join(keep)})) {{", f"      {body}", "    }",
                 "    return (" + ", ".join(f"results[{i}]" for i in range(len(op.results))) + ")"]
    elif keep: inner = [f"    withExtendedLifetime(({', '.join(keep)})) {{", f"      {body}", "    }"]
    else: inner = [f"    {body}"]
    head = f"  public {'static ' if static else ''}func {op.swift}({', '.join(parameters)})" + (f" -> {returns}" if returns else "")
    attribute = ["  @discardableResult"] if inplace and returns else []
    doc = [f"  /// {op.doc}"]
    first, *others = op.schema.split("_")
    if op.swift.strip("`") != first + "".join(word.capitalize() for word in others):
        doc += ["  ///", f"  /// libtorch operator `{op.schema}`."]
    return "\n".join(doc + attribute + [head + " {"] + inner + ["  }"])


def outputs(yaml):
    schemas = {}
    for line in pathlib.Path(yaml).read_text().splitlines():
        if line.startswith("- func: "):
            text = line[8:]; schemas[text.split("(", 1)[0]] = text
    section, operators = "", []
    for line in (ROOT / "Tools/operators/operators.txt").read_text().splitlines():
        if line.startswith("## "): section = line[3:]
        elif line.strip() and not line.startswith("#"): operators.append(Operator(line, section, schemas))
    note = "// Written by Tools/operators/generate.py from operators.txt. Do not edit.\n"
    header = note + "#pragma once\n#include \"nap_core.h\"\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
    header += "\n".join(c_declaration(op) + ";" for op in operators) + "\n\n#ifdef __cplusplus\n}\n#endif\n"
    includes = sorted({op.schema.split(".")[0].removesuffix("_") for op in operators})
    source = note + '#include "seam.h"\n' + "".join(f"#include <ATen/ops/{n}_ops.h>\n" for n in includes)
    source += '#include "include/nap_operators.h"\n\n' + "\n\n".join(cpp_definition(op) for op in operators) + "\n"
    files = {"Sources/CTorch/include/nap_operators.h": header, "Sources/CTorch/operators_generated.cpp": source}
    for section in dict.fromkeys(op.section for op in operators):
        name = "".join(w.capitalize() for w in section.split())
        body = "\n\n".join(swift_function(op) for op in operators if op.section == section)
        files[f"Sources/Torch/Generated/Tensor+{name}.swift"] = (
            note + f"// swift-format-ignore-file\ninternal import CTorch\n\nextension Tensor {{\n{body}\n}}\n")
    return files


if __name__ == "__main__":
    rest = [a for a in sys.argv[1:] if a != "--check"]
    stale = []
    for path, text in outputs(rest[0] if rest else ROOT / ".deps/native_functions.yaml").items():
        target = ROOT / path
        if "--check" in sys.argv:
            if not target.exists() or target.read_text() != text: stale.append(path)
        else:
            target.parent.mkdir(parents=True, exist_ok=True); target.write_text(text)
    if stale: sys.exit("stale, run Tools/operators/generate.py: " + ", ".join(stale))
