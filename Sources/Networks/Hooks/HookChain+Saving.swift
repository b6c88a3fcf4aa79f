import Foundation
public import Torch

extension HookChain {
  /// Every hook's tensors as `HOOK.NAME`, in order.
  public var savedTensors: [(name: String, tensor: Tensor)] {
    hooks.flatMap { hook in
      hook.savedTensors.map { (name: "\(hook.name).\($0.name)", tensor: $0.tensor) }
    }
  }

  /// Every hook's memory as JSON under the hook's name; hooks without one are left out.
  public func savedMemories() throws -> [String: String] {
    var saved: [String: String] = [:]
    for hook in hooks { saved[hook.name] = try Self.encodedMemory(hook) }
    return saved
  }

  /// Continues from what ``savedTensors`` and ``savedMemories()`` gave, in a chain of the same hooks
  /// that has begun.
  ///
  /// - Throws: ``LoadingError`` naming what is missing, left over or of another form.
  public mutating func restore(_ tensors: [String: Tensor], memories: [String: String]) throws {
    let names = hooks.map(\.name)
    let strangers =
      memories.keys.filter { !names.contains($0) }
      + tensors.keys.filter { key in !names.contains { key.hasPrefix("\($0).") } }
    guard strangers.isEmpty else {
      throw LoadingError(
        problems: strangers.sorted().map { "\($0) belongs to no method of this run" })
    }
    for index in hooks.indices {
      hooks[index] = try Self.restored(hooks[index], tensors, memories)
    }
  }

  private static func encodedMemory<H: Hook>(_ hook: H) throws -> String? {
    guard H.Memory.self != NoMemory.self else { return nil }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(hook.memory), as: UTF8.self)
  }

  private static func restored<H: Hook>(
    _ hook: H, _ tensors: [String: Tensor], _ memories: [String: String]
  ) throws -> H {
    var hook = hook
    if H.Memory.self != NoMemory.self {
      guard let text = memories[hook.name] else {
        throw LoadingError(problems: ["the memory of \(hook.name) is missing"])
      }
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      do {
        hook.memory = try decoder.decode(H.Memory.self, from: Data(text.utf8))
      } catch {
        throw LoadingError(
          problems: ["the memory of \(hook.name) is \(text.prefix(60)), not its counters"])
      }
    }
    let prefix = hook.name + "."
    var own: [String: Tensor] = [:]
    for (name, tensor) in tensors where name.hasPrefix(prefix) {
      own[String(name.dropFirst(prefix.count))] = tensor
    }
    try hook.restore(own)
    return hook
  }
}
