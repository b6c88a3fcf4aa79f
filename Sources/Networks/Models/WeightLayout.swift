public import Torch

/// How a network's weights are called and laid out in another library's files, for reading and writing them.
///
///     let file = try SafetensorsFile(reading: url)
///     try GPT.gpt2().referenceLayout().load(file.tensors(), into: network)
///
/// Where the other library joins several matrices in one, as attention's queries, keys and values, they are split on
/// reading and joined on writing: here each is a parameter of its own, which a projection scales alone.
public struct WeightLayout: Sendable, Hashable {
  /// One tensor of the other library.
  public struct Entry: Sendable, Hashable {
    /// Its name there.
    public var reference: String
    /// Our tensors, which it joins along axis 0 in this order.
    public var own: [String]
    /// Whether it is our matrix transposed.
    public var isTransposed = false
    /// Axes of size 1 that it has in front of ours.
    public var leadingOnes = 0
  }

  /// Every tensor, in the network's order.
  public var entries: [Entry] = []
  /// A prefix of all names that files may leave out.
  public var optionalPrefix = ""
  /// Endings of names that hold nothing to load: counters, masks, copies of tied weights.
  public var ignoredEndings: [String] = []
  /// Zeros that the other library expects beside the tensors, such as counters of batches.
  public var counters: [String] = []

  /// A layout without entries.
  public init() {}

  mutating func add(
    _ reference: String, _ own: String..., isTransposed: Bool = false, leadingOnes: Int = 0
  ) {
    entries.append(
      Entry(
        reference: reference, own: own, isTransposed: isTransposed, leadingOnes: leadingOnes))
  }

  /// Writes the other library's weights into a network, converting their element type.
  ///
  /// Nothing is written unless everything fits.
  /// - Throws: ``LoadingError`` naming, by its name in the file, each tensor that is missing, left over or of another
  ///   shape.
  /// - Cost: a copy of the weights.
  public func load(_ tensors: [String: Tensor], into network: some Module) throws(LoadingError) {
    let own = Dictionary(uniqueKeysWithValues: network.namedTensors.map { ($0.name, $0.tensor) })
    var problems = own.keys.filter { name in !entries.contains { $0.own.contains(name) } }.sorted()
      .map { "\($0) has no counterpart in these files" }
    var left = Set(tensors.keys)
    var found: [String: Tensor] = [:]
    for entry in entries {
      guard let (name, tensor) = lookUp(entry.reference, in: tensors) else {
        problems.append("\(entry.reference) is missing")
        continue
      }
      left.remove(name)
      let targets = entry.own.compactMap { own[$0] }
      guard targets.count == entry.own.count else {
        problems.append("\(entry.reference) is not part of this network")
        continue
      }
      let expected = Self.shape(of: targets.map(\.shape), entry)
      guard tensor.shape == expected else {
        problems.append("\(entry.reference) has the shape \(tensor.shape), expected \(expected)")
        continue
      }
      for (name, part) in zip(entry.own, Self.parts(tensor, of: targets, entry)) {
        found[name] = part
      }
    }
    problems += left.filter { name in !ignoredEndings.contains { name.hasSuffix($0) } }.sorted()
      .map { "\($0) is not part of this network" }
    guard problems.isEmpty else { throw LoadingError(problems: problems) }
    try network.load(found)
  }

  /// A network's weights under the other library's names, copies where the layout differs.
  ///
  /// - Throws: ``LoadingError`` naming each tensor that the layout has no name for, or the network lacks.
  public func tensors(
    of network: some Module
  ) throws(LoadingError) -> [(name: String, tensor: Tensor)] {
    let own = Dictionary(uniqueKeysWithValues: network.namedTensors.map { ($0.name, $0.tensor) })
    let known = Set(entries.flatMap(\.own))
    let problems =
      own.keys.filter { !known.contains($0) }.sorted().map { "\($0) has no counterpart" }
      + known.filter { own[$0] == nil }.sorted().map { "\($0) is missing in this network" }
    guard problems.isEmpty else { throw LoadingError(problems: problems) }
    return withoutGradients {
      entries.map { entry in
        let parts = entry.own.compactMap { own[$0]?.detached() }
        var tensor = parts.count == 1 ? parts[0] : Tensor.concatenated(parts)
        if entry.isTransposed { tensor = tensor.transposed().contiguous() }
        let shape = [Int](repeating: 1, count: entry.leadingOnes) + tensor.shape
        return (entry.reference, entry.leadingOnes == 0 ? tensor : tensor.viewed(as: shape))
      } + counters.map { ($0, Tensor.zeros([], dtype: .int64)) }
    }
  }

  private func lookUp(_ name: String, in tensors: [String: Tensor]) -> (String, Tensor)? {
    if let tensor = tensors[name] { return (name, tensor) }
    guard !optionalPrefix.isEmpty, name.hasPrefix(optionalPrefix) else { return nil }
    let short = String(name.dropFirst(optionalPrefix.count))
    return tensors[short].map { (short, $0) }
  }

  /// The shape that an entry has in the other library.
  private static func shape(of own: [[Int]], _ entry: Entry) -> [Int] {
    var shape = own[0]
    if own.count > 1 { shape[0] = own.reduce(0) { $0 + $1[0] } }
    if entry.isTransposed { shape.reverse() }
    return [Int](repeating: 1, count: entry.leadingOnes) + shape
  }

  /// An entry's tensor as our tensors, of their type and on their device.
  private static func parts(_ tensor: Tensor, of own: [Tensor], _ entry: Entry) -> [Tensor] {
    let whole = entry.isTransposed ? tensor.transposed() : tensor
    var start = 0
    return own.map { target in
      let part =
        own.count == 1
        ? whole.reshaped(to: target.shape)
        : whole.narrowed(axis: 0, from: start, length: target.shape[0])
      start += target.shape.first ?? 0
      return part.contiguous().moved(to: target.device, dtype: target.dtype)
    }
  }
}
