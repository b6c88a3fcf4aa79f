import Texts

/// Reads the pickle of a file that PyTorch wrote, and runs nothing.
///
/// A pickle is a program for a stack machine that may call any function of Python. Here it can name those of a list
/// alone, and each of them is a value that is made here: no function is called, nothing is imported. Any other name is
/// an error that says it. Containers lie in one list and refer to one another by number, so that cycles and deep
/// nesting do no harm.
///
/// Source: CPython, `Lib/pickletools.py`, opcodes of protocols 2 to 5; PyTorch, `torch/_weights_only_unpickler.py`,
/// whose list of names ours follows, without classes of tensors and with `argparse.Namespace` and numpy's scalars as
/// values that are passed over.
struct Unpickler {
  /// What a pickle holds.
  enum Value {
    case none, mark
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    /// Elements, by the place of their list.
    case list(Int)
    /// Keys and values in turn, by the place of their list.
    case dictionary(Int)
    /// A name of Python, such as `torch.FloatStorage`.
    case global(String)
    /// A tensor, by its place.
    case tensor(Int)
    /// Something that holds no tensor.
    case opaque
  }

  /// A tensor as the pickle describes it: elements of a storage.
  struct TensorPlace {
    /// The entry of the archive that holds the elements.
    var storage: String
    /// The name of the elements' type, such as `FloatStorage` or `float8_e4m3fn`.
    var type: String
    /// Elements of the storage.
    var storageCount: Int
    /// The first element.
    var offset: Int
    var shape: [Int]
    var strides: [Int]
  }

  private(set) var containers: [[Value]] = []
  private(set) var tensors: [TensorPlace] = []
  private let bytes: [UInt8]
  private var position = 0
  private var stack: [Value] = []
  private var memo: [Int: Value] = [:]
  /// Storages by the number that stands for them on the stack.
  private var storages: [Int: (key: String, type: String, count: Int)] = [:]
  private var copiedCount = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Reads to the end.
  mutating func value() throws -> Value {
    while true {
      let code = try byte()
      if code == UInt8(ascii: ".") { return try pop() }
      try perform(code)
    }
  }

