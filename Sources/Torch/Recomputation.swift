internal import CTorch

/// `body(input)`, of which only the input is kept for a backward pass: that runs `body` again (Chen et al. 2016,
/// activation checkpointing).
///
/// - Parameters:
///   - input: of floating point.
///   - parameters: every leaf that `body` reads besides and that gradients are wanted of; one that is missing gets
///     none.
///   - body: gives the same at every call: it draws nothing and changes nothing. It is called on the thread that asks
///     for gradients, perhaps outside of the scopes of today, but for ``withAutocast(_:on:_:)``, which is brought back.
/// - Returns: `body(input)`, to the bit. First gradients are those of `body`, to the bit where it reads its input in
///   one place; else their sums have another order, the same at every run. A second derivative is an error.
/// - Cost: one more forward pass of `body` when gradients are taken. Without gradients it is `body(input)`.
public func recomputed(
  _ input: Tensor, parameters: [Tensor], _ body: @escaping (Tensor) -> Tensor
) -> Tensor {
  guard nap_gradient_mode(),
    input.requiresGradient || parameters.contains(where: \.requiresGradient)
  else { return body(input) }
  let context = Unmanaged.passRetained(RecomputedBody(body)).toOpaque()
  return Seam.one("recomputed", [input]) { result in
    withExtendedLifetime((input, parameters)) {
      nap_recompute(
        input.pointer, parameters.map(\.pointer), parameters.count,
        { context, input, output in
          guard let context else { return 1 }
          return Unmanaged<RecomputedBody>.fromOpaque(context).takeUnretainedValue()
            .run(input, output)
        }, { context in context.map { Unmanaged<RecomputedBody>.fromOpaque($0).release() } },
        context, result)
    }
  }
}

/// What a backward pass runs again, and the output that it gave last.
private final class RecomputedBody {
  private let body: (Tensor) -> Tensor
  private var output: Tensor?

  init(_ body: @escaping (Tensor) -> Tensor) { self.body = body }

  func run(
    _ input: OpaquePointer?, _ result: UnsafeMutablePointer<OpaquePointer?>?
  ) -> Int32 {
    guard let result else {
      output = nil
      return 0
    }
    let made = body(Tensor(owning: input))
    output = made
    result.pointee = made.pointer
    return made.pointer == nil ? 1 : 0
  }
}
