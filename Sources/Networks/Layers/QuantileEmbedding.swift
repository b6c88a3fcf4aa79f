public import Torch

/// The quantile fractions that an implicit quantile network is asked for, in force for a scope.
///
///     let values_BAT = QuantileFractions(fractions_BT).during { network(states) }
///
/// Outside every scope a network is asked for the midpoints of 32 equal parts, so that it is a function of its input
/// alone.
public struct QuantileFractions: @unchecked Sendable {
  @TaskLocal static var current: QuantileFractions?
  /// How many midpoints stand in where no scope says otherwise.
  public static let midpointCount = 32

  /// τ (B, T), from 0 to 1.
  public let fractions_BT: Tensor

  /// Fractions (B, T) for each example.
  public init(_ fractions_BT: Tensor) { self.fractions_BT = fractions_BT }

  /// Runs `body` with these fractions.
  public func during<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Self.$current.withValue(self, operation: body)
  }

  /// The midpoints (i − ½) / N of N equal parts, (N).
  public static func midpoints(_ count: Int, dtype: DType = .float32, device: Device = .cpu)
    -> Tensor
  {
    let places = ascending(from: 0, count: count, device)
    return ((places + 0.5) / Double(count)).converted(to: dtype)
  }

  /// So many integers, made where they are used, in the widest type of the device.
  static func ascending(from first: Int, count: Int, _ device: Device) -> Tensor {
    .range(
      from: .integer(first), to: .integer(first + count),
      dtype: device == .mps ? .float32 : .float64,
      device: device)
  }

  static func inForce(like features_BF: Tensor) -> Tensor {
    let (dtype, device) = (features_BF.dtype, features_BF.device)
    if let current { return current.fractions_BT.moved(to: device, dtype: dtype) }
    return midpoints(midpointCount, dtype: dtype, device: device).unsqueezed(axis: 0)
      .expanded(to: [features_BF.shape[0], midpointCount])
  }
}

/// `cos(π i τ)` for i = 1 … n and each quantile fraction τ of the scope: (B, F) to (B, T, n).
///
/// Of its input only the batch and the kind of number matter. Source: Dabney et al. 2018 (arXiv 1806.06923),
/// equation 4, with i from 1 as in DQN Zoo (the paper's begins at 0).
public struct CosineFeatures: Layer {
  /// n.
  public let count: Int
  public var parts: [Part] { [] }

  /// So many cosines; 64 in the paper.
  public init(count: Int = 64) { self.count = count }

  /// (B, F) to (B, T, n).
  public func callAsFunction(_ input: Tensor) -> Tensor {
    let fractions_BT1 = QuantileFractions.inForce(like: input).unsqueezed(axis: -1)
    let multiples_N = (QuantileFractions.ascending(from: 1, count: count, input.device) * Double.pi)
      .converted(to: input.dtype)
    return (fractions_BT1 * multiples_N).cosine()
  }
}

/// The state's features times an embedding of each quantile fraction: (B, F) to (B, T, F).
///
/// `ψ(x) ∘ φ(τ)` with φ the branch, from ``CosineFeatures`` through a linear layer and a rectifier. Source: Dabney
/// et al. 2018, section 3.1.
public struct QuantileEmbedding: BranchedLayer {
  /// φ: (B, F) to (B, T, F), reading the fractions of the scope.
  public let embedding: Sequential

  /// A product with a given embedding.
  public init(_ embedding: Sequential) { self.embedding = embedding }

  /// An embedding through `cosines` cosines for F features.
  public init(features: Int, cosines: Int = 64, source: ParameterSource) {
    embedding = Sequential([
      .init("cosines", CosineFeatures(count: cosines)),
      .init("linear", source.linear("linear", cosines, features)),
      .init("activation", ReLU()),
    ])
  }

  /// `embedding`.
  public var branches: [(name: String, sequence: Sequential)] { [("embedding", embedding)] }

  /// True: the features are a factor.
  public var passesInputOn: Bool { true }

  /// (B, T, F).
  public func joined(_ outputs: [Tensor], input: Tensor) -> Tensor {
    outputs[0] * input.unsqueezed(axis: 1)
  }

  /// The same product with another embedding.
  public func replacing(branches: [Sequential]) -> QuantileEmbedding {
    QuantileEmbedding(branches[0])
  }
}