  private mutating func perform(_ code: UInt8) throws {
    switch code {
    case 0x80: _ = try byte()
    case 0x95: try skip(8)
    case UInt8(ascii: "("): stack.append(.mark)
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "2"): stack.append(try top())
    case UInt8(ascii: "N"): stack.append(.none)
    case 0x88: stack.append(.bool(true))
    case 0x89: stack.append(.bool(false))
    case UInt8(ascii: "J"): stack.append(.integer(Int(Int32(truncatingIfNeeded: try integer(4)))))
    case UInt8(ascii: "K"): stack.append(.integer(try integer(1)))
    case UInt8(ascii: "M"): stack.append(.integer(try integer(2)))
    case 0x8a: try pushLong(try integer(1))
    case 0x8b: try pushLong(try integer(4))
    case UInt8(ascii: "G"):
      let bits = UInt64(bitPattern: Int64(try integer(8))).byteSwapped
      stack.append(.number(Double(bitPattern: bits)))
    case UInt8(ascii: "X"): stack.append(.string(try text(try integer(4))))
    case 0x8c: stack.append(.string(try text(try integer(1))))
    case 0x8d: stack.append(.string(try text(try integer(8))))
    case UInt8(ascii: "U"), UInt8(ascii: "C"): try skip(try integer(1), pushing: .opaque)
    case UInt8(ascii: "T"), UInt8(ascii: "B"): try skip(try integer(4), pushing: .opaque)
    case 0x8e, 0x96: try skip(try integer(8), pushing: .opaque)
    case UInt8(ascii: "}"): stack.append(.dictionary(container([])))
    case UInt8(ascii: "]"), UInt8(ascii: ")"), 0x8f: stack.append(.list(container([])))
    case UInt8(ascii: "t"), UInt8(ascii: "l"), 0x91: stack.append(.list(container(try popToMark())))
    case UInt8(ascii: "d"): stack.append(.dictionary(container(try popToMark())))
    case 0x85...0x87:
      let count = Int(code) - 0x84
      guard stack.count >= count else { throw Self.damaged("values for a tuple", "too few") }
      let elements = Array(stack.suffix(count))
      stack.removeLast(count)
      stack.append(.list(container(elements)))
    case UInt8(ascii: "a"): try add([try pop()])
    case UInt8(ascii: "e"), 0x90: try add(try popToMark())
    case UInt8(ascii: "s"):
      let value = try pop()
      try add([try pop(), value])
    case UInt8(ascii: "u"): try add(try popToMark())
    case UInt8(ascii: "q"): memo[try integer(1)] = try top()
    case UInt8(ascii: "r"): memo[try integer(4)] = try top()
    case 0x94: memo[memo.count] = try top()
    case UInt8(ascii: "h"): try recall(try integer(1))
    case UInt8(ascii: "j"): try recall(try integer(4))
    case UInt8(ascii: "c"): try pushGlobal("\(try line()).\(try line())")
    case 0x93:
      guard case .string(let name) = try pop(), case .string(let module) = try pop() else {
        throw Self.damaged("a module and a name", "other values")
      }
      try pushGlobal("\(module).\(name)")
    case UInt8(ascii: "Q"): try pushStorage()
    case UInt8(ascii: "R"), 0x81: try reduce()
    case 0x92:
      _ = try pop()
      try reduce()
    // What an object has besides its elements: metadata of an ordered dictionary, a namespace's settings.
    case UInt8(ascii: "b"): _ = try pop()
    default:
      throw Self.damaged(
        "an opcode of pickle protocols 2 to 5",
        "byte 0x\(String(code, radix: 16)) at \(position - 1)")
    }
  }

  // MARK: Names of Python

  private static let dictionaries: Set = [
    "collections.OrderedDict", "collections.defaultdict", "collections.Counter", "builtins.dict",
  ]
  private static let lists: Set = [
    "torch.Size", "builtins.set", "builtins.list", "builtins.tuple", "builtins.frozenset",
    "__builtin__.set", "__builtin__.list",
  ]
  private static let passedOver: Set = [
    "torch.device", "_codecs.encode", "builtins.bytearray", "builtins.bytes", "builtins.complex",
    "argparse.Namespace", "numpy.dtype", "numpy.ndarray", "pathlib.PosixPath",
    "pathlib.PurePosixPath",
    "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar",
    "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray._reconstruct", "datetime.datetime", "datetime.timedelta",
  ]
  private static let rebuilding: Set = [
    "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_tensor_v3",
    "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state",
  ]

  private static func isType(_ name: String) -> Bool {
    guard name.hasPrefix("torch.") else { return false }
    let last = name.dropFirst("torch.".count)
    if last == "storage.UntypedStorage" || last == "UntypedStorage" { return true }
    return !last.contains(".")
      && (last.hasSuffix("Storage") || SafetensorsType(pyTorchName: String(last)) != nil
        || last.hasPrefix("float8") || last.hasPrefix("uint"))
  }

  private mutating func pushGlobal(_ name: String) throws {
    guard
      Self.dictionaries.contains(name) || Self.lists.contains(name)
        || Self.passedOver.contains(name)
        || Self.rebuilding.contains(name) || Self.isType(name)
    else {
      throw SafetensorsProblem(
        kind: .refusedGlobal, expected: "tensors in dictionaries and lists, with numbers and words",
        found: "the Python name \(Excerpt.of(name)); nothing of the file was run",
        advice: "write its tensors alone: torch.save(model.state_dict(), \"model.pt\")")
    }
    stack.append(.global(name))
  }

  /// What a function of the list makes of its arguments.
  private mutating func reduce() throws {
    guard case .list(let place) = try pop(), case .global(let name) = try pop() else {
      throw Self.damaged("a name of Python and its arguments", "other values")
    }
    let arguments = containers[place]
    if Self.dictionaries.contains(name) {
      var members: [Value] = []
      for case .list(let pairs)? in [name == "collections.defaultdict" ? nil : arguments.first] {
        for case .list(let pair) in containers[pairs] where containers[pair].count == 2 {
          members += containers[pair]
        }
      }
      if case .dictionary(let other)? = arguments.last { members += containers[other] }
      stack.append(.dictionary(try copy(members)))
    } else if Self.lists.contains(name) {
      var elements: [Value] = []
      if case .list(let other)? = arguments.first { elements = containers[other] }
      stack.append(.list(try copy(elements)))
    } else if name.hasPrefix("torch._utils._rebuild_parameter") {
      guard case .tensor? = arguments.first else {
        throw Self.damaged("a parameter of a tensor", "another value")
      }
      stack.append(arguments[0])
    } else if Self.rebuilding.contains(name) {
      stack.append(try tensor(arguments, isTyped: name.hasSuffix("_v3")))
    } else if Self.passedOver.contains(name) {
      stack.append(name == "argparse.Namespace" ? .dictionary(container([])) : .opaque)
    } else {
      throw Self.damaged("a call that makes a tensor or a dictionary", "\(Excerpt.of(name))()")
    }
  }

  /// (storage, offset, shape, strides, …): of version 3 the type is the seventh argument.
  private mutating func tensor(_ arguments: [Value], isTyped: Bool) throws -> Value {
    guard arguments.count >= 4, case .integer(let place) = arguments[0],
      let storage = storages[place], case .integer(let offset) = arguments[1],
      let shape = integers(arguments[2]), let strides = integers(arguments[3]),
      shape.count == strides.count, shape.count <= SafetensorsHeader.axisLimit
    else { throw Self.damaged("a storage, an offset, a shape and strides", "other values") }
    var type = storage.type
    if isTyped {
      guard arguments.count > 6, case .global(let name) = arguments[6] else {
        throw Self.damaged("the type of a tensor", "another value")
      }
      type = String(name.dropFirst("torch.".count))
    }
    tensors.append(
      TensorPlace(
        storage: storage.key, type: type, storageCount: storage.count, offset: offset, shape: shape,
        strides: strides))
    return .tensor(tensors.count - 1)
  }

  /// ("storage", type, key, device, count), which a persistent identifier names.
  private mutating func pushStorage() throws {
    guard case .list(let place) = try pop(), containers[place].count >= 5,
      case .string("storage") = containers[place][0], case .global(let type) = containers[place][1],
      case .string(let key) = containers[place][2], case .integer(let count) = containers[place][4]
    else { throw Self.damaged("a storage", "another persistent value") }
    let name = type.split(separator: ".").last.map(String.init) ?? type
    storages[storages.count] = (key, name, count)
    stack.append(.integer(storages.count - 1))
  }

  private func integers(_ value: Value) -> [Int]? {
    guard case .list(let place) = value else { return nil }
    var result: [Int] = []
    for element in containers[place] {
      guard case .integer(let number) = element else { return nil }
      result.append(number)
    }
    return result
  }

  // MARK: The stack

  private mutating func container(_ elements: [Value]) -> Int {
    containers.append(elements)
    return containers.count - 1
  }

  /// A container of elements of others. What a sound pickle copies it has written, an element a byte at least.
  private mutating func copy(_ elements: [Value]) throws -> Int {
    copiedCount += elements.count
    guard copiedCount <= bytes.count else {
      throw Self.damaged("at most \(bytes.count) copied elements", "more")
    }
    return container(elements)
  }

  private mutating func add(_ elements: [Value]) throws {
    switch try top() {
    case .list(let place), .dictionary(let place): containers[place] += elements
    case .opaque: break
    default: throw Self.damaged("a list or a dictionary to add to", "another value")
    }
  }

  private func top() throws -> Value {
    guard let last = stack.last else { throw Self.damaged("a value on the stack", "none") }
    return last
  }

  private mutating func pop() throws -> Value {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func popToMark() throws -> [Value] {
    let place = stack.lastIndex { if case .mark = $0 { true } else { false } }
    guard let place else { throw Self.damaged("a mark on the stack", "none") }
    let elements = Array(stack[(place + 1)...])
    stack.removeSubrange(place...)
    return elements
  }

  private mutating func recall(_ key: Int) throws {
    guard let value = memo[key] else { throw Self.damaged("a value kept before", "none") }
    stack.append(value)
  }

  // MARK: The bytes

  private mutating func byte() throws -> UInt8 {
    guard position < bytes.count else { throw Self.damaged("more of the pickle", "its end") }
    position += 1
    return bytes[position - 1]
  }

  private mutating func integer(_ count: Int) throws -> Int {
    try skip(count)
    return bytes.number(at: position - count, count)
  }

  private mutating func pushLong(_ count: Int) throws {
    try skip(count)
    guard count <= 8 else { return stack.append(.opaque) }
    guard count > 0 else { return stack.append(.integer(0)) }
    let isNegative = bytes[position - 1] & 0x80 != 0
    let value = bytes.number(at: position - count, count)
    stack.append(.integer(isNegative && count < 8 ? value - (1 << (8 * count)) : value))
  }

  private mutating func text(_ count: Int) throws -> String {
    try skip(count)
    return String(decoding: bytes[(position - count)..<position], as: UTF8.self)
  }

  private mutating func line() throws -> String {
    let start = position
    while try byte() != UInt8(ascii: "\n") {}
    return String(decoding: bytes[start..<(position - 1)], as: UTF8.self)
  }

  private mutating func skip(_ count: Int, pushing value: Value) throws {
    try skip(count)
    stack.append(value)
  }

  private mutating func skip(_ count: Int) throws {
    guard count >= 0, count <= bytes.count - position else {
      throw Self.damaged("\(count) more bytes of the pickle", "\(bytes.count - position)")
    }
    position += count
  }

  static func damaged(_ expected: String, _ found: String) -> SafetensorsProblem {
    SafetensorsProblem(
      expected: expected, found: found,
      advice: "the file is damaged or no file of torch.save: copy or write it again")
  }
}
