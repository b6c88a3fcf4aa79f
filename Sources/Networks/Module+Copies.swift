public import Torch

extension Module {
  /// Runs `body` while every parameter and buffer of floating point is a copy in `dtype`, then puts
  /// the module's own tensors back: what is written inside is lost.
  ///
  /// The way to evaluate any network in float64, or at other parameter values, without building it
  /// twice. `forward` must give its layers inputs of the same element type.
  ///
  ///     let exact = network.withCopies(in: .float64) { network(input.converted(to: .float64)) }
  ///
  /// - Parameter dtype: the copies' element type; each tensor's own when absent.
  /// - Returns: what `body` returns. Its tensors may refer to the copies, which live on with them.
  /// - Cost: one copy of every parameter and buffer.
  public func withCopies<Result>(
    in dtype: DType? = nil, _ body: () throws -> Result
  ) rethrows -> Result {
    let copies = namedTensors.filter(\.tensor.dtype.isFloatingPoint).map { name, tensor in
      (name, tensor.converted(to: dtype ?? tensor.dtype, copy: true))
    }
    return try withValues(Dictionary(uniqueKeysWithValues: copies), body)
  }

  /// Runs `body` while parameters and buffers have other values, then puts the module's own tensors back.
  ///
  /// - Parameter values: by the names of ``namedTensors``; what is not named stays.
  /// - Returns: what `body` returns. Nothing is copied.
  public func withValues<Result>(
    _ values: [String: Tensor], _ body: () throws -> Result
  ) rethrows -> Result {
    let parameters = namedParameters
    let buffers = namedBuffers
    let own = (parameters.map(\.parameter.value), buffers.map(\.buffer.value))
    defer {
      for (named, value) in zip(parameters, own.0) { named.parameter.value = value }
      for (named, value) in zip(buffers, own.1) { named.buffer.value = value }
    }
    for named in parameters {
      guard let value = values[named.name] else { continue }
      named.parameter.value = value.detached()
        .requiringGradient(named.parameter.value.requiresGradient)
    }
    for named in buffers { named.buffer.value = values[named.name] ?? named.buffer.value }
    return try body()
  }

  /// Every buffer in checkpoint order, each once, under its first name.
  var namedBuffers: [(name: String, buffer: Buffer)] {
    var seen: Set<ObjectIdentifier> = []
    var found: [(name: String, buffer: Buffer)] = []
    visit(prefix: "") { name, part in
      if case .buffer(_, let buffer) = part, seen.insert(ObjectIdentifier(buffer)).inserted {
        found.append((name, buffer))
      }
    }
    return found
  }

  /// Every buffer in checkpoint order, each once.
  public var buffers: [Buffer] { namedBuffers.map(\.buffer) }
}
