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
    let parameters = self.parameters
    let buffers = self.buffers.filter(\.value.dtype.isFloatingPoint)
    let own = (parameters.map(\.value), buffers.map(\.value))
    defer {
      for (parameter, value) in zip(parameters, own.0) { parameter.value = value }
      for (buffer, value) in zip(buffers, own.1) { buffer.value = value }
    }
    for parameter in parameters {
      let own = parameter.value
      parameter.value = own.detached().converted(to: dtype ?? own.dtype, copy: true)
        .requiringGradient(own.requiresGradient)
    }
    for buffer in buffers {
      buffer.value = buffer.value.converted(to: dtype ?? buffer.value.dtype, copy: true)
    }
    return try body()
  }

  /// Every buffer in checkpoint order, each once.
  public var buffers: [Buffer] {
    var seen: Set<ObjectIdentifier> = []
    var found: [Buffer] = []
    visit(prefix: "") { _, part in
      if case .buffer(_, let buffer) = part, seen.insert(ObjectIdentifier(buffer)).inserted {
        found.append(buffer)
      }
    }
    return found
  }
}
