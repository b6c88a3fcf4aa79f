internal import CTorch

/// Runs `body` with products, convolutions and attention computed in a narrow type, sums and losses in float32:
/// libtorch's autocast.
///
/// Weights stay what they are, float32, and so do their gradients: what is narrow are copies, made once a scope. So
/// take the update outside of the scope, and the backward pass, too, which follows the types of the forward pass.
///
///     let loss = withAutocast(.bfloat16) { loss(network(inputs), labels) }
///     let found = gradients(of: loss, withRespectTo: weights)
///
/// - Parameters:
///   - dtype: `bfloat16` or `float16`; another one is an error.
///   - device: the kind of device whose operators are concerned.
///   - body: runs on this thread.
/// - Cost: a copy of each weight in the narrow type.
public func withAutocast<Result>(
  _ dtype: DType, on device: Device = .cpu, _ body: () throws -> Result
) rethrows -> Result {
  var previous = nap_scalar(kind: 0, integer: 0, real: 0)
  let hasBegun = Seam.succeeds("withAutocast", []) {
    nap_autocast_begin(device.c, dtype.code, &previous)
  }
  defer { if hasBegun { nap_autocast_end(device.c, previous) } }
  return try body()
}
